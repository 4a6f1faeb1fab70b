"""Parameters of Swagger 2.0 (5.2.7): those of OpenAPI 3.0, or the request body."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..diagnostics import Location
from .moves import Moves

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
_SCHEMA = (
    "type",
    "format",
    "items",
    "default",
    "maximum",
    "exclusiveMaximum",
    "minimum",
    "exclusiveMinimum",
    "maxLength",
    "minLength",
    "pattern",
    "maxItems",
    "minItems",
    "uniqueItems",
    "enum",
    "multipleOf",
    "example",
    "x-nullable",
)
_STYLES: Mapping[str, tuple[str, bool]] = {
    "csv": ("form", False),
    "ssv": ("spaceDelimited", False),
    "tsv": ("tabDelimited", False),
    "pipes": ("pipeDelimited", False),
    "multi": ("form", True),
}
"""Style and explode of each `collectionFormat`, in a query or a form."""


@dataclass(frozen=True, slots=True)
class Declared:
    """A parameter behind its reference, and the place that it was written at."""

    node: Mapping[str, Any]
    at: Location

    @property
    def location(self) -> Any:
        return self.node.get("in")


def schema(node: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of a parameter, a header or an item, which has its keywords beside
    its other members."""
    return {keyword: node[keyword] for keyword in _SCHEMA if keyword in node}


def parameter(node: Mapping[str, Any]) -> dict[str, Any]:
    """A parameter in a path, a query or a header."""
    kept = {key: node[key] for key in node if key not in (*_SCHEMA, "collectionFormat")}
    if node.get("type") == "array":
        style, explode = _STYLES.get(str(node.get("collectionFormat")), _STYLES["csv"])
        if node.get("in") != "query":
            style = "simple" if style == "form" else style
            explode = False
        kept |= {"style": style, "explode": explode}
    return kept | {"schema": schema(node)}


def body(
    declared: Sequence[Declared], consumes: Sequence[str], now: Location, moves: Moves
) -> dict[str, Any] | None:
    """The request body that `body` and `formData` parameters make together."""
    whole = [one for one in declared if one.location == "body"]
    fields = [one for one in declared if one.location == "formData"]
    if whole:
        return _whole(whole[-1], consumes, now, moves)
    return _form(fields, consumes, now, moves) if fields else None


def _whole(
    one: Declared, consumes: Sequence[str], now: Location, moves: Moves
) -> dict[str, Any]:
    moves.note(now, one.at)
    types = [type for type in consumes if not _is_form(type)] or consumes
    media_type: dict[str, Any] = {}
    content = now.child("content")
    for type in types if "schema" in one.node else ():
        place = content.child(type, "schema")
        before = one.at.child("schema")
        media_type = {"schema": moves.schema(one.node["schema"], before, place)}
    kept = ("description", "required")
    return {key: one.node[key] for key in kept if key in one.node} | {
        "content": dict.fromkeys(types, media_type)
    }


def _form(
    fields: Sequence[Declared], consumes: Sequence[str], now: Location, moves: Moves
) -> dict[str, Any]:
    types = [type for type in consumes if _is_form(type)] or [FORM]
    if any(one.node.get("type") == "file" for one in fields):
        types = [type for type in types if type.startswith("multipart/")] or [MULTIPART]
    members = {str(one.node.get("name")): one for one in fields}
    for type in types:
        place = now.child("content", type, "schema", "properties")
        for name, one in members.items():
            moves.note(place.child(name), one.at)
    required = [name for name, one in members.items() if one.node.get("required")]
    media_type = {
        "schema": {
            "type": "object",
            "properties": {name: _member(one.node) for name, one in members.items()},
            "required": required,
        },
        "encoding": dict(_encodings(members)),
    }
    return {
        "required": bool(required),
        "content": dict.fromkeys(types, media_type),
    }


def _member(node: Mapping[str, Any]) -> dict[str, Any]:
    described = {key: node[key] for key in ("description",) if key in node}
    return described | schema(node)


def _encodings(members: Mapping[str, Declared]) -> Iterator[tuple[str, Any]]:
    for name, one in members.items():
        if one.node.get("type") == "array" and not _has_files(one.node):
            said = str(one.node.get("collectionFormat"))
            style, explode = _STYLES.get(said, _STYLES["csv"])
            yield name, {"style": style, "explode": explode}


def _has_files(node: Mapping[str, Any]) -> bool:
    items = node.get("items")
    return isinstance(items, Mapping) and items.get("type") == "file"


def _is_form(media_type: str) -> bool:
    return media_type.startswith((FORM, "multipart/"))
