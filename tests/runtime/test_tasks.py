"""Calls that go on as tasks: who gets one, its life, and what it asks."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from mcpgen_runtime import Context, stateless, tasks
from mcpgen_runtime.client import connect
from mcpgen_runtime.content import Result
from mcpgen_runtime.dispatch import Connection
from mcpgen_runtime.errors import RequestError
from mcpgen_runtime.messages import dumps, parse
from mcpgen_runtime.middleware import Call, Next

from .asking import FORM, asking, said
from .test_dispatch import Wire

TASKS = "io.modelcontextprotocol/tasks"
CAPABILITIES: dict[str, Any] = {"extensions": {TASKS: {}}, "elicitation": {"form": {}}}
OCTOCAT = {"action": "accept", "content": {"name": "octocat"}}
HUBOT = {"action": "accept", "content": {"name": "hubot"}}


class Client:
    """A client of the stateless protocol that takes tasks."""

    def __init__(self, handler: Any, capabilities: Any = CAPABILITIES) -> None:
        self.server = server = asking(handler)
        server.enable_tasks()
        self.wire = Wire(server)
        self.meta = stateless.request_meta("2026-07-28", capabilities)

    async def send(self, method: str, **params: Any) -> Any:
        self.wire.sent.clear()
        message = {"jsonrpc": "2.0", "id": 1, "method": method}
        self.wire.say(message | {"params": {"_meta": self.meta, **params}})
        for _ in range(1000):
            if self.wire.sent:
                break
            await asyncio.sleep(0.002)
        (answer,) = self.wire.sent
        return answer

    async def call(self, **params: Any) -> Any:
        return (await self.send("tools/call", name="ask", **params))["result"]

    async def get(self, task: Any) -> Any:
        return (await self.send("tasks/get", taskId=task["taskId"]))["result"]

    async def until(self, task: Any, status: str) -> Any:
        for _ in range(500):
            found = await self.get(task)
            if found["status"] == status:
                return found
            await asyncio.sleep(0.01)
        raise TimeoutError(f"the task is {found['status']}, not {status}")


async def slow(ctx: Context) -> str:
    await ctx.as_task()
    await ctx.progress(1)
    await ctx.log("error", "not for tasks")
    await asyncio.sleep(0.05)
    return "computed"


async def test_a_call_goes_on_as_a_task() -> None:
    client = Client(slow)
    task = await client.call()
    assert task["resultType"] == "task"
    assert task["status"] == "working"
    assert set(task) == {
        *("resultType", "taskId", "status", "createdAt", "lastUpdatedAt"),
        *("ttlMs", "pollIntervalMs", "_meta"),
    }
    working = await client.get(task)
    assert working["resultType"] == "complete"
    assert working["status"] == "working"
    done = await client.until(task, "completed")
    assert said(done["result"]) == "computed"
    assert done["lastUpdatedAt"] > task["lastUpdatedAt"]
    assert (await client.send("tasks/cancel", taskId=task["taskId"]))["result"]
    assert (await client.get(task))["status"] == "completed"


async def test_a_client_without_tasks_gets_the_result() -> None:
    assert said(await Client(slow, {}).call()) == "computed"
    async with connect(asking(slow)) as client:
        assert said(await client.call_tool("ask")) == "computed"


@pytest.mark.parametrize("version", ["2025-11-25", "2026-07-28"])
async def test_what_can_only_be_a_task_needs_a_client_that_takes_them(
    version: str,
) -> None:
    async def only(ctx: Context) -> None:
        await ctx.as_task(required=True)

    server = asking(only)
    server.enable_tasks()
    async with connect(server, version) as client:
        with pytest.raises(RequestError) as raised:
            await client.call_tool("ask")
    assert raised.value.code == -32021
    required: dict[str, Any] = {"requiredCapabilities": {"extensions": {TASKS: {}}}}
    assert raised.value.data == required


async def test_a_handler_decides_whether_it_becomes_a_task() -> None:
    async def quick(ctx: Context) -> str:
        return "quick"

    assert said(await Client(quick).call()) == "quick"


async def test_rounds_come_before_the_task() -> None:
    async def ask_first(ctx: Context) -> str:
        answer = await ctx.elicit("Your name?", FORM, key="user_name")
        await ctx.as_task()
        await asyncio.sleep(0.01)
        return f"Hello, {(answer.content or {})['name']}"

    client = Client(ask_first)
    asked = await client.call()
    assert asked["resultType"] == "input_required"
    answers = {"user_name": OCTOCAT}
    task = await client.call(inputResponses=answers, requestState=asked["requestState"])
    assert task["resultType"] == "task"
    done = await client.until(task, "completed")
    assert said(done["result"]) == "Hello, octocat"


async def test_a_task_asks_and_takes_answers_one_by_one() -> None:
    async def ask_both(ctx: Context) -> Any:
        await ctx.as_task()
        answers = await asyncio.gather(
            ctx.elicit("Your name?", FORM, key="a"),
            ctx.elicit("Another?", FORM, key="a"),
        )
        return [(answer.content or {})["name"] for answer in answers]

    client = Client(ask_both)
    task = await client.call()
    asked = await client.until(task, "input_required")
    assert set(asked["inputRequests"]) == {"a", "a-2"}
    assert asked["inputRequests"]["a"]["method"] == "elicitation/create"
    for answers in ({"a": OCTOCAT, "unknown": 7}, {"a": HUBOT}):
        acknowledged = await client.send(
            "tasks/update", taskId=task["taskId"], inputResponses=answers
        )
        assert acknowledged["result"]["resultType"] == "complete"
        assert set((await client.get(task))["inputRequests"]) == {"a-2"}
    params = {"taskId": task["taskId"], "inputResponses": {"a-2": HUBOT}}
    await client.send("tasks/update", **params)
    done = await client.until(task, "completed")
    assert said(done["result"]) == ["octocat", "hubot"]
    assert "inputRequests" not in done


async def test_an_error_of_the_protocol_fails_the_task() -> None:
    async def refuse(ctx: Context) -> None:
        await ctx.as_task()
        raise RequestError(-32602, "No such thing", {"uri": "a:b"})

    client = Client(refuse)
    failed = await client.until(await client.call(), "failed")
    error = {"code": -32602, "message": "No such thing", "data": {"uri": "a:b"}}
    assert failed["error"] == error
    assert failed["statusMessage"] == "No such thing"
    assert "result" not in failed


async def test_an_exception_says_nothing(caplog: pytest.LogCaptureFixture) -> None:
    async def broken(ctx: Context) -> None:
        await ctx.as_task()
        raise ValueError("the password is teapot")

    client = Client(broken)
    failed = await client.until(await client.call(), "failed")
    assert failed["error"] == {"code": -32603, "message": "Internal error"}
    assert "teapot" in caplog.text


async def test_a_task_is_cancelled() -> None:
    stopped = asyncio.Event()

    async def endless(ctx: Context) -> None:
        await ctx.as_task()
        try:
            await asyncio.sleep(30)
        finally:
            stopped.set()

    client = Client(endless)
    task = await client.call()
    for _ in range(2):
        await client.send("tasks/cancel", taskId=task["taskId"])
        assert (await client.get(task))["status"] == "cancelled"
    async with asyncio.timeout(1):
        await stopped.wait()


@pytest.mark.parametrize("method", ["tasks/get", "tasks/update", "tasks/cancel"])
async def test_requests_about_tasks(method: str) -> None:
    client = Client(slow)
    for task_id in ("unknown", 7, None):
        answer = await client.send(method, taskId=task_id, inputResponses={})
        assert answer["error"]["code"] == -32602
    answer = await Client(slow, {}).send(method, taskId="unknown")
    assert answer["error"]["code"] == -32021


async def test_answers_to_a_task_must_be_an_object() -> None:
    client = Client(slow)
    task = await client.call()
    answer = await client.send("tasks/update", taskId=task["taskId"])
    assert answer["error"]["code"] == -32602


async def test_what_the_extension_does_not_have() -> None:
    client = Client(slow)
    for method in ("tasks/list", "tasks/result"):
        assert (await client.send(method))["error"]["code"] == -32601
    async with connect(asking(slow), "2026-07-28") as other:
        with pytest.raises(RequestError) as raised:
            await other.request("tasks/get", {"taskId": "x"})
        assert raised.value.code == -32601
        discovered = await other.request("server/discover")
        assert "extensions" not in discovered["capabilities"]
    discovered = await client.send("server/discover")
    assert discovered["result"]["capabilities"]["extensions"] == {TASKS: {}}


@pytest.mark.requirement("tasks-3")
async def test_tasks_are_bounded_and_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "_TASKS", 1)
    client = Client(slow)
    task = await client.call()
    answer = await client.send("tools/call", name="ask")
    assert "Too many tasks" in answer["error"]["message"]
    await client.until(task, "completed")
    monkeypatch.setattr(tasks, "_LIFETIME", 0)
    again = await client.send("tasks/get", taskId=task["taskId"])
    assert again["error"]["code"] == -32602


async def test_tasks_end_with_their_server() -> None:
    async def endless(ctx: Context) -> None:
        await ctx.as_task()
        await asyncio.sleep(30)

    client = Client(endless)
    server = client.wire.connection._server
    async with server.running():
        task = await client.call()
    assert (await client.get(task))["status"] == "cancelled"


async def test_a_cancelled_call_is_not_a_task_yet() -> None:
    async def wait(ctx: Context) -> None:
        try:
            await asyncio.sleep(30)
        finally:
            stopped.set()

    stopped = asyncio.Event()
    client = Client(wait)
    call = asyncio.create_task(client.call())
    await asyncio.sleep(0.02)
    cancel = {"jsonrpc": "2.0", "method": "notifications/cancelled"}
    client.wire.say(cancel | {"params": {"requestId": 1}})
    async with asyncio.timeout(1):
        await stopped.wait()
    call.cancel()


async def test_a_result_keeps_every_digit_of_its_numbers() -> None:
    numbers = b'{"price":1.10,"huge":1e999,"id":12345678901234567890.0}'

    async def priced(call: Call, next: Next) -> Result:
        await call.context.as_task()
        return Result(content=(), structured=numbers)

    async def never(ctx: Context) -> None: ...

    client = Client(never)
    client.server._middleware.insert(0, priced)
    task = await client.call()
    await client.until(task, "completed")
    message = {"jsonrpc": "2.0", "id": 1, "method": "tasks/get"}
    params = {"_meta": client.meta, "taskId": task["taskId"]}
    raw: list[bytes] = []
    connection = Connection(client.server, raw.append)
    connection.receive(parse(dumps(message | {"params": params})))
    await connection.finish()
    await asyncio.sleep(0)
    assert numbers in raw[0]


async def test_a_question_that_is_given_up_is_open_no_more() -> None:
    given_up = asyncio.Event()

    async def impatient(ctx: Context) -> str:
        await ctx.as_task()
        try:
            async with asyncio.timeout(0.05):
                await ctx.elicit("Your name?", FORM, key="name")
        except TimeoutError:
            given_up.set()
        await finished.wait()
        return "without a name"

    finished = asyncio.Event()
    client = Client(impatient)
    task = await client.call()
    async with asyncio.timeout(30):
        await given_up.wait()
    details = await client.get(task)
    assert details["status"] == "working"
    assert "inputRequests" not in details
    late = {"inputResponses": {"name": OCTOCAT}}
    assert (await client.send("tasks/update", taskId=task["taskId"], **late))["result"]
    finished.set()
    done = await client.until(task, "completed")
    assert said(done["result"]) == "without a name"


async def test_what_has_ended_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "_TASKS", 3)
    release = asyncio.Event()

    async def wait(ctx: Context) -> str:
        await ctx.as_task()
        await release.wait()
        return "done"

    client = Client(wait)
    first = await client.call()
    release.set()
    await client.until(first, "completed")
    release.clear()
    others = [await client.call() for _ in range(3)]
    answer = await client.send("tasks/get", taskId=first["taskId"])
    assert answer["error"]["code"] == -32602
    assert (await client.send("tools/call", name="ask"))["error"]["code"] == -32603
    for task in others:
        assert (await client.get(task))["status"] == "working"
    release.set()


async def test_results_are_bounded_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "_RESULTS", 100_000)

    async def much(ctx: Context) -> str:
        await ctx.as_task()
        return "x" * 10_000

    client = Client(much)
    made = []
    for _ in range(20):
        made.append(await client.call())
        await client.until(made[-1], "completed")
    found = [await client.send("tasks/get", taskId=t["taskId"]) for t in made]
    kept = ["result" in answer for answer in found]
    assert kept == sorted(kept)
    assert 1 <= sum(kept) < 10
