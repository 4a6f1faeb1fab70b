"""Schemas and arguments: what is advertised is valid, stands alone, and loses nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

NULL = {"type": "null"}


Advertised = Callable[..., dict[str, Any]]


def test_a_plain_object_lies_open(advertised: Advertised) -> None:
    body = {
        "type": "object",
        "required": ["a"],
        "properties": {"a": {"type": "string"}, "b": {"type": "integer"}},
        "description": "D",
    }
    assert advertised(body) == {
        "type": "object",
        "properties": {"a": {"type": "string"}, "b": {"type": "integer"}},
        "required": ["a"],
        "additionalProperties": False,
    }


@pytest.mark.parametrize(
    "body",
    [
        {"type": "array", "items": {"type": "string"}},
        {"type": "string"},
        {"oneOf": [{"type": "string"}, {"type": "object"}]},
        {"type": "object", "additionalProperties": {"type": "string"}},
        {"type": "object", "properties": {"a": {}}, "additionalProperties": True},
        {"type": "object", "properties": {"a": {}}, "minProperties": 1},
        {"type": ["object", "null"], "properties": {"a": {}}},
        {"type": "object"},
        {"type": "object", "properties": {"a": {}}, "not": {"required": ["a"]}},
        {"type": "object", "properties": {"a": {}}, "required": ["b"]},
        {"type": "object", "properties": {"a": {}}, "patternProperties": {"^x": {}}},
    ],
)
def test_any_other_body_is_one_argument_and_keeps_its_keywords(
    advertised: Advertised, body: dict[str, Any]
) -> None:
    schema = advertised(body)
    assert schema["properties"] == {"body": body}
    assert schema["required"] == ["body"]


def test_an_optional_body_with_required_members_is_one_argument(
    advertised: Advertised,
) -> None:
    body = {"type": "object", "required": ["a"], "properties": {"a": {}}}
    schema = advertised(body, required=False)
    assert schema["properties"] == {"body": body}
    assert "required" not in schema


def test_members_of_all_of_lie_open_too(advertised: Advertised) -> None:
    base = {"type": "object", "required": ["a"], "properties": {"a": {}, "b": {}}}
    body = {
        "allOf": [
            {"$ref": "#/components/schemas/Base"},
            {"type": "object", "properties": {"c": {}}},
        ],
    }
    schema = advertised(body, Base=base)
    assert (set(schema["properties"]), schema["required"]) == ({"a", "b", "c"}, ["a"])


def test_members_declared_twice_stay_together(advertised: Advertised) -> None:
    branches = [{"properties": {"a": {"minLength": n}}} for n in (1, 2)]
    assert advertised({"allOf": branches})["properties"] == {
        "body": {"allOf": branches}
    }


def test_read_only_members_are_not_sent(advertised: Advertised) -> None:
    hidden = {"type": "string", "readOnly": True}
    node = {
        "type": "object",
        "required": ["id", "name", "at"],
        "properties": {
            "id": hidden,
            "name": {"type": "string"},
            "at": {"$ref": "#/components/schemas/Stamp"},
            "child": {"$ref": "#/components/schemas/Node"},
        },
    }
    extended = {
        "type": "array",
        "items": {
            "allOf": [{"$ref": "#/components/schemas/Node"}, {"required": ["id"]}]
        },
    }
    schema = advertised(
        {"type": "object", "properties": {"node": node, "more": extended}},
        Node=node,
        Stamp=hidden,
    )
    expected = {
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": {"type": "string"},
            "child": {"$ref": "#/$defs/Node"},
        },
    }
    assert schema["properties"]["node"] == expected
    assert schema["$defs"]["Node"] == expected
    assert schema["properties"]["more"]["items"]["allOf"][1] == {}


def test_write_only_members_are_sent(advertised: Advertised) -> None:
    secret = {"type": "string", "writeOnly": True}
    schema = advertised({"type": "object", "properties": {"secret": secret}})
    assert schema["properties"] == {"secret": {"type": "string"}}


@pytest.mark.parametrize(
    ("member", "kept"),
    [
        ({"type": "string", "xml": {"name": "x"}, "x-internal": 1}, {"type": "string"}),
        (
            {"type": "string", "x-mcp-header": "R"},
            {"type": "string", "x-mcp-header": "R"},
        ),
        ({"title": " ", "description": ""}, {}),
        ({"type": "date"}, {"type": "string"}),
        ({"type": "Integer"}, {"type": "integer"}),
        ({"type": "any"}, {}),
        ({"type": ["string", "file"]}, {"type": ["string"]}),
        ({"minLength": "3", "pattern": 5, "enum": [], "required": True}, {}),
        ({"minimum": float("1e308"), "multipleOf": 0}, {"minimum": 1e308}),
        ({"items": [{"type": "string"}]}, {"prefixItems": [{"type": "string"}]}),
        (
            {"properties": {"a": True, "b": False}},
            {"properties": {"a": {}, "b": {"not": {}}}},
        ),
        ({"$ref": "#/components/schemas/None"}, {}),
        ({"$ref": "https://example.com/schema"}, {}),
        ("string", {}),
        ({"$id": "x", "$schema": "http://json-schema.org/draft-04/schema#"}, {}),
        ({"required": ["a", "a", 5]}, {"required": ["a"]}),
        ({"oneOf": []}, {}),
        (
            {"const": None, "default": [], "deprecated": True},
            {"const": None, "default": [], "deprecated": True},
        ),
    ],
)
def test_each_keyword_is_kept_only_with_a_value_of_the_dialect(
    advertised: Advertised, member: Any, kept: dict[str, Any]
) -> None:
    schema = advertised({"type": "object", "properties": {"m": member}})
    assert schema["properties"]["m"] == kept


def test_a_discriminator_pins_its_property_in_each_branch(
    advertised: Advertised,
) -> None:
    kind = {"type": "object", "properties": {"kind": {"type": "string"}}}
    pet = {
        "oneOf": [{"$ref": f"#/components/schemas/{name}"} for name in ("Cat", "Dog")],
        "discriminator": {
            "propertyName": "kind",
            "mapping": {"cat": "#/components/schemas/Cat", "lion": "Cat"},
        },
    }
    schema = advertised(
        {"type": "object", "properties": {"pet": pet}}, Cat=kind, Dog=kind
    )
    assert schema["properties"]["pet"]["oneOf"] == [
        {
            "$ref": "#/$defs/Cat",
            "properties": {"kind": {"enum": ["cat", "lion"]}},
            "required": ["kind"],
        },
        {
            "$ref": "#/$defs/Dog",
            "properties": {"kind": {"const": "Dog"}},
            "required": ["kind"],
        },
    ]


def test_recursion_is_finite(advertised: Advertised) -> None:
    ring = {
        f"S{n}": {
            "type": "object",
            "properties": {"next": {"$ref": f"#/components/schemas/S{(n + 1) % 100}"}},
        }
        for n in range(100)
    }
    body = {"type": "array", "items": {"$ref": "#/components/schemas/S0"}}
    assert set(advertised(body, **ring)["$defs"]) == set(ring)


def test_only_what_is_reached_is_advertised(advertised: Advertised) -> None:
    body = {"type": "array", "items": {"$ref": "#/components/schemas/A"}}
    schema = advertised(body, A={"type": "string"}, B={"type": "integer"})
    assert schema["$defs"] == {"A": {"type": "string"}}


def test_deep_schemas_are_divided(advertised: Advertised) -> None:
    deep: dict[str, Any] = {"type": "string"}
    for _ in range(120):
        deep = {"type": "object", "properties": {"in": deep}}
    schema = advertised({"type": "array", "items": deep})
    assert len(schema["$defs"]) == 5


def test_nullable_references_of_3_0(advertised: Advertised) -> None:
    member = {"allOf": [{"$ref": "#/components/schemas/A"}], "nullable": True}
    schema = advertised(
        {"type": "object", "properties": {"m": member}},
        version="3.0.3",
        A={"type": "string"},
    )
    assert schema["properties"]["m"] == {"anyOf": [{"$ref": "#/$defs/A"}, NULL]}


def test_places_outside_of_components_have_readable_names(
    advertised: Advertised,
) -> None:
    path = "#/paths/~1x/post/requestBody/content/application~1json/schema/properties/a"
    schema = advertised(
        {"type": "object", "properties": {"a": {"type": "string"}, "b": {"$ref": path}}}
    )
    assert schema["properties"]["b"] == {"$ref": "#/$defs/x_post_requestBody_a"}


def test_component_names_become_safe(advertised: Advertised) -> None:
    references = [
        {"$ref": "#/components/schemas/a%20b~1c"},
        {"$ref": "#/components/schemas/a.b"},
    ]
    schema = advertised(
        {"type": "array", "items": {"anyOf": references}},
        **{"a b/c": {"type": "string"}, "a.b": {"type": "integer"}},
    )
    assert set(schema["$defs"]) == {"a_b_c", "a.b"}
