"""The cases of scripts/load in short: each raises Fault when anything is wrong."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import load
import load_http
import load_server
import load_stdio
import pytest

HTTP: dict[str, tuple[Callable[..., Awaitable[str]], dict[str, Any]]] = {
    "calls at once": (load_http.calls_at_once, {"count": 100}),
    "slow readers": (load_http.slow_readers, {"count": 5, "size": 1_000_000}),
    "bodies sent by half": (load_http.half_sent, {"count": 20}),
    "disconnects": (load_http.disconnects, {"count": 20}),
    "large messages": (load_http.large_messages, {"size": 10_000_000}),
    "fuzzed bytes": (load_http.fuzzed, {"seconds": 2}),
}
STDIO: dict[str, tuple[Callable[..., Awaitable[str]], dict[str, Any]]] = {
    "read late": (load_stdio.read_late, {"count": 1000, "size": 10_000}),
    "large messages": (load_stdio.large_messages, {"size": 10_000_000}),
    "fuzzed bytes": (load_stdio.fuzzed, {"seconds": 2}),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("load") / "out"


@pytest.fixture(scope="module")
def name(folder: Path) -> str:
    return load.package(folder)


@pytest.mark.parametrize("case", HTTP)
async def test_over_http(folder: Path, name: str, case: str) -> None:
    function, sizes = HTTP[case]
    async with load_server.http_server(folder, name) as server:
        assert await function(server, **sizes)


async def test_abandoned_sessions(folder: Path, name: str) -> None:
    async with load_server.http_server(folder, name, PYTHONTRACEMALLOC="1") as server:
        assert await load_http.abandoned_sessions(server, 600)


@pytest.mark.parametrize("case", STDIO)
async def test_over_stdio(folder: Path, name: str, case: str) -> None:
    function, sizes = STDIO[case]
    async with load.stdio_server(folder, name) as server:
        assert await function(server, **sizes)
