"""The stdio transport as a client meets it: a process, and bytes in its pipes."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from harness import environment
from mcpgen_runtime import stateless
from mcpgen_runtime.transports.stdio import Lines

from .shop import write_package

META = {"_meta": stateless.request_meta("2026-07-28")}
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 0,
    "method": "initialize",
    "params": {"protocolVersion": "2025-11-25"},
}


def request(method: str, request_id: Any = 1, **params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": request_id, "method": method, "params": params}


def call(tool: str, request_id: Any = 1, /, **arguments: Any) -> dict[str, Any]:
    return request("tools/call", request_id, name=tool, arguments=arguments)


def cancelled(request_id: Any) -> dict[str, Any]:
    params = {"requestId": request_id}
    return {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": params}


def resident(process: Process) -> int:
    """Bytes of memory that a server takes; 0 where nobody says."""
    statm = Path(f"/proc/{process.process.pid}/statm")
    pages = int(statm.read_text().split()[1]) if statm.exists() else 0
    return pages * 4096


class Process:
    """A server and its pipes; every line it writes must be a message."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        assert process.stdin
        assert process.stdout
        assert process.stderr
        self.stdin = process.stdin
        self.stdout = process.stdout
        self.stderr = process.stderr

    def send(self, message: Any) -> None:
        data = message if isinstance(message, bytes) else json.dumps(message).encode()
        self.stdin.write(data + b"\n")

    async def receive(self) -> Any:
        async with asyncio.timeout(10):
            line = await self.stdout.readline()
        assert line.endswith(b"\n"), "the server has ended"
        return json.loads(line)

    async def ask(self, message: Any) -> Any:
        self.send(message)
        return await self.receive()

    async def end(self) -> tuple[int, float, bytes]:
        """The exit code, the seconds until then, and what is left to read."""
        start = time.monotonic()
        async with asyncio.timeout(10):
            rest = await self.stdout.read()
            code = await self.process.wait()
        return code, time.monotonic() - start, rest


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stdio")
    write_package(folder)
    (folder / ".env").write_text("SHOP_MAX_RESULT_BYTES=20000000\n")
    return folder


