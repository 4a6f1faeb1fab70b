"""Several packages as one: what is of an API begins with its name.

Tools, resources, modules and shared schemas of the API `billing` begin with `billing_`,
and so nothing of one API is taken for something of another. Its settings stay its own:
where it is, its credentials and its limits have the variables (`BILLING_BASE_URL`) that
a package of that API alone would have.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from mcpgen_runtime.components import Component
from mcpgen_runtime.settings import Settings

from .config import Config
from .name import plain_slug, prefixed
from .schema import Module, Package, ServedApi

_REFERENCE = "#/$defs/"
_VERSION = "0.1.0"


def compose(packages: Mapping[str, Package], config: Config) -> Package:
    """One package of the packages of several APIs, by their names; no name begins with
    another and `_`."""
    slug = plain_slug(config.name or "-".join(packages))
    parts = [_part(name, package) for name, package in packages.items()]
    titles = [package.title for package in packages.values()]
    return Package(
        slug=slug,
        title=config.server.title or _listed(titles),
        version=config.server.version or _VERSION,
        description=" ".join(
            f"{name}_…: {_sentence(package)}" for name, package in packages.items()
        ),
        logo=None,
        instructions=config.server.instructions,
        settings=Settings(prefix=slug.replace("-", "_").upper()),
        modules=tuple(
            sorted(
                (module for part in parts for module in part.modules),
                key=lambda module: module.name,
            )
        ),
        schemas={
            name: part.schemas[name] for part in parts for name in sorted(part.schemas)
        },
        mocks=tuple(
            sorted(
                (one for part in parts for one in part.mocks), key=lambda one: one.name
            )
        ),
        prompts=tuple(sorted(config.prompts, key=lambda one: one.name)),
        apis=tuple(
            ServedApi(name=name, title=package.title, settings=package.settings)
            for name, package in packages.items()
        ),
    )


def _part(api: str, package: Package) -> Package:
    """The package of one API, as a part of another."""
    names = prefixed(
        api, [one.name for module in package.modules for one in module.components]
    )
    moves = {
        f"{_REFERENCE}{name}": f"{_REFERENCE}{api}_{name}" for name in package.schemas
    }

    def component(one: Component) -> Component:
        arguments = (
            replace(argument, schema=_moved(argument.schema, moves))
            for argument in one.arguments
        )
        return replace(one, name=names[one.name], api=api, arguments=tuple(arguments))

    return replace(
        package,
        modules=tuple(
            Module(
                name=f"{api}_{module.name}",
                title=module.title,
                components=tuple(map(component, module.components)),
            )
            for module in package.modules
        ),
        schemas={
            f"{api}_{name}": _moved(schema, moves)
            for name, schema in package.schemas.items()
        },
        mocks=tuple(
            replace(one, name=names[one.name], api=api) for one in package.mocks
        ),
    )


def _moved(node: Any, moves: Mapping[str, str]) -> Any:
    """A schema, or a part of one, with its references to shared schemas moved."""
    if isinstance(node, Mapping):
        found = {key: _moved(value, moves) for key, value in node.items()}
        reference = node.get("$ref")
        if isinstance(reference, str) and reference in moves:
            found["$ref"] = moves[reference]
        return found
    if isinstance(node, list | tuple):
        return [_moved(value, moves) for value in node]
    return node


def _sentence(package: Package) -> str:
    about = package.description.strip()
    return f"{package.title}. {about}" if about else f"{package.title}."


def _listed(titles: Iterable[str]) -> str:
    """`Billing, Shop and Users`"""
    *first, last = titles
    return f"{', '.join(first)} and {last}" if first else last
