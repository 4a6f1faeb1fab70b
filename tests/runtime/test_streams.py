"""Streams of messages: how much of them is held, by one and by all of a process."""

from __future__ import annotations

import asyncio

import pytest
from mcpgen_runtime.transports.streams import Replays, Stream

MEGABYTE = 1024 * 1024


async def messages(stream: Stream, after: int = 0) -> list[tuple[int, int]]:
    """The number and the size of each message that can still be read."""
    stream.end()
    found = []
    while (item := await stream.next(after)) is not None:
        after, message = item
        found.append((after, len(message)))
    return found


@pytest.mark.parametrize(
    ("sizes", "held"),
    [
        ([10] * 5, [1, 2, 3, 4, 5]),
        ([MEGABYTE] * 10, [7, 8, 9, 10]),
        ([10, 9 * MEGABYTE], [2]),
        ([9 * MEGABYTE, 10], [2]),
        ([3 * MEGABYTE, 10, 2 * MEGABYTE], [2, 3]),
    ],
)
@pytest.mark.parametrize("id", ["", "named"])
async def test_a_stream_holds_so_many_bytes(
    id: str, sizes: list[int], held: list[int]
) -> None:
    stream = Stream(id)
    for size in sizes:
        stream.put(b"x" * size)
    assert [number for number, _ in await messages(stream)] == held


@pytest.mark.parametrize(("id", "most"), [("", 1024), ("named", 256)])
async def test_a_stream_holds_so_many_messages(id: str, most: int) -> None:
    stream = Stream(id)
    for _ in range(2000):
        stream.put(b"x")
    assert [n for n, _ in await messages(stream)] == [*range(2001 - most, 2001)]


async def test_a_lossless_stream_holds_all() -> None:
    stream = Stream(lossless=True)
    for _ in range(2000):
        stream.put(b"x" * 10_000)
    assert len(await messages(stream)) == 2000
    assert stream.size == 0


@pytest.mark.parametrize("id", ["", "named"])
@pytest.mark.parametrize(("size", "fine"), [(1, 64), (100_000, 10), (5 * MEGABYTE, 0)])
async def test_who_sends_waits_for_who_reads(id: str, size: int, fine: int) -> None:
    stream = Stream(id)
    with stream.read():
        for _ in range(fine):
            stream.put(b"x" * size)
            await asyncio.wait_for(stream.drained(), 30)
        stream.put(b"x" * size)
        waiting = asyncio.create_task(stream.drained())
        await asyncio.sleep(0)
        assert not waiting.done()
        after = 0
        while (item := await stream.next(after)) and (after := item[0]) <= fine:
            pass
        await asyncio.wait_for(waiting, 30)


async def test_who_claims_to_have_read_all_holds_nobody_up() -> None:
    stream = Stream("named")
    for _ in range(3):
        stream.put(b"x" * MEGABYTE)
    with stream.read():
        reading = asyncio.create_task(stream.next(3))
        await asyncio.sleep(0)
        await asyncio.wait_for(stream.drained(), 30)
        stream.put(b"news")
        assert await reading == (4, b"news")


async def test_replays_are_bounded_for_all_clients_together() -> None:
    replays = Replays()
    streams = [Stream(str(number)) for number in range(50)]
    for stream in streams:
        replays.keep(stream)
        stream.put(b"x" * MEGABYTE)
        stream.end(b"x" * MEGABYTE)
    kept = [stream for stream in streams if replays.find(stream.id)]
    assert kept == streams[-32:]
    assert replays.size == 64 * MEGABYTE
    for stream in kept:
        replays.forget(stream.id)
        replays.forget(stream.id)
    assert replays.size == 0
    streams[0].put(b"x")
    assert replays.size == 0


async def test_what_is_larger_than_the_bound_is_kept_alone() -> None:
    replays = Replays()
    for name, size in (("small", 1), ("large", 65 * MEGABYTE)):
        stream = Stream(name)
        replays.keep(stream)
        stream.end(b"x" * size)
    assert replays.find("small") is None
    assert replays.find("large") is stream
