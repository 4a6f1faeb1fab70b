"""Integers with a fraction of zero: schema, what was given, and what is sent."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from mcpgen_runtime import Field, Path, Query, Tool
from mcpgen_runtime.client import connect
from mcpgen_runtime.integers import with_integers

from .shop import shop_server

INTEGER = {"type": "integer"}
PET = {"type": "object", "properties": {"id": INTEGER, "price": {"type": "number"}}}
LOOSE = {"properties": {"id": {"type": "number"}}}
TREE = {"$ref": "#/$defs/Tree"}


@pytest.mark.parametrize(
    ("schema", "given", "sent"),
    [
        (INTEGER, 12.0, 12),
        (INTEGER, 1e21, 10**21),
        (INTEGER, -0.0, 0),
        (INTEGER, 12, 12),
        ({"type": ["integer", "null"]}, 12.0, 12),
        ({"type": "number"}, 12.0, 12.0),
        ({"type": ["integer", "number"]}, 12.0, 12.0),
        ({"anyOf": [INTEGER, {"type": "string"}]}, 12.0, 12),
        ({"anyOf": [INTEGER, {"type": "number"}]}, 12.0, 12.0),
        ({}, 12.0, 12.0),
        (True, 12.0, 12.0),
        ({"$ref": "#/$defs/N"}, 12.0, 12),
        ({"type": "array", "items": INTEGER}, [1.0, 2], [1, 2]),
        (PET, {"id": 1.0, "price": 1.0, "x": 1.0}, {"id": 1, "price": 1.0, "x": 1.0}),
        ({"allOf": [PET, {}]}, {"id": 1.0}, {"id": 1}),
        ({"oneOf": [PET, LOOSE]}, {"id": 1.0}, {"id": 1.0}),
        ({"additionalProperties": INTEGER}, {"a": 1.0}, {"a": 1}),
        (TREE, {"n": 1.0, "of": [{"n": 2.0}]}, {"n": 1, "of": [{"n": 2}]}),
        ({"$ref": "#/$defs/Loop"}, {"a": 1.0}, {"a": 1.0}),
    ],
)
def test_integers(schema: Any, given: Any, sent: Any) -> None:
    definitions = {
        "N": INTEGER,
        "Tree": {
            "properties": {
                "n": INTEGER,
                "of": {"type": "array", "items": TREE},
            }
        },
        "Loop": {"anyOf": [{"$ref": "#/$defs/Loop"}]},
    }
    assert json.dumps(with_integers(given, schema, definitions)) == json.dumps(sent)


async def test_an_integer_on_the_wire() -> None:
    requests: list[httpx.Request] = []

    def api(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(204)

    move = Tool(
        name="move",
        method="POST",
        path="/move/{id}",
        arguments=(
            Path("id", INTEGER),
            Query("to", INTEGER),
            Query("at", {"type": "number"}),
            Field("pet", PET),
        ),
        body="application/json",
    )
    arguments = {"id": 12.0, "to": 1e21, "at": 2.0, "pet": {"id": 3.0, "price": 4.0}}
    server = shop_server(move, transport=httpx.MockTransport(api))
    async with connect(server) as client:
        await client.call_tool("move", arguments)
    assert requests[0].url.raw_path == b"/move/12?to=1000000000000000000000&at=2.0"
    assert requests[0].content == b'{"pet":{"id":3,"price":4.0}}'
