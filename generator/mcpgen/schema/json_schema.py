"""The schemas of a document as JSON Schema 2020-12 that stands alone.

What is advertised must compile in every client, so each keyword is kept only with a
value that the dialect allows, references lead to shared definitions by name, and what
an API never reads (`readOnly` members, markup for other tools) is left out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..diagnostics import Location, Report
from ..spec import Spec, UnresolvedReference
from .branches import MOST, endless
from .description import describes, says_its_name
from .discriminator import discriminated, mapped
from .inheritance import LARGEST, Inheritance
from .meant import known_types, meant
from .names import Names
from .prose import printable

Raw = Mapping[str, Any]

_SCHEMA = frozenset(
    {
        "additionalProperties",
        "contains",
        "contentSchema",
        "else",
        "if",
        "items",
        "not",
        "propertyNames",
        "then",
        "unevaluatedItems",
        "unevaluatedProperties",
    }
)
_SCHEMA_LISTS = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_SCHEMA_MAPS = frozenset({"$defs", "dependentSchemas", "patternProperties"})


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_number(value: Any) -> bool:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and math.isfinite(value)
    )


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_names(value: Any) -> bool:
    return (
        isinstance(value, list)
        and all(isinstance(name, str) for name in value)
        and len(set(value)) == len(value)
    )


def _is_json(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, list):
        return all(map(_is_json, value))
    if isinstance(value, Mapping):
        return all(map(_is_json, value.values()))
    return True


_KEYWORDS: Mapping[str, Callable[[Any], bool]] = {
    "$dynamicAnchor": _is_text,
    "$dynamicRef": _is_text,
    "title": _is_text,
    "description": _is_text,
    "enum": lambda value: isinstance(value, list) and bool(value) and _is_json(value),
    "const": _is_json,
    "default": _is_json,
    "examples": lambda value: isinstance(value, list) and _is_json(value),
    "deprecated": lambda value: value is True,
    "format": _is_text,
    "pattern": _is_text,
    "contentEncoding": _is_text,
    "contentMediaType": _is_text,
    "minimum": _is_number,
    "maximum": _is_number,
    "exclusiveMinimum": _is_number,
    "exclusiveMaximum": _is_number,
    "multipleOf": lambda value: _is_number(value) and value > 0,
    "minLength": _is_count,
    "maxLength": _is_count,
    "minItems": _is_count,
    "maxItems": _is_count,
    "minContains": _is_count,
    "maxContains": _is_count,
    "minProperties": _is_count,
    "maxProperties": _is_count,
    "uniqueItems": _is_flag,
    "dependentRequired": lambda value: (
        isinstance(value, Mapping) and all(map(_is_names, value.values()))
    ),
}
_DEEPEST = 24
"""Schemas inside of schemas, from where on one gets a definition of its own: Python
parses no more than 200 nested brackets."""
_SILENT = frozenset({"title", "description", "deprecated"})


@dataclass(frozen=True, slots=True)
class _Definition:
    name: str
    schema: Any
    at: Location


@dataclass(frozen=True, slots=True)
class _OfValue:
    """What is known of the value that several schemas are about: the members that it
    must not have, and the bases that it inherits from."""

    hidden: frozenset[str] = frozenset()
    plain: frozenset[Location] = frozenset()


class Translator:
    """Translates the schemas of one document, and gathers the definitions they share.

    A definition is named after its component; one that lies elsewhere is named after
    its place. The names do not depend on the order in which schemas are translated.
    """

    def __init__(self, spec: Spec, report: Report) -> None:
        self.spec = spec
        self._report = report
        self._definitions: dict[Location, _Definition] = {}
        self._names = Names(spec)
        self._inheritance = Inheritance(spec)
        self._choices: dict[Location, str | None] = {}
        self._translated: dict[str, dict[str, Any]] = {}
        self._depth = 0

    def translate(self, schema: Any, at: Location) -> dict[str, Any]:
        """A schema without its `$defs`, which `definitions` gives."""
        translated: dict[str, Any] = self._schema(schema, at)
        return translated

    def definitions(self) -> dict[str, dict[str, Any]]:
        """All definitions that the translated schemas reach, by name."""
        waiting = list(self._definitions.values())
        while waiting:
            for definition in waiting:
                self._translated[definition.name] = untitled(
                    self._schema(definition.schema, definition.at),
                    definition.name,
                )
            waiting = [
                definition
                for definition in self._definitions.values()
                if definition.name not in self._translated
            ]
        places = {one.name: one.at for one in self._definitions.values()}
        places |= {name: at for at, name in self._choices.items() if name}
        for name in endless(self._translated):
            problem = f"asks more than {MOST:,} schemas about one value"
            self._warn(f"{problem}; any value is accepted", places[name])
            self._translated[name] = {}
        return dict(sorted(self._translated.items()))

    def resolve(self, schema: Any, at: Location) -> tuple[Any, Location]:
        """The schema that a reference leads to; `{}` where it leads nowhere."""
        try:
            return self.spec.resolve(schema, at)
        except UnresolvedReference as problem:
            self._report.warning(
                "unresolved-reference",
                f"{problem}; any value is accepted in its place",
                at=at,
            )
            return {}, at

    def _schema(
        self, schema: Any, at: Location, of_value: _OfValue = _OfValue()
    ) -> Any:
        if schema is True:
            return {}
        if schema is False:
            return {"not": {}}
        if not isinstance(schema, Mapping):
            self._warn("is not a schema; any value is accepted", at)
            return {}
        if self._depth == _DEEPEST:
            return self._defined(schema, at)
        schema = meant(
            schema, lambda key, told: self._warn(f"`{key}` {told}", at.child(key))
        )
        of_value = _OfValue(
            of_value.hidden.union(self._read_only(schema, at, {at})),
            of_value.plain | self._inheritance.plain(schema, at),
        )
        translated: dict[str, Any] = {}
        self._depth += 1
        for keyword, value in schema.items():
            for key, kept in self._keyword(keyword, value, at, of_value):
                translated[key] = kept
        self._depth -= 1
        translated |= discriminated(schema, translated, at, self.spec, self._report)
        return translated

    def _keyword(
        self, keyword: str, value: Any, at: Location, of_value: _OfValue
    ) -> Iterator[tuple[str, Any]]:
        """What becomes of one keyword: nothing, or a keyword of the dialect."""
        here = at.child(keyword)
        if keyword == "$ref":
            yield from self._reference(value, at, of_value.plain).items()
        elif keyword == "type":
            yield from self._type(value, here)
        elif keyword == "properties" and isinstance(value, Mapping):
            yield keyword, {
                name: untitled(self._schema(member, here.child(name)), name)
                for name, member in value.items()
                if name not in of_value.hidden
            }
        elif keyword == "required" and isinstance(value, list):
            names = dict.fromkeys(name for name in value if isinstance(name, str))
            required = [name for name in names if name not in of_value.hidden]
            if required:
                yield keyword, required
        elif keyword == "items" and isinstance(value, list):
            yield "prefixItems", self._schemas(value, here, _OfValue())
        elif keyword in _SCHEMA:
            is_flag = isinstance(value, bool)
            yield keyword, value if is_flag else self._schema(value, here)
        elif keyword in _SCHEMA_LISTS and isinstance(value, list):
            if value:
                yield keyword, self._schemas(value, here, of_value)
        elif keyword in _SCHEMA_MAPS and isinstance(value, Mapping):
            yield keyword, {
                name: self._schema(member, here.child(name))
                for name, member in value.items()
            }
        elif keyword == "description" and isinstance(value, str):
            if text := describes(value):
                yield keyword, text
        elif keyword == "title" and isinstance(value, str):
            if text := printable(value):
                yield keyword, text
        elif keyword in _KEYWORDS:
            if _KEYWORDS[keyword](value):
                yield keyword, value
            elif keyword not in _SILENT:
                self._warn(f"`{keyword}` can't be `{_short(value)}`; left out", here)
        elif keyword.startswith("x-mcp-"):
            yield keyword, value

    def _schemas(self, schemas: list[Any], at: Location, of_value: _OfValue) -> Any:
        return [
            self._schema(schema, at.child(index), of_value)
            for index, schema in enumerate(schemas)
        ]

    def _type(self, value: Any, at: Location) -> Iterator[tuple[str, Any]]:
        names = value if isinstance(value, list) else [value]
        kept = known_types(value)
        if kept != names:
            used = " and ".join(kept) or "any type"
            self._warn(f"`type` can't be `{_short(value)}`; {used} is used", at)
        if kept:
            yield "type", kept if isinstance(value, list) else kept[0]

    def _reference(
        self, reference: Any, at: Location, plain: frozenset[Location]
    ) -> dict[str, Any]:
        target, place = self.resolve({"$ref": reference}, at)
        if place == at:
            return {}
        if place not in plain and self._inheritance.is_base(place):
            if place not in self._choices:
                self._choices[place] = self._choice(target, place)
            if name := self._choices[place]:
                return {"$ref": f"#/$defs/{name}"}
        return self._defined(target, place)

    def _choice(self, base: Raw, at: Location) -> str | None:
        """The name of a definition for what a value of a base can be; None where that
        is too much to be told."""
        size = self._inheritance.size(at)
        if size > LARGEST:
            self._report.note(
                "subtypes",
                f"its subtypes have {size:,} characters, which is too much to list; "
                "only what they have in common is told",
                at=at,
                hint="name the few that are meant in a `oneOf` where it is referred to",
            )
            return None
        name = self._names.choice(at)
        mapping = mapped(base, at, self.spec, self._report)
        kinds = self._inheritance.kinds(at, mapping)
        self._translated[name] = {
            "anyOf": [{**self._defined(one.schema, one.at), **one.tag} for one in kinds]
        }
        return name

    def _defined(self, schema: Any, at: Location) -> dict[str, Any]:
        """A reference to a schema, which becomes a definition."""
        definition = self._definitions.get(at)
        if definition is None:
            definition = _Definition(self._names.name(at), schema, at)
            self._definitions[at] = definition
        return {"$ref": f"#/$defs/{definition.name}"}

    def _read_only(
        self, schema: Any, at: Location, seen: set[Location]
    ) -> Iterator[str]:
        """The members that a request must not hold, those of `allOf` included."""
        properties = schema.get("properties")
        for name, member in _items(properties):
            if isinstance(member, Mapping):
                target, _ = self._quietly(member, at)
                if member.get("readOnly") is True or target.get("readOnly") is True:
                    yield name
        for index, branch in enumerate(_list(schema.get("allOf"))):
            if isinstance(branch, Mapping):
                target, place = self._quietly(branch, at.child("allOf", index))
                if place not in seen:
                    seen.add(place)
                    yield from self._read_only(target, place, seen)

    def _quietly(self, schema: Raw, at: Location) -> tuple[Raw, Location]:
        try:
            target, place = self.spec.resolve(schema, at)
        except UnresolvedReference:
            return {}, at
        return (target, place) if isinstance(target, Mapping) else ({}, place)

    def _warn(self, problem: str, at: Location) -> None:
        self._report.warning("schema", problem, at=at)


def untitled(schema: Any, name: str) -> Any:
    """The schema without a title that says what it is called already."""
    if isinstance(schema, dict) and says_its_name(schema.get("title", ""), name):
        return {key: value for key, value in schema.items() if key != "title"}
    return schema


def _items(value: Any) -> Iterator[tuple[str, Any]]:
    return iter(value.items()) if isinstance(value, Mapping) else iter(())


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
