"""Completion, log messages, progress and cancellation, in every version and wire."""

from __future__ import annotations

import json
from typing import Any

import pytest
from mcpgen_runtime.session import LEVELS

from .conftest import Connect
from .schemas import LEGACY, MODERN, VERSIONS

LEVEL = "io.modelcontextprotocol/logLevel"
PLAN = {"type": "ref/prompt", "name": "plan"}
NOTE = {"type": "ref/resource", "uri": "notes://of/{day}{?style}"}


def argument(name: str, value: Any = "") -> dict[str, Any]:
    return {"name": name, "value": value}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.requirement("completion-2", "completion-4", "schema-1")
async def test_completions(connect: Connect, version: str) -> None:
    async with connect(version) as client:

        async def complete(**params: Any) -> Any:
            answer = await client.request("completion/complete", **params)
            return answer.result["completion"]

        many = await complete(ref=PLAN, argument=argument("city"))
        assert len(many["values"]) == 100
        assert (many["total"], many["hasMore"]) == (150, True)
        few = await complete(ref=PLAN, argument=argument("city", "word-00"))
        assert (len(few["values"]), few["hasMore"]) == (10, False)
        style = await complete(ref=PLAN, argument=argument("style", "L"))
        assert style["values"] == ["long"]
        none = await complete(ref=PLAN, argument=argument("style", "x"))
        assert none["values"] == []
        known = await complete(
            ref=NOTE,
            argument=argument("day", "mon"),
            context={"arguments": {"style": "long"}},
        )
        assert known["values"] == ["long-mon"]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.requirement("completion-3")
async def test_completions_of_nothing(connect: Connect, version: str) -> None:
    wrong: list[dict[str, Any]] = [
        {},
        {"ref": PLAN},
        {"argument": argument("city")},
        {"ref": PLAN, "argument": {"name": "city"}},
        {"ref": PLAN, "argument": argument("city", 7)},
        {"ref": PLAN, "argument": argument("nope")},
        {"ref": {"type": "ref/prompt", "name": "nope"}, "argument": argument("city")},
        {"ref": {"type": "ref/tool", "name": "echo"}, "argument": argument("text")},
        {"ref": "plan", "argument": argument("city")},
        {"ref": {"type": "ref/resource", "uri": "no://x"}, "argument": argument("x")},
        {"ref": PLAN, "argument": argument("city"), "context": 7},
    ]
    async with connect(version) as client:
        for params in wrong:
            answer = await client.request("completion/complete", **params)
            assert answer.code == -32602, params


@pytest.mark.requirement("logging-2", "logging-3", "stateless-1")
async def test_each_request_names_its_log_level(connect: Connect) -> None:
    async with connect(MODERN) as client:
        for number, level in enumerate(LEVELS):
            client.heard.clear()
            await client.call("chatter", **{LEVEL: level})
            said = client.said("notifications/message")
            assert [one["level"] for one in said] == list(LEVELS[number:])
            assert said[0] == {
                "level": level,
                "logger": "served",
                "data": {"level": level},
            }
        client.heard.clear()
        await client.call("chatter")
        assert client.heard == []


@pytest.mark.parametrize("version", LEGACY)
@pytest.mark.requirement("legacy-7", "logging-3")
async def test_a_session_settles_its_log_level(connect: Connect, version: str) -> None:
    async with connect(version) as client:
        for number, level in enumerate(LEVELS):
            client.heard.clear()
            answer = await client.request("logging/setLevel", level=level)
            assert answer.result == {}
            await client.call("chatter")
            said = client.said("notifications/message")
            assert [one["level"] for one in said] == list(LEVELS[number:])
        assert (await client.request("logging/setLevel", level="loud")).code == -32602
        client.heard.clear()
        await client.call("chatter")
        assert len(client.heard) == 1


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("token", ["t", "", 7, 0])
@pytest.mark.requirement("progress-1", "progress-2", "progress-3", "schema-1")
async def test_progress(connect: Connect, version: str, token: Any) -> None:
    async with connect(version) as client:
        await client.call("steps", progressToken=token)
        await client.call("release")
        await client.settle()
        reports = client.said("notifications/progress")
        assert [report["progress"] for report in reports] == [1, 2, 3]
        for report in reports:
            assert report["progressToken"] == token
            assert type(report["progressToken"]) is type(token)
            assert ("message" in report) is (version >= "2025-03-26")


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.requirement("progress-1")
async def test_progress_that_nobody_asked_for(connect: Connect, version: str) -> None:
    async with connect(version) as client:
        await client.call("steps")
        tokens: list[Any] = [None, True, 1.5, [1], {}]
        for token in tokens:
            await client.call("steps", progressToken=token)
        await client.settle()
        assert client.heard == []


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.requirement("cancellation-1", "cancellation-2", "cancellation-3")
@pytest.mark.requirement("known-30")
async def test_a_cancelled_call_is_silent(connect: Connect, version: str) -> None:
    name = f"{version}-silent"
    async with connect(version) as client:
        params = {"name": "hold", "arguments": {"name": name}}
        meta = {"progressToken": 1, LEVEL: "debug"}
        held = client.message("tools/call", "held", **params, _meta=meta)
        answer = client.begin(held)
        await client.hears("notifications/progress")
        await client.cancel("held")
        await client.cancelled(name)
        await client.settle()
        assert not answer.done()
        assert client.strange == []
        assert client.said("notifications/cancelled") == []
        assert len(client.said("notifications/progress")) == 1


@pytest.mark.parametrize("version", LEGACY)
@pytest.mark.requirement("cancellation-4", "json-rpc-3")
@pytest.mark.requirement("known-31")
async def test_only_the_very_id_is_cancelled(connect: Connect, version: str) -> None:
    async with connect(version) as client:
        params = {"name": "hold", "arguments": {}, "_meta": {"progressToken": 1}}
        answer = client.begin(client.message("tools/call", 1, **params))
        await client.hears("notifications/progress")
        for other in ("1", True, 1.0, 2, None, [1]):
            if other == 1 and type(other) is float:
                continue
            await client.tell("notifications/cancelled", requestId=other)
        await client.settle()
        assert not answer.done()
        await client.call("release")
        assert (await answer).result["content"][0]["text"] == "held"


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.requirement("json-rpc-1", "errors-4")
async def test_what_json_cannot_write_is_not_sent(
    connect: Connect, version: str
) -> None:
    async with connect(version) as client:
        result = (await client.call("odd_number", **{LEVEL: "debug"})).result
        assert result["isError"] is True
        assert client.heard == []
        text = (await client.call("not_json")).result["content"][0]["text"]
        with pytest.raises(ValueError, match="NaN"):
            json.loads(text, parse_constant=_refuse)


def _refuse(constant: str) -> Any:
    raise ValueError(constant)