@asynccontextmanager
async def server(
    folder: Path, *options: str, ahead: int = 2**26
) -> AsyncIterator[Process]:
    """A server; this side reads at most `ahead` bytes of what no test asked for."""
    command = (sys.executable, "-m", "shop_server", *options)
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        env=environment(),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=ahead // 2,  # asyncio reads twice as much
    )
    try:
        yield Process(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def test_what_cannot_be_understood_is_answered(folder: Path) -> None:
    broken: list[tuple[bytes, int, Any]] = [
        (b"{", -32700, None),
        (b"\xff\xfe", -32700, None),
        (b"7", -32600, None),
        (b"[]", -32600, None),
        (b'{"id":1,"method":"ping"}', -32600, 1),
        (b'{"jsonrpc":"2.0","id":null,"method":"ping"}', -32600, None),
        (b'{"jsonrpc":"2.0","id":1.5,"method":"ping"}', -32600, None),
        (b'{"jsonrpc":"2.0","id":"a","method":"ping","params":[1]}', -32600, "a"),
        (b'{"jsonrpc":"2.0","id":2,"method":"tools/list"}', -32602, 2),
    ]
    async with server(folder) as process:
        for data, code, request_id in broken:
            answer = await process.ask(data)
            assert answer["error"]["code"] == code, data
            assert answer.get("id") == request_id, data
            assert ("id" in answer) is (request_id is not None), data


async def test_what_is_unusual_is_served(folder: Path) -> None:
    unusual = [
        b'\xef\xbb\xbf{"jsonrpc":"2.0","id":1,"method":"ping"}',
        b'{"jsonrpc":"2.0","id":1,"method":"ping"}\r',
        b'\n \r\n  {"jsonrpc":"2.0","id":1,"method":"ping"}  ',
        '{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":"\u2028\x85"}}'.encode(),
        rb'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":"\ud800"}}',
    ]
    async with server(folder) as process:
        for data in unusual:
            answer = await process.ask(data)
            assert answer == {"jsonrpc": "2.0", "id": 1, "result": {}}, data


async def test_a_lone_surrogate_is_echoed_in_an_error(folder: Path) -> None:
    async with server(folder) as process:
        await process.ask(INITIALIZE)
        answer = await process.ask(rb'{"jsonrpc":"2.0","id":1,"method":"\ud800"}')
        assert answer["error"]["code"] == -32601


async def test_what_others_get_wrong(folder: Path) -> None:
    async with server(folder) as process:
        await process.ask(INITIALIZE)
        unknown = await process.ask(call("nothing", "u"))
        assert (unknown["id"], unknown["error"]["code"]) == ("u", -32602)
        cursor = await process.ask(request("tools/list", 2, cursor="nonsense"))
        assert cursor["error"]["code"] == -32602
        process.send(call("wait", 3, seconds=600))
        again = await process.ask(call("wait", 3, seconds=600))
        assert (again["id"], again["error"]["code"]) == (3, -32600)
        text = await process.ask(call("answer", "3", body="[1]"))
        assert text["id"] == "3"


@pytest.mark.requirement("known-37")
async def test_what_some_take_for_a_line_end_stands_in_no_line(folder: Path) -> None:
    async with server(folder) as process:
        name = "one\u2028two\u2029three\x85four"
        process.send(request("ping", name))
        line = (await process.stdout.readline()).decode()
        assert len(line.splitlines()) == 1
        assert json.loads(line)["id"] == name


async def test_a_batch(folder: Path) -> None:
    async with server(folder) as process:
        old = INITIALIZE | {"params": {"protocolVersion": "2025-03-26"}}
        await process.ask(old)
        answer = await process.ask([request("ping", 1), request("tools/list", 2)])
        assert [one["id"] for one in answer] == [1, 2]


async def test_both_eras_in_one_process(folder: Path) -> None:
    async with server(folder) as process:
        discovered = await process.ask(request("server/discover", 1, **META))
        assert discovered["result"]["supportedVersions"] == ["2026-07-28"]
        shaken = await process.ask(INITIALIZE)
        assert shaken["result"]["protocolVersion"] == "2025-11-25"
        assert (await process.ask(call("answer")))["result"]["isError"] is False
        modern = await process.ask(request("tools/list", 2, **META))
        assert modern["result"]["resultType"] == "complete"


async def test_large_messages(folder: Path) -> None:
    text = "x" * 5_000_000
    async with server(folder) as process:
        await process.ask(INITIALIZE)
        answer = await process.ask(call("add_item", name=text))
        assert answer["result"]["structuredContent"]["name"] == text


async def test_an_answer_over_many_lines_is_one_message(folder: Path) -> None:
    async with server(folder) as process:
        await process.ask(INITIALIZE)
        answer = await process.ask(call("answer", body='{\n  "a": 1\r\n}\n'))
        assert answer["result"]["structuredContent"] == {"a": 1}


@pytest.mark.requirement("known-27")
async def test_a_client_that_does_not_read_holds_nothing_up(folder: Path) -> None:
    text = "x" * 300_000
    async with server(folder) as process:
        await process.ask(INITIALIZE)
        for number in range(20):
            process.send(call("add_item", number, name=text))
        await asyncio.sleep(0.3)
        process.send(request("ping", "ping"))
        ids = [(await process.receive())["id"] for _ in range(21)]
        assert {*range(20), "ping"} == set(ids)


async def test_a_cancelled_call_is_not_answered(folder: Path) -> None:
    async with server(folder) as process:
        await process.ask(INITIALIZE)
        process.send(call("wait", 7, seconds=30))
        await asyncio.sleep(0.3)
        process.send(cancelled(7))
        assert (await process.ask(request("ping", 8)))["id"] == 8
        process.stdin.close()
        assert (await process.end())[2] == b""


async def test_an_idle_server_ends_with_its_input(folder: Path) -> None:
    async with server(folder) as process:
        await process.ask(INITIALIZE)
        process.stdin.close()
        code, seconds, rest = await process.end()
        assert (code, rest) == (0, b"")
        assert seconds < 5


async def test_a_call_in_flight_is_answered_before_the_end(folder: Path) -> None:
    async with server(folder) as process:
        await process.ask(INITIALIZE)
        await process.ask(call("answer"))
        process.send(call("wait", 7, seconds=0.5))
        process.stdin.close()
        code, _, rest = await process.end()
        assert code == 0
        assert json.loads(rest)["result"]["isError"] is False


async def test_a_call_that_ran_for_long_is_given_up_at_the_end(folder: Path) -> None:
    async with server(folder) as process:
        await process.ask(INITIALIZE)
        process.send(call("wait", seconds=60))
        await asyncio.sleep(1.6)
        process.stdin.close()
        code, seconds, rest = await process.end()
        assert (code, rest) == (0, b"")
        assert seconds < 5


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)]
)
async def test_a_signal_ends_it_with_a_call_in_flight(
    folder: Path, number: signal.Signals, code: int
) -> None:
    async with server(folder) as process:
        await process.ask(INITIALIZE)
        process.send(call("wait", seconds=60))
        assert (await process.ask(request("ping", 2)))["id"] == 2
        process.process.send_signal(number)
        ended, seconds, rest = await process.end()
        assert (ended, rest) == (code, b"")
        assert seconds < 1


