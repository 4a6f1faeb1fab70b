"""One handler, every version: what it logs, reports and asks, over a connection."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from mcpgen_runtime import Context
from mcpgen_runtime.client import connect
from mcpgen_runtime.errors import RequestError

from .asking import FORM, asking, said

LEGACY = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"]
MODERN = "2026-07-28"
WITH_FORMS = ["2025-06-18", "2025-11-25", MODERN]
LEVEL = "io.modelcontextprotocol/logLevel"


def call(**meta: Any) -> dict[str, Any]:
    return {"name": "ask", "arguments": {}, "_meta": meta}


async def answer_octocat(params: dict[str, Any]) -> dict[str, Any]:
    return {"action": "accept", "content": {"name": "octocat"}}


async def decline(params: dict[str, Any]) -> dict[str, Any]:
    return {"action": "decline"}


async def complete(params: dict[str, Any]) -> dict[str, Any]:
    text = f"{params['maxTokens']} tokens"
    return {"role": "assistant", "content": {"type": "text", "text": text}}


async def home(params: dict[str, Any]) -> dict[str, Any]:
    return {"roots": [{"uri": "file:///home", "name": "home"}]}


async def greet(ctx: Context) -> str:
    answer = await ctx.elicit("What is your name?", FORM)
    return f"{answer.action} {(answer.content or {}).get('name')}"


async def work(ctx: Context) -> str:
    for step, message in ((0, "begin"), (50, "half"), (50, "still"), (100, "done")):
        await ctx.progress(step, 100, message)
    return "worked"


@pytest.mark.parametrize("version", [*LEGACY, MODERN])
@pytest.mark.parametrize("token", ["t", 7])
async def test_progress_is_reported_while_it_grows(version: str, token: Any) -> None:
    async with connect(asking(work), version) as client:
        await client.request("tools/call", call(progressToken=token))
        reports = [n["params"] for n in client.notifications]
    assert [report["progress"] for report in reports] == [0, 50, 100]
    assert {report["progressToken"] for report in reports} == {token}
    assert ("message" in reports[0]) is (version >= "2025-03-26")


@pytest.mark.parametrize("meta", [{}, {"progressToken": True}, {"progressToken": [1]}])
async def test_progress_without_a_token_is_not_reported(meta: dict[str, Any]) -> None:
    async with connect(asking(work)) as client:
        assert said(await client.request("tools/call", call(**meta))) == "worked"
        assert client.notifications == []


async def test_nothing_is_said_once_the_request_is_answered() -> None:
    contexts: list[Context] = []

    async def keep(ctx: Context) -> None:
        contexts.append(ctx)

    async with connect(asking(keep)) as client:
        await client.request("tools/call", call(progressToken=1))
        await contexts[0].progress(1)
        await contexts[0].log("error", "late")
        assert client.notifications == []


async def chatter(ctx: Context) -> None:
    await ctx.log("debug", "detail")
    await ctx.log("info", {"any": "value"}, logger="shop")
    await ctx.log("error", "broken")


def logged(notifications: list[dict[str, Any]]) -> list[str]:
    assert {n["method"] for n in notifications} <= {"notifications/message"}
    return [notification["params"]["level"] for notification in notifications]


@pytest.mark.parametrize("version", LEGACY)
async def test_a_session_settles_its_log_level(version: str) -> None:
    async with connect(asking(chatter), version) as client:
        await client.call_tool("ask")
        assert logged(client.notifications) == ["info", "error"]
        info = client.notifications[0]["params"]
        assert info == {"level": "info", "logger": "shop", "data": {"any": "value"}}
        for level, expected in (("debug", 3), ("warning", 1), ("emergency", 0)):
            client.notifications.clear()
            assert await client.request("logging/setLevel", {"level": level}) == {}
            await client.call_tool("ask")
            assert len(logged(client.notifications)) == expected
        with pytest.raises(RequestError, match="log level") as raised:
            await client.request("logging/setLevel", {"level": "loud"})
        assert raised.value.code == -32602


async def test_a_stateless_request_names_its_own_log_level() -> None:
    async with connect(asking(chatter), MODERN) as client:
        await client.call_tool("ask")
        assert client.notifications == []
        await client.request("tools/call", call(**{LEVEL: "error"}))
        assert logged(client.notifications) == ["error"]
        with pytest.raises(RequestError, match="log level") as raised:
            await client.request("tools/call", call(**{LEVEL: "loud"}))
        assert raised.value.code == -32602
        with pytest.raises(RequestError) as raised:
            await client.request("logging/setLevel", {"level": "debug"})
        assert raised.value.code == -32601


@pytest.mark.parametrize("version", [*LEGACY, MODERN])
async def test_logging_is_declared(version: str) -> None:
    async with connect(asking(chatter), version) as client:
        method = "server/discover" if version == MODERN else "initialize"
        result = await client.request(method, {"protocolVersion": version})
    assert result["capabilities"]["logging"] == {}


async def test_a_wrong_level_is_the_handlers_mistake() -> None:
    async def shout(ctx: Context) -> None:
        await ctx.log("loud", "!")

    async with connect(asking(shout)) as client:
        with pytest.raises(RequestError, match="Internal error"):
            await client.call_tool("ask")


@pytest.mark.parametrize("version", WITH_FORMS)
async def test_a_form(version: str) -> None:
    asked: list[dict[str, Any]] = []

    async def answer(params: dict[str, Any]) -> dict[str, Any]:
        asked.append(params)
        return await answer_octocat(params)

    async with connect(asking(greet), version, elicit=answer) as client:
        assert said(await client.call_tool("ask")) == "accept octocat"
    (params,) = asked
    assert params["requestedSchema"] == FORM
    assert ("mode" in params) is (version >= "2025-11-25")


@pytest.mark.parametrize("version", WITH_FORMS)
async def test_a_form_can_be_declined(version: str) -> None:
    async with connect(asking(greet), version, elicit=decline) as client:
        assert said(await client.call_tool("ask")) == "decline None"


@pytest.mark.parametrize("version", WITH_FORMS)
@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"action": "accept", "content": {"name": 1}}, "name"),
        ({"action": "accept"}, "name"),
        ({"action": "maybe"}, "action"),
        ({"action": "accept", "content": []}, "content"),
    ],
)
async def test_an_answer_must_fit(version: str, wrong: Any, reason: str) -> None:
    async def answer(params: dict[str, Any]) -> dict[str, Any]:
        answered: dict[str, Any] = wrong
        return answered

    async with connect(asking(greet), version, elicit=answer) as client:
        with pytest.raises(RequestError, match=reason) as raised:
            await client.call_tool("ask")
    assert raised.value.code == -32602


TITLED = {
    "type": "object",
    "properties": {
        "size": {"type": "string", "oneOf": [{"const": "s", "title": "Small"}]},
        "name": {"type": "string", "default": "octocat"},
        "gift": {"type": "boolean", "default": True},
    },
}
OLDER = {
    "type": "object",
    "properties": {
        "size": {"type": "string", "enum": ["s"], "enumNames": ["Small"]},
        "name": {"type": "string"},
        "gift": {"type": "boolean", "default": True},
    },
}


@pytest.mark.parametrize("version", WITH_FORMS)
async def test_a_form_is_one_that_the_version_has(version: str) -> None:
    asked: list[dict[str, Any]] = []

    async def answer(params: dict[str, Any]) -> dict[str, Any]:
        asked.append(params["requestedSchema"])
        return {"action": "accept", "content": {"size": "s"}}

    async def choose(ctx: Context) -> Any:
        return (await ctx.elicit("Which?", TITLED)).content

    async with connect(asking(choose), version, elicit=answer) as client:
        assert said(await client.call_tool("ask")) == {"size": "s"}
    assert asked == [OLDER if version == "2025-06-18" else TITLED]


@pytest.mark.parametrize("version", ["2025-11-25", MODERN])
async def test_a_page_that_is_done(version: str) -> None:
    asked: list[dict[str, Any]] = []

    async def answer(params: dict[str, Any]) -> dict[str, Any]:
        asked.append(params)
        return {"action": "accept"}

    async def sign_in(ctx: Context) -> None:
        await ctx.page_done(await ctx.elicit_url("Sign in", "https://shop.test/in"))

    async with connect(asking(sign_in), version, elicit=answer) as client:
        await client.call_tool("ask")
    told = [(n["method"], n["params"]) for n in client.notifications]
    if version == MODERN:
        assert told == []
    else:
        about = {"elicitationId": asked[0]["elicitationId"]}
        assert told == [("notifications/elicitation/complete", about)]


@pytest.mark.parametrize("version", ["2025-11-25", MODERN])
async def test_a_page_to_open(version: str) -> None:
    asked: list[dict[str, Any]] = []

    async def answer(params: dict[str, Any]) -> dict[str, Any]:
        asked.append(params)
        return {"action": "accept"}

    async def sign_in(ctx: Context) -> str:
        return (await ctx.elicit_url("Sign in", "https://shop.test/in")).action

    async with connect(asking(sign_in), version, elicit=answer) as client:
        assert said(await client.call_tool("ask")) == "accept"
    (params,) = asked
    assert (params["mode"], params["url"]) == ("url", "https://shop.test/in")
    assert ("elicitationId" in params) is (version != MODERN)


@pytest.mark.parametrize("version", [*LEGACY, MODERN])
async def test_sampling_and_roots(version: str) -> None:
    async def both(ctx: Context) -> Any:
        message = {"role": "user", "content": {"type": "text", "text": "Hi"}}
        sampled = await ctx.sample([message], max_tokens=100, systemPrompt="Be brief")
        return [sampled["content"]["text"], await ctx.roots()]

    async with connect(asking(both), version, sample=complete, roots=home) as client:
        text, roots = said(await client.call_tool("ask"))
    assert text == "100 tokens"
    assert roots == [{"uri": "file:///home", "name": "home"}]


@pytest.mark.parametrize("version", [*LEGACY, MODERN])
@pytest.mark.parametrize(
    ("capability", "required"),
    [
        ("sampling", {"sampling": {}}),
        ("sampling.tools", {"sampling": {"tools": {}}}),
        ("elicitation.url", {"elicitation": {"url": {}}}),
        ("roots", {"roots": {}}),
    ],
)
async def test_a_missing_capability(
    version: str, capability: str, required: dict[str, Any]
) -> None:
    async def need(ctx: Context) -> None:
        assert ctx.client_capabilities == {}
        ctx.require(capability)

    async with connect(asking(need), version) as client:
        with pytest.raises(RequestError, match=capability) as raised:
            await client.call_tool("ask")
    assert raised.value.code == -32021
    assert raised.value.data == {"requiredCapabilities": required}


@pytest.mark.parametrize("version", ["2024-11-05", "2025-03-26"])
async def test_a_version_without_forms_has_none(version: str) -> None:
    async with connect(asking(greet), version, elicit=decline) as client:
        with pytest.raises(RequestError) as raised:
            await client.call_tool("ask")
    assert raised.value.code == -32021


async def test_a_client_that_answers_with_an_error(
    caplog: pytest.LogCaptureFixture,
) -> None:
    from .test_dispatch import Wire, request

    wire = Wire(asking(greet))
    capabilities: dict[str, Any] = {"elicitation": {}}
    params = {"protocolVersion": "2025-11-25", "capabilities": capabilities}
    await wire.ask("initialize", params)
    wire.sent.clear()
    wire.say(request("tools/call", call(), 5))
    await asyncio.sleep(0.05)
    (question,) = wire.sent
    assert question["method"] == "elicitation/create"
    error = {"code": -32000, "message": "nobody is here"}
    wire.say({"jsonrpc": "2.0", "id": question["id"], "error": error})
    wire.say({"jsonrpc": "2.0", "id": question["id"], "result": {"late": True}})
    await wire.connection.finish()
    await asyncio.sleep(0)
    answer = wire.sent[-1]
    assert answer["id"] == 5
    assert "nobody is here" in answer["error"]["message"]
    assert not caplog.records


async def test_a_cancelled_call_takes_its_question_back() -> None:
    from .test_dispatch import Wire, cancelled, request

    wire = Wire(asking(greet))
    params = {"protocolVersion": "2025-06-18", "capabilities": {"elicitation": {}}}
    await wire.ask("initialize", params)
    wire.sent.clear()
    wire.say(request("tools/call", call(), 5))
    await asyncio.sleep(0.05)
    wire.say(cancelled(5))
    await wire.connection.finish()
    await asyncio.sleep(0)
    question, taken_back = wire.sent
    assert taken_back["method"] == "notifications/cancelled"
    assert taken_back["params"]["requestId"] == question["id"]


async def test_a_question_ends_with_its_connection() -> None:
    from .test_dispatch import Wire, request

    wire = Wire(asking(greet))
    params = {"protocolVersion": "2025-06-18", "capabilities": {"elicitation": {}}}
    await wire.ask("initialize", params)
    wire.say(request("tools/call", call(), 5))
    await asyncio.sleep(0.05)
    async with asyncio.timeout(1):
        await wire.connection.close(grace=5)
    await asyncio.sleep(0)
    assert wire.sent[-1]["id"] == 5
    assert wire.sent[-1]["error"]["code"] == -32603


@pytest.mark.requirement("timeouts-1")
async def test_a_question_that_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mcpgen_runtime.session._PATIENCE", 0.01)

    async def silent(params: dict[str, Any]) -> dict[str, Any]:
        await asyncio.Event().wait()
        return {}

    async with connect(asking(greet), elicit=silent) as client:
        with pytest.raises(RequestError, match="didn't answer elicitation/create"):
            await client.call_tool("ask")
        (taken_back,) = client.notifications
        assert taken_back["method"] == "notifications/cancelled"
