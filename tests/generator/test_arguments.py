"""Arguments: what a document says of them beside their schemas, and in what words."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result


@pytest.fixture
def served(mcpgen: Callable[..., Result], tmp_path: Path) -> Callable[..., Any]:
    """The one tool of a document as it is listed, and what mcpgen said."""

    def run(operation: dict[str, Any], **members: Any) -> tuple[dict[str, Any], str]:
        document = {
            "openapi": "3.0.3",
            "info": {"title": "T\x1b[31m", "version": "1"},
            "servers": [{"url": "https://t.example"}],
            "paths": {"/x": {"post": operation}},
        }
        (tmp_path / "spec.json").write_text(json.dumps(document | members))
        result = mcpgen("spec.json", "-o", "out", "-v", cwd=tmp_path)
        assert result.exit_code == 0, result.output
        (catalog,) = (tmp_path / "out").glob("*/catalog.jsonl")
        return json.loads(catalog.read_text())["entry"], result.output

    return run


Served = Callable[..., tuple[dict[str, Any], str]]


def test_examples_beside_a_schema_are_told(served: Served) -> None:
    string = {"type": "string"}
    given = [
        {"name": "a", "in": "query", "schema": string, "example": "A"},
        {
            "name": "b",
            "in": "query",
            "schema": {"type": "integer"},
            "examples": {"one": {"value": 1}, "no": {"value": "x"}},
        },
        {
            "name": "c",
            "in": "query",
            "schema": string | {"example": "own"},
            "example": "C",
        },
        {"name": "d", "in": "query", "schema": string, "example": "long" * 100},
    ]
    media = {"schema": {"properties": {"e": string}}, "example": {"e": "E"}}
    entry, _ = served(
        {
            "parameters": given,
            "requestBody": {"content": {"application/json": media}},
        }
    )
    assert {
        name: schema.get("examples")
        for name, schema in entry["inputSchema"]["properties"].items()
    } == {"a": ["A"], "b": [1], "c": ["own"], "d": None, "e": ["E"]}


def test_a_title_that_repeats_the_name_is_not_told(served: Served) -> None:
    def titled(title: str) -> dict[str, Any]:
        return {"type": "string", "title": title}

    media = {"schema": {"properties": {"owner_id": titled("Owner Id")}}}
    entry, _ = served(
        {
            "parameters": [
                {"name": "item_id", "in": "query", "schema": titled("Item Id")},
                {"name": "b", "in": "query", "schema": titled("More")},
            ],
            "requestBody": {"content": {"application/json": media}},
        }
    )
    assert entry["inputSchema"]["properties"] == {
        "item_id": {"type": "string"},
        "b": titled("More"),
        "owner_id": {"type": "string"},
    }


def test_no_words_of_the_document_command_a_terminal(served: Served) -> None:
    evil = "A \x1b[31mred\x1b[0m\x07 word\x9b2J"
    schema = {"type": "string", "title": evil, "description": evil}
    entry, _ = served(
        {
            "summary": evil,
            "description": evil,
            "parameters": [{"name": "a", "in": "query", "schema": schema}],
        }
    )
    assert "\\u" not in json.dumps(entry)
    assert entry["description"] == "A red word"
    assert entry["inputSchema"]["properties"]["a"]["title"] == "A red word"


def test_what_a_text_is_written_in_is_told(served: Served) -> None:
    media: dict[str, Any] = {"application/yaml": {"schema": {"properties": {"a": {}}}}}
    entry, _ = served({"requestBody": {"content": media, "description": "A pipe."}})
    assert entry["inputSchema"]["properties"]["body"] == {
        "type": "string",
        "description": "A pipe. Text: application/yaml.",
    }


def test_the_choice_of_a_body_is_told(served: Served) -> None:
    url = {"schema": {"properties": {"url": {"type": "string"}}}}
    file = {"schema": {"properties": {"f": {"type": "string", "format": "binary"}}}}
    content = {"application/json": url, "multipart/form-data": file}
    _, output = served({"requestBody": {"content": content}})
    assert "note[body]" in output
    assert "sent as application/json; it could be multipart/form-data" in output
    _, output = served(
        {"requestBody": {"content": content}, "x-mcp": {"body": "multipart/form-data"}}
    )
    assert "note[body]" not in output
    same = dict.fromkeys(("application/json", "application/x-www-form-urlencoded"), url)
    assert "note[body]" not in served({"requestBody": {"content": same}})[1]


def test_explain_shows_the_forms_of_a_body(
    served: Served, mcpgen: Callable[..., Result], tmp_path: Path
) -> None:
    content: dict[str, Any] = {"application/json": {"schema": {}}, "text/csv": {}}
    served({"requestBody": {"content": content}})
    output = mcpgen("explain", "POST /x", "spec.json", cwd=tmp_path).output
    assert "application/json; or text/csv, by the setting `body`" in output


def test_the_first_absolute_server_is_where_the_api_is(served: Served) -> None:
    region = {"url": "https://{r}.example", "variables": {"r": {"default": "eu"}}}
    _, output = served({}, servers=[{"url": "/v9"}, region])
    assert "no-base-url" not in output
