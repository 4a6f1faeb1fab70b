"""A server under load, from outside: messages in, messages out, and what it uses up."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

VERSION = "2026-07-28"
META = {
    "io.modelcontextprotocol/protocolVersion": VERSION,
    "io.modelcontextprotocol/clientCapabilities": {},
}
PATIENCE = 120.0
"""Seconds until an answer is taken to be missing."""


class Fault(Exception):
    """The server did what it must not, or didn't do what it must."""


class Usage(NamedTuple):
    """Bytes of memory and open descriptors of a process; 0 where nobody says."""

    memory: int
    descriptors: int


def usage(process: Process) -> Usage:
    proc = Path(f"/proc/{process.pid}")
    if not (proc / "statm").exists():
        return Usage(0, 0)
    pages = int((proc / "statm").read_text().split()[1])
    return Usage(pages * 4096, len(list((proc / "fd").iterdir())))


def request(method: str, request_id: Any, **params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": request_id, "method": method, "params": params}


def call(tool: str, request_id: Any, **arguments: Any) -> dict[str, Any]:
    return request("tools/call", request_id, name=tool, arguments=arguments)


def text(answer: Mapping[str, Any]) -> str:
    """The text of a tool's result; raises Fault when it is an error."""
    if "result" not in answer:
        raise Fault(f"an error instead of a result: {answer}")
    return str(answer["result"]["content"][0]["text"])


class HttpServer:
    """Listens at a port of this machine."""

    def __init__(self, process: Process, port: int) -> None:
        self.process = process
        self.port = port

    @asynccontextmanager
    async def connection(
        self,
    ) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            yield reader, writer
        finally:
            writer.transport.abort()

    def head(self, length: int, headers: Mapping[str, str] | None = None) -> bytes:
        """The head of a POST."""
        lines = {
            "host": "localhost",
            "content-type": "application/json",
            "accept": "application/json, text/event-stream",
            "content-length": str(length),
            "connection": "close",
            **(headers or {}),
        }
        fields = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        return f"POST /mcp HTTP/1.1\r\n{fields}\r\n".encode()

    async def post(
        self, message: Any, headers: Mapping[str, str] | None = None
    ) -> tuple[dict[str, str], Any]:
        """The headers and the message of the whole response."""
        body = message if isinstance(message, bytes) else json.dumps(message).encode()
        async with asyncio.timeout(PATIENCE), self.connection() as (reader, writer):
            writer.write(self.head(len(body), headers) + body)
            await writer.drain()
            response = await reader.read()
        head, _, rest = response.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        pairs = (line.partition(": ") for line in lines[1:])
        found = {name.lower(): value for name, _, value in pairs}
        try:
            return found, json.loads(rest) if rest else None
        except ValueError:
            raise Fault(f"no message, but {response[:200]!r}") from None

    async def state(self) -> dict[str, int]:
        _, answer = await self.post(call("state", 0))
        state: dict[str, int] = json.loads(text(answer))
        return state

    async def settled(self, wanted: Mapping[str, int]) -> None:
        """Return when the server holds no more than this; raises Fault if it keeps."""
        state: dict[str, int] = {}
        for _ in range(int(PATIENCE)):
            state = await self.state()
            if all(state[name] <= most for name, most in wanted.items()):
                return
            await asyncio.sleep(0.2)
        raise Fault(f"{state} is left, and not {dict(wanted)}")

    async def released(self, before: int) -> None:
        """Return when no more descriptors are open than before; raises Fault."""
        for _ in range(int(PATIENCE)):
            if usage(self.process).descriptors <= before:
                return
            await asyncio.sleep(0.2)
        raise Fault(f"{usage(self.process).descriptors} descriptors, not {before}")


@asynccontextmanager
async def http_server(
    folder: Path, name: str, **environment: str
) -> AsyncIterator[HttpServer]:
    """The server of a package, by its name and folder."""
    command = ("-m", name, "--transport", "http", "--port", "0")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, *command),
        cwd=folder,
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        limit=2**24,
    )
    assert process.stderr
    url = ""
    while "serving on" not in url:
        url = (await process.stderr.readline()).decode()
        if not url:
            raise Fault("the server didn't start")
    said = asyncio.create_task(process.stderr.read())
    try:
        yield HttpServer(process, int(url.rpartition(":")[2].partition("/")[0]))
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()
        if b"Traceback" in await said:
            raise Fault(f"the server wrote a traceback:\n{said.result().decode()}")


class StdioServer:
    """Speaks over the pipes of a process."""

    def __init__(self, process: Process) -> None:
        assert process.stdin
        assert process.stdout
        self.process = process
        self.stdin = process.stdin
        self.stdout = process.stdout
        self._rest = bytearray()

    async def begin(self) -> None:
        params = {"protocolVersion": "2025-11-25", "capabilities": {}}
        await self.ask(request("initialize", "begin", **params))

    async def send(self, message: Any) -> None:
        data = message if isinstance(message, bytes) else json.dumps(message).encode()
        self.stdin.write(data + b"\n")
        await self.stdin.drain()

    async def receive(self) -> Any:
        """The next message; a line that holds none is a fault."""
        async with asyncio.timeout(PATIENCE):
            while b"\n" not in self._rest:
                data = await self.stdout.read(2**20)
                if not data:
                    raise Fault("the server has ended")
                self._rest += data
        line, _, self._rest = self._rest.partition(b"\n")
        try:
            return json.loads(line)
        except ValueError:
            raise Fault(f"no message, but {bytes(line[:200])!r}") from None

    async def rest(self) -> AsyncIterator[Any]:
        """The messages until the server ends."""
        self._rest += await self.stdout.read()
        for line in self._rest.splitlines():
            yield json.loads(line)

    async def ask(self, message: Any) -> Any:
        sending = asyncio.create_task(self.send(message))
        answer = await self.receive()
        await sending
        return answer
