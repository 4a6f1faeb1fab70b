"""The shape of an operation's answer, where a success is always a JSON object.

Every client is sent it with the listing, so it is kept small: as deep as the budget
allows, without descriptions, and with the first members of what is larger still.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mcpgen_runtime.components import Shape, output_schema

from ..diagnostics import Location
from ..operations import MediaType, Operation
from ..spec import Spec, UnresolvedReference
from .media_types import essence, is_json

OUTPUT_BUDGET = 1_000
"""Bytes of an output schema; some 250 tokens."""
_DEEPEST = 3
_MEMBER = len('"":{"description":""},')
_SHORT = 40


def output(operation: Operation, spec: Spec) -> Mapping[str, Shape] | None:
    """The members of the answer; None where it may be anything but a JSON object."""
    found = list(_successes(operation))
    if not found or not all(map(_is_certain_json, found)):
        return None
    for depth in range(_DEEPEST, 0, -1):
        reader = _Reader(spec, OUTPUT_BUDGET)
        try:
            shapes = [
                reader.shape(media.schema, media.at.child("schema"), depth)
                for media in found
            ]
        except _TooLarge:
            continue
        return _within_budget(_merged(shapes))
    reader = _Reader(spec, None)
    shapes = [reader.shape(m.schema, m.at.child("schema"), 1) for m in found]
    return _within_budget(_merged(shapes))


def _successes(operation: Operation) -> Iterator[MediaType]:
    responses = [r for r in operation.responses if r.status.startswith("2")]
    if not responses:
        responses = [r for r in operation.responses if r.status == "default"]
    for response in responses:
        yield from response.content


def _is_certain_json(media: MediaType) -> bool:
    return is_json(media.type) and "*" not in essence(media.type)


def _merged(shapes: list[Shape]) -> Mapping[str, Shape] | None:
    merged: dict[str, Shape] = {}
    for shape in shapes:
        if not isinstance(shape, Mapping):
            return None
        merged = {**shape, **merged}
    return merged


def _within_budget(shape: Mapping[str, Shape] | None) -> Mapping[str, Shape] | None:
    if shape is None:
        return None
    kept = dict(shape)
    while (
        len(json.dumps(output_schema(kept), ensure_ascii=False).encode())
        > OUTPUT_BUDGET
    ):
        kept.popitem()
    return kept


class _TooLarge(Exception):
    """A shape has more members than there is room for."""


@dataclass(slots=True)
class _Reader:
    """Reads shapes; `room` is what is left of the budget, where there is one."""

    spec: Spec
    room: int | None
    _within: list[str] = field(default_factory=list)

    def shape(self, schema: Any, at: Location, depth: int) -> Shape:
        """What a value looks like, `depth` objects deep, each schema told once."""
        schema, at = self._resolved(schema, at)
        if at.pointer in self._within:
            return " or ".join(_types(schema)) or "any"
        self._within.append(at.pointer)
        try:
            return self._shape(schema, at, depth)
        finally:
            self._within.pop()

    def _shape(self, schema: Mapping[str, Any], at: Location, depth: int) -> Shape:
        members = dict(self._members(schema, at, set()))
        if members:
            if not depth:
                return "object"
            return {
                name: self._member(name, member, place, depth - 1)
                for name, (member, place) in members.items()
            }
        types = _types(schema)
        if types == ["array"] and "items" in schema:
            return [self.shape(schema["items"], at.child("items"), depth)]
        return _words(schema, types)

    def _member(self, name: str, schema: Any, at: Location, depth: int) -> Shape:
        if self.room is not None:
            self.room -= _MEMBER + len(name)
            if self.room < 0:
                raise _TooLarge
        return self.shape(schema, at, depth)

    def _members(
        self, schema: Mapping[str, Any], at: Location, seen: set[str]
    ) -> Iterator[tuple[str, tuple[Any, Location]]]:
        """The properties of an object, those of its parts and alternatives included."""
        if at.pointer in seen:
            return
        seen.add(at.pointer)
        properties = schema.get("properties")
        if isinstance(properties, Mapping):
            for name, member in properties.items():
                target, _ = self._resolved(member, at)
                if target.get("writeOnly") is not True:
                    yield name, (member, at.child("properties", name))
        for union in ("allOf", "oneOf", "anyOf"):
            branches = schema.get(union)
            found = [
                self._resolved(branch, at.child(union, index))
                for index, branch in enumerate(
                    branches if isinstance(branches, list) else ()
                )
            ]
            real = [one for one in found if _types(one[0]) != ["null"]]
            parts = [list(self._members(*one, seen)) for one in real]
            if union == "allOf" or all(parts):
                for part in parts:
                    yield from part

    def _resolved(
        self, schema: Any, at: Location
    ) -> tuple[Mapping[str, Any], Location]:
        try:
            target, place = self.spec.resolve(schema, at)
        except UnresolvedReference:
            return {}, at
        return (target, place) if isinstance(target, Mapping) else ({}, place)


def _types(schema: Mapping[str, Any]) -> list[str]:
    declared = schema.get("type")
    names = declared if isinstance(declared, list) else [declared]
    real = [name for name in names if isinstance(name, str) and name != "null"]
    return real or [name for name in names if name == "null"]


def _words(schema: Mapping[str, Any], types: list[str]) -> str:
    """A scalar in a few words: `string (date-time)`, `string: open, closed`."""
    words = " or ".join(types) or "any"
    allowed = schema.get("enum")
    if isinstance(allowed, list):
        listed = ", ".join(str(value) for value in allowed if value is not None)
        if listed and len(listed) <= _SHORT:
            return f"{words}: {listed}"
    named = schema.get("format")
    return (
        f"{words} ({named})"
        if isinstance(named, str) and len(named) <= _SHORT
        else words
    )
