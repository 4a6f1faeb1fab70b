"""So many requests are answered at once over HTTP; what comes beyond is refused."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from mcpgen_runtime import Context
from mcpgen_runtime.settings import SettingsError
from mcpgen_runtime.transports.http import App

from .asking import asking
from .driven import Driven
from .shop import shop_server
from .test_dispatch import cancelled, request
from .test_sessions import Client

CALL = {"name": "ask", "arguments": {}}


class Held:
    """Calls that go on until they are released."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
        monkeypatch.setenv("ASKING_MAX_CALLS", str(most))
        monkeypatch.setenv("ASKING_SSE", "true")
        self.begun = asyncio.Semaphore(0)
        self.released = asyncio.Event()
        server = asking(self.hold)
        server.announce("updates")
        self.app = App(server)

    async def hold(self, ctx: Context) -> str:
        self.begun.release()
        await self.released.wait()
        return "held"

    async def call(self, **headers: str) -> Driven:
        """A call, once it is running."""
        call = Driven(self.app, request("tools/call", CALL), **headers)
        async with asyncio.timeout(30):
            await self.begun.acquire()
        return call

    async def refused(self, message: Any) -> Any:
        """The error, of one that came too much."""
        call = Driven(self.app, message, mcp_protocol_version="2025-03-26")
        status, headers = await call.start()
        assert (status, headers["retry-after"]) == (503, "1")
        return await call.body()


async def test_what_is_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    held = Held(monkeypatch, 2)
    calls = [await held.call() for _ in range(2)]
    refusal = await held.refused(request("tools/call", CALL, "third"))
    assert refusal["id"] == "third"
    assert refusal["error"]["code"] == -32603
    assert "2 requests" in refusal["error"]["message"]
    assert "id" not in await held.refused([request("tools/list")])
    held.released.set()
    for call in calls:
        assert (await call.start())[0] == 200
        await call.task
    again = Driven(held.app, request("tools/call", CALL))
    assert (await again.start())[0] == 200


async def test_each_request_of_a_batch_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    held = Held(monkeypatch, 2)
    calls = [request("tools/call", CALL, number) for number in range(3)]
    await held.refused(calls)
    batch = Driven(held.app, calls[:2], mcp_protocol_version="2025-03-26")
    for _ in range(2):
        await held.begun.acquire()
    await held.refused(calls[2])
    held.released.set()
    await batch.start()
    assert len(await batch.body()) == 2


async def test_what_holds_nothing_up_is_always_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held = Held(monkeypatch, 1)
    client = Client(held.app)
    await client.begin()
    call = client.call("held")
    await held.begun.acquire()
    await held.refused(request("tools/list"))
    await client.begin()
    ping = [request("ping"), cancelled("other")]
    pinged = Driven(held.app, ping, mcp_protocol_version="2025-03-26")
    assert (await pinged.start())[0] == 200
    assert await client.status(request("ping")) == 200
    stream = client.send(method="GET")
    assert (await stream.start())[0] == 200
    stream.disconnect()
    held.released.set()
    await call.start()


async def test_a_cancellation_and_an_answer_make_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ASKING_MAX_CALLS", "1")

    async def asks(ctx: Context) -> str:
        return str(await ctx.roots())

    client = Client(App(asking(asks)))
    await client.begin()
    for settle in ("answer", "cancel"):
        call = client.call("asks")
        await call.start()
        await call.event()
        assert await client.status(request("tools/list")) == 503
        if settle == "answer":
            await client.answer(await call.event(), {"roots": []})
        else:
            assert await client.status(cancelled("asks")) == 202
        await call.events()
        await call.task
        assert await client.status(request("tools/list")) == 200


async def test_requests_of_the_older_transport_count(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held = Held(monkeypatch, 1)
    stream = Driven(held.app, method="GET", path="/sse")
    await stream.start()
    endpoint = (await stream.text()).partition("data: ")[2].strip()
    path, _, query = endpoint.partition("?")

    async def post(message: Any) -> int:
        driven = Driven(held.app, message, path=path, query=query)
        return (await driven.start())[0]

    params = {"protocolVersion": "2024-11-05", "capabilities": {}}
    assert await post(request("initialize", params)) == 202
    assert await post(request("tools/call", CALL, 2)) == 202
    await held.begun.acquire()
    assert await post(request("tools/call", CALL, 3)) == 503
    await held.refused(request("tools/list"))
    assert await post(request("ping", None, 4)) == 202
    assert await post(cancelled(2)) == 202
    stream.disconnect()
    await stream.task


def test_a_bound_that_can_not_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_MAX_CALLS", "0")
    with pytest.raises(SettingsError, match="SHOP_MAX_CALLS"):
        shop_server().configure()
