"""Raw JSON-RPC over stdio and HTTP: as little as possible between us and the server.

A `Process` is a server under measurement. Its CPU time and its memory come from the
kernel: CPU in seconds, memory in MB of resident set.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Self

VERSION = "2026-07-28"
_META = {
    "io.modelcontextprotocol/protocolVersion": VERSION,
    "io.modelcontextprotocol/clientCapabilities": {},
}
_TICK = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Process:
    """A server on its way from its start to its end."""

    def __init__(
        self, command: Sequence[str], folder: Path, environment: Mapping[str, str]
    ) -> None:
        self.begun = time.perf_counter()
        self._process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert self._process.stdin
        assert self._process.stdout
        self.stdin, self.stdout = self._process.stdin, self._process.stdout

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    @property
    def age(self) -> float:
        return time.perf_counter() - self.begun

    @property
    def cpu(self) -> float:
        """To a hundredth of a second."""
        text = Path(f"/proc/{self._process.pid}/stat").read_text()
        fields = text.rpartition(") ")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICK

    @property
    def memory(self) -> float:
        text = Path(f"/proc/{self._process.pid}/statm").read_text()
        return int(text.split()[1]) * _PAGE / 1e6

    def end(self) -> float:
        """Kills it, and gives its CPU time to the microsecond."""
        if self._process.returncode is not None:
            return 0.0
        self._process.send_signal(signal.SIGKILL)
        _, status, usage = os.wait4(self._process.pid, 0)
        self._process.returncode = status
        self.stdin.close()
        self.stdout.close()
        return usage.ru_utime + usage.ru_stime


class Stdio:
    """A client that shook hands; requests can be under way side by side."""

    HANDSHAKE: Final = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "clientInfo": {"name": "bench", "version": "1"},
        },
    }

    def __init__(self, process: Process) -> None:
        self._process = process
        self._id = 1
        self._send(self.HANDSHAKE)
        self.finish()
        self._send({"jsonrpc": "2.0", "method": "notifications/initialized"})

    def request(self, method: str, params: Mapping[str, Any] | None = None) -> Any:
        self.begin(method, params)
        return self.finish()[1]

    def begin(self, method: str, params: Mapping[str, Any] | None = None) -> int:
        self._id += 1
        message: dict[str, Any] = {"jsonrpc": "2.0", "id": self._id, "method": method}
        self._send(message | ({"params": params} if params else {}))
        return self._id

    def finish(self) -> tuple[int, Any]:
        """The next answer: the id of its request, and the result."""
        while line := self._process.stdout.readline():
            message = json.loads(line)
            if "id" in message and "method" not in message:
                return message["id"], checked(message)
        raise RuntimeError("the server stopped")

    def calls(
        self, count: int, concurrency: int, params: Mapping[str, Any]
    ) -> list[float]:
        """The latencies, in seconds, of calls of which so many are under way."""
        begun: dict[int, float] = {}
        latencies = []
        for number in range(count + concurrency):
            if number >= concurrency:
                latencies.append(self._one(begun))
            if number < count:
                now = time.perf_counter()
                begun[self.begin("tools/call", params)] = now
        return latencies

    def _one(self, begun: dict[int, float]) -> float:
        finished, _ = self.finish()
        return time.perf_counter() - begun.pop(finished)

    def _send(self, message: Mapping[str, Any]) -> None:
        self._process.stdin.write(json.dumps(message).encode() + b"\n")
        self._process.stdin.flush()


class Http:
    """Stateless requests over keep-alive connections, one for each that is under way."""

    def __init__(self, port: int) -> None:
        self._port = port

    def calls(
        self, count: int, concurrency: int, params: Mapping[str, Any]
    ) -> list[float]:
        return asyncio.run(self._calls(count, concurrency, params))

    def wait(self, seconds: float = 60) -> None:
        """Until the server listens."""
        until = time.monotonic() + seconds
        while True:
            try:
                socket.create_connection(("127.0.0.1", self._port)).close()
                return
            except OSError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.02)

    async def _calls(
        self, count: int, concurrency: int, params: Mapping[str, Any]
    ) -> list[float]:
        left = iter(range(count))
        message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call"}
        body = json.dumps(message | {"params": {**params, "_meta": _META}}).encode()
        lines = [
            "POST /mcp HTTP/1.1",
            f"Host: 127.0.0.1:{self._port}",
            "Accept: application/json, text/event-stream",
            "Content-Type: application/json",
            f"MCP-Protocol-Version: {VERSION}",
            "Mcp-Method: tools/call",
            f"Mcp-Name: {params['name']}",
            f"Content-Length: {len(body)}",
        ]
        request = "\r\n".join([*lines, "", ""]).encode() + body
        latencies = []

        async def several() -> None:
            reader, writer = await asyncio.open_connection(
                "127.0.0.1", self._port, limit=4_000_000
            )
            for _ in left:
                begun = time.perf_counter()
                writer.write(request)
                checked(json.loads(await _body(reader)))
                latencies.append(time.perf_counter() - begun)
            writer.close()

        await asyncio.gather(*(several() for _ in range(concurrency)))
        return latencies


async def _body(reader: asyncio.StreamReader) -> bytes:
    """The JSON of an answer: alone, or as the one event of a stream."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = head.partition(b"content-length: ")[2].partition(b"\r\n")[0]
    if length:
        body = await reader.readexactly(int(length))
    else:
        body = b""
        while size := int(await reader.readline(), 16):
            body += await reader.readexactly(size)
            await reader.readline()
        await reader.readline()
    if b"text/event-stream" not in head:
        return body
    return next(
        line.partition(b": ")[2]
        for line in body.splitlines()
        if line.startswith(b"data: ")
    )


def checked(message: Mapping[str, Any]) -> Any:
    """The result; a failure is no measurement."""
    if "error" in message or message["result"].get("isError"):
        raise RuntimeError(f"the server answered {json.dumps(message)[:500]}")
    return message["result"]
