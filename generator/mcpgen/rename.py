"""The names that the author's plugin chose, settled with all others.

Its `name` is asked with the name that an operation would have; what it says instead is
a name that the user pinned.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .config import Config
from .diagnostics import Report
from .hooks import Plugin
from .name import Named, name
from .operations import Api
from .route import Route


def rename(
    named: Sequence[Named], api: Api, config: Config, report: Report
) -> tuple[Named, ...]:
    """The operations as the plugin calls them, in their order.

    Raises InputError when it fails, or gives what can't be a name, or one name twice.
    """
    plugin = config.plugin
    if plugin is None or "name" not in plugin.functions:
        return tuple(named)
    renamed = name([_renamed(one, plugin) for one in named], api, report)
    for before, after in zip(named, renamed, strict=True):
        operation = after.route.operation
        if operation.override.name_at != plugin.at("name"):
            continue
        chosen = operation.override.name
        if after.name != chosen:
            told = f"{chosen!r}, which can't be a name, or is that of another operation"
            hint = "a-z, 0-9 and _ make a name, at most 64 of them"
            raise plugin.refused("name", operation.subject, told, hint)
        report.note(
            "plugin",
            f"is called `{chosen}` by `name`, not `{before.name}`",
            at=plugin.at("name"),
            subject=operation.subject,
        )
    return renamed


def _renamed(named: Named, plugin: Plugin) -> Route:
    route, operation = named.route, named.route.operation
    chosen = plugin.ask("name", operation.subject, operation, named.name)
    if chosen is None or chosen == named.name:
        return route
    at, said = plugin.at("name"), operation.override
    said = replace(said, name=str(chosen), name_at=at, at=said.at or at)
    return replace(route, operation=replace(operation, override=said))
