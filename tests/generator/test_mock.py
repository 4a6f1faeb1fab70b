"""`mock.jsonl`: what a document's examples and schemas become answers and calls of."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

Mcpgen = Callable[..., Result]
JSON = "application/json"
NODE = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "secret": {"type": "string", "writeOnly": True},
        "next": {"$ref": "#/components/schemas/Node"},
    },
}
ENDLESS = {
    "type": "object",
    "required": ["again"],
    "properties": {"again": {"$ref": "#/components/schemas/Endless"}},
}
UNION = {
    "oneOf": [
        {"type": "object", "required": ["a"], "properties": {"a": {"const": 1}}},
        {"type": "object", "required": ["b"], "properties": {"b": {"const": 2}}},
    ]
}


@pytest.fixture
def mocked(mcpgen: Mcpgen, tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """The line of the one operation that is made of these parts."""

    def made(**operation: Any) -> dict[str, Any]:
        document = {
            "openapi": "3.1.0",
            "info": {"title": "Zoo", "version": "1"},
            "servers": [{"url": "https://zoo.example"}],
            "paths": {"/pets": {"post": {"operationId": "act", **operation}}},
            "components": {"schemas": {"Node": NODE, "Endless": ENDLESS}},
        }
        (tmp_path / "spec.json").write_text(json.dumps(document))
        result = mcpgen("spec.json", "-o", "out", cwd=tmp_path)
        assert result.exit_code == 0, result.output
        text = (tmp_path / "out" / "zoo_mcp" / "mock.jsonl").read_text()
        line: dict[str, Any] = json.loads(text)
        return line

    return made


def answer(status: str = "200", media: str = JSON, **body: Any) -> dict[str, Any]:
    return {"responses": {status: {"description": "", "content": {media: body}}}}


@pytest.mark.parametrize(
    ("operation", "status", "media", "body"),
    [
        ({}, 200, None, None),
        ({"responses": {"404": {"description": "None"}}}, 200, None, None),
        ({"responses": {"204": {"description": "Done"}}}, 204, None, None),
        (answer("201", example={"a": 1}), 201, JSON, {"a": 1}),
        (answer("2XX", example=[]), 200, JSON, []),
        (answer("default", example=1), 200, JSON, 1),
        (answer(examples={"one": {"value": 1}, "two": {"value": 2}}), 200, JSON, 1),
        (answer(schema={"examples": ["x"]}), 200, JSON, "x"),
        (answer(schema={"type": ["null", "boolean"]}), 200, JSON, True),
        (answer(schema={"type": "array", "items": {"enum": [7]}}), 200, JSON, [7]),
        (answer(media="text/plain", example="hi"), 200, "text/plain", "hi"),
        (answer(media="*/*", schema={"const": 1}), 200, JSON, 1),
        (answer("204", schema={"const": 1}), 204, None, None),
        (answer(), 200, JSON, {}),
        (
            answer(media="text/event-stream", example=[1]),
            200,
            "text/event-stream",
            "data: 1\n\n",
        ),
        (
            answer(schema={"allOf": [UNION, {"properties": {"c": {"const": 3}}}]}),
            200,
            JSON,
            {"a": 1, "c": 3},
        ),
        (answer(example="x" * 20_000, schema={"const": 1}), 200, JSON, 1),
    ],
)
def test_an_answer(
    mocked: Callable[..., dict[str, Any]],
    operation: dict[str, Any],
    status: int,
    media: str | None,
    body: Any,
) -> None:
    line = mocked(**operation)
    assert (line["status"], line["type"], line["body"]) == (status, media, body)


def test_an_answer_has_what_is_read_only_and_an_end(
    mocked: Callable[..., dict[str, Any]],
) -> None:
    node = mocked(**answer(schema={"$ref": "#/components/schemas/Node"}))["body"]
    assert "secret" not in node
    depth = 0
    while node is not None:
        assert node["id"] == 1
        node = node.get("next")
        depth += 1
    assert 2 < depth < 20


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "integer", "minimum": 5}, 5),
        ({"type": "integer", "exclusiveMinimum": 5, "multipleOf": 4}, 8),
        ({"type": "number", "exclusiveMaximum": 1, "minimum": 0}, 0),
        ({"type": "integer", "maximum": -3}, -3),
        ({"type": "string", "minLength": 10}, "stringaaaa"),
        ({"type": "string", "maxLength": 3}, "str"),
        ({"type": "string", "pattern": "^ab$"}, "ab"),
        ({"type": "string", "format": "date"}, "2025-01-31"),
        ({"type": "integer", "example": "wrong"}, 1),
        ({"type": "array", "minItems": 2, "uniqueItems": True, "items": {}}, None),
        ({"type": "object", "minProperties": 1}, {"member1": "string"}),
        ({"anyOf": [{"type": "null"}, {"const": 3}]}, 3),
        ({"type": "string", "pattern": "^(?<x"}, "none"),
        ({"$ref": "#/components/schemas/Endless"}, "none"),
        ({"not": {}}, "none"),
    ],
)
def test_a_call(
    mocked: Callable[..., dict[str, Any]], schema: dict[str, Any], value: Any
) -> None:
    body = {"type": "object", "required": ["v"], "properties": {"v": schema}}
    content = {JSON: {"schema": body}}
    arguments = mocked(requestBody={"required": True, "content": content})["arguments"]
    if value == "none":
        assert arguments is None
    elif value is None:
        assert len({*arguments["v"]}) == 2
    else:
        assert arguments == {"v": value}
