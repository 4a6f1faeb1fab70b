"""Components as the author's plugin wants them: other words, schemas, annotations.

What a component is called by clients and by the API stays: for that there are settings.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict

from mcpgen_runtime.components import Component, Resource, Schema, listing_entries

from ..diagnostics import Report
from ..hooks import Plugin
from ..operations import Operation


def reshaped(
    component: Component,
    operation: Operation,
    schemas: Mapping[str, Schema],
    plugin: Plugin,
    report: Report,
) -> Component:
    """What `component` of the plugin makes of a component.

    Raises InputError when it fails, or gives what can't be served.
    """
    subject = operation.subject
    given = plugin.ask("component", subject, component)
    if given is None or given == component:
        return component
    if type(given) is not type(component):
        told = f"a value of type {type(given).__name__}"
        hint = f"give the {type(component).__name__} back, as dataclasses.replace does"
        raise plugin.refused("component", subject, told, hint)
    for member, was, now in zip(
        ("name", "method", "path", "uri", "arguments"),
        _fixed(component),
        _fixed(given),
        strict=True,
    ):
        if was != now:
            told = f"another {member}: {now!r}, which was {was!r}"
            hint = "names, arguments and URIs are decided in mcpgen.toml, or by `name`"
            raise plugin.refused("component", subject, told, hint)
    try:
        json.dumps([asdict(given), listing_entries(given, schemas)])
    except (TypeError, ValueError, KeyError) as problem:
        told = f"what can't be listed ({problem})"
        raise plugin.refused("component", subject, told, "give JSON values") from None
    at = plugin.at("component")
    report.note("plugin", "is changed by `component`", at=at, subject=subject)
    made: Component = given
    return made


def _fixed(component: Component) -> tuple[object, ...]:
    """What stays; of arguments their kinds, their names and whether they are shown."""
    return (
        component.name,
        component.method,
        component.path,
        component.uri if isinstance(component, Resource) else None,
        [
            (type(one).__name__, one.name, one.wire_name, one.hidden)
            for one in component.arguments
        ],
    )
