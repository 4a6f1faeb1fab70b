"""Plain functions run in threads: what they tell, ask and change from there."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import CancelledError
from typing import Any

import pytest
from mcpgen_runtime import Context, Server
from mcpgen_runtime.changes import Change
from mcpgen_runtime.client import Client, connect
from mcpgen_runtime.errors import CompositionError

from .asking import FORM
from .shop import shop_server

BOTH = ["2025-11-25", "2026-07-28"]
ITEM = "api://shop/items/7"
META = {"progressToken": "t", "io.modelcontextprotocol/logLevel": "info"}


async def octocat(params: dict[str, Any]) -> dict[str, Any]:
    return {"action": "accept", "content": {"name": "octocat"}}


def methods(client: Client) -> list[str]:
    return [n["method"].removeprefix("notifications/") for n in client.notifications]


async def test_what_is_told_arrives_while_the_function_runs() -> None:
    server = shop_server()
    arrived: list[list[str]] = []

    @server.tool
    def work(ctx: Context) -> str:
        ctx.progress(1, 2)
        ctx.log("info", "half")
        ctx.wait(ctx.roots())
        ctx.progress(2, 2)
        return threading.current_thread().name

    async def roots(params: dict[str, Any]) -> dict[str, Any]:
        arrived.append(methods(client))
        return {"roots": []}

    async with connect(server, roots=roots) as client:
        params = {"name": "work", "_meta": META}
        result = await client.request("tools/call", params)
    assert arrived == [["progress", "message"]]
    assert methods(client) == ["progress", "message", "progress"]
    assert result["content"][0]["text"] != threading.current_thread().name


@pytest.mark.parametrize("version", BOTH)
async def test_a_plain_function_asks_and_calls(version: str) -> None:
    server = shop_server()

    @server.tool
    def stock(ctx: Context) -> list[Any]:
        answer = ctx.wait(ctx.elicit("Which one?", FORM))
        assert answer.content
        added = ctx.wait(server.call("add_item", {"name": answer.content["name"]}))
        return [answer.action, added.json()["name"]]

    async with connect(server, version, elicit=octocat) as client:
        result = await client.call_tool("stock")
    assert result["content"][0]["text"] == '["accept", "octocat"]'


@pytest.mark.parametrize("version", BOTH)
async def test_changes_are_made_and_told_where_requests_are_served(
    version: str,
) -> None:
    server = shop_server()
    server.announce("tools", "updates")
    heard: list[tuple[Change, int]] = []

    @server.tool
    def change() -> str:
        server.remove("wait")
        server.resource_updated(ITEM)

        @server.tool
        def added() -> str:
            return "here"

        return str(threading.get_ident())

    server.changes.listen(lambda change: heard.append((change, threading.get_ident())))
    async with connect(server, version) as client:
        result = await client.call_tool("change")
        names = [tool["name"] for tool in await client.list_tools()]
    here = threading.get_ident()
    assert result["content"][0]["text"] != str(here)
    changes = [Change("tools"), Change("updates", ITEM), Change("tools")]
    assert heard == [(change, here) for change in changes]
    assert names == ["add_item", "answer", "change", "added"]


async def test_a_name_that_is_gone_is_told_to_the_thread() -> None:
    server = shop_server()

    @server.tool
    def change() -> str:
        try:
            server.remove("wiat")
        except CompositionError as error:
            return str(error)
        return "removed"

    async with connect(server) as client:
        result = await client.call_tool("change")
    text = result["content"][0]["text"]
    assert text.startswith(__file__)
    assert "did you mean 'wait'?" in text


async def test_an_async_function_awaits() -> None:
    server = shop_server()

    @server.tool
    async def stuck(ctx: Context) -> str:
        with pytest.raises(RuntimeError, match="awaits it"):
            ctx.wait(ctx.roots())
        return "not stuck"

    async with connect(server) as client:
        result = await client.call_tool("stuck")
    assert result["content"][0]["text"] == "not stuck"


async def test_a_thread_that_waits_is_let_go_with_its_call() -> None:
    server = shop_server()
    asked = asyncio.Event()
    let_go = threading.Event()

    @server.tool
    def ask(ctx: Context) -> None:
        try:
            ctx.wait(ctx.roots())
        except CancelledError:
            let_go.set()
            raise

    async def roots(params: dict[str, Any]) -> dict[str, Any]:
        asked.set()
        return await asyncio.Future()

    async with connect(server, roots=roots) as client:
        call = asyncio.create_task(client.call_tool("ask"))
        async with asyncio.timeout(30):
            await asked.wait()
        call.cancel()
        assert await asyncio.to_thread(let_go.wait, 30)


def test_before_a_server_runs_nobody_is_told() -> None:
    server: Server = shop_server()
    server.announce("updates")
    server.resource_updated(ITEM)
