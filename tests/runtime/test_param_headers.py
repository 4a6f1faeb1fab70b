"""Arguments repeated as headers: which annotations are right, which calls are refused."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from mcpgen_runtime import Field, Tool, stateless
from mcpgen_runtime.errors import CompositionError
from mcpgen_runtime.param_headers import headers, problem
from mcpgen_runtime.transports.http import App

from .driven import Driven
from .shop import shop_server
from .test_dispatch import request

MODERN = "2026-07-28"


def annotated(name: Any, type_: Any = "string") -> dict[str, Any]:
    return {"type": type_, "x-mcp-header": name}


order = Tool(
    name="order",
    method="POST",
    path="/items",
    body="application/json",
    arguments=(
        Field("region", annotated("Region")),
        Field("count", annotated("Count", "integer")),
        Field("gift", annotated("Gift", "boolean")),
        Field("to", {"type": "object", "properties": {"city": annotated("City")}}),
    ),
)


async def code(arguments: Any, **headers: str) -> int | None:
    """The code of the error that answers a call; None for a result."""
    meta = stateless.request_meta(MODERN)
    params = {"name": "order", "arguments": arguments, "_meta": meta}
    call = Driven(
        App(shop_server(order)),
        request("tools/call", params),
        mcp_protocol_version=MODERN,
        mcp_method="tools/call",
        mcp_name="order",
        **{f"mcp_param_{name}": value for name, value in headers.items()},
    )
    status, _ = await call.start()
    body = await call.body()
    if "result" in body:
        assert status == 200
        return None
    assert (status, body["id"]) == (400, 1)
    found: int = body["error"]["code"]
    return found


def encoded(text: str) -> str:
    return f"=?base64?{base64.b64encode(text.encode()).decode()}?="


@pytest.mark.parametrize(
    ("arguments", "headers"),
    [
        ({}, {}),
        (None, {}),
        ({"region": None}, {}),
        ({"region": "eu"}, {"region": "eu"}),
        ({"region": "eu"}, {"region": "  eu\t"}),
        ({"region": "eu"}, {"region": encoded("eu")}),
        ({"region": "Zürich"}, {"region": encoded("Zürich")}),
        ({"region": "=?base64?"}, {"region": "=?base64?"}),
        ({"count": 42}, {"count": "42"}),
        ({"count": 42}, {"count": "42.0"}),
        ({"count": -1}, {"count": "-1"}),
        ({"gift": True}, {"gift": "true"}),
        ({"gift": False}, {"gift": "false"}),
        ({"to": {"city": "Ulm"}}, {"city": "Ulm"}),
        ({"to": {}}, {}),
    ],
)
async def test_headers_that_repeat(arguments: Any, headers: dict[str, str]) -> None:
    assert await code(arguments, **headers) is None


@pytest.mark.parametrize(
    ("arguments", "headers"),
    [
        ({"region": "eu"}, {}),
        ({"region": "eu"}, {"region": "us"}),
        ({"region": "eu"}, {"region": "EU"}),
        ({"region": "eu"}, {"region": ""}),
        ({"region": "eu"}, {"region": encoded("us")}),
        ({"region": "eu"}, {"region": "=?base64?ZXU?="}),
        ({"region": "eu"}, {"region": "=?base64?!!!!?="}),
        ({"region": "eu"}, {"region": "=?BASE64?ZXU=?="}),
        ({}, {"region": "eu"}),
        ({"count": 42}, {"count": "43"}),
        ({"count": 42}, {"count": "4_2"}),
        ({"count": 42}, {"count": "nan"}),
        ({"gift": True}, {"gift": "True"}),
        ({"gift": True}, {"gift": "1"}),
        ({"to": {"city": "Ulm"}}, {}),
        (["region"], {"region": "eu"}),
    ],
)
async def test_headers_that_differ(arguments: Any, headers: dict[str, str]) -> None:
    assert await code(arguments, **headers) == -32020


async def test_older_versions_repeat_nothing() -> None:
    params = {"name": "order", "arguments": {"region": "eu"}}
    call = Driven(App(shop_server(order)), request("tools/call", params))
    assert (await call.start())[0] == 200
    assert "result" in await call.body()


def properties(**schemas: Any) -> dict[str, Any]:
    return {"type": "object", "properties": schemas}


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        (properties(a=annotated("")), "name of a header"),
        (properties(a=annotated("Re gion")), "name of a header"),
        (properties(a=annotated("Region\n")), "name of a header"),
        (properties(a=annotated("Région")), "name of a header"),
        (properties(a=annotated(7)), "name of a header"),
        (properties(a=annotated("X"), b=annotated("x")), "another property"),
        (properties(a=annotated("X", "number")), "type string, integer or boolean"),
        (properties(a={"items": annotated("X")}), "properties"),
        (properties(a={"anyOf": [annotated("X")]}), "properties"),
        ({**properties(), "$defs": {"a": annotated("X")}}, "properties"),
    ],
)
@pytest.mark.requirement("http-14")
def test_wrong_annotations(schema: dict[str, Any], reason: str) -> None:
    found = problem(schema)
    assert found
    assert reason in found


@pytest.mark.requirement("http-14")
def test_right_annotations() -> None:
    nested = properties(a=annotated("A"), b=properties(c=annotated("C", "integer")))
    assert problem(nested) is None
    assert problem({}) is None


@pytest.mark.requirement("http-14")
def test_a_wrong_annotation_is_refused_at_the_start() -> None:
    tool = Tool(
        name="order",
        method="GET",
        path="/a",
        arguments=(Field("region", annotated("Re gion")),),
        body="application/json",
    )
    with pytest.raises(CompositionError, match="'order' can't be served"):
        shop_server(tool)


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"region": "eu-north"},
        {"region": " eu"},
        {"region": "Troms\u00f8\n"},
        {"region": "=?base64?eA==?="},
        {"region": ""},
        {"count": -42, "gift": True, "to": {"city": "Oslo"}},
        {"count": 42.0, "gift": False, "to": {}},
    ],
)
async def test_what_a_client_of_ours_sends_is_taken(arguments: dict[str, Any]) -> None:
    properties = {field.name: field.schema for field in order.arguments}
    sent = headers({"type": "object", "properties": properties}, arguments)
    short = {name.removeprefix("Mcp-Param-"): value for name, value in sent.items()}
    assert await code(arguments, **short) is None
