"""Schemas of 3.0 in the form of 3.1, and nothing else touched."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from mcpgen.load import Document, Documents
from mcpgen.spec import spec
from mcpgen.upgrade import upgrade

OCTETS = "application/octet-stream"


def upgraded(value: dict[str, Any]) -> Any:
    version: Any = value["openapi"][:3]
    root = Document(source="spec", text="", format="json", value=value, version=version)
    return upgrade(spec(Documents(root=root))).values["spec"]


def schema(value: dict[str, Any], version: str = "3.0.3") -> Any:
    document = {"openapi": version, "components": {"schemas": {"S": value}}}
    return upgraded(document)["components"]["schemas"]["S"]


NULL = {"type": "null"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
        ({"type": "string", "nullable": False}, {"type": "string"}),
        (
            {"type": "string", "enum": ["a"], "nullable": True},
            {"type": ["string", "null"], "enum": ["a", None]},
        ),
        ({"nullable": True}, {}),
        (
            {"allOf": [{"$ref": "#/x"}], "nullable": True, "description": "D"},
            {"anyOf": [{"$ref": "#/x"}, NULL], "description": "D"},
        ),
        (
            {"oneOf": [{"type": "string"}, {"type": "integer"}], "nullable": True},
            {"anyOf": [{"oneOf": [{"type": "string"}, {"type": "integer"}]}, NULL]},
        ),
        (
            {"type": "integer", "minimum": 0, "exclusiveMinimum": True},
            {"type": "integer", "exclusiveMinimum": 0},
        ),
        (
            {"type": "integer", "maximum": 9, "exclusiveMaximum": False},
            {"type": "integer", "maximum": 9},
        ),
        ({"exclusiveMinimum": True}, {}),
        ({"type": "string", "example": "x"}, {"type": "string", "examples": ["x"]}),
        (
            {"type": "string", "format": "byte"},
            {"type": "string", "contentEncoding": "base64"},
        ),
        (
            {"type": "string", "format": "binary"},
            {"type": "string", "contentMediaType": "application/octet-stream"},
        ),
        ({"$ref": "#/x", "type": "string", "minLength": 1}, {"$ref": "#/x"}),
        (
            {"$ref": "#/x", "description": "D", "readOnly": True},
            {"$ref": "#/x", "description": "D", "readOnly": True},
        ),
        (
            {"$ref": "#/x", "nullable": True, "description": "D"},
            {"anyOf": [{"$ref": "#/x"}, NULL], "description": "D"},
        ),
        (
            {"type": "object", "allOf": [{"$ref": "#/x"}], "nullable": True},
            {"anyOf": [{"type": "object", "allOf": [{"$ref": "#/x"}]}, NULL]},
        ),
    ],
)
def test_a_schema_of_3_0(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert schema(before) == after
    nested = {"type": "array", "items": {"properties": {"p": before}}}
    assert schema(nested) == {"type": "array", "items": {"properties": {"p": after}}}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
        ({"type": ["string", "null"], "nullable": True}, {"type": ["string", "null"]}),
        (
            {"$ref": "#/x", "description": "kept"},
            {"$ref": "#/x", "description": "kept"},
        ),
        ({"$ref": "#/x", "nullable": True}, {"anyOf": [{"$ref": "#/x"}, NULL]}),
        (
            {"oneOf": [{"$ref": "#/x"}, NULL], "nullable": True},
            {"oneOf": [{"$ref": "#/x"}, NULL]},
        ),
        ({"exclusiveMinimum": 5}, {"exclusiveMinimum": 5}),
    ],
)
def test_a_schema_of_3_1(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert schema(before, "3.1.0") == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"type": "file"}, {"type": "string", "contentMediaType": OCTETS}),
        ({"type": "integer", "x-nullable": True}, {"type": ["integer", "null"]}),
        ({"discriminator": "kind"}, {"discriminator": {"propertyName": "kind"}}),
        (
            {"minimum": 1, "exclusiveMinimum": True, "example": 2},
            {"exclusiveMinimum": 1, "examples": [2]},
        ),
    ],
)
def test_a_schema_of_2_0(before: dict[str, Any], after: dict[str, Any]) -> None:
    value = upgraded({"openapi": "2.0", "definitions": {"S": before}})
    schema = value["definitions"]["S"]
    assert {key: schema[key] for key in after} == after


def test_members_that_are_named_like_keywords_are_left_alone() -> None:
    value = {
        "properties": {
            "nullable": {"type": "boolean"},
            "example": {"type": "string"},
            "format": {"type": "string"},
        },
        "default": {"nullable": True, "example": 1},
        "enum": [{"nullable": True}],
        "x-data": {"schema": {"nullable": True}},
    }
    assert schema(value) == value


def test_schemas_are_found_wherever_they_stand() -> None:
    old, new = {"type": "string", "nullable": True}, {"type": ["string", "null"]}

    def document(one: Any) -> dict[str, Any]:
        media = {"application/json": {"schema": one, "example": {"nullable": True}}}
        operation = {
            "parameters": [{"schema": one}, {"content": media}],
            "requestBody": {"content": media},
            "responses": {"200": {"content": media, "headers": {"h": {"schema": one}}}},
            "callbacks": {"c": {"{$url}": {"post": {"parameters": [{"schema": one}]}}}},
        }
        return {
            "openapi": "3.0.0",
            "paths": {"/schema": {"get": operation, "parameters": [{"schema": one}]}},
            "components": {
                "schemas": {"schema": one},
                "parameters": {"example": {"schema": one}},
                "requestBodies": {"b": {"content": media}},
                "responses": {"r": {"content": media}},
                "pathItems": {"p": {"put": operation}},
            },
        }

    assert upgraded(document(old)) == document(new)


def test_the_document_itself_is_not_changed() -> None:
    value = {"openapi": "3.0.0", "components": {"schemas": {"S": {"nullable": True}}}}
    before = copy.deepcopy(value)
    upgraded(value)
    assert value == before


def test_what_is_shared_stays_shared() -> None:
    shared = {"type": "string", "nullable": True}
    made = schema({"properties": {"a": shared, "b": shared}})
    assert made["properties"]["a"] is made["properties"]["b"]
