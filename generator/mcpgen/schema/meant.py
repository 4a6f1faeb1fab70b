"""Keywords that no value can meet together, read as what they must mean.

The rule: only what would refuse every value, or can't be the value it is given for, is
read in another way; each time there is a finding. Types have the names of JSON Schema
(2020-12 core, 4.2.1), or those that are commonly taken for them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

Warn: TypeAlias = Callable[[str, str], None]
"""Takes a keyword and what is wrong with it."""

_TYPES = frozenset(
    {"array", "boolean", "integer", "null", "number", "object", "string"}
)
_MISNAMED_TYPES = {
    "bool": "boolean",
    "date": "string",
    "datetime": "string",
    "decimal": "number",
    "dict": "object",
    "double": "number",
    "file": "string",
    "float": "number",
    "int": "integer",
    "list": "array",
    "long": "integer",
    "map": "object",
    "str": "string",
    "text": "string",
    "uuid": "string",
}
_BOUNDS = (
    ("minimum", "maximum"),
    ("minLength", "maxLength"),
    ("minItems", "maxItems"),
    ("minProperties", "maxProperties"),
)
_LITERAL = re.compile(r"/(.+)/([dgimsuvy]*)", re.DOTALL)
_OF_NO_ACCOUNT = frozenset("dguvy")
"""Flags of JavaScript that don't change whether a text matches."""
_FLAGS = ("true", "false")
_UNREADABLE = object()


def known_types(declared: Any) -> list[str]:
    """The types that a `type` names, each once, in its order."""
    names = declared if isinstance(declared, list) else [declared]
    known = [
        _MISNAMED_TYPES.get(name.lower(), name.lower())
        for name in names
        if isinstance(name, str)
    ]
    return list(dict.fromkeys(name for name in known if name in _TYPES))


def meant(schema: Mapping[str, Any], warn: Warn) -> Mapping[str, Any]:
    """The schema without contradictions between its own keywords."""
    read = dict(schema)
    _bounds(read, warn)
    _pattern(read, warn)
    types = known_types(read.get("type"))
    if types:
        _enum(read, types, warn)
        _default(read, types, warn)
    return read


def _bounds(schema: dict[str, Any], warn: Warn) -> None:
    for low, high in _BOUNDS:
        least, most = _number(schema.get(low)), _number(schema.get(high))
        if least is not None and most is not None and least > most:
            del schema[low], schema[high]
            warn(low, f"is {least}, above `{high}`, {most}; both are left out")


def _pattern(schema: dict[str, Any], warn: Warn) -> None:
    """A literal of JavaScript: as a pattern it asks for something before the beginning
    of the text or after its end."""
    pattern = schema.get("pattern")
    literal = _LITERAL.fullmatch(pattern) if isinstance(pattern, str) else None
    if literal is None:
        return
    inner, flags = literal.groups()
    if not (inner.startswith("^") or inner.endswith("$")):
        return
    if set(flags) <= _OF_NO_ACCOUNT:
        schema["pattern"] = inner
        warn("pattern", "is a literal of JavaScript; what is between `/` is used")
    else:
        del schema["pattern"]
        warn("pattern", f"is a literal of JavaScript with `{flags}`; it is left out")


def _enum(schema: dict[str, Any], types: list[str], warn: Warn) -> None:
    allowed = schema.get("enum")
    if not isinstance(allowed, list) or not allowed:
        return
    if all(one is None or fits(one, types) for one in allowed):
        return
    listed = " or ".join(types)
    if "array" in types and not any(isinstance(one, list) for one in allowed):
        items = schema.get("items")
        if isinstance(items, Mapping) and not items.keys() & {"$ref", "enum"}:
            schema["items"] = {**items, "enum": allowed}
        del schema["enum"]
        warn("enum", "of an array has no array; it is asked of the items")
        return
    read = [one if one is None else _as(one, types) for one in allowed]
    if _UNREADABLE not in read:
        schema["enum"] = read
        warn("enum", f"has values that are no {listed}; they are read as such")
    elif not any(fits(one, types) for one in allowed):
        del schema["type"]
        warn("enum", f"has no value that is {listed}; the type is left out")


def _default(schema: dict[str, Any], types: list[str], warn: Warn) -> None:
    given = schema.get("default")
    if given is None or fits(given, types):
        return
    read = _as(given, types)
    if read is _UNREADABLE:
        del schema["default"]
        warn("default", f"is no {' or '.join(types)}; it is left out")
    else:
        schema["default"] = read
        warn("default", f"is no {' or '.join(types)}; it is read as {json.dumps(read)}")


def _as(value: Any, types: list[str]) -> Any:
    """The value in one of the types, where there is a way to read it so."""
    if fits(value, types):
        return value
    if isinstance(value, str):
        text = value.strip()
        try:
            read = json.loads(text.lower() if text.lower() in _FLAGS else text)
        except ValueError:
            return _UNREADABLE
        return read if fits(read, types) else _UNREADABLE
    if "string" in types and isinstance(value, bool | int | float):
        return json.dumps(value)
    return _UNREADABLE


def fits(value: Any, types: list[str]) -> bool:
    """Whether a value is of one of the types."""
    return any(_is_of(value, one) for one in types)


def _is_of(value: Any, kind: str) -> bool:
    match kind:
        case "string":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            number = _number(value)
            return number is not None and number == number // 1
        case "number":
            return _number(value) is not None
        case "array":
            return isinstance(value, list)
        case "object":
            return isinstance(value, Mapping)
    return value is None


def _number(value: Any) -> int | float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if is_number else None
