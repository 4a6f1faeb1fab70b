"""The judge of listings finds each fault, and none in a good listing."""

from __future__ import annotations

from typing import Any

import pytest
from listing_rules import resource_faults, schema_faults, tool_faults

GOOD: dict[str, Any] = {
    "type": "object",
    "properties": {
        "pet": {"$ref": "#/$defs/a~1b"},
        "kind": {"enum": [{"$ref": "data"}]},
        "odd": {"type": "object", "properties": {"$ref": {"type": "string"}}},
    },
    "$defs": {"a/b": {"type": "object", "properties": {"self": {"$ref": "#"}}}},
}


def tool(**members: Any) -> dict[str, Any]:
    return {"name": "add_pet", "description": "Adds", "inputSchema": GOOD} | members


def test_a_good_listing() -> None:
    assert list(tool_faults([tool(), tool(name="get_pet")])) == []
    entry = {"uri": "api://pets/all", "name": "all", "description": "All pets"}
    assert list(resource_faults([entry], "uri")) == []


@pytest.mark.parametrize(
    ("schema", "fault"),
    [
        (None, "isn't an object schema"),
        ({"type": "array"}, "isn't an object schema"),
        (GOOD | {"anyOf": [{}]}, "anyOf at the root"),
        ({"type": "object", "properties": {"a[b]": {}}}, "the property name 'a[b]'"),
        (GOOD | {"$defs": {}}, "'#/$defs/a~1b' leads nowhere"),
        (
            {"type": "object", "properties": {"a": {"$ref": "other.json"}}},
            "'other.json' leads nowhere",
        ),
        (
            {"type": "object", "properties": {"a": {"type": "text"}}},
            "not a JSON Schema",
        ),
        (
            {"type": "object", "properties": {"a": {"pattern": "("}}},
            "not a JSON Schema",
        ),
    ],
)
def test_schema_faults(schema: Any, fault: str) -> None:
    assert any(fault in found for found in schema_faults(schema))


@pytest.mark.parametrize(
    ("tools", "fault"),
    [
        ([tool(name="add pet")], "'add pet': the name"),
        ([tool(name="x" * 65)], "the name"),
        ([tool(description=" ")], "no description"),
        ([tool(), tool()], "listed 2 times"),
    ],
)
def test_tool_faults(tools: list[Any], fault: str) -> None:
    assert any(fault in found for found in tool_faults(tools))


@pytest.mark.parametrize(
    ("template", "good"),
    [
        ("api://pets/{id}", True),
        ("api://pets/{+path}{?limit,offset}", True),
        ("api://pets/{id", False),
        ("pets/{id}", False),
        ("api://pets/{a b}", False),
    ],
)
def test_templates(template: str, good: bool) -> None:
    entry = {"uriTemplate": template, "name": "pet", "description": "A pet"}
    assert (not list(resource_faults([entry], "uriTemplate"))) is good
