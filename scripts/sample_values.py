"""Values that a JSON Schema 2020-12 accepts, made by chance from a seed.

The rule: a value is tried until an independent validator accepts it, so that whoever is
given one may rely on it. Texts hold what encodings stumble over (spaces, delimiters,
percent signs, letters beyond ASCII) where the schema leaves room for it.
"""

from __future__ import annotations

import base64
import json
import math
import re
import string
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, Literal

import jsonschema_rs
from rstr import Rstr

Size = Literal["least", "some", "most"]
"""Which optional members a value has: none, any, all."""

AWKWARD = (
    "plain",
    "two words",
    "a&b=c",
    "50%",
    "é✓",
    "a+b",
    "a/b?c#d",
    'q"uo\\te',
    "x;y",
)
PRINTABLE = ("plain", "two words", "a=b", "50%", "a+b", 'q"uote', "x;y")
"""Texts that a header can hold, too."""
SEGMENT = ("plain", "two words", "a&b=c", "50%", "é✓", "a+b", "a:b@c", "v1.2~x")
"""Texts that a path can hold without being refused by a cautious server."""
LETTERS = ("plain", "text", "abcdef")

FORMATS: Mapping[str, tuple[str, ...]] = {
    "date": ("2024-02-29", "1999-12-31"),
    "date-time": ("2024-02-29T12:30:00Z", "1999-12-31T23:59:59.125+02:00"),
    "duration": ("P3DT4H", "PT5M"),
    "email": ("ada@example.com", "o.b+c@example.org"),
    "hostname": ("api.example.com",),
    "idn-email": ("ada@example.com",),
    "ip": ("192.0.2.1",),
    "ipv4": ("192.0.2.1",),
    "ipv6": ("2001:db8::1",),
    "json-pointer": ("/a/b",),
    "regex": ("^a+$",),
    "time": ("12:30:00Z",),
    "uri": ("https://example.com/a?b=c&d=e", "urn:isbn:0451450523"),
    "uri-reference": ("/a/b?c=d",),
    "url": ("https://example.com/a?b=c",),
    "uuid": ("123e4567-e89b-42d3-a456-426614174000",),
}
_DEEPEST = 4
_GIVES_UP = 14
_MOST_OPTIONAL = 25
_TRIES = 12


class Unsatisfiable(Exception):
    """No value was found that the schema accepts."""


def sample(
    schema: Mapping[str, Any],
    seed: str,
    size: Size,
    texts: Callable[[str], Iterable[str]] = lambda _: AWKWARD,
    accept: Callable[[dict[str, Any]], bool] = lambda _: True,
) -> dict[str, Any]:
    """Arguments that an object schema accepts; the same for the same seed.

    `texts` gives the texts to choose from for each member, and `accept` has the last
    word. Raises Unsatisfiable.
    """
    validator = jsonschema_rs.validator_for(dict(schema), validate_formats=False)
    for number in range(_TRIES):
        maker = _Maker(Random(f"{seed}/{number}"), schema.get("$defs", {}), size)
        if number >= _TRIES // 2:
            maker.size = "least"
        try:
            made = maker.members(
                schema,
                0,
                (lambda _: LETTERS) if number >= 2 * _TRIES // 3 else texts,
            )
        except (Unsatisfiable, RecursionError):
            continue
        if validator.is_valid(made) and accept(made):
            return made
    raise Unsatisfiable


def sample_value(schema: Any, definitions: Mapping[str, Any], seed: str) -> Any:
    """A value for a schema that nobody checks: what an API may well answer."""
    try:
        return _Maker(Random(seed), definitions, "some").value(schema, 0, AWKWARD)
    except (Unsatisfiable, RecursionError):
        return {}


