"""The cases over HTTP."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from functools import partial
from typing import TypeAlias

from load_fuzz import mutated, seeds
from load_server import (
    META,
    PATIENCE,
    VERSION,
    Fault,
    HttpServer,
    call,
    request,
    text,
    usage,
)

Case: TypeAlias = Callable[[HttpServer], Awaitable[str]]
MODERN = {"mcp-protocol-version": VERSION, "mcp-method": "tools/call"}


def cases(seconds: float) -> Iterator[tuple[str, Case]]:
    yield "500 calls at once", partial(calls_at_once, count=500)
    yield "1,500 calls at once, 1,000 of them allowed", partial(too_many, count=1500)
    yield "20 slow readers", partial(slow_readers, count=20, size=1_000_000)
    yield "100 bodies sent by half", partial(half_sent, count=100)
    yield "100 disconnects in mid-call", partial(disconnects, count=100)
    yield "messages of 10 MB", partial(large_messages, size=10_000_000)
    yield f"{seconds:g} s of fuzzed bytes", partial(fuzzed, seconds=seconds)


async def calls_at_once(server: HttpServer, count: int) -> str:
    """Every call has its own answer, and nothing is left."""
    before = await server.state()
    start = time.monotonic()
    await _echo(server, count)
    taken = time.monotonic() - start
    await server.settled({"tasks": before["tasks"]})
    return f"each answered once, {count / taken:.0f} a second"


async def too_many(server: HttpServer, count: int) -> str:
    """What is too much is refused and told when to come again; the rest is served."""
    before = await server.state()
    waiting = [call("wait", number, seconds=20) for number in range(count)]
    as_json = {"accept": "application/json"}
    answers = await asyncio.gather(*(server.post(one, as_json) for one in waiting))
    refused = 0
    for number, (headers, answer) in enumerate(answers):
        if answer["id"] != number:
            raise Fault(f"call {number} was answered by {answer}")
        if "error" in answer:
            refused += 1
            if headers.get("retry-after") != "1":
                raise Fault(f"call {number} was refused by {answer}, {headers}")
    await server.settled({"tasks": before["tasks"], "waiting": 0})
    if not refused:
        raise Fault("none was refused")
    return f"{count - refused} served, {refused} refused"


async def _echo(server: HttpServer, count: int) -> None:
    messages = [call("echo", number, text=f"text {number}") for number in range(count)]
    answers = await asyncio.gather(*map(server.post, messages))
    for number, (_, answer) in enumerate(answers):
        if (answer["id"], text(answer)) != (number, f"text {number}"):
            raise Fault(f"call {number} was answered by {answer}")


async def abandoned_sessions(server: HttpServer, count: int) -> str:
    """A session that is never ended costs little; for a server that traces memory."""
    await _abandon(server, 100)  # what is allocated once
    before = (await server.state())["bytes"]
    await _abandon(server, count)
    each = ((await server.state())["bytes"] - before) / count
    if each > 2048:
        raise Fault(f"{each:.0f} bytes each")
    return f"{each:.0f} bytes each"


async def forgotten_sessions(server: HttpServer, count: int) -> str:
    """When as many are remembered as may be, each new one takes the place of another."""
    before = (await server.state())["bytes"]
    await _abandon(server, count)
    more = ((await server.state())["bytes"] - before) / count
    if more > 200:
        raise Fault(f"{more:.0f} bytes for each more")
    return f"{more:.0f} bytes for each more"


async def _abandon(server: HttpServer, count: int) -> None:
    async def one() -> None:
        params = {"protocolVersion": "2025-11-25", "capabilities": {"roots": {}}}
        headers, _ = await server.post(request("initialize", 1, **params))
        session = {"mcp-session-id": headers["mcp-session-id"]}
        level = request("logging/setLevel", 2, level="error")
        _, answer = await server.post(level, session)
        if answer.get("result") != {}:
            raise Fault(f"a session isn't known: {answer}")

    for _ in range(count // 50):
        await asyncio.gather(*(one() for _ in range(50)))


async def slow_readers(server: HttpServer, count: int, size: int) -> str:
    """Who reads slowly gets it all, and holds up nobody else."""
    before = usage(server.process).memory
    body = json.dumps(call("echo", 1, text="x" * size)).encode()
    async with AsyncExitStack() as open_now:
        slow = []
        for _ in range(count):
            reader, writer = await open_now.enter_async_context(server.connection())
            writer.write(server.head(len(body)) + body)
            await writer.drain()
            await reader.readline()
            slow.append(reader)
        start = time.monotonic()
        await _echo(server, 20)
        others = time.monotonic() - start
        held = usage(server.process).memory - before
        for reader in slow:
            if len(await reader.read()) < size:
                raise Fault("an answer is incomplete")
    return f"20 calls of others in {others:.1f} s, {held // 1_000_000} MB held"


async def half_sent(server: HttpServer, count: int) -> str:
    """Bodies that never end cost a connection each, until it is closed."""
    state, before = await server.state(), usage(server.process).descriptors
    async with AsyncExitStack() as open_now:
        for _ in range(count):
            _, writer = await open_now.enter_async_context(server.connection())
            writer.write(server.head(1000) + b'{"jsonrpc": "2.0", "id": 1,')
            await writer.drain()
        await _echo(server, 20)
    await server.settled({"tasks": state["tasks"]})
    await server.released(before)
    return "others are served meanwhile, nothing is left"


async def disconnects(server: HttpServer, count: int) -> str:
    """A call of the stateless protocol ends with its client."""
    state = await server.state()
    message = call("wait", 1, seconds=600)
    message["params"]["_meta"] = META
    body = json.dumps(message).encode()
    head = server.head(len(body), {**MODERN, "mcp-name": "wait"})
    async with AsyncExitStack() as open_now:
        for _ in range(count):
            _, writer = await open_now.enter_async_context(server.connection())
            writer.write(head + body)
            await writer.drain()
        async with asyncio.timeout(PATIENCE):
            while (await server.state())["waiting"] < count:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
    await server.settled({"waiting": 0, "tasks": state["tasks"]})
    return "all calls cancelled, nothing is left"


async def large_messages(server: HttpServer, size: int) -> str:
    """There and back, and one that is too large."""
    sent = "x" * size
    start = time.monotonic()
    _, answer = await server.post(call("echo", 1, text=sent))
    if text(answer) != sent:
        raise Fault("what came back is not what was sent")
    taken = time.monotonic() - start
    _, refused = await server.post(call("echo", 1, text="x" * 17 * 1024 * 1024))
    if refused["error"]["code"] != -32600:
        raise Fault(f"17 MB were answered by {refused}")
    return f"{taken:.1f} s there and back; 17 MB refused"


async def fuzzed(server: HttpServer, seconds: float) -> str:
    """Whatever comes, there is a response or the connection ends; others go on."""
    choose = random.Random(1)
    corpus = seeds()
    state = await server.state()
    start = usage(server.process)
    sent = answered = 0
    end = time.monotonic() + seconds

    async def one() -> bool:
        body = mutated(choose, choose.choice(corpus))
        headers = choose.choice(
            [
                {},
                MODERN,
                {"mcp-session-id": "x"},
                {"mcp-protocol-version": "2025-11-25"},
            ]
        )
        request = server.head(len(body), headers) + body
        if choose.random() < 0.3:
            request = mutated(choose, request)
        async with server.connection() as (reader, writer):
            writer.write(request)
            if writer.can_write_eof():
                writer.write_eof()
            response = await reader.read()
        if response[:12] == b"HTTP/1.1 500":
            raise Fault(f"an internal error for {request!r}")
        return response.startswith(b"HTTP/1.1 ")

    while time.monotonic() < end:
        async with asyncio.timeout(60):
            done = await asyncio.gather(
                *(one() for _ in range(20)), return_exceptions=True
            )
        for outcome in done:
            if isinstance(outcome, Fault | TimeoutError):
                raise outcome
            answered += outcome is True
        sent += len(done)
        if sent % 400 == 0:
            await _echo(server, 5)
    await server.settled({"waiting": 0, "tasks": state["tasks"]})
    await server.released(start.descriptors)
    grown = usage(server.process).memory - start.memory
    if grown > 30_000_000:
        raise Fault(f"{grown} bytes are left over")
    return f"{sent} requests, {answered} responses, {grown // 1000} kB more"
