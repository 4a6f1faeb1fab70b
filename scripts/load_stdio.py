"""The cases over stdio."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import Any, TypeAlias

from load_fuzz import mutated, seeds
from load_server import Fault, StdioServer, call, request, text, usage

_WARM = 5000
Case: TypeAlias = Callable[[StdioServer], Awaitable[str]]


def cases(seconds: float) -> Iterator[tuple[str, Case]]:
    yield "5,000 calls, read late", partial(read_late, count=5000, size=10_000)
    yield "20,000 reports of a thread, read late", partial(reports, times=20_000)
    yield "messages of 10 MB", partial(large_messages, size=10_000_000)
    yield f"{seconds:g} s of fuzzed bytes", partial(fuzzed, seconds=seconds)


async def read_late(server: StdioServer, count: int, size: int) -> str:
    """Who sends without reading has to wait, and then gets every answer once."""
    before = usage(server.process).memory
    filling = "x" * size
    sent = 0

    async def flood() -> None:
        nonlocal sent
        for number in range(count):
            await server.send(call("echo", number, text=f"{number} {filling}"))
            sent += 1

    flooding = asyncio.create_task(flood())
    seen = -1
    while seen != sent:
        seen = sent
        await asyncio.sleep(2)
    held = usage(server.process).memory - before
    if held > 100_000_000:
        raise Fault(f"{held} bytes are held for {sent} calls")
    open_ids = set(range(count))
    for _ in range(count):
        answer = await server.receive()
        open_ids.remove(answer["id"])
        if text(answer) != f"{answer['id']} {filling}":
            raise Fault(f"call {answer['id']} was answered by another's text")
    await flooding
    return f"{seen} sent before anything was read, {held // 1000} kB held"


async def reports(server: StdioServer, times: int) -> str:
    """A function that reports without waiting is held up, and nothing of it is lost."""
    before = usage(server.process).memory
    await server.send(call("report", 1, times=times, text="x" * 1000))
    await asyncio.sleep(5)
    held = usage(server.process).memory - before
    if held > 60_000_000:
        raise Fault(f"{held} bytes are held")
    for number in range(times):
        said = (await server.receive())["params"]["data"]
        if not said.startswith(f"{number} "):
            raise Fault(f"report {number} is missing: {said[:20]}")
    if text(await server.receive()) != "reported":
        raise Fault("the call has no answer")
    return f"none lost, {held // 1000} kB held"


async def large_messages(server: StdioServer, size: int) -> str:
    """There and back, and one that is too large."""
    sent = "x" * size
    start = time.monotonic()
    answer = await server.ask(call("echo", 1, text=sent))
    if text(answer) != sent:
        raise Fault("what came back is not what was sent")
    taken = time.monotonic() - start
    refused = await server.ask(call("echo", 2, text="x" * 17 * 1024 * 1024))
    if refused["error"]["code"] != -32600:
        raise Fault(f"17 MB were answered by {refused}")
    return f"{taken:.1f} s there and back; 17 MB refused"


async def fuzzed(server: StdioServer, seconds: float) -> str:
    """Whatever comes between them, every ping is answered once."""
    choose = random.Random(2)
    corpus = seeds()
    before = 0
    answered: Counter[str] = Counter()
    lines = 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        noise = [mutated(choose, choose.choice(corpus)) for _ in range(50)]
        name = f"ping {lines}"
        sending = asyncio.create_task(_send(server, [*noise, request("ping", name)]))
        while not answered[name]:
            answered[_id(await server.receive())] += 1
        await sending
        lines += len(noise)
        if lines == _WARM:  # by now everything is imported
            before = usage(server.process).memory
    grown = usage(server.process).memory - before
    server.stdin.close()
    async for message in server.rest():
        answered[_id(message)] += 1
    pings = [count for name, count in answered.items() if name.startswith("ping ")]
    if set(pings) != {1}:
        raise Fault("a ping was answered twice")
    if grown > 30_000_000:
        raise Fault(f"{grown} bytes are left over")
    if await server.process.wait() != 0:
        raise Fault(f"the server ended with status {server.process.returncode}")
    return f"{lines} lines, {len(pings)} pings answered once, {grown // 1000} kB more"


def _id(message: Any) -> str:
    return str(message.get("id")) if isinstance(message, dict) else ""


async def _send(server: StdioServer, messages: list[object]) -> None:
    for message in messages:
        await server.send(message)
