"""How a body is written as XML: what `xml` in its schema says (OpenAPI 3.1, 4.8.26).

A schema that holds itself is described once; below that, members are elements of their
own names.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mcpgen_runtime.components import Xml

from ..diagnostics import Location
from .json_schema import Translator


def xml(schema: Any, at: Location, translator: Translator) -> Xml | None:
    """The root element of a schema with a structure; None for any other schema."""
    target, place = translator.resolve(schema, at)
    if not isinstance(target, Mapping) or not target.keys() & {
        "allOf",
        "items",
        "properties",
    }:
        return None
    root = _xml(target, place, translator, ())
    name = root.name or place.name
    return Xml(
        name="root" if name == "schema" else name,
        prefix=root.prefix,
        namespace=root.namespace,
        members=root.members,
        items=root.items,
    )


def _xml(
    schema: Any, at: Location, translator: Translator, seen: tuple[Location, ...]
) -> Xml:
    schema, at = translator.resolve(schema, at)
    if not isinstance(schema, Mapping) or at in seen:
        return Xml()
    seen = (*seen, at)
    said = schema.get("xml")
    said = said if isinstance(said, Mapping) else {}
    members = {
        name: one
        for name, one in _members(schema, at, translator, seen).items()
        if one != Xml()
    }
    items = _xml(schema.get("items"), at.child("items"), translator, seen)
    return Xml(
        name=_text(said, "name"),
        attribute=said.get("attribute") is True,
        wrapped=said.get("wrapped") is True,
        prefix=_text(said, "prefix"),
        namespace=_text(said, "namespace"),
        members=members or None,
        items=None if items == Xml() else items,
    )


def _members(
    schema: Mapping[str, Any],
    at: Location,
    translator: Translator,
    seen: tuple[Location, ...],
) -> dict[str, Xml]:
    members: dict[str, Xml] = {}
    branches = schema.get("allOf")
    for index, branch in enumerate(branches if isinstance(branches, list) else ()):
        target, place = translator.resolve(branch, at.child("allOf", index))
        if isinstance(target, Mapping) and place not in seen:
            members |= _members(target, place, translator, (*seen, place))
    properties = schema.get("properties")
    for name, member in properties.items() if isinstance(properties, Mapping) else ():
        place = at.child("properties", name)
        members[name] = _xml(member, place, translator, seen)
    return members


def _text(said: Mapping[str, Any], name: str) -> str | None:
    value = said.get(name)
    return value if isinstance(value, str) and value else None
