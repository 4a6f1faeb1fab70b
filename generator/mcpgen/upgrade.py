"""OpenAPI 3.0 as OpenAPI 3.1: the schemas of a document in JSON Schema 2020-12.

A small grammar says where a document holds schemas, so that examples, defaults,
extensions and members that are merely named like keywords are never touched. The
document is not changed: new values stand beside it, and what several places share
stays shared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from .load import Document

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

# Where schemas are (OpenAPI 3.1, 4.8; JSON Schema 2020-12, 10 and 11): for each kind of
# object, what kind its members are of. `*` is any member, `[]` each item.
_GRAMMAR: Mapping[str, Mapping[str, str]] = {
    "document": {
        "paths": "paths",
        "webhooks": "paths",
        "components": "components",
    },
    "paths": {"*": "path item"},
    "path item": {
        **dict.fromkeys(_METHODS, "operation"),
        "parameters": "parameters",
    },
    "operation": {
        "parameters": "parameters",
        "requestBody": "body",
        "responses": "responses",
        "callbacks": "callbacks",
    },
    "callbacks": {"*": "paths"},
    "components": {
        "schemas": "schemas",
        "parameters": "parameters",
        "headers": "parameters",
        "requestBodies": "bodies",
        "responses": "responses",
        "pathItems": "paths",
        "callbacks": "callbacks",
    },
    "parameters": {"*": "parameter", "[]": "parameter"},
    "parameter": {"schema": "schema", "content": "content"},
    "bodies": {"*": "body"},
    "body": {"content": "content"},
    "responses": {"*": "response"},
    "response": {"content": "content", "headers": "parameters"},
    "content": {"*": "media type"},
    "media type": {"schema": "schema", "encoding": "encodings"},
    "encodings": {"*": "encoding"},
    "encoding": {"headers": "parameters"},
    "schemas": {"*": "schema", "[]": "schema"},
    "schema": {
        **dict.fromkeys(
            (
                "additionalProperties",
                "contains",
                "contentSchema",
                "else",
                "if",
                "not",
                "propertyNames",
                "then",
                "unevaluatedItems",
                "unevaluatedProperties",
            ),
            "schema",
        ),
        **dict.fromkeys(
            (
                "$defs",
                "allOf",
                "anyOf",
                "definitions",
                "dependentSchemas",
                "oneOf",
                "patternProperties",
                "prefixItems",
                "properties",
            ),
            "schemas",
        ),
        "items": "items",
    },
}

_ABOUT_THE_VALUE = frozenset(
    {"title", "description", "default", "deprecated", "readOnly", "writeOnly"}
)


def upgrade(document: Document) -> Document:
    """The document with its schemas in the form of OpenAPI 3.1."""
    old = str(document.value.get("openapi", "")).startswith("3.0")
    walker = _Walker(_schema_of_30 if old else _schema_of_31)
    return replace(document, value=walker.walk(document.value, "document"))


class _Walker:
    """Rewrites the schemas below a value, each shared value once."""

    def __init__(self, rewrite: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        self._rewrite = rewrite
        self._done: dict[tuple[int, str], Any] = {}

    def walk(self, value: Any, kind: str) -> Any:
        if not isinstance(value, dict | list):
            return value
        key = (id(value), kind)
        if key not in self._done:
            self._done[key] = self._walked(value, kind)
        return self._done[key]

    def _walked(self, value: Any, kind: str) -> Any:
        if kind == "items":
            kind = "schemas" if isinstance(value, list) else "schema"
        members = _GRAMMAR[kind]
        if isinstance(value, list):
            inner = members.get("[]")
            return [self.walk(item, inner) for item in value] if inner else value
        walked = {
            name: self.walk(member, inner) if inner else member
            for name, member in value.items()
            for inner in (members.get(name) or members.get("*"),)
        }
        return self._rewrite(walked) if kind == "schema" else walked


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
