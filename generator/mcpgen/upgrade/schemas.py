"""Schemas of OpenAPI 2.0, 3.0 and 3.1 in JSON Schema 2020-12: one object at a time.

What stands below a schema has been rewritten before; the old object is not changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..load import Version

_ABOUT_THE_VALUE = frozenset(
    {"title", "description", "default", "deprecated", "readOnly", "writeOnly"}
)


def rewriting(version: Version) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """What rewrites a schema of a version."""
    if version == "2.0":
        return _schema_of_20
    return _schema_of_30 if version == "3.0" else _schema_of_31


def _schema_of_20(schema: dict[str, Any]) -> dict[str, Any]:
    """Swagger 2.0, 5.2.34: what differs from OpenAPI 3.0."""
    upgraded = dict(schema)
    if isinstance(schema.get("discriminator"), str):
        upgraded["discriminator"] = {"propertyName": schema["discriminator"]}
    if schema.get("x-nullable") is True:
        upgraded["nullable"] = True
    if schema.get("type") == "file":
        upgraded |= {"type": "string", "format": "binary"}
    return _schema_of_30(upgraded)


def _schema_of_30(schema: dict[str, Any]) -> dict[str, Any]:
    """OpenAPI 3.0, 4.7.24: what differs from JSON Schema 2020-12.

    Beside a `$ref` nothing constrains (4.7.23); what says something about the value,
    or that it may be null, is meant all the same.
    """
    if isinstance(schema.get("$ref"), str):
        meant = _ABOUT_THE_VALUE | {"$ref", "nullable"}
        schema = {key: value for key, value in schema.items() if key in meant}
    return _schema_of_31(_with_numeric_bounds(schema))


def _schema_of_31(schema: dict[str, Any]) -> dict[str, Any]:
    """What documents of 3.1 keep of 3.0, and what has only one meaning."""
    schema = _with_examples(_with_null(schema))
    declared = schema.pop("format", None)
    if declared == "binary" and "contentEncoding" not in schema:
        return {"contentMediaType": "application/octet-stream"} | schema
    if declared == "byte":
        return {"contentEncoding": "base64"} | schema
    return schema if declared is None else schema | {"format": declared}


def _with_numeric_bounds(schema: dict[str, Any]) -> dict[str, Any]:
    upgraded = dict(schema)
    for exclusive, bound in (
        ("exclusiveMinimum", "minimum"),
        ("exclusiveMaximum", "maximum"),
    ):
        if isinstance(schema.get(exclusive), bool):
            del upgraded[exclusive]
            if schema[exclusive] and bound in schema:
                upgraded[exclusive] = upgraded.pop(bound)
    return upgraded


def _with_null(schema: dict[str, Any]) -> dict[str, Any]:
    upgraded = {key: value for key, value in schema.items() if key != "nullable"}
    if schema.get("nullable") is not True:
        return upgraded
    declared = schema.get("type")
    branching = {"$ref", "allOf", "anyOf", "oneOf", "not"}
    if isinstance(declared, str | list) and not branching & upgraded.keys():
        types = [declared] if isinstance(declared, str) else declared
        upgraded["type"] = types if "null" in types else [*types, "null"]
        if isinstance(schema.get("enum"), list) and None not in schema["enum"]:
            upgraded["enum"] = [*schema["enum"], None]
        return upgraded
    if not (branching | {"enum", "properties"}) & upgraded.keys():
        return upgraded
    unions = (upgraded.get("anyOf"), upgraded.get("oneOf"))
    if declared is None and any(map(_has_null, unions)):
        return upgraded
    outer = {
        key: upgraded.pop(key)
        for key in list(upgraded)
        if key in _ABOUT_THE_VALUE or key.startswith("x-")
    }
    branch = upgraded
    only = upgraded.get("allOf")
    if list(upgraded) == ["allOf"] and isinstance(only, list) and len(only) == 1:
        branch = only[0]
    return {"anyOf": [branch, {"type": "null"}]} | outer


def _has_null(union: Any) -> bool:
    """Whether a branch of a union is plainly for null."""
    return isinstance(union, list) and any(
        isinstance(branch, Mapping) and branch.get("type") == "null" for branch in union
    )


def _with_examples(schema: dict[str, Any]) -> dict[str, Any]:
    if "example" not in schema:
        return schema
    upgraded = {key: value for key, value in schema.items() if key != "example"}
    if not isinstance(schema.get("examples"), list):
        upgraded["examples"] = [schema["example"]]
    return upgraded
