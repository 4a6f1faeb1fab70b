"""Output schemas: what an answer looks like, and nothing that an answer could break."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from jsonschema import Draft202012Validator

Run = Callable[..., Result]
STRING = {"type": "string"}
ASSERTIONS = {"type", "required", "enum", "const", "format", "pattern", "anyOf", "$ref"}


def words(text: str) -> dict[str, str]:
    return {"description": text}


@pytest.fixture
def told(mcpgen: Run, tmp_path: Path) -> Callable[..., Any]:
    """The output schema of a tool with these responses, through the front door."""

    def run(responses: Any, *options: str, **components: Any) -> Any:
        document = {
            "openapi": "3.1.0",
            "info": {"title": "T", "version": "1"},
            "servers": [{"url": "https://t.example"}],
            "paths": {"/x": {"post": {"responses": responses}}},
            "components": {"schemas": components},
        }
        (tmp_path / "spec.json").write_text(json.dumps(document))
        result = mcpgen("spec.json", "-o", "out", *options, cwd=tmp_path)
        assert result.exit_code == 0, result.output
        (catalog,) = (tmp_path / "out").glob("*/catalog.jsonl")
        return json.loads(catalog.read_text())["entry"].get("outputSchema")

    return run


def ok(schema: Any, kind: str = "application/json") -> Any:
    return {"description": "", "content": {kind: {"schema": schema}}}


def members(**properties: Any) -> Any:
    return {"type": "object", "properties": properties}


ITEM = {"$ref": "#/components/schemas/Item"}


@pytest.mark.parametrize(
    ("schema", "properties"),
    [
        (members(id={"type": "integer"}, name={}), {"id": words("integer"), "name": words("any")}),
        (members(at={"type": ["string", "null"], "format": "date-time"}), {"at": words("string (date-time)")}),
        (members(state={"type": "string", "enum": ["open", "closed"]}), {"state": words("string: open, closed")}),
        (members(tags={"type": "array", "items": STRING}), {"tags": {"items": words("string")}}),
        (members(list={"type": "array"}), {"list": words("array")}),
        (members(free={"type": "object"}), {"free": words("object")}),
        (members(owner=members(login=STRING)), {"owner": {"properties": {"login": words("string")}}}),
        (members(secret={"type": "string", "writeOnly": True}, id=STRING), {"id": words("string")}),
        ({"allOf": [members(a=STRING), members(b=STRING)]}, {"a": words("string"), "b": words("string")}),
        ({"oneOf": [members(a=STRING), members(b=STRING)]}, {"a": words("string"), "b": words("string")}),
        (members(one={"anyOf": [members(a=STRING), {"type": "null"}]}), {"one": {"properties": {"a": words("string")}}}),
    ],
)  # fmt: skip
def test_members(told: Callable[..., Any], schema: Any, properties: Any) -> None:
    assert told({"200": ok(schema)}) == {"type": "object", "properties": properties}


@pytest.mark.parametrize(
    "responses",
    [
        {"200": ok({"type": "array", "items": members(a=STRING)})},
        {"200": ok(STRING)},
        {"200": ok({})},
        {"200": ok({"oneOf": [members(a=STRING), STRING]})},
        {"200": ok(members(a=STRING), "text/plain")},
        {"200": ok(members(a=STRING), "*/*")},
        {"200": ok(members(a=STRING)), "201": ok(STRING, "application/pdf")},
        {"204": {"description": "done"}},
        {"404": ok(members(a=STRING))},
        {},
    ],
)
def test_only_what_is_always_an_object_is_told(
    told: Callable[..., Any], responses: Any
) -> None:
    assert told(responses) is None


def test_several_answers_and_a_default(told: Callable[..., Any]) -> None:
    responses = {"200": ok(members(a=STRING)), "2XX": ok(members(b=STRING))}
    assert told(responses)["properties"].keys() == {"a", "b"}
    assert told({"default": ok(members(a=STRING))})["properties"].keys() == {"a"}


def test_recursion_ends(told: Callable[..., Any]) -> None:
    item = members(id=STRING, parent=ITEM, children={"type": "array", "items": ITEM})
    schema = told({"200": ok(ITEM)}, Item=item)
    Draft202012Validator.check_schema(schema)
    assert schema["properties"]["id"] == words("string")


@pytest.mark.parametrize("count", [3, 30, 300])
def test_it_is_small_and_asserts_nothing(told: Callable[..., Any], count: int) -> None:
    def nested(depth: int) -> Any:
        inner = {"type": "integer", "minimum": 5} if not depth else nested(depth - 1)
        return members(**{f"member_{n}": inner for n in range(count)})

    schema = told({"200": ok(nested(1))})
    assert len(json.dumps(schema)) <= 1_000
    assert schema["properties"]
    assert not keywords(schema["properties"].values()) & ASSERTIONS


def keywords(schemas: Any) -> set[str]:
    found: set[str] = set()
    for schema in schemas:
        found |= schema.keys() | keywords(schema.get("properties", {}).values())
    return found


def test_it_can_be_left_out(told: Callable[..., Any]) -> None:
    assert told({"200": ok(members(a=STRING))}, "--no-output-schemas") is None
