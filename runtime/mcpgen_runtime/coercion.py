"""Text becomes the value that its schema means: URI variables, arguments of prompts.

The rule: a type of the schema has at most one reading of a text. Text that has none
stays text, for the validator to judge.

Pure: values in, values out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .components import Schema

_READINGS: dict[str, set[type]] = {
    "integer": {int},
    "number": {int, float},
    "object": {dict},
}


def coerce(schema: Schema, value: str | list[str], definitions: Schema) -> Any:
    """The typed value of a URI variable, by its schema.

    `definitions` are the `$defs` that the schema refers to. An array is given as a
    list or separated by commas. Text that has no reading in the schema's types stays
    text, for the validator to judge.
    """
    schema = resolve(schema, definitions)
    types = declared_types(schema, definitions)
    if "array" in types and not (value == "" and "string" in types):
        items = value if isinstance(value, list) else value.split(",") if value else []
        return [coerce(schema.get("items", {}), item, definitions) for item in items]
    if isinstance(value, list):
        return value
    if "string" in types or not types:
        return _coerced_enum(schema, value)
    for kind in types:
        typed = _typed(kind, value)
        if typed is not value:
            return typed
    return value


def is_list(schema: Schema, definitions: Schema) -> bool:
    """Whether `coerce` makes a list by this schema."""
    return "array" in declared_types(resolve(schema, definitions), definitions)


def resolve(schema: Any, definitions: Schema) -> Schema:
    """A schema behind its `$ref`s into `#/$defs/`; {} for a boolean schema."""
    for _ in range(20):
        if not isinstance(schema, Mapping):
            return {}
        reference = schema.get("$ref")
        if not isinstance(reference, str):
            return schema
        target = definitions.get(reference.removeprefix("#/$defs/"), {})
        siblings = {k: v for k, v in schema.items() if k != "$ref"}
        schema = {**target, **siblings} if isinstance(target, Mapping) else siblings
    return {}


def declared_types(schema: Schema, definitions: Schema) -> list[str]:
    """The types that a schema or its branches name; a bare enum is of strings."""
    declared = schema.get("type")
    if isinstance(declared, str):
        return [declared]
    if declared is not None:
        return list(declared)
    branches = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf") or ()
    types = [
        t
        for b in branches
        for t in declared_types(resolve(b, definitions), definitions)
    ]
    if "enum" in schema and not types:
        types = ["string"]
    return list(dict.fromkeys(types))


def _coerced_enum(schema: Schema, text: str) -> Any:
    allowed = schema.get("enum", [])
    if text in allowed:
        return text
    return next((v for v in allowed if json.dumps(v, ensure_ascii=False) == text), text)


def _typed(kind: str, text: str) -> Any:
    if kind == "boolean" and text in ("true", "false"):
        return text == "true"
    if kind == "null" and text == "null":
        return None
    if kind in _READINGS:
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return text
        if type(value) in _READINGS[kind]:
            return value
    return text