async def test_a_signal_ends_subscriptions_with_their_result(folder: Path) -> None:
    async with server(folder) as process:
        await process.ask(
            request("subscriptions/listen", "L", notifications={}, **META)
        )
        process.process.send_signal(signal.SIGTERM)
        _, _, rest = await process.end()
        result, ended = map(json.loads, rest.splitlines())
        assert result["result"]["resultType"] == "complete"
        assert ended["params"] == {"requestId": "L"}


async def test_it_ends_when_nobody_reads_any_more(folder: Path) -> None:
    async with server(folder) as process:
        await process.ask(INITIALIZE)
        transport: Any = process.process._transport  # type: ignore[attr-defined]
        transport.get_pipe_transport(1).close()
        process.send(request("ping"))
        async with asyncio.timeout(5):
            assert await process.process.wait() == 0


NOISE = """
import os, subprocess, sys
print("printed")
os.write(1, b"written\\n")
subprocess.run([sys.executable, "-c", "print(input())"], stderr=subprocess.DEVNULL)
"""
NOISY_CALLS = """
async def noisy(call, step):
    print("printed in a call")
    return await step(call)
server.add_middleware(noisy)
"""


@pytest.mark.requirement("stdio-2", "known-25")
async def test_standard_output_carries_nothing_but_messages(tmp_path: Path) -> None:
    write_package(tmp_path, prelude=NOISE, extensions=NOISE + NOISY_CALLS)
    async with server(tmp_path) as process:
        assert (await process.ask(INITIALIZE))["id"] == 0
        assert (await process.ask(call("answer")))["id"] == 1
        process.stdin.close()
        code, _, rest = await process.end()
        assert (code, rest) == (0, b"")
        said = await process.stderr.read()
        assert said.count(b"printed\n") == said.count(b"written\n") == 2
        assert b"printed in a call" in said


async def test_a_message_beyond_the_bound_is_refused(tmp_path: Path) -> None:
    write_package(tmp_path)
    (tmp_path / ".env").write_text("SHOP_MAX_MESSAGE_BYTES=1000\n")
    async with server(tmp_path) as process:
        answer = await process.ask(request("ping", text="x" * 500_000))
        assert answer["error"]["code"] == -32600
        assert "1000 bytes" in answer["error"]["message"]
        assert (await process.ask(request("ping", 2)))["id"] == 2


@pytest.mark.parametrize(
    ("parts", "lines"),
    [
        ([b"ab\n", b"cd\n"], [[b"ab"], [b"cd"]]),
        ([b"a", b"b\ncd", b"\n"], [[], [b"ab"], [b"cd"]]),
        ([b"\n\r\n  \nab\r\n"], [[b"ab"]]),
        ([b"123456789\nab\n"], [[None, b"ab"]]),
        ([b"12345", b"6789", b"0\n", b"ab\n"], [[], [], [None], [b"ab"]]),
        ([b"12345678\n"], [[b"12345678"]]),
    ],
)
def test_bytes_to_lines(parts: list[bytes], lines: list[list[bytes | None]]) -> None:
    split = Lines(8)
    assert [list(split.feed(part)) for part in parts] == lines


async def test_what_is_beyond_the_requests_at_once_waits(folder: Path) -> None:
    """A ping and a cancellation still come through, and then what has waited."""
    async with server(folder) as process:
        await process.ask(INITIALIZE)
        for number in range(150):
            process.send(call("wait", number, seconds=600))
        process.send(call("answer", "waiting"))
        assert (await process.ask(request("ping", "first")))["id"] == "first"
        for number in range(150):
            process.send(cancelled(number))
        assert (await process.receive())["id"] == "waiting"
        assert (await process.ask(request("ping", "last")))["id"] == "last"


async def test_a_flood_waits_for_who_sends_it(folder: Path) -> None:
    """Who reads nothing is not read from, and gets every answer once it does."""
    text = "x" * 50_000
    count = 1000
    async with server(folder, ahead=2**19) as process:
        await process.ask(INITIALIZE)
        before = resident(process)
        process.stdin.transport.set_write_buffer_limits(0)
        sent = 0

        async def flood() -> None:
            nonlocal sent
            for number in range(count):
                process.send(call("add_item", number, name=text))
                await process.stdin.drain()
                sent += 1

        flooding = asyncio.create_task(flood())
        seen = -1
        while seen != sent:
            seen = sent
            await asyncio.sleep(2)
        assert 0 < sent < count
        assert resident(process) - before < 60_000_000
        ids = [(await process.receive())["id"] for _ in range(count)]
        await flooding
        assert sorted(ids) == list(range(count))


