"""Code around calls of every kind, and around every request."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from mcpgen_runtime import Message, Server, ToolError
from mcpgen_runtime.client import connect
from mcpgen_runtime.content import Result, text_block
from mcpgen_runtime.dispatch import Connection
from mcpgen_runtime.errors import RequestError, invalid_params
from mcpgen_runtime.messages import Request
from mcpgen_runtime.middleware import Call, Incoming, Next, NextRequest
from mcpgen_runtime.stateless import request_meta

from .shop import shop_server

BOTH = ["2025-11-25", "2026-07-28"]


def with_prompt() -> Server:
    server = shop_server()

    @server.prompt
    def plan(city: str) -> list[Message]:
        """Plans."""
        return [Message(f"To {city}."), Message("And then?", role="assistant")]

    return server


@pytest.mark.parametrize("version", BOTH)
async def test_calls_of_every_kind_go_through_it(version: str) -> None:
    seen: list[tuple[str, str]] = []

    async def watch(call: Call, step: Next) -> Result:
        seen.append((call.method, call.name))
        return await step(call)

    server = with_prompt()
    server.add_middleware(watch)
    async with connect(server, version) as client:
        await client.call_tool("answer")
        await client.read_resource("api://shop/items/7")
        params = {"name": "plan", "arguments": {"city": "Rome"}}
        prompt = await client.request("prompts/get", params)
    assert seen == [
        ("tools/call", "answer"),
        ("resources/read", "get_item"),
        ("prompts/get", "plan"),
    ]
    said = [(m["role"], m["content"]["text"]) for m in prompt["messages"]]
    assert said == [("user", "To Rome."), ("assistant", "And then?")]


async def test_a_prompt_is_wrapped() -> None:
    async def elsewhere(call: Call, step: Next) -> Result:
        if call.arguments["city"] == "Atlantis":
            raise ToolError("It is gone.")
        result = await step(replace(call, arguments={"city": "Oslo"}))
        return replace(result, content=(*result.content, text_block("Bring a coat.")))

    server = with_prompt()
    server.wrap("plan", elsewhere)
    async with connect(server) as client:
        params = {"name": "plan", "arguments": {"city": "Rome"}}
        prompt = await client.request("prompts/get", params)
        said = [(m["role"], m["content"]["text"]) for m in prompt["messages"]]
        assert said == [
            ("user", "To Oslo."),
            ("assistant", "And then?"),
            ("user", "Bring a coat."),
        ]
        params["arguments"] = {"city": "Atlantis"}
        with pytest.raises(RequestError, match="It is gone"):
            await client.request("prompts/get", params)


@pytest.mark.parametrize("version", BOTH)
async def test_every_request_goes_through_its_own(version: str) -> None:
    seen: list[str] = []

    async def outer(incoming: Incoming, step: NextRequest) -> dict[str, Any]:
        seen.append(incoming.method)
        assert incoming.context.version == version
        return await step(incoming)

    async def inner(incoming: Incoming, step: NextRequest) -> dict[str, Any]:
        if incoming.method == "prompts/list":
            raise invalid_params("Not for you")
        if incoming.method == "completion/complete":
            return {"completion": {"values": ["Rome"]}}
        if incoming.method == "tools/call":
            named = {**incoming.params, "name": "answer"}
            return await step(replace(incoming, params=named))
        result = await step(incoming)
        if incoming.method == "tools/list":
            result["tools"] = [t for t in result["tools"] if t["name"] != "wait"]
        return result

    server = with_prompt()
    server.add_request_middleware(outer)
    server.add_request_middleware(inner)
    async with connect(server, version) as client:
        assert [t["name"] for t in await client.list_tools()] == ["add_item", "answer"]
        assert len(await client.list_resources()) == 1
        with pytest.raises(RequestError, match="Not for you"):
            await client.request("prompts/list")
        typed = {
            "ref": {"type": "ref/prompt", "name": "plan"},
            "argument": {"name": "city", "value": ""},
        }
        completed = await client.request("completion/complete", typed)
        assert completed["completion"] == {"values": ["Rome"]}
        assert ("resultType" in completed) is (version == "2026-07-28")
        assert (await client.call_tool("add_item"))["isError"] is False
    seen = [method for method in seen if method != "server/discover"]
    assert seen[:2] == ["tools/list", "resources/list"]
    assert seen[-1] == "tools/call"


async def test_a_result_must_be_an_object(caplog: pytest.LogCaptureFixture) -> None:
    async def forgetful(incoming: Incoming, step: NextRequest) -> Any:
        await step(incoming)

    server = shop_server()
    server.add_request_middleware(forgetful)
    async with connect(server) as client:
        with pytest.raises(RequestError, match="Internal error"):
            await client.list_tools()
    assert "middleware gave None" in caplog.text


async def test_a_result_that_is_left_alone_keeps_its_numbers() -> None:
    async def watch(incoming: Incoming, step: NextRequest) -> dict[str, Any]:
        return await step(incoming)

    server = shop_server()
    server.add_request_middleware(watch)
    sent: list[bytes] = []
    text = '{"b":1.10,"c":1E400}'
    connection = Connection(server, sent.append)
    params = {"name": "answer", "arguments": {"body": text}}
    connection.receive(
        Request(
            id=1,
            method="tools/call",
            params={**params, "_meta": request_meta("2026-07-28")},
        )
    )
    await connection.finish()
    assert f'"structuredContent":{text}'.encode() in sent[-1]
