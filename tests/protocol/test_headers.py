"""The headers of the stateless protocol over HTTP: what they must repeat of the body."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from .conftest import Connect
from .posts import base64_value, routing
from .schemas import LEGACY, MODERN

ECHO = {"name": "echo", "arguments": {"text": "tea"}}
UNICODE = {"uri": "notes://of/Zürich 😀"}

# method, params, the headers that are other than they should be, None for missing
REFUSED: list[tuple[str, dict[str, Any], dict[str, str | None]]] = [
    ("tools/list", {}, {"mcp-protocol-version": None}),
    ("tools/list", {}, {"mcp-protocol-version": "2025-11-25"}),
    ("tools/list", {}, {"mcp-protocol-version": "2099-01-01"}),
    ("tools/list", {}, {"mcp-protocol-version": ""}),
    ("tools/list", {}, {"mcp-method": None}),
    ("tools/list", {}, {"mcp-method": ""}),
    ("tools/list", {}, {"mcp-method": "tools/call"}),
    ("tools/list", {}, {"mcp-method": "TOOLS/LIST"}),
    ("server/discover", {}, {"mcp-method": None}),
    ("tools/call", ECHO, {"mcp-name": None}),
    ("tools/call", ECHO, {"mcp-name": "other"}),
    ("tools/call", ECHO, {"mcp-name": "Echo"}),
    ("tools/call", ECHO, {"mcp-name": ""}),
    ("prompts/get", {"name": "gallery"}, {"mcp-name": None}),
    ("prompts/get", {"name": "gallery"}, {"mcp-name": "plan"}),
    ("resources/read", {"uri": "notes://today"}, {"mcp-name": None}),
    ("resources/read", {"uri": "notes://today"}, {"mcp-name": "notes://Today"}),
    ("tasks/get", {"taskId": "x"}, {"mcp-name": None}),
    ("tasks/update", {"taskId": "x", "inputResponses": {}}, {"mcp-name": "y"}),
    ("tasks/cancel", {"taskId": "x"}, {"mcp-name": None}),
    ("tools/call", ECHO, {"mcp-name": "=?base64?ZWNobw?="}),
    ("tools/call", ECHO, {"mcp-name": "=?base64?ZWNo*w==?="}),
    ("tools/call", ECHO, {"mcp-name": "=?base64?/w==?="}),
    ("tools/call", ECHO, {"mcp-name": "=?BASE64?ZWNobw==?="}),
    ("tools/call", ECHO, {"mcp-name": "=?base64?ZWNobw=="}),
]


def sent(message: dict[str, Any], changed: dict[str, str | None]) -> dict[str, str]:
    """The headers of a request, but for those that are changed."""
    headers = {**routing(message), **changed}
    return {name: value for name, value in headers.items() if value is not None}


async def status(
    client: Any, message: dict[str, Any], changed: dict[str, str | None]
) -> tuple[int, int | None]:
    """The HTTP status and the code of the error, if there is one."""
    answer = await client.raw(json.dumps(message).encode(), sent(message, changed))
    assert answer.message["id"] == message["id"]
    return answer.status, answer.message.get("error", {}).get("code")


@pytest.mark.requirement("http-9", "http-11", "http-12", "http-13", "http-4")
@pytest.mark.requirement("known-13")
async def test_headers_that_do_not_repeat_the_body(posts: Connect) -> None:
    async with posts(MODERN) as client:
        for method, params, changed in REFUSED:
            found = await status(client, client.message(method, **params), changed)
            assert found == (400, -32020), (method, changed)


@pytest.mark.requirement("http-11", "http-12", "http-13")
async def test_headers_that_repeat_the_body(posts: Connect) -> None:
    accepted: list[tuple[str, dict[str, Any], dict[str, str | None]]] = [
        ("tools/list", {}, {}),
        ("tools/list", {}, {"mcp-name": "whatever"}),
        ("tools/call", ECHO, {"mcp-name": base64_value("echo")}),
        ("resources/read", {"uri": "notes://today"}, {}),
        ("resources/read", UNICODE, {}),
        ("tools/list", {}, {"mcp-method": None, "MCP-METHOD": "tools/list"}),
    ]
    async with posts(MODERN) as client:
        for method, params, changed in accepted:
            found = await status(client, client.message(method, **params), changed)
            assert found == (200, None), (method, changed)


@pytest.mark.requirement("http-12")
async def test_space_around_a_value_does_not_count(posts: Connect) -> None:
    async with posts(MODERN) as client:
        message = client.message("tools/call", **ECHO)
        body = json.dumps(message).encode()
        headers = {"content-type": "application/json", "connection": "close"}
        headers |= routing(message) | {"content-length": str(len(body))}
        lines = [f"{name}:\t  {value} \t" for name, value in headers.items()]
        head = "\r\n".join(["POST /mcp HTTP/1.1", "host: localhost", *lines, "", ""])
        port = int(client.url.split(":")[2].partition("/")[0])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(head.encode() + body)
        received = await reader.read()
        writer.close()
        await writer.wait_closed()
    assert received.startswith(b"HTTP/1.1 200 ")


@pytest.mark.requirement("http-12")
async def test_a_header_that_comes_twice(posts: Connect) -> None:
    async with posts(MODERN) as client:
        message = client.message("tools/call", **ECHO)
        for name, value in routing(message).items():
            own = client._headers(routing(message))
            response = await client.http.post(
                client.url, json=message, headers=[*own.items(), (name, value)]
            )
            assert response.status_code == 400, name
            assert response.json()["error"]["code"] == -32020, name


# arguments, headers: refused
PARAMETERS: list[tuple[dict[str, Any], dict[str, str | None]]] = [
    ({"region": "north"}, {}),
    ({"region": "north"}, {"mcp-param-region": "south"}),
    ({"region": "north"}, {"mcp-param-region": "North"}),
    ({}, {"mcp-param-region": "north"}),
    ({"region": None}, {"mcp-param-region": "null"}),
    ({"region": "Zürich"}, {"mcp-param-region": "=?base64?!?="}),
    ({"count": 42}, {"mcp-param-count": "43"}),
    ({"count": 42}, {"mcp-param-count": "forty-two"}),
    ({"count": 42}, {"mcp-param-count": ""}),
    ({"flag": True}, {"mcp-param-flag": "True"}),
    ({"flag": False}, {"mcp-param-flag": "0"}),
]
REPEATED: list[tuple[dict[str, Any], dict[str, str | None]]] = [
    ({}, {}),
    ({"region": "north"}, {"mcp-param-region": "north"}),
    ({"region": "north"}, {"MCP-PARAM-REGION": "north"}),
    ({"region": "Zürich"}, {"mcp-param-region": base64_value("Zürich")}),
    ({"region": ""}, {"mcp-param-region": ""}),
    ({"count": 42}, {"mcp-param-count": "42.0"}),
    ({"count": -7}, {"mcp-param-count": "-7"}),
    ({"flag": True, "count": 0}, {"mcp-param-flag": "true", "mcp-param-count": "0"}),
]


@pytest.mark.requirement("http-15", "http-13")
async def test_arguments_that_headers_repeat(posts: Connect) -> None:
    async with posts(MODERN) as client:
        for arguments, headers in PARAMETERS:
            message = client.message("tools/call", name="routed", arguments=arguments)
            found = await status(client, message, headers)
            assert found == (400, -32020), (arguments, headers)
        for arguments, headers in REPEATED:
            message = client.message("tools/call", name="routed", arguments=arguments)
            found = await status(client, message, headers)
            assert found == (200, None), (arguments, headers)


@pytest.mark.requirement("http-9", "sessions-4", "versions-2", "meta-1")
async def test_versions_that_headers_and_bodies_name(posts: Connect) -> None:
    plain = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    shake = plain | {"method": "initialize", "params": {"protocolVersion": MODERN}}
    # body, header, status, code
    cases: list[tuple[dict[str, Any], str | None, int, int | None]] = [
        (plain, None, 200, None),
        *((plain, version, 200, None) for version in LEGACY),
        (plain, MODERN, 400, -32602),
        (plain, "2099-01-01", 400, -32022),
        (plain, "nonsense", 400, -32022),
        (shake, None, 200, None),
        (shake, MODERN, 400, -32602),
        (shake, "2099-01-01", 400, -32022),
    ]
    async with posts(MODERN) as client:
        for body, header, expected, code in cases:
            response = await client.http.post(
                client.url,
                json=body,
                headers={"mcp-protocol-version": header} if header else {},
            )
            assert response.status_code == expected, (body, header)
            assert response.json().get("error", {}).get("code") == code, (body, header)
