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


@pytest.mark.parametrize("tell", ["log", "quiet log", "progress", "wait"])
@pytest.mark.parametrize("version", BOTH)
async def test_a_cancelled_function_ends_when_it_next_tells(
    version: str, tell: str
) -> None:
    """With a token and a level, or without: what isn't sent ends it, too."""
    server = shop_server()
    begun, ended = threading.Event(), threading.Event()

    @server.tool
    def endless(ctx: Context) -> None:
        begun.set()
        try:
            while True:
                if tell == "wait":
                    ctx.wait(asyncio.sleep(0.01))
                elif tell == "progress":
                    ctx.progress(1)
                else:
                    ctx.log("debug" if tell == "quiet log" else "error", "on")
        finally:
            ended.set()

    async with connect(server, version) as client:
        call = asyncio.create_task(client.call_tool("endless"))
        assert await asyncio.to_thread(begun.wait, 30)
        call.cancel()
        assert await asyncio.to_thread(ended.wait, 30)


@pytest.mark.parametrize("version", BOTH)
async def test_what_is_told_after_the_answer_goes_nowhere(version: str) -> None:
    server = shop_server()
    answered, told = threading.Event(), threading.Event()

    @server.tool
    def leave(ctx: Context) -> str:
        def later() -> None:
            answered.wait(30)
            ctx.log("error", "too late")
            ctx.progress(1)
            with pytest.raises(CancelledError):
                ctx.wait(ctx.roots())
            told.set()

        threading.Thread(target=later, daemon=True).start()
        return "left"

    async with connect(server, version) as client:
        params = {"name": "leave", "_meta": META}
        await client.request("tools/call", params)
        answered.set()
        assert await asyncio.to_thread(told.wait, 30)
        assert client.notifications == []


async def test_nobody_is_asked_after_the_answer() -> None:
    server = shop_server()
    later: asyncio.Future[BaseException | None] = asyncio.Future()

    @server.tool
    async def leave(ctx: Context) -> str:
        async def ask() -> None:
            await left.wait()
            try:
                await ctx.roots()
            except RuntimeError as error:
                later.set_result(error)

        asking.append(asyncio.create_task(ask()))
        return "left"

    left = asyncio.Event()
    asking: list[asyncio.Task[None]] = []

    async def roots(params: dict[str, Any]) -> dict[str, Any]:
        raise AssertionError("asked")

    async with connect(server, "2025-11-25", roots=roots) as client:
        await client.call_tool("leave")
        left.set()
        async with asyncio.timeout(30):
            assert "nobody is left to ask" in str(await later)


async def test_functions_that_call_functions_do_not_wait_for_each_other() -> None:
    """Even when there are more of them than threads."""
    server = shop_server()
    all_begun = threading.Barrier(40)

    @server.tool
    def inner() -> str:
        return "served"

    @server.tool
    def outer(ctx: Context) -> str:
        all_begun.wait(60)
        result = ctx.wait(server.call("inner", {}))
        return str(result.content[0]["text"])

    async with connect(server) as client, asyncio.timeout(60):
        results = await asyncio.gather(*(client.call_tool("outer") for _ in range(80)))
    assert {r["content"][0]["text"] for r in results} == {"served"}
