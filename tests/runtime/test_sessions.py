"""Sessions over HTTP: questions, streams to come back to, and what they cost."""

from __future__ import annotations

import asyncio
import tracemalloc
from typing import Any

import pytest
from mcpgen_runtime import Context
from mcpgen_runtime.session import Session
from mcpgen_runtime.transports.http import App
from mcpgen_runtime.transports.sessions import Sessions, session_id

from .asking import FORM, asking, said
from .driven import Driven, Event
from .test_dispatch import cancelled, request

CAPABILITIES = {"elicitation": {"form": {}}, "roots": {"listChanged": True}}


class Client:
    """One client of an application, in a session of its own."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.headers: dict[str, str] = {}

    def send(self, message: Any = None, method: str = "POST", **headers: str) -> Driven:
        return Driven(self.app, message, method, **self.headers, **headers)

    async def status(self, message: Any, method: str = "POST", **headers: str) -> int:
        driven = self.send(message, method, **headers)
        status, _ = await driven.start()
        await driven.task
        return status

    async def begin(self, version: str = "2025-11-25") -> None:
        params = {"protocolVersion": version, "capabilities": CAPABILITIES}
        driven = Driven(self.app, request("initialize", params))
        status, headers = await driven.start()
        assert status == 200
        self.headers = {"mcp_session_id": headers["mcp-session-id"]}
        assert headers["mcp-session-id"].isascii()
        initialized = {"jsonrpc": "2.0", "method": "notifications/initialized"}
        assert await self.status(initialized) == 202

    def call(self, request_id: Any = 5, **meta: Any) -> Driven:
        params = {"name": "ask", "arguments": {}, "_meta": meta}
        return self.send(request("tools/call", params, request_id))

    async def answer(self, question: Event | None, result: Any) -> None:
        assert question
        answer = {"jsonrpc": "2.0", "id": question.data["id"], "result": result}
        assert await self.status(answer) == 202


async def begun(handler: Any, version: str = "2025-11-25") -> Client:
    client = Client(App(asking(handler)))
    await client.begin(version)
    return client


async def greet(ctx: Context) -> str:
    answer = await ctx.elicit("What is your name?", FORM)
    return f"{answer.action} {(answer.content or {}).get('name')}"


async def quiet(ctx: Context) -> str:
    return "quiet"


async def chatter(ctx: Context) -> str:
    await ctx.log("debug", "detail")
    await ctx.log("info", "news")
    return "chattered"


@pytest.mark.parametrize("version", ["2025-06-18", "2025-11-25"])
@pytest.mark.requirement("sessions-7", "legacy-12")
async def test_a_question_comes_on_the_stream_of_its_call(version: str) -> None:
    client = await begun(greet, version)
    call = client.call()
    status, headers = await call.start()
    assert (status, headers["content-type"]) == (200, "text/event-stream")
    if version == "2025-11-25":
        first = await call.event()
        assert first
        assert first.data is None
        assert first.id
        assert first.id.endswith("-0")
    question = await call.event()
    assert question
    assert question.data["method"] == "elicitation/create"
    content = {"action": "accept", "content": {"name": "octocat"}}
    await client.answer(question, content)
    (last,) = await call.events()
    assert last.data["id"] == 5
    assert said(last.data["result"]) == "accept octocat"


async def test_an_answer_is_json_when_nothing_comes_before_it() -> None:
    client = await begun(quiet)
    call = client.call()
    assert (await call.start())[1]["content-type"] == "application/json"
    assert said((await call.body())["result"]) == "quiet"


async def test_an_answer_that_takes_long_begins_its_stream(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("mcpgen_runtime.transports.delivery._KEEP_ALIVE", 0.05)

    waited_for = asyncio.Event()

    async def slow(ctx: Context) -> str:
        await waited_for.wait()
        return "slow"

    call = (await begun(slow, "2025-06-18")).call()
    assert (await call.start())[1]["content-type"] == "text/event-stream"
    asyncio.get_running_loop().call_later(0.2, waited_for.set)
    *comments, last = await call.events()
    assert comments
    assert {comment.data for comment in comments} == {None}
    assert said(last.data["result"]) == "slow"


async def test_without_a_session_nothing_can_be_asked() -> None:
    params = {"name": "ask", "arguments": {}}
    call = Driven(App(asking(greet)), request("tools/call", params))
    assert (await call.start())[0] == 200
    assert (await call.body())["error"]["code"] == -32021


async def test_without_a_session_there_are_messages_but_no_ids() -> None:
    params = {"name": "ask", "arguments": {}}
    call = Driven(App(asking(chatter)), request("tools/call", params))
    await call.start()
    news, answer = await call.events()
    assert news.data["params"]["data"] == "news"
    assert said(answer.data["result"]) == "chattered"
    assert (news.id, answer.id) == (None, None)


async def test_a_client_that_takes_no_events_gets_none() -> None:
    params = {"name": "ask", "arguments": {}}
    app = App(asking(chatter))
    call = Driven(app, request("tools/call", params), accept="application/json")
    assert (await call.start())[1]["content-type"] == "application/json"
    assert said((await call.body())["result"]) == "chattered"


async def test_a_log_level_lasts_for_its_session() -> None:
    client = await begun(chatter, "2025-06-18")
    other = Client(client.app)
    await other.begin()
    assert await client.status(request("logging/setLevel", {"level": "debug"})) == 200
    call = client.call()
    await call.start()
    levels = [e.data.get("params", {}).get("level") for e in await call.events()]
    assert levels == ["debug", "info", None]
    call = other.call()
    await call.start()
    assert [e.data is None for e in await call.events()] == [True, False, False]


@pytest.mark.requirement("sessions-6", "sessions-7", "known-34")
async def test_coming_back_for_an_answer() -> None:
    release = asyncio.Event()

    async def reconnect(ctx: Context) -> str:
        ctx.close_stream(100)
        await release.wait()
        await ctx.log("info", "while you were away")
        return "back"

    client = await begun(reconnect)
    call = client.call()
    assert (await call.start())[1]["content-type"] == "text/event-stream"
    priming, retry = await call.events()
    assert priming.id
    assert priming.data is None
    assert retry.retry == 100
    await call.task
    again = client.send(method="GET", last_event_id=priming.id)
    assert (await again.start())[0] == 200
    release.set()
    log, answer = await again.events()
    assert log.data["params"]["data"] == "while you were away"
    assert said(answer.data["result"]) == "back"
    once_more = client.send(method="GET", last_event_id=str(log.id))
    await once_more.start()
    (replayed,) = await once_more.events()
    assert replayed == answer
    other = Client(client.app)
    await other.begin()
    elsewhere = other.send(method="GET", last_event_id=priming.id)
    await elsewhere.start()
    begins = await elsewhere.event()
    assert begins
    assert begins.id != priming.id
    elsewhere.disconnect()
    await elsewhere.task


@pytest.mark.parametrize("version", ["2025-03-26", "2025-06-18"])
@pytest.mark.requirement("sessions-7")
async def test_older_clients_keep_their_stream(version: str) -> None:
    async def reconnect(ctx: Context) -> str:
        ctx.close_stream(100)
        return "stayed"

    call = (await begun(reconnect, version)).call()
    assert (await call.start())[1]["content-type"] == "application/json"
    assert said((await call.body())["result"]) == "stayed"


async def test_the_version_is_that_of_the_handshake() -> None:
    client = await begun(chatter)
    params = {"name": "ask", "arguments": {}}
    call = client.send(request("tools/call", params), mcp_protocol_version="2025-03-26")
    await call.start()
    first = await call.event()
    assert first
    assert first.data is None
    assert await client.status(request("ping"), mcp_protocol_version="1.0") == 400


async def test_a_call_is_cancelled_in_its_session() -> None:
    waiting = asyncio.Event()

    async def wait(ctx: Context) -> None:
        waiting.set()
        await asyncio.sleep(30)

    client = await begun(wait)
    call = client.call("a")
    await waiting.wait()
    assert await client.status(request("tools/call", {"name": "ask"}, "a")) == 400
    assert await client.status(cancelled("other")) == 202
    assert await client.status(cancelled("a")) == 202
    status, headers = await call.start()
    assert (status, headers["content-type"]) == (200, "text/event-stream")
    assert await call.events() == []


@pytest.mark.requirement("legacy-6")
async def test_an_older_call_goes_on_without_its_client() -> None:
    release = asyncio.Event()

    async def wait(ctx: Context) -> str:
        await ctx.log("info", "begun")
        await release.wait()
        return "done"

    client = await begun(wait)
    call = client.call()
    await call.start()
    await call.event()
    begun_event = await call.event()
    assert begun_event
    call.disconnect()
    again = client.send(method="GET", last_event_id=str(begun_event.id))
    await again.start()
    release.set()
    (answer,) = await again.events()
    assert said(answer.data["result"]) == "done"


async def test_several_streams_that_belong_to_no_request() -> None:
    client = await begun(quiet)
    first, second = client.send(method="GET"), client.send(method="GET")
    for stream in (first, second):
        status, headers = await stream.start()
        assert (status, headers["content-type"]) == (200, "text/event-stream")
        assert await stream.event()
    first.disconnect()
    await first.task
    client.app.close(grace=0)
    assert await second.events() == []


async def test_a_session_ends() -> None:
    client = await begun(quiet)
    stream = client.send(method="GET")
    await stream.start()
    await stream.event()
    assert await client.status(None, "DELETE") == 200
    assert await stream.events() == []
    for _ in range(2):
        assert await client.status(request("tools/list")) == 404
        assert await client.status(None, "GET") == 404
        assert await client.status(None, "DELETE") == 404
    notification = {"jsonrpc": "2.0", "method": "notifications/unknown"}
    assert await client.status(notification) == 404


@pytest.mark.parametrize(
    "unknown", ["x", "1868a90c-1c1f", "WzEsMl0", "W10", "ZQ", "é", "A" * 5000]
)
async def test_an_unknown_session(unknown: str) -> None:
    client = Client(App(asking(quiet)))
    client.headers = {"mcp_session_id": unknown}
    assert await client.status(request("ping")) == 404
    modern = {"mcp_protocol_version": "2026-07-28"}
    assert await client.status(None, "GET", **modern) == 405
    assert await client.status(None, "DELETE", **modern) == 405


async def test_another_process_takes_a_session() -> None:
    client = await begun(greet)
    client.app = App(asking(greet))
    call = client.call()
    await call.start()
    await call.event()
    await client.answer(await call.event(), {"action": "decline"})
    (answer,) = await call.events()
    assert said(answer.data["result"]) == "decline None"


async def test_a_stream_needs_a_client_that_takes_events() -> None:
    client = await begun(quiet)
    assert await client.status(None, "GET", accept="application/json") == 406


@pytest.mark.requirement("known-22")
def test_abandoned_sessions_cost_little_and_are_forgotten() -> None:
    settled = Session("2025-11-25", CAPABILITIES)
    ids = [session_id(settled) for _ in range(3000)]
    assert len(set(ids)) == 3000
    sessions = Sessions()
    tracemalloc.start()
    for one in ids[:1000]:
        assert sessions.find(one)
    each = tracemalloc.get_traced_memory()[0] / 1000
    tracemalloc.stop()
    assert each < 2048
    for one in ids:
        assert sessions.knows(one)
        assert sessions.find(one)
    assert len(sessions) == 1000


@pytest.mark.requirement("known-22")
def test_idle_sessions_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    sessions = Sessions()
    idle, busy, fresh = (session_id(Session("2025-11-25", {})) for _ in range(3))
    held = sessions.find(busy)
    found = sessions.find(idle)
    assert held
    assert found
    found.session.set_log_level("error")
    held.session.set_log_level("error")
    held.in_flight[1] = None  # type: ignore[assignment]
    now = 1000.0 + 1801
    assert sessions.find(fresh)
    assert len(sessions) == 2
    again, still = sessions.find(idle), sessions.find(busy)
    assert again
    assert still
    assert again.session.log_level == "info"
    assert still.session.log_level == "error"
