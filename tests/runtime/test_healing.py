"""A catalogue of slips: schema, what a model sent, what it meant, or that nobody knows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from mcpgen_runtime import Field, Query, Tool
from mcpgen_runtime.client import connect
from mcpgen_runtime.healing import heal
from mcpgen_runtime.schemas import Validator

from .shop import shop_server

INTEGER = {"type": "integer"}
NUMBER = {"type": "number"}
BOOLEAN = {"type": "boolean"}
STRING = {"type": "string"}
NULLABLE = {"type": ["integer", "null"]}
INTEGERS = {"type": "array", "items": INTEGER}
STRINGS = {"type": "array", "items": STRING}
POINT = {
    "type": "object",
    "properties": {"x": INTEGER, "y": INTEGER, "tags": STRINGS},
    "required": ["x"],
    "additionalProperties": False,
}
POINTS = {"type": "array", "items": POINT}
CIRCLE = {
    "type": "object",
    "properties": {"kind": {"const": "circle"}, "radius": NUMBER, "at": POINT},
    "required": ["kind", "radius"],
}
SQUARE = {
    "type": "object",
    "properties": {"kind": {"const": "square"}, "side": NUMBER},
    "required": ["kind", "side"],
}
SHAPE = {"oneOf": [CIRCLE, SQUARE]}


def healed(schema: dict[str, Any], given: Any, *, required: bool = False) -> Any:
    arguments = {
        "type": "object",
        "properties": {"a": schema, "b": INTEGER},
        "required": ["a"] if required else [],
        "additionalProperties": False,
    }
    return heal({"a": given}, Validator(arguments).problems)


@pytest.mark.parametrize(
    ("schema", "given", "meant"),
    [
        (POINT, '{"x": 1}', {"x": 1}),
        (POINT, ' {"x": 1, "y": "2"}\n', {"x": 1, "y": 2}),
        (POINT, {"x": "1", "y": "2", "tags": "t"}, {"x": 1, "y": 2, "tags": ["t"]}),
        (POINT, {"x": 1, "y": None}, {"x": 1}),
        (POINTS, '[{"x": 1}]', [{"x": 1}]),
        (POINTS, {"x": 1}, [{"x": 1}]),
        (POINTS, '{"x": "1"}', [{"x": 1}]),
        (POINTS, [{"x": 1}, '{"x": 2}'], [{"x": 1}, {"x": 2}]),
        (STRINGS, '["a", "b"]', ["a", "b"]),
        (STRINGS, "a", ["a"]),
        (STRINGS, "a, b", ["a, b"]),
        (STRINGS, "5", ["5"]),
        (INTEGERS, 5, [5]),
        (INTEGERS, "5", [5]),
        (INTEGERS, ["1", 2, "3"], [1, 2, 3]),
        (INTEGER, "5", 5),
        (INTEGER, " -5 ", -5),
        (INTEGER, f"1{'0' * 40}", 10**40),
        (NUMBER, "1.5", 1.5),
        (NUMBER, "1e3", 1000.0),
        (BOOLEAN, "true", True),
        (BOOLEAN, "False", False),
        (NULLABLE, "null", None),
        (NULLABLE, "7", 7),
        ({"anyOf": [INTEGER, {"type": "null"}]}, "7", 7),
        ({"anyOf": [INTEGERS, {"type": "null"}]}, "7", [7]),
        (STRING, 5, "5"),
        ({"type": "string", "pattern": "^[0-9]+$"}, 10**20, f"1{'0' * 20}"),
        ({"enum": ["1", "2"]}, 2, "2"),
        (STRINGS, [1, "b"], ["1", "b"]),
        (STRINGS, "[1, 2]", ["1", "2"]),
        ({"type": ["string", "null"]}, 5, "5"),
        ({"enum": [1, 2]}, "2", 2),
        ({"const": True}, "true", True),
        (SHAPE, '{"kind": "circle", "radius": 1}', {"kind": "circle", "radius": 1}),
        (
            SHAPE,
            {"kind": "circle", "radius": "1", "at": '{"x": "1"}'},
            {"kind": "circle", "radius": 1, "at": {"x": 1}},
        ),
        ({"type": "integer", "minimum": 5}, "7", 7),
        ({"type": "object"}, '{"a": [1, null]}', {"a": [1, None]}),
    ],
)
def test_one_reading(schema: dict[str, Any], given: Any, meant: Any) -> None:
    assert json.dumps(healed(schema, given)) == json.dumps({"a": meant})


def test_null_is_absent_where_that_is_allowed() -> None:
    assert healed(INTEGER, None) == {}
    assert healed(NULLABLE, None) == {"a": None}
    assert healed(INTEGER, None, required=True) == {"a": None}


@pytest.mark.parametrize(
    ("schema", "given"),
    [
        # Several readings.
        ({"anyOf": [INTEGER, STRINGS]}, "5"),
        ({"type": "array", "items": {}}, "5"),
        ({"type": "array", "items": {"type": ["integer", "string"]}}, "5"),
        # None at all.
        (INTEGER, "five"),
        (INTEGER, "5 apples"),
        (INTEGER, "1.5"),
        (INTEGER, "0x5"),
        (INTEGER, ""),
        (BOOLEAN, "yes"),
        (BOOLEAN, 1),
        (STRING, 5.0),
        (STRING, 1.1),
        (STRING, True),
        (STRING, 10**100),
        ({"type": "string", "pattern": "^[a-z]+$"}, 5),
        ({"type": "string", "minLength": 2}, 5),
        ({"anyOf": [STRING, STRINGS]}, 5),
        (STRING, ["a"]),
        (NUMBER, "NaN"),
        (STRINGS, [None]),
        (POINT, "[1]"),
        (POINTS, "7"),
        ({"enum": ["a"]}, '{"x": 1}'),
        (POINT, '{"x": 1'),
        (POINT, "[" * 100_000),
        (POINT, {"x": None}),
        ({"type": "integer", "maximum": 4}, "5"),
        # Nothing to put right.
        (STRING, "5"),
        (STRING, '{"x": 1}'),
        ({}, "true"),
        ({"type": ["string", "integer"]}, "5"),
    ],
)
def test_anything_else_stays(schema: dict[str, Any], given: Any) -> None:
    assert healed(schema, given) == {"a": given}


@pytest.mark.parametrize(
    ("schema", "given", "message"),
    [
        (POINT, '{"y": 1}', "a.x: is missing"),
        (POINT, '{"x": 1, "z": 2}', "a.z: is not a known name"),
        (STRINGS, "[true, false]", "a[0]: must be a string"),
        (POINTS, '[{"x": "one"}]', "a[0].x: must be an integer"),
    ],
)
def test_json_in_a_string_that_is_wrong_inside_is_told(
    schema: dict[str, Any], given: str, message: str
) -> None:
    validator = Validator({"type": "object", "properties": {"a": schema}})
    arguments = heal({"a": given}, validator.problems)
    assert arguments == {"a": json.loads(given)}
    assert validator.errors(arguments)[0].startswith(message)


def test_what_can_be_put_right_is_beside_what_can_not() -> None:
    schema = {"type": "object", "properties": {"a": INTEGER, "b": INTEGER}}
    given = {"a": "1", "b": "two"}
    assert heal(given, Validator(schema).problems) == {"a": 1, "b": "two"}
    assert given == {"a": "1", "b": "two"}


def test_the_search_is_bounded() -> None:
    tree = {"type": "array", "items": {"anyOf": [{"$ref": "#/$defs/t"}, BOOLEAN]}}
    schema = {"type": "object", "properties": {"a": tree}, "$defs": {"t": tree}}
    validations = 0

    def problems(arguments: Mapping[str, Any]) -> list[Any]:
        nonlocal validations
        validations += 1
        return validator.problems(arguments)

    validator = Validator(schema)
    for given in ([["x", "1"] * 20] * 20, ["x", "1"] * 15, [[[["x", "1"]]]]):
        validations = 0
        heal({"a": given}, problems)
        assert 1 < validations < 1000


async def test_what_a_tool_is_called_with_is_healed_before_it_is_checked() -> None:
    requests: list[httpx.Request] = []

    def api(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(204)

    arguments = (
        Query("ids", INTEGERS),
        Query("after", STRING),
        Field("point", POINT, required=True),
    )
    tool = Tool(
        name="plot",
        method="POST",
        path="/plot",
        arguments=arguments,
        body="application/json",
    )
    server = shop_server(tool, transport=httpx.MockTransport(api))
    given = {"ids": "7", "after": None, "point": '{"x": 1}'}
    async with connect(server) as client:
        assert not (await client.call_tool("plot", given))["isError"]
        refused = await client.call_tool("plot", given | {"ids": "seven"})
    assert refused["isError"]
    assert refused["content"][0]["text"].startswith("ids: must be an array")
    (request,) = requests
    assert request.url.raw_path == b"/plot?ids=7"
    assert request.content == b'{"point":{"x":1}}'
