"""Types that inherit: a base with a `discriminator` and no union of its own, and the
schemas that name it in their `allOf` (Swagger 2.0, 5.2.34; OpenAPI 3.1, 4.8.25).

Where such a base stands for a value, one of its subtypes is meant, each known by the
deciding property. Where a subtype inherits it, it is the base alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..diagnostics import Location
from ..name import words
from ..spec import Spec, UnresolvedReference

LARGEST = 16_000
"""Characters of all subtypes of a base, up to which they are told: about 4,000 tokens
in each tool that takes one."""
_NO_VALUE = object()


@dataclass(frozen=True, slots=True)
class Kind:
    """One type that a value of a base can be: its schema, and what else holds of it."""

    schema: Any
    at: Location
    tag: Mapping[str, Any]


class Inheritance:
    """The bases and subtypes among the components of a document and its files."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self._kinds: dict[Location, tuple[Kind, ...]] = {}

    def kinds(self, at: Location, mapped: Mapping[str, Location]) -> tuple[Kind, ...]:
        """What a value of the base at a place can be, the base itself last; `mapped`
        has the places that the discriminator's mapping leads to, by their values.

        Empty where it has no subtypes.
        """
        schema = self._named[at].schema
        name = schema["discriminator"]["propertyName"]
        member = self._member(schema, at, name)
        allowed = member.get("enum")
        found = list(self._found(at, name, mapped, allowed))
        required = name in _list(schema.get("required"))
        value = self._value(at, mapped, allowed)
        if value is not _NO_VALUE and (not mapped or at in mapped.values()):
            found.append(Kind(schema, at, _tag(name, value, required=required)))
        return tuple(found)

    def is_base(self, at: Location) -> bool:
        """Whether a reference to a place stands for one of several types."""
        return at in self._children and self._decides(self._named[at].schema)

    def size(self, at: Location) -> int:
        """The characters of all subtypes, as the document has them."""
        return sum(
            len(json.dumps(self._named[one].schema, default=str))
            for one in self._below(at)
        )

    def plain(self, schema: Mapping[str, Any], at: Location) -> frozenset[Location]:
        """The bases that are meant as they are within a schema: those that it inherits
        from, and those whose subtypes stand beside them in a union."""
        found = set(self._above(at))
        inherited = _list(schema.get("allOf"))
        if len(inherited) > 1 or "properties" in schema:
            found |= set(self._targets(inherited, at.child("allOf")))
        for union in ("oneOf", "anyOf"):
            branches = set(self._targets(_list(schema.get(union)), at.child(union)))
            for base in branches & self._children.keys():
                if branches & set(self._below(base)):
                    found.add(base)
        return frozenset(found)

    def _found(
        self,
        base: Location,
        name: str,
        mapped: Mapping[str, Location],
        allowed: Any,
    ) -> Iterator[Kind]:
        for at in self._below(base):
            schema = self._named[at].schema
            if at in self._children and mapped and at not in mapped.values():
                continue
            value = self._value(at, mapped, allowed)
            own = self._member(schema, at, name)
            is_told = "const" in own or "enum" in own or value is _NO_VALUE
            yield Kind(schema, at, {} if is_told else _tag(name, value, required=True))

    def _value(self, at: Location, mapped: Mapping[str, Location], allowed: Any) -> Any:
        """What a type goes by: as the mapping says, or else by its name, written as in
        the values that the base allows."""
        values = sorted(value for value, place in mapped.items() if place == at)
        if values:
            return values if len(values) > 1 else values[0]
        known = self._named[at]
        own = known.schema.get("x-ms-discriminator-value")
        name = own if isinstance(own, str) else known.name
        if not isinstance(allowed, list) or name in allowed:
            return name
        alike = [one for one in allowed if words(str(one)) == words(name)]
        return alike[0] if len(alike) == 1 else _NO_VALUE

    def _member(self, schema: Any, at: Location, name: str) -> Mapping[str, Any]:
        """What a type says of a member by itself, the unnamed parts of `allOf` included."""
        if not isinstance(schema, Mapping) or "$ref" in schema:
            return {}
        properties = schema.get("properties")
        member = properties.get(name) if isinstance(properties, Mapping) else None
        if isinstance(member, Mapping):
            try:
                target, _ = self._spec.resolve(member, at)
            except UnresolvedReference:
                return {}
            return target if isinstance(target, Mapping) else {}
        parts = (self._member(one, at, name) for one in _list(schema.get("allOf")))
        return next(filter(None, parts), {})

    def _below(self, at: Location) -> tuple[Location, ...]:
        """The subtypes of a base, over all levels, by name."""
        found = _reached(at, self._children)
        return tuple(sorted(found, key=lambda one: self._named[one].name))

    def _above(self, at: Location) -> set[Location]:
        """A type itself and what it inherits from, where it is part of a hierarchy."""
        above = _reached(at, self._parents)
        return above | {at} if above or at in self._children else above

    @staticmethod
    def _decides(schema: Any) -> bool:
        discriminator = schema.get("discriminator")
        return (
            isinstance(discriminator, Mapping)
            and isinstance(discriminator.get("propertyName"), str)
            and not schema.get("oneOf")
            and not schema.get("anyOf")
        )

    @cached_property
    def _named(self) -> Mapping[Location, _Named]:
        """The components of all files by the places that they are found at."""
        found: dict[Location, _Named] = {}
        sources = [self._spec.source, *sorted(self._spec.values)]
        for source in dict.fromkeys(sources):
            for pointer in (("components", "schemas"), ("definitions",)):
                node: Any = self._spec.values[source]
                for step in pointer:
                    node = node.get(step) if isinstance(node, Mapping) else None
                at = Location(source).child(*pointer)
                for name, schema in node.items() if isinstance(node, Mapping) else ():
                    try:
                        target, place = self._spec.resolve(schema, at.child(name))
                    except UnresolvedReference:
                        continue
                    is_own = place == at.child(name)
                    if isinstance(target, Mapping) and (is_own or place not in found):
                        found[place] = _Named(str(name), target)
        return found

    @cached_property
    def _parents(self) -> Mapping[Location, tuple[Location, ...]]:
        return {
            at: parents
            for at, one in self._named.items()
            if "allOf" in one.schema
            and (parents := tuple(self._inherited(one.schema, at)))
        }

    @cached_property
    def _children(self) -> Mapping[Location, tuple[Location, ...]]:
        found: dict[Location, tuple[Location, ...]] = {}
        for child, parents in self._parents.items():
            for parent in parents:
                if parent in self._named:
                    found[parent] = (*found.get(parent, ()), child)
        return found

    def _inherited(self, schema: Any, at: Location) -> Iterator[Location]:
        branches = _list(schema.get("allOf")) if isinstance(schema, Mapping) else []
        yield from self._targets(branches, at.child("allOf"))
        for index, branch in enumerate(branches):
            if isinstance(branch, Mapping) and "$ref" not in branch:
                yield from self._inherited(branch, at.child("allOf", index))

    def _targets(self, branches: list[Any], at: Location) -> Iterator[Location]:
        for index, branch in enumerate(branches):
            if isinstance(branch, Mapping) and "$ref" in branch:
                try:
                    yield self._spec.resolve(branch, at.child(index))[1]
                except UnresolvedReference:
                    continue


@dataclass(frozen=True, slots=True)
class _Named:
    name: str
    schema: Mapping[str, Any]


def _tag(name: str, value: Any, *, required: bool) -> dict[str, Any]:
    told = {"enum": value} if isinstance(value, list) else {"const": value}
    tag: dict[str, Any] = {"properties": {name: told}}
    return tag | {"required": [name]} if required else tag


def _reached(
    start: Location, edges: Mapping[Location, tuple[Location, ...]]
) -> set[Location]:
    found: set[Location] = set()
    waiting = [start]
    while waiting:
        for one in edges.get(waiting.pop(), ()):
            if one not in found and one != start:
                found.add(one)
                waiting.append(one)
    return found


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
