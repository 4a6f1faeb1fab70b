"""Schemas and icons that extension code brings along, when the server is made of them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from mcpgen_runtime import Server, Settings
from mcpgen_runtime.errors import CompositionError

from .schemas import VERSIONS, problems


def served(**options: Any) -> Server:
    server = Server(name="x", version="1", settings=Settings(prefix="X"))

    def tool(**arguments: Any) -> str:
        """A tool."""
        return "done"

    schema = {"input_schema": {"type": "object"}}
    server.tool(**schema | options)(tool)
    return server


@pytest.mark.parametrize(
    ("schema", "sentence"),
    [
        (
            {"$schema": "http://json-schema.org/draft-07/schema#"},
            "dialect 'http://json-schema.org/draft-07/schema#'",
        ),
        ({"$schema": "https://example.com/own"}, "dialect 'https://example.com/own'"),
        ({"properties": {"a": {"type": "strong"}}}, "not a usable schema"),
        ({"properties": {"a": {"$ref": "#/$defs/missing"}}}, "not a usable schema"),
        (
            {"properties": {"a": {"$ref": "http://127.0.0.1:9/a.json"}}},
            "http://127.0.0.1:9/a.json",
        ),
        ({"$ref": "file:///etc/passwd"}, "file:///etc/passwd"),
    ],
)
@pytest.mark.requirement("schema-2", "schema-3", "schema-4", "schema-5")
def test_a_schema_that_cannot_be_served(schema: Any, sentence: str) -> None:
    with pytest.raises(CompositionError) as raised:
        served(input_schema={"type": "object", **schema})
    assert "its input_schema is" in str(raised.value)
    assert sentence in str(raised.value)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.requirement("legacy-11", "schema-2", "tools-4")
def test_a_property_that_is_no_object(version: str) -> None:
    schema = {"type": "object", "properties": {"any": True, "none": False}}
    (entry,) = map(json.loads, served(input_schema=schema).entries("tool"))
    assert entry["inputSchema"]["properties"] == {"any": {}, "none": {"not": {}}}
    result = {"jsonrpc": "2.0", "id": 1, "result": {"tools": [entry]}}
    if version in VERSIONS[1:-1]:
        assert problems(version, result, "tools/list") == []


@pytest.mark.parametrize("src", ["http://a.test/i.png", "javascript:1", "i.png", 7])
@pytest.mark.requirement("icons-1")
def test_an_icon_from_elsewhere(src: Any) -> None:
    with pytest.raises(CompositionError, match="https: or data: URL"):
        served(icons=[{"src": src}])


@pytest.mark.parametrize("src", ["https://a.test/i.png", "data:image/png;base64,AA=="])
@pytest.mark.requirement("icons-1")
def test_an_icon(src: str) -> None:
    (entry,) = map(json.loads, served(icons=[{"src": src}]).entries("tool"))
    assert entry["icons"] == [{"src": src}]


@pytest.mark.requirement("schema-1")
def test_a_message_that_does_not_fit_is_noticed() -> None:
    broken: list[tuple[Any, str | None]] = [
        ({"jsonrpc": "2.0", "id": 1, "result": {"tools": [{}]}}, "tools/list"),
        ({"jsonrpc": "2.0", "id": None, "error": {"code": 1, "message": ""}}, None),
        ({"jsonrpc": "2.0", "id": 1, "error": {"code": 1.5, "message": ""}}, None),
        ({"jsonrpc": "2.0", "method": "notifications/progress", "params": {}}, None),
        ({"jsonrpc": "2.0", "id": 1, "result": {}, "error": {}}, None),
        ({"jsonrpc": "2.0", "id": 1, "result": []}, None),
    ]
    for version in VERSIONS[1:]:
        for message, method in broken:
            assert problems(version, message, method), (version, message)
