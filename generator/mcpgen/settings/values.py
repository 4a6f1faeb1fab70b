"""From settings that hold the schema to the values of `config`: a key is a field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from mcpgen_runtime.prompts import PromptArgument, PromptMessage, PromptTemplate

from ..config import ArgumentOverride, Config, Override, RouteMap, ServerWords
from ..diagnostics import Location, Text

SECTIONS: Mapping[str, str] = MappingProxyType(
    {"names": "name", "descriptions": "description"}
)
"""What a section says of many operations, each in a line."""


def config(table: Mapping[str, Any], at: Location, texts: Mapping[str, Text]) -> Config:
    """The settings of a file, whose top is `at`."""
    plain = ("source", "output", "preset", "name", "base_url")
    return Config(
        **{key: table[key] for key in plain if key in table},
        overlays=tuple(table.get("overlays", ())),
        routes=tuple(
            _route(rule, at.child("routes", index))
            for index, rule in enumerate(table.get("routes", ()))
        ),
        operations=_operations(table, at),
        prompts=tuple(map(_prompt, table.get("prompts", ()))),
        server=ServerWords(**table.get("server", {})),
        limits={
            key: int(value) if value == int(value) else value
            for key, value in table.get("limits", {}).items()
        },
        apis={
            name: replace(config(said, at.child("apis", name), texts), name=name)
            for name, said in table.get("apis", {}).items()
        },
        texts=texts,
    )


def override(table: Mapping[str, Any], at: Location) -> Override:
    """What is said of one operation, in `mcpgen.toml` or in `x-mcp`."""
    arguments = {
        wire: ArgumentOverride(**said)
        for wire, said in table.get("arguments", {}).items()
    }
    name_at = at.child("name") if "name" in table else None
    return Override(**{**table, "arguments": arguments}, at=at, name_at=name_at)


def _route(rule: Mapping[str, Any], at: Location) -> RouteMap:
    return RouteMap(**_with_tuples(rule), at=at)


def _operations(table: Mapping[str, Any], at: Location) -> Mapping[str, Override]:
    """All overrides, those of `[names]` and `[descriptions]` among them."""
    found = {
        key: override(said, at.child("operations", key))
        for key, said in table.get("operations", {}).items()
    }
    for section, setting in SECTIONS.items():
        for key, value in table.get(section, {}).items():
            place = at.child(section, key)
            known = found.get(key, Override(at=place))
            found[key] = replace(known, **{setting: value})
            if setting == "name":
                found[key] = replace(found[key], name_at=place)
    return found


def _prompt(said: Mapping[str, Any]) -> PromptTemplate:
    arguments = (
        PromptArgument(name=name, **_with_tuples(about))
        for name, about in said.get("arguments", {}).items()
    )
    messages = tuple(PromptMessage(**message) for message in said["messages"])
    return PromptTemplate(
        **{**said, "arguments": tuple(arguments), "messages": messages}
    )


def _with_tuples(said: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in said.items()
    }