@dataclass(slots=True)
class _Maker:
    random: Random
    definitions: Mapping[str, Any]
    size: Size

    def members(
        self,
        schema: Mapping[str, Any],
        depth: int,
        texts: Callable[[str], Iterable[str]],
    ) -> dict[str, Any]:
        properties: Mapping[str, Any] = schema.get("properties", {})
        required = list(schema.get("required", ()))
        optional = [name for name in properties if name not in required]
        if self.size == "least" or depth > _DEEPEST:
            chosen = []
        elif self.size == "most" and depth < 2:
            chosen = optional[:_MOST_OPTIONAL]
        else:
            chosen = [n for n in optional if self.random.random() < 0.4]
        made: dict[str, Any] = {}
        for name in [*required, *chosen]:
            try:
                made[name] = self.value(
                    properties.get(name, {}), depth + 1, tuple(texts(name))
                )
            except Unsatisfiable:
                if name in required:
                    raise
        self._more_members(schema, made, depth, tuple(texts("")))
        return made

    def _more_members(
        self,
        schema: Mapping[str, Any],
        made: dict[str, Any],
        depth: int,
        texts: tuple[str, ...],
    ) -> None:
        others = schema.get("additionalProperties", not schema.get("properties"))
        least = int(schema.get("minProperties", 0))
        wanted = 0 if self.size == "least" or depth > _DEEPEST else 2
        patterns: Mapping[str, Any] = schema.get("patternProperties", {})
        if others is False and not patterns:
            return
        most = schema.get("maxProperties", math.inf)
        for number in range(max(least - len(made), wanted)):
            if len(made) >= most:
                break
            name, inner = f"key{number}", others
            if patterns:
                pattern, inner = self.random.choice(sorted(patterns.items()))
                name = self._matching(pattern)
            elif isinstance(schema.get("propertyNames"), Mapping):
                name = str(self.value(schema["propertyNames"], depth + 1, LETTERS))
            free = not isinstance(inner, Mapping)
            made.setdefault(name, "x" if free else self.value(inner, depth + 1, texts))

    def value(self, schema: Any, depth: int, texts: tuple[str, ...]) -> Any:
        if depth > _GIVES_UP:
            raise Unsatisfiable
        if not isinstance(schema, Mapping):
            return "any"
        schema = self._flat(schema, depth)
        if "const" in schema:
            return schema["const"]
        if schema.get("enum"):
            values = [v for v in schema["enum"] if v is not None] or schema["enum"]
            return self.random.choice(values)
        match self._type(schema):
            case "object":
                return self.members(schema, depth, lambda _: texts)
            case "array":
                return self._array(schema, depth, texts)
            case "integer" | "number" as kind:
                return self._number(schema, kind == "integer")
            case "boolean":
                return self.random.random() < 0.5
            case "null":
                return None
            case _:
                return self._text(schema, texts)

    def _flat(self, schema: Mapping[str, Any], depth: int) -> Mapping[str, Any]:
        """One schema without references and unions that allows no more than it did."""
        for _ in range(30):
            if "$ref" in schema:
                name = str(schema["$ref"]).removeprefix("#/$defs/")
                rest = {k: v for k, v in schema.items() if k != "$ref"}
                schema = _both(self.definitions.get(name, {}), rest)
            elif schema.get("allOf"):
                rest = {k: v for k, v in schema.items() if k != "allOf"}
                for branch in schema["allOf"]:
                    rest = _both(rest, self._flat(branch, depth))
                schema = rest
            elif schema.get("anyOf") or schema.get("oneOf"):
                union = "anyOf" if schema.get("anyOf") else "oneOf"
                rest = {k: v for k, v in schema.items() if k != union}
                schema = _both(rest, self._branch(schema[union], depth))
            else:
                return schema
        raise Unsatisfiable

    def _branch(self, branches: list[Any], depth: int) -> Any:
        real = [b for b in branches if not (b in ({"type": "null"}, {"enum": [None]}))]
        if depth > _DEEPEST:
            return min(real or branches, key=lambda b: len(json.dumps(b)))
        return self.random.choice(real or branches)

    def _type(self, schema: Mapping[str, Any]) -> str:
        declared = schema.get("type")
        if isinstance(declared, list):
            real = [name for name in declared if name != "null"] or ["null"]
            return str(self.random.choice(real))
        if isinstance(declared, str):
            return declared
        if schema.keys() & {"properties", "additionalProperties", "minProperties"}:
            return "object"
        if schema.keys() & {"items", "prefixItems", "minItems"}:
            return "array"
        if schema.keys() & {"minimum", "maximum", "multipleOf"}:
            return "number"
        return "string"

    def _array(
        self, schema: Mapping[str, Any], depth: int, texts: tuple[str, ...]
    ) -> list[Any]:
        least = int(schema.get("minItems", 0))
        most = int(schema.get("maxItems", least + 3))
        wanted = 1 if depth > _DEEPEST else self.random.randint(1, 3)
        first = schema.get("prefixItems", [])
        count = max(least, min(wanted, most), 0)
        if depth > _DEEPEST + 2:
            count = least
        made: list[Any] = []
        for index in range(count):
            inner = first[index] if index < len(first) else schema.get("items", {})
            if inner is False:
                break
            for _ in range(8):
                item = self.value(inner, depth + 1, texts)
                if not schema.get("uniqueItems") or item not in made:
                    made.append(item)
                    break
        return made

    def _number(self, schema: Mapping[str, Any], whole: bool) -> Any:
        step = schema.get("multipleOf", 1 if whole else 0.25)
        low, high = schema.get("minimum"), schema.get("maximum")
        if "exclusiveMinimum" in schema:
            low = schema["exclusiveMinimum"] + step
        if "exclusiveMaximum" in schema:
            high = schema["exclusiveMaximum"] - step
        if low is None:
            low = 0 if high is None else high - 100 * step
        if high is None:
            high = low + 100 * step
        first, last = math.ceil(low / step), math.floor(high / step)
        if first > last:
            return low
        number = self.random.randint(first, last) * step
        if whole:
            return int(number)
        return number if abs(number) < 1e15 else float(int(number))

    def _text(self, schema: Mapping[str, Any], texts: tuple[str, ...]) -> str:
        least = int(schema.get("minLength", 0))
        most = int(schema.get("maxLength", max(least, 60)))
        if isinstance(schema.get("pattern"), str):
            text = self._matching(schema["pattern"])
            if least <= len(text) <= most:
                return text
        if schema.get("contentEncoding") == "base64" or schema.get("format") == "byte":
            return base64.b64encode(self.random.randbytes(6)).decode()
        if schema.get("format") in FORMATS:
            return self.random.choice(FORMATS[schema["format"]])
        text = self.random.choice(texts)
        while len(text) < least:
            text += self.random.choice(string.ascii_lowercase)
        return text[:most].strip() or "x" * least

    def _matching(self, pattern: str) -> str:
        pattern = re.sub(r"\\p\{[^}]*\}", "[a-z]", pattern)
        try:
            found = re.compile(pattern)
        except re.error:
            return "plain"
        for _ in range(10):
            text: str = Rstr(self.random).xeger(found)
            if len(text) < 60:
                break
        return text


