"""Calls are limited by rate, where the operator sets one."""

from __future__ import annotations

from typing import Any

import pytest
from mcpgen_runtime import Server
from mcpgen_runtime.client import connect
from mcpgen_runtime.errors import RequestError
from mcpgen_runtime.rate import Rate
from mcpgen_runtime.settings import SettingsError

from .shop import shop_server

BOTH = ["2025-11-25", "2026-07-28"]


async def test_a_burst_and_then_a_steady_rate() -> None:
    now = 100.0
    rate = Rate(30, lambda: now)
    assert [await rate.take() for _ in range(30)] == [0] * 30
    assert await rate.take() == 2
    now += 1.5
    assert await rate.take() == 1
    now += 0.5
    assert [await rate.take(), await rate.take()] == [0, 2]
    now += 3600
    assert [await rate.take() for _ in range(31)] == [0] * 30 + [2]


async def test_one_call_a_minute() -> None:
    now = 0.0
    rate = Rate(1, lambda: now)
    assert [await rate.take(), await rate.take()] == [0, 60]
    now = 60.0
    assert await rate.take() == 0


def limited() -> Server:
    server = shop_server()

    @server.tool
    def quick() -> str:
        return "done"

    @server.tool
    async def many() -> int:
        results = [await server.call("quick", {}) for _ in range(10)]
        return sum(not result.is_error for result in results)

    @server.resource("notes://today")
    def today() -> str:
        return "sunny"

    @server.prompt
    def plan() -> str:
        return "Plan."

    return server


@pytest.mark.parametrize("version", BOTH)
@pytest.mark.requirement("tools-11")
async def test_too_many_calls(monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    monkeypatch.setenv("SHOP_CALLS_PER_MINUTE", "3")
    async with connect(limited(), version) as client:
        assert (await client.call_tool("many"))["content"][0]["text"] == "10"
        await client.request("resources/read", {"uri": "notes://today"})
        await client.request("prompts/get", {"name": "plan"})
        refused = await client.call_tool("quick")
        assert refused["isError"]
        assert refused["content"][0]["text"].startswith("Too many calls: try again in")
        for method, params in READS:
            with pytest.raises(RequestError, match="try again in") as raised:
                await client.request(method, params)
            assert raised.value.code == -32603
        assert await client.list_tools()


READS: list[tuple[str, dict[str, Any]]] = [
    ("resources/read", {"uri": "notes://today"}),
    ("prompts/get", {"name": "plan"}),
]


async def test_without_a_limit_there_is_none() -> None:
    async with connect(limited()) as client:
        for _ in range(200):
            assert not (await client.call_tool("quick"))["isError"]


@pytest.mark.parametrize("text", ["0", "-1", "many"])
def test_a_limit_that_can_not_be_used(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("SHOP_CALLS_PER_MINUTE", text)
    with pytest.raises(SettingsError, match="SHOP_CALLS_PER_MINUTE"):
        shop_server().configure()
