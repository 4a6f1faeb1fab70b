"""HTTP+SSE of 2024-11-05: off unless asked for, and then as its clients know it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from mcpgen_runtime import Context
from mcpgen_runtime.settings import SettingsError
from mcpgen_runtime.transports.http import App

from .asking import asking, said
from .test_dispatch import request


async def report(ctx: Context) -> Any:
    await ctx.log("info", "at work")
    return await ctx.roots()


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> App:
    monkeypatch.setenv("ASKING_SSE", "true")
    return App(asking(report))


class Old:
    """A client of 2024-11-05, on one stream."""

    def __init__(self, app: App, root: str = "", **headers: str) -> None:
        self.app = app
        self.root = root
        self.headers = headers
        self.endpoint = ""
        self._outgoing: asyncio.Queue[Any] = asyncio.Queue()
        self._incoming: asyncio.Queue[Any] = asyncio.Queue()
        self.stream = asyncio.create_task(
            app(self._scope("GET", "/sse"), self._incoming.get, self._outgoing.put)
        )

    def _scope(self, method: str, target: str) -> dict[str, Any]:
        path, _, query = target.partition("?")
        return {
            "type": "http",
            "method": method,
            "root_path": self.root,
            "path": path,
            "query_string": query.encode(),
            "headers": [(k.encode(), v.encode()) for k, v in self.headers.items()],
        }

    async def next(self) -> Any:
        async with asyncio.timeout(5):
            return await self._outgoing.get()

    async def message(self) -> Any:
        kind, data = (await self.next())["body"].decode().strip().split("\r\n")
        assert kind == "event: message"
        return json.loads(data.removeprefix("data: "))

    async def begin(self) -> None:
        start = await self.next()
        assert start["status"] == 200
        assert (b"content-type", b"text/event-stream") in start["headers"]
        kind, data = (await self.next())["body"].decode().strip().split("\r\n")
        assert kind == "event: endpoint"
        self.endpoint = data.removeprefix("data: ")

    async def post(self, message: Any, target: str = "") -> int:
        incoming: asyncio.Queue[Any] = asyncio.Queue()
        outgoing: asyncio.Queue[Any] = asyncio.Queue()
        incoming.put_nowait(
            {"type": "http.request", "body": json.dumps(message).encode()}
        )
        target = target or self.endpoint.removeprefix(self.root)
        scope = self._scope("POST", target)
        await self.app(scope, incoming.get, outgoing.put)
        status: int = outgoing.get_nowait()["status"]
        return status

    def disconnect(self) -> None:
        self._incoming.put_nowait({"type": "http.request", "body": b""})
        self._incoming.put_nowait({"type": "http.disconnect"})


@pytest.mark.requirement("sse-1")
async def test_a_conversation(app: App) -> None:
    client = Old(app)
    await client.begin()
    assert client.endpoint.startswith("/messages/?session_id=")
    capabilities: dict[str, Any] = {"roots": {}}
    params = {"protocolVersion": "2024-11-05", "capabilities": capabilities}
    assert await client.post(request("initialize", params, 1)) == 202
    assert (await client.message())["result"]["protocolVersion"] == "2024-11-05"
    notification = {"jsonrpc": "2.0", "method": "notifications/initialized"}
    assert await client.post(notification) == 202
    assert await client.post(request("tools/call", {"name": "ask"}, "c")) == 202
    assert (await client.message())["params"]["data"] == "at work"
    question = await client.message()
    assert question["method"] == "roots/list"
    answer = {"jsonrpc": "2.0", "id": question["id"], "result": {"roots": []}}
    assert await client.post(answer) == 202
    last = await client.message()
    assert last["id"] == "c"
    assert said(last["result"]) == []
    client.disconnect()
    await client.stream
    assert await client.post(request("ping")) == 404


async def test_nobody_speaks_on_the_stream_of_another(app: App) -> None:
    first, second = Old(app), Old(app)
    await first.begin()
    await second.begin()
    assert first.endpoint != second.endpoint
    assert await first.post(request("ping", request_id=7)) == 202
    assert (await first.message())["id"] == 7
    assert second._outgoing.empty()
    for target in ("/messages/?session_id=x", "/messages", "/messages?a=b"):
        assert await first.post(request("ping"), target) == 404
    app.close(grace=0)
    for client in (first, second):
        assert (await client.next()) == {"type": "http.response.body", "body": b""}
        await client.stream


async def test_the_endpoint_is_below_where_the_application_is(app: App) -> None:
    client = Old(app, "/below")
    await client.begin()
    assert client.endpoint.startswith("/below/messages/?session_id=")
    assert await client.post(request("ping")) == 202
    client.disconnect()
    await client.stream


@pytest.mark.requirement("sse-2")
async def test_a_strange_origin_is_refused(app: App) -> None:
    client = Old(app, host="localhost", origin="https://evil.com")
    assert (await client.next())["status"] == 403
    assert await client.post(request("ping"), "/messages/?session_id=x") == 403


async def test_it_is_off_unless_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Old(App(asking(report)))
    assert (await client.next())["status"] == 404
    monkeypatch.setenv("ASKING_SSE", "maybe")
    with pytest.raises(SettingsError, match="ASKING_SSE is 'maybe'"):
        App(asking(report))
