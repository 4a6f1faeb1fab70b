"""Which requests are sent again when their connection breaks, and what is told if not."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from mcpgen_runtime.upstream.client import Upstream

from .recording import answer, upstream
from .test_client import OK, settings, text, tool

CLOSED = [b""]
HALF = [b"HTTP/1.1 200 O", b""]
INTERIM = [b"HTTP/1.1 100 Continue\r\n\r\n", b""]
CUT = [OK[:-4], b""]


@pytest.mark.parametrize(
    ("method", "is_kept", "broken", "sends"),
    [
        ("GET", False, CLOSED, 2),
        ("HEAD", False, CLOSED, 2),
        ("PUT", False, CLOSED, 1),
        ("DELETE", False, CLOSED, 1),
        ("POST", False, CLOSED, 1),
        ("GET", True, CLOSED, 2),
        ("PUT", True, CLOSED, 2),
        ("DELETE", True, CLOSED, 2),
        ("POST", True, CLOSED, 1),
        ("PATCH", True, CLOSED, 1),
        ("GET", True, HALF, 1),
        ("PUT", True, INTERIM, 1),
        ("GET", False, HALF, 1),
        ("GET", True, CUT, 1),
        ("DELETE", True, CUT, 1),
    ],
)
async def test_a_broken_connection(
    method: str, is_kept: bool, broken: list[bytes], sends: int
) -> None:
    answers: Iterator[bytes | list[bytes]]
    good = answer(status=204)
    answers = iter([*([good] if is_kept else []), broken, good])
    async with upstream(lambda _: next(answers)) as api:
        client = Upstream(settings(api.url, timeout=20))
        if is_kept:
            assert not (await client.call(tool("POST"), {})).is_error
        result = await client.call(tool(method), {})
        await client.aclose()
    assert len(api.requests) == sends + is_kept
    assert result.is_error is (sends == 1)
    may_be_done = method not in ("GET", "HEAD") and result.is_error
    assert ("may have done what was asked" in text(result)) is may_be_done


async def test_the_second_try_has_a_new_connection() -> None:
    """Where several were kept, the server has likely dropped them all."""
    both = asyncio.Event()
    waiting = 0

    def script(request: bytes) -> list[bytes | asyncio.Event]:
        nonlocal waiting
        if b"POST" in request:
            waiting += 1
            if waiting == 2:
                both.set()
            return [both, answer(status=204)]
        return [answer(status=204)] if api.connections > 2 else [b""]

    async with upstream(script) as api:
        client = Upstream(settings(api.url, timeout=20))
        await asyncio.gather(*(client.call(tool("POST"), {}) for _ in range(2)))
        result = await client.call(tool("PUT"), {})
        await client.aclose()
    assert not result.is_error, text(result)
