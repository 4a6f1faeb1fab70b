"""The tasks extension: what becomes a task, and what is said of it, over both wires."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

import pytest

from .conftest import Connect
from .schemas import LEGACY, MODERN

TASKS = "io.modelcontextprotocol/tasks"
WITH: dict[str, Any] = {"extensions": {TASKS: {}}, "elicitation": {}}
ENDED = ("completed", "failed", "cancelled")
NAMES = {
    key: {"action": "accept", "content": {"name": key}} for key in ("first", "second")
}


async def born(client: Any, tool: str, **params: Any) -> str:
    """The id of the task that a call becomes."""
    answer = await client.request("tools/call", name=tool, arguments={}, **params)
    assert answer.result["resultType"] == "task"
    found: str = answer.result["taskId"]
    return found


async def until(client: Any, task: str, *statuses: str) -> Any:
    """What is said of a task once it has one of these statuses."""
    async with asyncio.timeout(30):
        while True:
            found = (await client.request("tasks/get", taskId=task)).result
            assert found["resultType"] == "complete"
            if found["status"] in statuses:
                return found
            await asyncio.sleep(0.02)


@pytest.mark.requirement("tasks-3", "tasks-4", "tasks-10", "tasks-12", "stateless-3")
@pytest.mark.requirement("meta-4")
async def test_a_call_becomes_a_task(connect: Connect) -> None:
    meta = {"progressToken": 1, "io.modelcontextprotocol/logLevel": "debug"}
    async with connect(MODERN, **WITH) as client:
        params = {"name": "job", "arguments": {}, "_meta": meta}
        result = (await client.request("tools/call", **params)).result
        assert "io.modelcontextprotocol/serverInfo" in result.pop("_meta")
        assert result.pop("resultType") == "task"
        assert set(result) == {
            "taskId",
            "status",
            "createdAt",
            "lastUpdatedAt",
            "ttlMs",
            "pollIntervalMs",
        }
        assert len(result["taskId"]) >= 22
        for member in ("createdAt", "lastUpdatedAt"):
            assert datetime.fromisoformat(result[member]).tzinfo is not None
        assert type(result["ttlMs"]) is type(result["pollIntervalMs"]) is int
        done = await until(client, result["taskId"], *ENDED)
        assert done["status"] == "completed"
        assert done["result"]["content"] == [{"type": "text", "text": "worked"}]
        assert done.keys().isdisjoint({"error", "inputRequests", "requestState"})
        assert client.heard == []
        other = await born(client, "job")
        assert other[:8] != result["taskId"][:8]


@pytest.mark.requirement("tasks-2", "versions-6", "meta-3")
async def test_a_client_without_tasks(connect: Connect) -> None:
    async with connect(MODERN) as client:
        result = (await client.call("job")).result
        assert result["resultType"] == "complete"
        assert result["content"][0]["text"] == "worked"
        needed: Any = {"requiredCapabilities": {"extensions": {TASKS: {}}}}
        refused = await client.call("job_required")
        assert (refused.code, refused.error["data"]) == (-32021, needed)
        for method in ("tasks/get", "tasks/update", "tasks/cancel"):
            refused = await client.request(method, taskId="x", inputResponses={})
            assert (refused.code, refused.error["data"]) == (-32021, needed)
            assert refused.status in (None, 400)


@pytest.mark.requirement("tasks-5", "tasks-9")
async def test_how_tasks_end(connect: Connect) -> None:
    async with connect(MODERN, **WITH) as client:
        for tool, status, member in [
            ("job", "completed", "result"),
            ("job_required", "completed", "result"),
            ("job_broken", "failed", "error"),
        ]:
            task = await born(client, tool)
            ended = await until(client, task, *ENDED)
            assert ended["status"] == status
            assert member in ended
            await client.request("tasks/cancel", taskId=task)
            assert (await until(client, task, *ENDED))["status"] == status
            if tool == "job_required":
                assert ended["result"]["isError"] is True
            if status == "failed":
                assert ended["error"]["code"] == -32603
                assert ended["statusMessage"]


@pytest.mark.requirement("tasks-6", "tasks-9", "cancellation-4")
async def test_a_task_is_cancelled(connect: Connect) -> None:
    async with connect(MODERN, **WITH) as client:
        task = await born(client, "job_forever")
        assert (await until(client, task, "working"))["status"] == "working"
        for _ in range(2):
            ack = (await client.request("tasks/cancel", taskId=task)).result
            assert ack.pop("_meta")
            assert ack == {"resultType": "complete"}
        assert (await until(client, task, *ENDED))["status"] == "cancelled"


@pytest.mark.requirement("tasks-4", "tasks-6", "tasks-11", "rounds-8")
async def test_rounds_come_before_a_task_and_its_questions_after(
    connect: Connect,
) -> None:
    call: dict[str, Any] = {"name": "job_asking", "arguments": {}}
    async with connect(MODERN, **WITH) as client:
        asked = (await client.request("tools/call", **call)).result
        assert asked["resultType"] == "input_required"
        assert set(asked["inputRequests"]) == {"name"}
        task = await born(
            client,
            "job_asking",
            inputResponses={"name": NAMES["first"]},
            requestState=asked["requestState"],
        )
        open_ = await until(client, task, "input_required")
        assert set(open_["inputRequests"]) == {"first", "second"}
        strange = {"unknown": {"action": "accept"}, "name": NAMES["first"]}
        for responses, left in [
            (strange, {"first", "second"}),
            ({"second": NAMES["second"]}, {"first"}),
            ({"second": {"action": "decline"}}, {"first"}),
        ]:
            ack = await client.request(
                "tasks/update", taskId=task, inputResponses=responses
            )
            assert set(ack.result) == {"resultType", "_meta"}
            still = await until(client, task, "input_required")
            assert set(still["inputRequests"]) == left
        responses = {"first": NAMES["first"]}
        await client.request("tasks/update", taskId=task, inputResponses=responses)
        ended = await until(client, task, *ENDED)
        assert ended["result"]["content"][0]["text"] == "first first second"


@pytest.mark.requirement("tasks-7", "tasks-8")
async def test_requests_about_no_task(connect: Connect) -> None:
    async with connect(MODERN, **WITH) as client:
        for method in ("tasks/get", "tasks/update", "tasks/cancel"):
            for task in ("nope", "", 7, None):
                refused = await client.request(method, taskId=task, inputResponses={})
                assert refused.code == -32602, (method, task)
        for method in ("tasks/list", "tasks/result"):
            assert (await client.request(method, taskId="x")).code == -32601
        answer = await client.request(
            "tools/call", name="echo", arguments={"text": "tea"}, task={"ttl": 1}
        )
        assert answer.result["resultType"] == "complete"


@pytest.mark.parametrize("version", LEGACY)
@pytest.mark.requirement("tasks-1", "versions-6")
async def test_older_versions_have_none_of_it(connect: Connect, version: str) -> None:
    async with connect(version, **WITH) as client:
        result = (await client.call("job")).result
        assert result["content"][0]["text"] == "worked"
        assert "taskId" not in result
        assert (await client.request("tasks/get", taskId="x")).code == -32601
