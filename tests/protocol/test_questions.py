"""Questions to the client: requests in sessions, rounds in the stateless protocol."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .conftest import Connect
from .schemas import LEGACY, MODERN

ALL: dict[str, Any] = {
    "elicitation": {"form": {}, "url": {}},
    "sampling": {"tools": {}},
    "roots": {},
}
ACCEPT = {"action": "accept", "content": {"name": "octocat"}}
SAID = {
    "role": "assistant",
    "model": "m",
    "content": {"type": "text", "text": "Hello!"},
}
ROOTS = {"roots": [{"uri": "file:///home"}]}
REPLIES: dict[str, dict[str, Any]] = {
    "elicitation/create": ACCEPT,
    "sampling/createMessage": SAID,
    "roots/list": ROOTS,
}
QUESTIONS = [
    ("ask_form", {}, "elicitation/create", "accept octocat", "2025-06-18"),
    ("ask_page", {}, "elicitation/create", "accept", "2025-11-25"),
    ("ask_model", {}, "sampling/createMessage", "Hello!", "2024-11-05"),
    (
        "ask_model",
        {"tools": True},
        "sampling/createMessage",
        "Hello!",
        "2025-11-25",
    ),
    ("ask_roots", {}, "roots/list", "file:///home", "2024-11-05"),
]


def text(answer: Any) -> str:
    found: str = answer.result["content"][0]["text"]
    return found


@pytest.mark.parametrize("version", LEGACY)
@pytest.mark.requirement("legacy-2", "legacy-12", "fields-3", "questions-3", "schema-1")
async def test_a_session_is_asked(connect: Connect, version: str) -> None:
    async with connect(version, **ALL) as client:
        for method, reply in REPLIES.items():
            client.replies[method] = lambda params, reply=reply: reply
        for tool, arguments, method, expected, since in QUESTIONS:
            client.heard.clear()
            answer = await client.call(tool, arguments)
            if version >= since:
                assert text(answer) == expected, tool
                (question,) = client.heard
                assert question["method"] == method
                mode = question["params"].get("mode")
                forms = version >= "2025-11-25" and method == "elicitation/create"
                assert (mode is not None) is forms
                if mode == "url":
                    assert question["params"]["url"].startswith("https:")
                    assert question["params"]["elicitationId"]
            else:
                assert "error" in answer.message, tool
                assert client.heard == []


@pytest.mark.parametrize("version", [*LEGACY, MODERN])
@pytest.mark.requirement("legacy-12", "rounds-3", "questions-1", "questions-4")
@pytest.mark.requirement("meta-3", "questions-5")
async def test_what_is_not_declared_is_not_asked(
    connect: Connect, version: str
) -> None:
    partly: list[tuple[dict[str, Any], list[int]]] = [
        ({}, []),
        ({"elicitation": {}}, [0]),
        ({"elicitation": {"form": {}}}, [0]),
        ({"elicitation": {"url": {}}}, [1]),
        ({"sampling": {}}, [2]),
        ({"sampling": {"tools": {}}}, [2, 3]),
        ({"roots": {}}, [4]),
        ({"elicitation": None, "roots": 7, "sampling": []}, []),
    ]
    for capabilities, allowed in partly:
        async with connect(version, **capabilities) as client:
            for number, (tool, arguments, *_) in enumerate(QUESTIONS):
                if number in allowed:
                    continue
                answer = await client.call(tool, arguments)
                assert answer.code == -32021, (tool, capabilities)
                needed = answer.error["data"]["requiredCapabilities"]
                assert isinstance(needed, dict)
            assert client.heard == []


@pytest.mark.parametrize("version", LEGACY[2:])
@pytest.mark.requirement("rounds-9", "questions-2", "rounds-7")
async def test_what_a_session_answers(connect: Connect, version: str) -> None:
    answers: list[tuple[Any, str | None]] = [
        ({"action": "decline"}, "decline None"),
        ({"action": "cancel"}, "cancel None"),
        ({"action": "accept", "content": {"name": 7}}, None),
        ({"action": "accept"}, None),
        ({"action": "accept", "content": []}, None),
        ({"action": "shrug"}, None),
        ({}, None),
    ]
    async with connect(version, elicitation={}) as client:
        for reply, expected in answers:
            client.replies["elicitation/create"] = lambda params, reply=reply: reply
            answer = await client.call("ask_form")
            if expected is None:
                assert answer.code == -32602, reply
            else:
                assert text(answer) == expected


async def asked(client: Any, method: str, **params: Any) -> Any:
    answer = await client.request(method, **params)
    assert answer.result["resultType"] == "input_required", answer
    return answer.result


@pytest.mark.requirement("rounds-1", "rounds-2", "rounds-6", "stateless-3", "schema-1")
@pytest.mark.requirement("caching-4", "versions-3", "json-rpc-2", "json-rpc-8")
async def test_round_by_round(connect: Connect) -> None:
    requests: list[tuple[str, dict[str, Any]]] = [
        ("tools/call", {"name": "ask_form", "arguments": {}}),
        ("prompts/get", {"name": "asking_prompt", "arguments": {}}),
        ("resources/read", {"uri": "asking://resource"}),
    ]
    async with connect(MODERN, **ALL) as client:
        for method, params in requests:
            question = await asked(client, method, **params)
            assert set(question) == {
                "resultType",
                "inputRequests",
                "requestState",
                "_meta",
            }
            assert set(question["inputRequests"]) == {"name"}
            request = question["inputRequests"]["name"]
            assert set(request) == {"method", "params"}
            assert request["method"] == "elicitation/create"
            answered = await client.request(
                method,
                **params,
                inputResponses={"name": ACCEPT},
                requestState=question["requestState"],
            )
            assert answered.result["resultType"] == "complete"
            assert "accept octocat" in json.dumps(answered.result)
        assert client.heard == []


@pytest.mark.requirement("rounds-2", "rounds-8", "rounds-6")
async def test_what_is_missing_is_asked_again(connect: Connect) -> None:
    params = {"name": "ask_both", "arguments": {}}
    async with connect(MODERN, elicitation={}) as client:
        first = await asked(client, "tools/call", **params)
        assert set(first["inputRequests"]) == {"first", "second"}
        second = await asked(
            client,
            "tools/call",
            **params,
            inputResponses={"second": ACCEPT, "unknown": {"action": "accept"}},
            requestState=first["requestState"],
        )
        assert set(second["inputRequests"]) == {"first"}
        third = await asked(
            client,
            "tools/call",
            **params,
            inputResponses={"first": ACCEPT},
            requestState=second["requestState"],
        )
        assert set(third["inputRequests"]) == {"third"}
        again = await asked(
            client, "tools/call", **params, requestState=third["requestState"]
        )
        assert set(again["inputRequests"]) == {"third"}
        last = await client.request(
            "tools/call",
            **params,
            inputResponses={"third": ACCEPT},
            requestState=third["requestState"],
        )
        assert text(last) == "octocat octocat octocat"


@pytest.mark.requirement("rounds-4", "rounds-5", "rounds-7", "rounds-9")
async def test_states_and_answers_that_are_refused(connect: Connect) -> None:
    params = {"name": "ask_both", "arguments": {}}
    async with connect(MODERN, elicitation={}) as client:
        first = await asked(client, "tools/call", **params)
        state = (
            await asked(
                client,
                "tools/call",
                **params,
                inputResponses={"first": ACCEPT},
                requestState=first["requestState"],
            )
        )["requestState"]
        version, payload, signature = state.split(".")
        states: list[Any] = [
            f"{state}-TAMPERED",
            f"{version}.{payload[:-4]}AAAA.{signature}",
            f"{version}.{payload}.{signature[::-1]}",
            f"{version}.{payload}.",
            f"v2.{payload}.{signature}",
            payload,
            "",
            "ü.ü.ü",
            7,
            [],
        ]
        for wrong in states:
            answer = await client.request("tools/call", **params, requestState=wrong)
            assert answer.code == -32602, wrong
            assert answer.status in (None, 400)
        other = {"name": "ask_form", "arguments": {}}
        answer = await client.request("tools/call", **other, requestState=state)
        assert answer.code == -32602
        malformed: list[Any] = [[], "x", 7, None]
        for responses in malformed:
            answer = await client.request(
                "tools/call", **other, inputResponses=responses
            )
            assert answer.code == -32602, responses
        for reply in (None, 7, {}, {"action": "accept", "content": {"name": 7}}):
            answer = await client.request(
                "tools/call", **other, inputResponses={"name": reply}
            )
            assert answer.code == -32602, reply
        for action in ("decline", "cancel"):
            answer = await client.request(
                "tools/call", **other, inputResponses={"name": {"action": action}}
            )
            assert text(answer) == f"{action} None"


@pytest.mark.requirement("rounds-1")
async def test_listings_have_no_rounds(connect: Connect) -> None:
    async with connect(MODERN, **ALL) as client:
        for method in ("tools/list", "prompts/list", "resources/list"):
            answer = await client.request(
                method, inputResponses={"name": ACCEPT}, requestState="x"
            )
            assert answer.result["resultType"] == "complete"


@pytest.mark.parametrize("version", LEGACY[2:])
@pytest.mark.requirement("cancellation-2", "legacy-12")
async def test_a_question_of_a_cancelled_call_is_taken_back(
    pipes: Connect, version: str
) -> None:
    async with pipes(version, elicitation={}) as client:
        answer = client.begin(client.message("tools/call", 7, name="ask_form"))
        await client.until(lambda: client.said("elicitation/create"))
        (question,) = client.heard
        await client.cancel(7)
        taken_back = await client.hears("notifications/cancelled")
        assert taken_back == [{"requestId": question["id"]}]
        await client.settle()
        assert not answer.done()
