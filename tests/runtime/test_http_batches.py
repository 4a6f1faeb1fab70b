"""Batches of 2025-03-26 over HTTP: in a session, they belong to it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from mcpgen_runtime import Context, Server
from mcpgen_runtime.transports.http import App

from .asking import asking, said
from .driven import Driven
from .shop import shop_server
from .test_dispatch import cancelled, request
from .test_sessions import Client, chatter, greet

VERSION = "2025-03-26"
CALL = {"name": "ask", "arguments": {}}


async def begun(server: Server) -> Client:
    client = Client(App(server))
    await client.begin(VERSION)
    return client


class Waiting:
    """A handler that never answers, and who knows that it was called."""

    def __init__(self) -> None:
        self._called = asyncio.Semaphore(0)

    async def __call__(self, ctx: Context) -> str:
        self._called.release()
        await asyncio.sleep(600)
        return "never"

    async def called(self, times: int = 1) -> None:
        async with asyncio.timeout(30):
            for _ in range(times):
                await self._called.acquire()


@pytest.mark.requirement("batches-4")
async def test_a_level_and_a_subscription_of_a_batch_last() -> None:
    server = asking(chatter)
    server.announce("updates")
    client = await begun(server)
    stream = client.send(method="GET")
    await stream.start()
    level = request("logging/setLevel", {"level": "debug"}, 1)
    subscribe = request("resources/subscribe", {"uri": "api://ask"}, 2)
    batch = client.send([level, subscribe])
    await batch.start()
    assert [answer["result"] for answer in await batch.body()] == [{}, {}]
    server.resource_updated("api://ask")
    event = await stream.event()
    assert event
    assert event.data["params"] == {"uri": "api://ask"}
    call = client.call()
    await call.start()
    levels = [e.data.get("params", {}).get("level") for e in await call.events()]
    assert levels == ["debug", "info", None]
    stream.disconnect()
    await stream.task


@pytest.mark.requirement("batches-4")
async def test_a_question_of_a_batch_is_answered_by_a_batch() -> None:
    client = await begun(asking(roots))
    asked = client.send([request("tools/call", CALL, 1), request("ping", None, 2)])
    assert (await asked.start())[1]["content-type"] == "text/event-stream"
    question = await asked.event()
    assert question
    assert question.data["method"] == "roots/list"
    result = {"roots": [{"uri": "file:///here"}]}
    answer = {"jsonrpc": "2.0", "id": question.data["id"], "result": result}
    assert await client.status([answer]) == 202
    (answers,) = await asked.events()
    assert said(answers.data[0]["result"]) == "file:///here"
    assert [one["id"] for one in answers.data] == [1, 2]


async def roots(ctx: Context) -> str:
    return " ".join(root["uri"] for root in await ctx.roots())


@pytest.mark.requirement("batches-4")
async def test_a_question_of_a_call_is_answered_among_other_messages() -> None:
    client = await begun(asking(roots))
    call = client.call()
    await call.start()
    question = await call.event()
    assert question
    answer = {"jsonrpc": "2.0", "id": question.data["id"], "result": {"roots": []}}
    batch = client.send([request("ping"), answer])
    await batch.start()
    assert len(await batch.body()) == 1
    (result,) = await call.events()
    assert said(result.data["result"]) == ""


@pytest.mark.requirement("batches-4")
async def test_cancellations_reach_in_and_out_of_batches() -> None:
    waiting = Waiting()
    client = await begun(asking(waiting))
    single = client.call("single")
    batch = client.send([request("tools/call", CALL, "a"), request("ping", None, "b")])
    await waiting.called(2)
    assert await client.status(request("tools/call", CALL, "a")) == 400
    assert await client.status([cancelled("single")]) == 202
    assert await client.status(cancelled("a")) == 202
    await single.start()
    assert await single.events() == []
    await batch.start()
    assert [answer["id"] for answer in await batch.body()] == ["b"]
    assert (
        await client.status([request("tools/call", CALL, "a"), cancelled("a")]) == 202
    )
    assert await client.status(request("ping", None, "a")) == 200


async def test_an_id_in_use_is_refused_in_a_batch() -> None:
    waiting = Waiting()
    client = await begun(asking(waiting))
    single = client.call(1)
    await waiting.called()
    batch = client.send([request("ping", None, 1), request("ping", None, 2)])
    await batch.start()
    codes = [one.get("error", {}).get("code") for one in await batch.body()]
    assert codes == [-32600, None]
    assert await client.status(None, "DELETE") == 200
    await single.start()


async def test_a_silent_batch_is_kept_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mcpgen_runtime.transports.delivery._KEEP_ALIVE", 0.05)
    release = asyncio.Event()

    async def slow(ctx: Context) -> str:
        await release.wait()
        return "slow"

    app = App(asking(slow))
    batch = Driven(app, [request("tools/call", CALL)], mcp_protocol_version=VERSION)
    assert (await batch.start())[1]["content-type"] == "text/event-stream"
    assert await batch.event() == (None, None, None)
    release.set()
    *_, answers = await batch.events()
    assert said(answers.data[0]["result"]) == "slow"


async def test_a_batch_can_be_come_back_to() -> None:
    client = await begun(asking(chatter))
    batch = client.send([request("tools/call", CALL)])
    await batch.start()
    news, answers = await batch.events()
    again = client.send(method="GET", last_event_id=str(news.id))
    await again.start()
    assert await again.events() == [answers]


@pytest.mark.parametrize("version", ["2025-06-18", "2025-11-25"])
async def test_a_session_of_another_version_has_no_batches(version: str) -> None:
    client = Client(App(shop_server()))
    await client.begin(version)
    assert await client.status([request("ping")]) == 400
    client.headers["mcp_session_id"] = "unknown"
    assert await client.status([request("ping")]) == 404


async def test_a_batch_ends_with_its_process() -> None:
    waiting = Waiting()
    app = App(asking(waiting))
    batch = Driven(app, [request("tools/call", CALL)], mcp_protocol_version=VERSION)
    await waiting.called()
    app.close(grace=0)
    assert (await batch.start())[0] == 503
    assert (await batch.body())["error"]["code"] == -32603


async def test_without_a_session_nothing_can_be_asked() -> None:
    app = App(asking(greet))
    batch = Driven(app, [request("tools/call", CALL)], mcp_protocol_version=VERSION)
    await batch.start()
    answers: list[Any] = await batch.body()
    assert answers[0]["error"]["code"] == -32021