@pytest.mark.parametrize("chatter", ["chatter", "chatter_in_a_thread"])
@pytest.mark.requirement("known-27")
async def test_what_nobody_reads_holds_up_who_reports_it(
    tmp_path: Path, chatter: str
) -> None:
    write_package(tmp_path, extensions=CHATTER)
    async with server(tmp_path, ahead=2**19) as process:
        await process.ask(INITIALIZE)
        before = resident(process)
        process.send(call(chatter, 1))
        await asyncio.sleep(2)
        assert resident(process) - before < 60_000_000
        messages = [await process.receive() for _ in range(1001)]
        assert [m.get("id") for m in messages] == [*[None] * 1000, 1]


async def test_a_thread_that_reports_without_end_ends_with_its_call(
    tmp_path: Path,
) -> None:
    write_package(tmp_path, extensions=CHATTER)
    async with server(tmp_path, ahead=2**19) as process:
        await process.ask(INITIALIZE)
        process.send(call("endless", 1))
        await process.receive()
        before = resident(process)
        await asyncio.sleep(2)
        assert resident(process) - before < 30_000_000
        process.send(cancelled(1))
        process.send(call("threads_left", 2))
        while (answer := await process.receive()).get("id") != 2:
            assert answer["method"] == "notifications/message"
        assert answer["result"]["content"][0]["text"] == "0"


CHATTER = """
import asyncio
from ._runtime import Context
endless_calls = []
@server.tool
async def chatter(ctx: Context) -> str:
    "Says a lot."
    for number in range(1000):
        await ctx.log("info", "x" * 100_000)
    return "done"
@server.tool
def chatter_in_a_thread(ctx: Context) -> str:
    "Says a lot, and waits for nothing."
    for number in range(1000):
        ctx.log("info", "x" * 100_000)
    return "done"
@server.tool
def endless(ctx: Context) -> str:
    "Never stops of its own accord."
    endless_calls.append(1)
    try:
        while True:
            ctx.log("info", "on and on")
    finally:
        endless_calls.clear()
@server.tool
async def threads_left() -> int:
    "Waits until none is left."
    while endless_calls:
        await asyncio.sleep(0.05)
    return len(endless_calls)
"""
STUBBORN = """
import time
@server.tool
def thread() -> str:
    "Never returns."
    time.sleep(600)
    return ""
@server.tool
async def loop() -> str:
    "Never returns, and holds up everything else."
    time.sleep(600)  # noqa: ASYNC251
    return ""
"""


@pytest.mark.parametrize("tool", ["thread", "loop"])
async def test_it_ends_whatever_a_call_is_doing(tmp_path: Path, tool: str) -> None:
    write_package(tmp_path, extensions=STUBBORN)
    async with server(tmp_path) as process:
        await process.ask(INITIALIZE)
        process.send(call(tool, 1))
        await asyncio.sleep(0.5)
        process.stdin.close()
        async with asyncio.timeout(30):
            assert await process.process.wait() == 0


@pytest.mark.skipif(sys.platform == "win32", reason="a process keeps its first parent")
async def test_it_ends_with_the_process_that_started_it(folder: Path) -> None:
    """Even while somebody else holds its pipes open."""
    between = (
        "import subprocess, sys; subprocess.run([sys.executable, '-m', 'shop_server'])"
    )
    parent = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-c", between),
        cwd=folder,
        env=environment(),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    process = Process(parent)
    await process.ask(INITIALIZE)
    parent.kill()
    async with asyncio.timeout(20):
        assert await process.stdout.read() == b""
    await parent.communicate()


async def test_too_many_subscriptions_are_refused(folder: Path) -> None:
    async with server(folder) as process:
        for number in range(101):
            listen = request("subscriptions/listen", number, notifications={}, **META)
            answer = await process.ask(listen)
        assert answer["error"]["code"] == -32600
        assert (await process.ask(request("tools/list", "t", **META)))["id"] == "t"


async def test_a_batch_of_too_many_is_refused(folder: Path) -> None:
    async with server(folder) as process:
        await process.ask(INITIALIZE | {"params": {"protocolVersion": "2025-03-26"}})
        answer = await process.ask([request("ping")] * 1001)
        assert answer["error"]["code"] == -32600
