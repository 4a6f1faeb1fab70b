"""What goes wrong at an API: the call ends with few words, and the next one is served."""

from __future__ import annotations

import asyncio
import gzip
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import pytest
from runtime.recording import Pause, Piece, answer, upstream

from .test_catalogue import importable

SECRET = "0penSesame"
GOOD = answer(b'{"ok":true}')
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNK = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
BOMB = gzip.compress(b" " * 100_000_000)
ELSEWHERE = "http://127.0.0.2:1/stolen"


@dataclass(frozen=True)
class Fault:
    """What the API answers at first, and what is told; `told` is "" for the answer of
    a later request."""

    first: Callable[[], bytes | Iterable[Piece]]
    told: str
    requests: int = 1


def endless() -> Iterator[Piece]:
    """A byte now and then, for much longer than a call has."""
    yield HEAD + b"Content-Length: 1000\r\n\r\n"
    for _ in range(300):
        yield b" "
        yield Pause(0.1)


FAULTS: dict[str, Fault] = {
    "closed at once": Fault(lambda: b"", "broke before", 2),
    "closed in the body": Fault(lambda: [GOOD[:-3], b""], "broke before"),
    "no HTTP": Fault(lambda: [b"220 smtp ready\r\n\r\n", b""], "broke before"),
    "slow": Fault(lambda: [Pause(30)], "did not answer within 2 s"),
    "a slow drip": Fault(endless, "did not answer within 2 s"),
    "truncated gzip": Fault(lambda: answer(gzip.compress(b"{}")[:-9], Content_Encoding="gzip"), "ends in the middle of its gzip data"),
    "no gzip": Fault(lambda: answer(b"{}", Content_Encoding="gzip"), "is not valid gzip"),
    "a bomb": Fault(lambda: answer(BOMB, Content_Encoding="gzip"), "more than 10,485,760 bytes"),
    "100 MB": Fault(lambda: [HEAD + b"Transfer-Encoding: chunked\r\n\r\n", *[CHUNK] * 100, b"0\r\n\r\n"], "more than 10,485,760 bytes"),
    "malformed JSON": Fault(lambda: answer(b'{"a":'), "it is not valid JSON"),
    "bytes as JSON": Fault(lambda: answer(b"\x89PNG\x00"), "it is not valid JSON"),
    "a redirect loop": Fault(lambda: answer(status=302, Location="/base/x"), "redirects more than 5 times", 6),
    "a redirect elsewhere": Fault(lambda: answer(status=307, Location=ELSEWHERE), "redirects to another origin, http://127.0.0.2:1,"),
    "a redirect to nowhere": Fault(lambda: answer(status=301), "says nowhere to"),
    "busy": Fault(lambda: answer(status=429, Retry_After="0"), "HTTP 429 Too Many Requests", 3),
    "busy for long": Fault(lambda: answer(status=503, Retry_After="60"), "Retry after: 60 s"),
}  # fmt: skip


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Faults", "version": "1"},
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}
        },
        "security": [{"key": []}],
        "paths": {"/x": {"get": {"operationId": "get_x", "responses": {}}}},
    }
    with importable(document, tmp_path_factory.mktemp("faults")) as name:
        yield name


async def two_calls(
    package: str, script: Callable[[bytes], Any]
) -> tuple[list[Any], Any]:
    """The results of two calls, and what the API recorded."""
    memory = import_module(f"{package}._runtime.client")
    server = import_module(f"{package}.server").server
    async with upstream(script) as api:
        server.configure(base_url=f"{api.url}/base")
        async with memory.connect(server) as client, asyncio.timeout(60):
            return [await client.call_tool("get_x") for _ in range(2)], api


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_call_ends_and_the_next_is_served(
    package: str, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAULTS_KEY_TOKEN", SECRET)
    monkeypatch.setenv("FAULTS_TIMEOUT", "2")
    case = FAULTS[fault]
    seen = 0

    def script(_: bytes) -> bytes | Iterable[Piece]:
        nonlocal seen
        seen += 1
        return case.first() if seen <= case.requests else GOOD

    (first, second), api = await two_calls(package, script)
    told = "\n".join(block["text"] for block in first["content"])
    assert case.told in told
    assert SECRET not in told
    assert first["isError"] is ("not valid JSON" not in case.told)
    assert second["structuredContent"] == {"ok": True}
    assert len(api.requests) == case.requests + 1
    for index in range(len(api.requests)):
        assert api.header("Authorization", index) == f"Bearer {SECRET}"


@pytest.mark.parametrize("status", [429, 503])
async def test_busy_and_then_the_answer(
    package: str, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAULTS_KEY_TOKEN", SECRET)
    given = iter([answer(status=status, Retry_After="0"), GOOD, GOOD])
    (first, _), api = await two_calls(package, lambda _: next(given))
    assert first["structuredContent"] == {"ok": True}
    assert len(api.requests) == 3


@pytest.mark.parametrize("fault", ["100 MB", "a bomb"])
async def test_memory_is_bounded(
    package: str, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAULTS_KEY_TOKEN", SECRET)
    tracemalloc.start()
    try:
        results, _ = await two_calls(package, lambda _: FAULTS[fault].first())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert all(result["isError"] for result in results)
    assert peak < 40_000_000
