"""From settings that hold the schema to the values of `config`: a key is a field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..config import ArgumentOverride, Config, Override, RouteMap, ServerWords
from ..diagnostics import Diagnostic, InputError, Location, Text


def config(table: Mapping[str, Any], at: Location, texts: Mapping[str, Text]) -> Config:
    """The settings of a file, whose top is `at`.

    Raises InputError where two keys say the same of one operation.
    """
    plain = ("source", "output", "preset", "name", "base_url")
    return Config(
        **{key: table[key] for key in plain if key in table},
        overlays=tuple(table.get("overlays", ())),
        routes=tuple(
            _route(rule, at.child("routes", index))
            for index, rule in enumerate(table.get("routes", ()))
        ),
        operations=_operations(table, at, texts),
        server=ServerWords(**table.get("server", {})),
        limits={
            key: int(value) if value == int(value) else value
            for key, value in table.get("limits", {}).items()
        },
        texts=texts,
    )


def override(table: Mapping[str, Any], at: Location) -> Override:
    """What is said of one operation, in `mcpgen.toml` or in `x-mcp`."""
    arguments = {
        wire: ArgumentOverride(**said)
        for wire, said in table.get("arguments", {}).items()
    }
    return Override(**{**table, "arguments": arguments}, at=at)


def _route(rule: Mapping[str, Any], at: Location) -> RouteMap:
    values: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in rule.items()
    }
    return RouteMap(**values, at=at)


def _operations(
    table: Mapping[str, Any], at: Location, texts: Mapping[str, Text]
) -> Mapping[str, Override]:
    """All overrides, those of `[names]` and `[descriptions]` among them."""
    found = {
        key: override(said, at.child("operations", key))
        for key, said in table.get("operations", {}).items()
    }
    for section, setting in (("names", "name"), ("descriptions", "description")):
        for key, value in table.get(section, {}).items():
            place = at.child(section, key)
            known = found.get(key, Override(at=place))
            if getattr(known, setting) is not None:
                raise InputError(
                    Diagnostic(
                        severity="error",
                        code="setting",
                        message=f"`{key}` has a {setting} here and under `operations`",
                        location=place,
                        hint="keep one of them",
                    ),
                    texts,
                )
            found[key] = replace(known, **{setting: value})
    return found
