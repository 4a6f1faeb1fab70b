"""Integers that were written with a fraction of zero, put as integers.

The rule: JSON Schema takes 12.0 and 1e3 for integers, and many an API doesn't. Where a
schema says integer, and doesn't say number, such a value becomes 12 and 1000. Any other
value stays as it was given.

Pure: values in, values out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .coercion import declared_types, resolve
from .components import Schema

_DEEPEST = 4


def with_integers(value: Any, schema: Any, definitions: Schema) -> Any:
    """A value that its schema accepts, with its integers put as integers."""
    return _put(value, schema, definitions) if _has_whole_floats(value) else value


def _has_whole_floats(value: Any) -> bool:
    """Whether there is anything to do: most values have none."""
    if isinstance(value, dict):
        return any(map(_has_whole_floats, value.values()))
    if isinstance(value, list):
        return any(map(_has_whole_floats, value))
    return isinstance(value, float) and value.is_integer()


def _put(value: Any, schema: Any, definitions: Schema) -> Any:
    if isinstance(value, float) and value.is_integer():
        types = declared_types(resolve(schema, definitions), definitions)
        return int(value) if "integer" in types and "number" not in types else value
    if isinstance(value, dict):
        forms = tuple(_forms(schema, definitions, _DEEPEST))
        return {
            name: _put(member, _member(forms, name), definitions)
            for name, member in value.items()
        }
    if isinstance(value, list):
        forms = tuple(_forms(schema, definitions, _DEEPEST))
        items = {"anyOf": [form["items"] for form in forms if "items" in form]}
        return [_put(item, items, definitions) for item in value]
    return value


def _forms(schema: Any, definitions: Schema, depth: int) -> Iterator[Schema]:
    """A schema and the branches that it has, at any depth."""
    schema = resolve(schema, definitions)
    yield schema
    if depth:
        for keyword in ("allOf", "anyOf", "oneOf"):
            for branch in schema.get(keyword, ()):
                yield from _forms(branch, definitions, depth - 1)


def _member(forms: tuple[Schema, ...], name: str) -> Schema:
    """What the forms of an object say about one of its members, together."""
    declared = [
        form.get("properties", {}).get(name, form.get("additionalProperties"))
        for form in forms
    ]
    return {"anyOf": [schema for schema in declared if isinstance(schema, Mapping)]}
