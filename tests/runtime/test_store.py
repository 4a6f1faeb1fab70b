"""What processes share in a store: tokens and rates; and a store that is gone."""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from threading import Thread

import pytest
from fakeredis import TcpFakeServer
from mcpgen_runtime.client import connect
from mcpgen_runtime.rate import Rate
from mcpgen_runtime.settings import Settings, SettingsError
from mcpgen_runtime.store import Store
from mcpgen_runtime.upstream.client import Upstream

from .recording import Upstream as Recorded
from .recording import upstream
from .shop import shop_server
from .test_oauth import CLIENT, MACHINE, TOOL, AuthorizationServer

SECRET = "s3cr3t-of-the-store"


@pytest.fixture(scope="module")
def redis() -> Iterator[str]:
    """The URL of a server that speaks Redis's protocol."""
    server = TcpFakeServer(("127.0.0.1", 0))
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"redis://127.0.0.1:{server.server_address[1]}/0"
    server.shutdown()
    server.server_close()


@pytest.fixture
def prefix(request: pytest.FixtureRequest) -> str:
    """Each test has keys of its own."""
    return f"{request.node.name}:"


@pytest.fixture
async def api() -> AsyncIterator[tuple[AuthorizationServer, Recorded]]:
    server = AuthorizationServer()
    async with upstream(server) as recorded:
        yield server, recorded


@asynccontextmanager
async def process(
    url: str, store_url: str, prefix: str, **more: str
) -> AsyncIterator[Upstream]:
    """What one process has of the API."""
    declared = Settings(prefix="SHOP", base_url=f"{url}/v1", credentials={"c": MACHINE})
    async with (
        aclosing(Store(store_url, prefix)) as store,
        aclosing(Upstream(declared.resolve(CLIENT | more), None, store)) as one,
    ):
        yield one


async def call(*processes: Upstream) -> None:
    for one in processes:
        assert not (await one.call(TOOL, {})).is_error


async def test_one_token_does_for_all_processes(
    api: tuple[AuthorizationServer, Recorded], redis: str, prefix: str
) -> None:
    server, recorded = api
    server.extra = {"refresh_token": "next"}
    async with AsyncExitStack() as stack:
        processes = [
            await stack.enter_async_context(process(recorded.url, redis, prefix))
            for _ in range(4)
        ]
        results = await asyncio.gather(*(one.call(TOOL, {}) for one in processes * 3))
        assert not any(result.is_error for result in results)
        assert server.calls == ["token-1"] * 12
        server.takes = lambda token: token != "token-1"
        await call(*processes)
    assert server.issued == 2
    assert server.calls[12:] == ["token-1", "token-2"] * 4


async def test_other_secrets_have_other_tokens(
    api: tuple[AuthorizationServer, Recorded], redis: str, prefix: str
) -> None:
    server, recorded = api
    for more in ({}, {"SHOP_CLIENT_SECRET": "another"}, {"SHOP_SCOPE": "read"}):
        async with process(recorded.url, redis, prefix, **more) as one:
            await call(one)
    assert server.calls == ["token-1", "token-2", "token-3"]


async def test_processes_count_a_minute_together(redis: str, prefix: str) -> None:
    now = 600.0
    async with (
        aclosing(Store(redis, prefix)) as here,
        aclosing(Store(redis, prefix)) as there,
    ):
        one, other = (Rate(3, lambda: now, store) for store in (here, there))
        assert [await one.take(), await other.take(), await one.take()] == [0, 0, 0]
        assert await other.take() == 60
        now += 59.0
        assert await one.take() == 1
        now += 1.0
        assert await other.take() == 0


async def test_a_server_reads_where_its_store_is(
    redis: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_STORE_URL", redis)
    monkeypatch.setenv("SHOP_CALLS_PER_MINUTE", "1000000")
    server = shop_server()

    @server.tool
    def quick() -> str:
        return "done"

    async with connect(server) as client:
        result = await client.call_tool("quick")
        assert not result.get("isError")
    minute = int(time.time() // 60)
    async with aclosing(Store(redis, "SHOP:calls:")) as store:
        counted = [await store.get(str(one)) for one in (minute - 1, minute)]
    assert "1" in counted


async def test_a_store_that_is_gone_costs_what_was_shared(
    api: tuple[AuthorizationServer, Recorded], caplog: pytest.LogCaptureFixture
) -> None:
    server, recorded = api
    gone = f"redis://user:{SECRET}@127.0.0.1:1/0"
    with caplog.at_level(logging.DEBUG):
        async with (
            process(recorded.url, gone, "") as one,
            process(recorded.url, gone, "") as other,
        ):
            await call(one, other, one, other)
    assert server.issued == 2
    told = [r for r in caplog.records if r.name.endswith(".store")]
    assert [record.levelname for record in told] == ["WARNING"] * 2
    assert SECRET not in caplog.text
    now = 0.0
    rate = Rate(1, lambda: now, Store(gone, ""))
    assert [await rate.take(), await rate.take()] == [0, 60]


def test_a_url_that_names_no_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_STORE_URL", f"http://:{SECRET}@here")
    with pytest.raises(SettingsError, match=r"^SHOP_STORE_URL: give a URL as redis:"):
        _ = shop_server().store


def test_without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "redis.asyncio", None)
    monkeypatch.setenv("SHOP_STORE_URL", "redis://here")
    with pytest.raises(SettingsError, match=r"pip install"):
        _ = shop_server().store
