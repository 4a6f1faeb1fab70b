"""The client in memory: what it raises, forgets and cancels."""

from __future__ import annotations

import asyncio

import pytest
from mcpgen_runtime.errors import RequestError
from mcpgen_runtime.transports.memory import connect

from . import shop
from .shop import shop_server


async def test_an_error_is_raised_with_all_its_parts() -> None:
    async with connect(shop_server(), "2026-07-28") as client:
        with pytest.raises(RequestError, match="Resource not found") as raised:
            await client.read_resource("api://nowhere")
    assert (raised.value.code, raised.value.data) == (-32602, {"uri": "api://nowhere"})


async def test_giving_up_cancels_the_request() -> None:
    async with connect(shop_server()) as client:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await client.call_tool("wait", {"seconds": 30})
        await asyncio.sleep(0.05)
        assert not shop.waiting
        assert await client.request("ping") == {}


async def test_notifications_are_kept() -> None:
    async with connect(shop_server(), "2026-07-28") as client:
        listening = asyncio.create_task(
            client.request("subscriptions/listen", {"notifications": {}})
        )
        await asyncio.sleep(0.01)
        (acknowledged,) = client.notifications
        assert acknowledged["method"].endswith("acknowledged")
        await client.close()
        assert (await listening)["resultType"] == "complete"
