"""Subscriptions to tasks: who may have one, and what it is told."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from mcpgen_runtime import Context, Server, stateless
from mcpgen_runtime.client import Client, connect
from mcpgen_runtime.errors import RequestError
from mcpgen_runtime.transports.http import App

from .asking import FORM, asking, said
from .driven import Driven

MODERN = "2026-07-28"
TASKS = "io.modelcontextprotocol/tasks"
SUBSCRIPTION = "io.modelcontextprotocol/subscriptionId"
OCTOCAT = {"action": "accept", "content": {"name": "octocat"}}
LISTEN = "subscriptions/listen"
META = stateless.request_meta(
    MODERN, {"extensions": {TASKS: {}}, "elicitation": {"form": {}}}
)


async def greet(ctx: Context) -> str:
    await ctx.as_task()
    answer = await ctx.elicit("Your name?", FORM, key="name")
    return f"Hello, {(answer.content or {})['name']}"


def greeting() -> Server:
    server = asking(greet)
    server.enable_tasks()
    return server


class Told:
    """What a client is notified of, one after another."""

    def __init__(self, client: Client) -> None:
        self._all = client.notifications
        self._client = client
        self._came = asyncio.Event()
        hear = client._channel.heard

        def heard(message: dict[str, Any]) -> None:
            hear(message)
            self._came.set()

        client._channel.heard = heard

    async def next(self) -> dict[str, Any]:
        async with asyncio.timeout(30):
            while not self._all:
                self._came.clear()
                await self._came.wait()
        params: dict[str, Any] = self._all.pop(0)["params"]
        return params


@pytest.mark.requirement("tasks-13")
async def test_each_change_is_told_with_all_there_is_to_say() -> None:
    async with connect(greeting(), MODERN) as client:
        told = Told(client)
        named = {"name": "ask", "_meta": META}
        task = await client.request("tools/call", named)
        wanted = {"taskIds": [task["taskId"], "unknown", task["taskId"]]}
        params = {"notifications": wanted, "_meta": META}
        listening = asyncio.create_task(client.request(LISTEN, params))
        acknowledged = await told.next()
        assert acknowledged["notifications"] == {"taskIds": [task["taskId"]]}
        asked = await told.next()
        assert asked["_meta"] == acknowledged["_meta"]
        assert asked["status"] == "input_required"
        assert set(asked["inputRequests"]) == {"name"}
        about = {"taskId": task["taskId"], "_meta": META}
        answers = {"inputResponses": {"name": OCTOCAT}}
        await client.request("tasks/update", about | answers)
        assert (await told.next())["status"] == "working"
        done = await told.next()
        assert said(done["result"]) == "Hello, octocat"
        got = await client.request("tasks/get", about)
        assert {key: got[key] for key in done if key != "_meta"} == {
            key: value for key, value in done.items() if key != "_meta"
        }
        assert client.notifications == []
        await client.close()
        await listening


@pytest.mark.requirement("tasks-13")
async def test_a_client_without_tasks_has_no_such_subscription() -> None:
    async with connect(greeting(), MODERN) as client:
        with pytest.raises(RequestError) as raised:
            await client.request(LISTEN, {"notifications": {"taskIds": []}})
    assert raised.value.code == -32021
    assert raised.value.data == {"requiredCapabilities": {"extensions": {TASKS: {}}}}


@pytest.mark.parametrize("ids", [7, "x", [7], {}])
@pytest.mark.requirement("tasks-13")
async def test_task_ids_must_be_a_list_of_ids(ids: Any) -> None:
    params = {"notifications": {"taskIds": ids}, "_meta": META}
    async with connect(greeting(), MODERN) as client:
        with pytest.raises(RequestError) as raised:
            await client.request(LISTEN, params)
    assert raised.value.code == -32602


@pytest.mark.requirement("tasks-13")
async def test_over_http() -> None:
    app = App(greeting())

    def post(method: str, about: str | None = None, **params: Any) -> Driven:
        message = {"jsonrpc": "2.0", "id": method, "method": method}
        headers = {"mcp_protocol_version": MODERN, "mcp_method": method}
        if about is not None:
            headers["mcp_name"] = about
        return Driven(app, message | {"params": {**params, "_meta": META}}, **headers)

    called = post("tools/call", "ask", name="ask")
    await called.start()
    task = (await called.body())["result"]["taskId"]
    stream = post(LISTEN, notifications={"taskIds": [task]})
    await stream.start()
    for expected in ("notifications/subscriptions/acknowledged", "notifications/tasks"):
        event = await stream.event()
        assert event
        assert event.data["method"] == expected
        assert event.data["params"]["_meta"] == {SUBSCRIPTION: LISTEN}
    cancelled = post("tasks/cancel", task, taskId=task)
    await cancelled.start()
    event = await stream.event()
    assert event
    assert event.data["params"]["status"] == "cancelled"
    app.close(grace=0)
    (result,) = await stream.events()
    assert result.data["result"]["resultType"] == "complete"
