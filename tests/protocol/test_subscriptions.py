"""Subscriptions of the stateless protocol, and what older sessions are told."""

from __future__ import annotations

import asyncio
import signal
from typing import Any

import pytest

from .conftest import Connect
from .schemas import LEGACY, MODERN

SUBSCRIPTION = "io.modelcontextprotocol/subscriptionId"
ACKNOWLEDGED = "notifications/subscriptions/acknowledged"
UPDATED = "notifications/resources/updated"
TOOLS = "notifications/tools/list_changed"
TODAY = "notes://today"


def tag(params: Any) -> Any:
    return params["_meta"][SUBSCRIPTION]


@pytest.mark.requirement("subscriptions-1", "subscriptions-2", "json-rpc-8", "schema-1")
@pytest.mark.requirement("known-18")
async def test_the_acknowledgement_says_what_is_honoured(connect: Connect) -> None:
    cases: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({}, {}),
        ({"toolsListChanged": True}, {"toolsListChanged": True}),
        ({"toolsListChanged": False}, {}),
        ({"promptsListChanged": True, "resourcesListChanged": True}, {}),
        (
            {"resourceSubscriptions": [TODAY, "notes://nope"], "unknown": True},
            {"resourceSubscriptions": [TODAY]},
        ),
        ({"resourceSubscriptions": []}, {}),
    ]
    async with connect(MODERN) as client:
        for number, (wanted, honoured) in enumerate(cases):
            client.heard.clear()
            request_id: Any = number if number % 2 else str(number)
            message = client.message(
                "subscriptions/listen", request_id, notifications=wanted
            )
            client.begin(message)
            (said,) = await client.hears(ACKNOWLEDGED)
            assert tag(said) == request_id
            assert type(tag(said)) is type(request_id)
            found = {k: v for k, v in said["notifications"].items() if v}
            assert found == honoured
            await client.cancel(request_id)


@pytest.mark.requirement("subscriptions-3", "subscriptions-4", "subscriptions-5")
@pytest.mark.requirement("subscriptions-7", "schema-1")
async def test_each_subscription_hears_what_it_asked_for(connect: Connect) -> None:
    meta = {"progressToken": 1, "io.modelcontextprotocol/logLevel": "debug"}
    wanted: dict[Any, dict[str, Any]] = {
        "tools": {"toolsListChanged": True},
        1: {"resourceSubscriptions": [TODAY]},
        "1": {"toolsListChanged": True, "resourceSubscriptions": [TODAY]},
        "none": {},
    }
    async with connect(MODERN) as client:
        for request_id, notifications in wanted.items():
            client.begin(
                client.message(
                    "subscriptions/listen",
                    request_id,
                    notifications=notifications,
                    _meta=meta,
                )
            )
        await client.hears(ACKNOWLEDGED, 4)
        client.heard.clear()
        for uri in ("notes://bytes", TODAY):
            await client.call("touch", {"uri": uri})
        await client.call("change_prompts")
        await client.call("change_tools")
        await client.hears(TOOLS, 4)
        await client.settle()
        told = client.said(UPDATED)
        assert {str(type(tag(p))) + str(tag(p)) for p in told} == {
            str(int) + "1",
            str(str) + "1",
        }
        assert [p["uri"] for p in told] == [TODAY, TODAY]
        assert {tag(p) for p in client.said(TOOLS)} == {"tools", "1"}
        assert {m["method"] for m in client.heard} == {TOOLS, UPDATED}


@pytest.mark.requirement("cancellation-2", "cancellation-3", "http-8")
async def test_a_cancelled_subscription_is_silent(connect: Connect) -> None:
    async with connect(MODERN) as client:
        ended = client.begin(
            client.message(
                "subscriptions/listen", "L", notifications={"toolsListChanged": True}
            )
        )
        await client.hears(ACKNOWLEDGED)
        await client.cancel("L")
        client.heard.clear()
        await client.call("change_tools")
        await client.settle()
        assert client.heard == []
        assert not ended.done()


@pytest.mark.requirement("subscriptions-6", "cancellation-3", "stdio-4", "schema-1")
@pytest.mark.requirement("known-21")
async def test_a_subscription_that_the_server_ends(pipes: Connect) -> None:
    async with pipes(MODERN) as client:
        message = client.message("subscriptions/listen", "L", notifications={})
        ended = client.begin(message)
        await client.hears(ACKNOWLEDGED)
        client.process.send_signal(signal.SIGTERM)
        result = (await ended).result
        assert result["resultType"] == "complete"
        assert result["_meta"][SUBSCRIPTION] == "L"
        assert await client.hears("notifications/cancelled") == [{"requestId": "L"}]
        *_, last, after = client.received
        assert (last["id"], after["method"]) == ("L", "notifications/cancelled")
        assert await client.end() == 128 + signal.SIGTERM


@pytest.mark.parametrize("version", LEGACY)
@pytest.mark.requirement("legacy-8", "subscriptions-7", "schema-1")
async def test_an_older_session_subscribes(pipes: Connect, version: str) -> None:
    async with pipes(version) as client:
        await client.call("touch", {"uri": TODAY})
        for method in ("resources/subscribe", "resources/unsubscribe"):
            assert (await client.request(method, uri=TODAY)).result == {}
            for uri in (TODAY, "notes://bytes"):
                await client.call("touch", {"uri": uri})
        await client.call("change_tools")
        await client.call("change_prompts")
        await client.settle()
        assert client.said(UPDATED) == [{"uri": TODAY}]
        assert {m["method"] for m in client.heard} == {UPDATED, TOOLS}
        assert all("_meta" not in params for params in client.said(TOOLS))
        wrong: list[tuple[Any, int]] = [("notes://nope", -32002), (7, -32602)]
        for named, code in [*wrong, (None, -32602)]:
            refused = await client.request("resources/subscribe", uri=named)
            assert refused.code == code


@pytest.mark.requirement("stateless-2", "subscriptions-4")
async def test_many_subscriptions_at_once(connect: Connect) -> None:
    wanted = {"toolsListChanged": True}
    async with connect(MODERN) as client:
        for number in range(20):
            client.begin(
                client.message(
                    "subscriptions/listen", number + 1000, notifications=wanted
                )
            )
        await client.hears(ACKNOWLEDGED, 20)
        await client.call("change_tools")
        told = await client.hears(TOOLS, 40)
        assert {tag(params) for params in told} == set(range(1000, 1020))
        await asyncio.gather(*(client.cancel(number + 1000) for number in range(20)))
