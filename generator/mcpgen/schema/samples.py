"""Values that fit a schema: for the mock API, and for calls of it.

What the document offers comes first (`example`, `examples`, `default`), then what the
keywords ask for. The same schema gives the same value. Nobody promises that a value is
valid; whoever needs that has it validated, and asks for another `variant`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeAlias

from rstr import Rstr

from ..diagnostics import Location

Resolve: TypeAlias = Callable[[Any, Location], tuple[Any, Location]]
"""The value and the place that a `$ref` leads to, one step or to the end."""
Placed: TypeAlias = tuple[Any, Location]

_FORMATS: Mapping[str, str] = {
    "byte": "aGVsbG8=",
    "date": "2025-01-31",
    "date-time": "2025-01-31T12:00:00Z",
    "duration": "PT1H",
    "email": "ada@example.com",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "time": "12:00:00Z",
    "uri": "https://example.com/",
    "url": "https://example.com/",
    "uuid": "123e4567-e89b-42d3-a456-426614174000",
}
_DEEPEST = 8
_DEEPEST_OPTIONAL = 4
_MOST_VALUES = 200
_LONGEST = 2_000
_TRIES = 10


class NoSample(Exception):
    """A schema that no value is made for."""


@dataclass(slots=True)
class _Flat:
    """One schema with its references, `allOf` and a branch of each union merged."""

    keywords: dict[str, Any] = field(default_factory=dict)
    members: dict[str, Placed] = field(default_factory=dict)
    required: dict[str, None] = field(default_factory=dict)
    items: Placed | None = None

    def add(self, other: _Flat) -> None:
        self.keywords |= other.keywords
        for name, (schema, at) in other.members.items():
            # A branch that pins a member says more of it than one that describes it.
            known, _ = self.members.get(name, (None, at))
            if not isinstance(known, Mapping) or "const" not in known:
                self.members[name] = (schema, at)
        self.required |= other.required
        self.items = other.items or self.items


@dataclass(slots=True, kw_only=True)
class Sampler:
    """Makes values for the schemas that `resolve` can follow.

    With `whole`, objects have all their members, as deep as there is room for;
    otherwise those that are required. Members with the flag `left_out` are not there.
    """

    resolve: Resolve
    whole: bool
    left_out: str
    documented: bool = True
    variant: int = 0
    _left: int = field(default=_MOST_VALUES, init=False)

    def value(self, schema: Any, at: Location, depth: int = 0, index: int = 0) -> Any:
        """A value; `index` is its place among others of the kind. Raises NoSample."""
        return self._value(self._flat(schema, at, 0), depth, index)

    def _value(self, flat: _Flat, depth: int, index: int = 0) -> Any:
        self._left -= 1
        offered = self._offered(flat.keywords, index)
        if offered:
            return offered[0]
        match _type(flat):
            case "object":
                return self._object(flat, depth)
            case "array":
                return self._array(flat, depth)
            case "integer" | "number" as kind:
                return _number(flat.keywords, kind, index)
            case "boolean":
                return True
            case "null":
                return None
        return _text(flat.keywords, index)

    def _offered(self, keywords: Mapping[str, Any], index: int) -> list[Any]:
        """What the schema itself names: an example, the default, a constant."""
        if "const" in keywords:
            return [keywords["const"]]
        if self.documented:
            examples = keywords.get("examples")
            if "example" in keywords:
                return [keywords["example"]]
            if isinstance(examples, list) and examples:
                return [examples[index % len(examples)]]
            if keywords.get("default") is not None:
                return [keywords["default"]]
        allowed = keywords.get("enum")
        if isinstance(allowed, list) and allowed:
            return [allowed[index % len(allowed)]]
        return []

    def _object(self, flat: _Flat, depth: int) -> dict[str, Any]:
        if depth > _DEEPEST and flat.required:
            raise NoSample("the schema goes on without an end")
        made: dict[str, Any] = {}
        for name, (schema, at) in flat.members.items():
            needed = name in flat.required
            wanted = self.whole and self._left > 0 and depth < _DEEPEST_OPTIONAL
            if not needed and not wanted:
                continue
            member = self._flat(schema, at, 0)
            if member.keywords.get(self.left_out) is True:
                continue
            try:
                made[name] = self._value(member, depth + 1)
            except NoSample:
                if needed:
                    raise
        for name in flat.required:
            if name not in flat.members:
                made[name] = "string"
        least = flat.keywords.get("minProperties")
        missing = least - len(made) if isinstance(least, int) else 0
        for number in range(missing):
            made.setdefault(f"member{number + 1}", "string")
        return made

    def _array(self, flat: _Flat, depth: int) -> list[Any]:
        least = flat.keywords.get("minItems")
        count = least if isinstance(least, int) else 0
        room = depth < _DEEPEST and (self._left > 0 or not self.whole)
        if flat.keywords.get("maxItems") != 0 and room:
            count = max(count, 1)
        schema, at = flat.items or ({}, Location(""))
        try:
            return [self.value(schema, at, depth + 1, i) for i in range(count)]
        except NoSample:
            if least:
                raise
            return []

    def _flat(self, schema: Any, at: Location, depth: int) -> _Flat:
        flat = _Flat()
        if not isinstance(schema, Mapping) or depth > _DEEPEST:
            return flat
        if isinstance(schema.get("$ref"), str):
            target, place = self.resolve({"$ref": schema["$ref"]}, at)
            flat.add(self._flat(target, place, depth + 1))
        branches = schema.get("allOf")
        for index, branch in enumerate(branches if isinstance(branches, list) else ()):
            flat.add(self._flat(branch, at.child("allOf", index), depth + 1))
        flat.add(self._own(schema, at))
        for union in ("oneOf", "anyOf"):
            choices = schema.get(union)
            if not isinstance(choices, list) or not choices:
                continue
            usable = [i for i, one in enumerate(choices) if one != {"type": "null"}]
            if usable:
                chosen = usable[self.variant % len(usable)]
                place = at.child(union, chosen)
                flat.add(self._flat(choices[chosen], place, depth + 1))
        return flat

    def _own(self, schema: Mapping[str, Any], at: Location) -> _Flat:
        flat = _Flat(keywords=dict(schema))
        properties = schema.get("properties")
        if isinstance(properties, Mapping):
            place = at.child("properties")
            flat.members = {n: (s, place.child(n)) for n, s in properties.items()}
        required = schema.get("required")
        if isinstance(required, list):
            flat.required = {name: None for name in required if isinstance(name, str)}
        if "items" in schema:
            flat.items = (schema["items"], at.child("items"))
        return flat


def _type(flat: _Flat) -> str:
    named = flat.keywords.get("type")
    if isinstance(named, list):
        named = next((one for one in named if one != "null"), "null")
    if isinstance(named, str):
        return named
    if flat.members or flat.required:
        return "object"
    return "array" if flat.items else "string"


def _number(keywords: Mapping[str, Any], kind: str, index: int) -> int | float:
    """The lowest number that the bounds allow, 1 or the highest where none is lowest."""
    low, high = _bound(keywords, "minimum"), _bound(keywords, "maximum")
    over = _bound(keywords, "exclusiveMinimum")
    under = _bound(keywords, "exclusiveMaximum")
    step = _bound(keywords, "multipleOf") or (1 if kind == "integer" else None)
    lowest = [one for one in (low, over) if one is not None]
    highest = [one for one in (high, under) if one is not None]
    value: int | float = max(lowest, default=1)
    if step:
        value = math.ceil(value / step) * step
    if highest and value > min(highest):
        value = math.floor(min(highest) / step) * step if step else min(highest)
    if value == over:
        value += step or 0.5
    elif value == under:
        value -= step or 0.5
    value += index * (step or 1)
    return int(value) if kind == "integer" else value


def _bound(keywords: Mapping[str, Any], name: str) -> int | float | None:
    value = keywords.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if math.isfinite(value) else None


def _text(keywords: Mapping[str, Any], index: int) -> str:
    least, most = keywords.get("minLength"), keywords.get("maxLength")
    least = least if isinstance(least, int) else 0
    most = most if isinstance(most, int) else max(least, _LONGEST)
    if least > _LONGEST:
        raise NoSample(f"a text of {least} characters")
    named, pattern = keywords.get("format"), keywords.get("pattern")
    if isinstance(pattern, str):
        return _matching(pattern, least or 1, most)
    text = _FORMATS.get(named, "string") if isinstance(named, str) else "string"
    if keywords.get("contentEncoding") in ("base64", "base64url"):
        text = _FORMATS["byte"]
    if index:
        text += f" {index + 1}"
    return text.ljust(least, "a")[:most]


def _matching(pattern: str, least: int, most: int) -> str:
    """A text of the wanted length that a pattern matches, by chance from a fixed seed."""
    try:
        texts = [Rstr(Random(seed)).xeger(pattern) for seed in range(_TRIES)]
    except Exception as problem:
        raise NoSample(f"the pattern {pattern!r}") from problem
    fitting = [text for text in texts if least <= len(text) <= most]
    return min(fitting or texts, key=len)