def _both(one: Any, other: Any) -> dict[str, Any]:
    """A schema that asks for what both ask for, as far as a sample needs it."""
    if not isinstance(one, Mapping) or not isinstance(other, Mapping):
        return dict(one if isinstance(one, Mapping) else other or {})
    made = dict(one)
    for key, value in other.items():
        known: Any = made.get(key)
        if key not in made:
            made[key] = value
        elif key == "properties":
            made[key] = {
                **known,
                **{
                    name: _both(known[name], member) if name in known else member
                    for name, member in value.items()
                },
            }
        elif key == "required":
            made[key] = list(dict.fromkeys([*known, *value]))
        elif key == "enum":
            made[key] = [v for v in known if v in value] or value
        elif key == "type":
            made[key] = _common(known, value)
        elif key in ("allOf", "anyOf", "oneOf"):
            made["allOf"] = [*made.get("allOf", []), {key: known}, {key: value}]
            if key != "allOf":
                del made[key]
        elif key in ("minimum", "minLength", "minItems", "exclusiveMinimum"):
            made[key] = max(known, value)
        elif key in ("maximum", "maxLength", "maxItems", "exclusiveMaximum"):
            made[key] = min(known, value)
        elif key != "additionalProperties" or value is not False:
            made[key] = value
    return made


def _common(one: Any, other: Any) -> Any:
    ones = one if isinstance(one, list) else [one]
    others = other if isinstance(other, list) else [other]
    kept = [
        name
        for name in ones
        if name in others or (name == "integer" and "number" in others)
    ] or [name for name in others if name == "integer" and "number" in ones]
    return kept or other
