"""A server over HTTP under load for minutes: answers of all sizes, and an API that fails.

Each client calls, one call after the other: small and large answers, errors, garbage,
an API that is slow or hangs up, arguments that don't fit, and now and then it leaves in
the middle. A line for each tenth of the time; exits with 1 where memory or descriptors
grew after the first three tenths by more than a tenth, or a call had the wrong end.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

from load_server import META, VERSION, Fault, HttpServer, call, http_server, usage

CLIENTS = 200
TENTHS = 10
SLACK = 1.1

SIZES = (100, 1_000, 10_000, 100_000)
FAULTS = ("error", "slow", "reset", "garbage", "refused", "left")
DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Soak", "version": "1"},
    "paths": {
        "/items/{mode}": {
            "get": {
                "operationId": "get_items",
                "parameters": [
                    {
                        "name": "mode",
                        "in": "path",
                        "required": True,
                        "schema": {"type": "string", "maxLength": 20},
                    },
                    {"name": "size", "in": "query", "schema": {"type": "integer"}},
                ],
                "responses": {"200": {"description": "Items"}},
            }
        }
    },
}


class Window(NamedTuple):
    """A tenth of the time: megabytes, descriptors, calls, and milliseconds of the calls
    that nothing was wrong with."""

    memory: float
    descriptors: int
    calls: int
    p50: float
    p99: float


async def api(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers as the path asks."""
    try:
        while True:
            line = (await reader.readuntil(b"\r\n\r\n")).split(b" ", 2)[1]
            path, _, query = line.decode().partition("?")
            mode = path.rpartition("/")[2]
            size = int(query.rpartition("=")[2] or 100)
            items = [{"id": n, "name": "An item"} for n in range(size // 28)]
            body = json.dumps(items, separators=(",", ":")).encode()
            if mode == "slow":
                await asyncio.sleep(0.3)
            if mode == "garbage":
                body = b"{" + body
            status = b"500 Oops" if mode == "error" else b"200 OK"
            length = len(body) + (1000 if mode == "reset" else 0)
            writer.write(
                b"HTTP/1.1 %b\r\nContent-Type: application/json\r\n"
                b"Content-Length: %d\r\n\r\n%b" % (status, length, body)
            )
            if mode == "reset":
                writer.close()
                return
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


class Load:
    """What the clients do, and what they saw."""

    def __init__(self, server: HttpServer) -> None:
        self._server = server
        self._latencies: list[float] = []
        self._calls = 0
        self.ended = False

    def window(self) -> Window:
        """What was seen since the last one."""
        latencies, self._latencies = sorted(self._latencies) or [0.0], []
        calls, self._calls = self._calls, 0
        used = usage(self._server.process)
        return Window(
            memory=used.memory / 1e6,
            descriptors=used.descriptors,
            calls=calls,
            p50=statistics.median(latencies) * 1000,
            p99=latencies[int(len(latencies) * 0.99)] * 1000,
        )

    async def client(self, number: int) -> None:
        turn = number
        while not self.ended:
            turn += 1
            if turn % 4:
                await self._one("fine", SIZES[turn % len(SIZES)])
            else:
                await self._one(FAULTS[turn // 4 % len(FAULTS)], SIZES[turn % 3])
            self._calls += 1

    async def _one(self, mode: str, size: int) -> None:
        arguments: dict[str, Any] = {"mode": mode, "size": size}
        if mode == "refused":
            arguments["size"] = "large"
        message = call("get_items", 1, **arguments)
        message["params"]["_meta"] = META
        headers = {"mcp-protocol-version": VERSION}
        headers |= {"mcp-method": "tools/call", "mcp-name": "get_items"}
        if mode == "left":
            body = json.dumps(message).encode()
            async with self._server.connection() as (_, writer):
                writer.write(self._server.head(len(body), headers) + body)
                await asyncio.sleep(0.001)
            return
        begun = time.monotonic()
        _, answer = await self._server.post(message, headers)
        if mode == "fine":
            self._latencies.append(time.monotonic() - begun)
        is_error = answer["result"].get("isError", False)
        if is_error != (mode in ("error", "reset", "refused")):
            raise Fault(f"{mode}: {str(answer)[:300]}")


def verdict(windows: list[Window]) -> list[str]:
    """What grew."""
    before, after = windows[1 : TENTHS * 3 // 10 + 1], windows[-3:]
    return [
        f"{name} grew"
        for name, least in (("memory", 1.0), ("descriptors", 20))
        if max(getattr(one, name) for one in after)
        > max(getattr(one, name) for one in before) * SLACK + least
    ]


async def run(seconds: float, folder: Path) -> bool:
    upstream = await asyncio.start_server(api, "127.0.0.1", 0)
    port = upstream.sockets[0].getsockname()[1]
    windows: list[Window] = []
    print("tenth  memory, MB  descriptors   calls  p50, ms  p99, ms", flush=True)
    base_url = f"http://127.0.0.1:{port}"
    async with (
        upstream,
        http_server(folder, "soak_mcp", SOAK_BASE_URL=base_url) as server,
    ):
        load = Load(server)
        async with asyncio.TaskGroup() as clients:
            for number in range(CLIENTS):
                clients.create_task(load.client(number))
            for tenth in range(1, TENTHS + 1):
                await asyncio.sleep(seconds / TENTHS)
                one = load.window()
                windows.append(one)
                print(
                    f"{tenth:5}  {one.memory:10.1f}  {one.descriptors:11}  "
                    f"{one.calls:6}  {one.p50:7.0f}  {one.p99:7.0f}",
                    flush=True,
                )
            load.ended = True
    problems = verdict(windows)
    print("\n".join(problems) or "nothing grew")
    return not problems


def generated(folder: Path) -> None:
    spec = folder.with_name("soak.json")
    spec.write_text(json.dumps(DOCUMENT))
    options = ["--preset", "tools", "--base-url", "http://127.0.0.1", "-q"]
    command = [sys.executable, "-m", "mcpgen", str(spec), "-o", str(folder), *options]
    subprocess.run(command, check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    seconds = parser.parse_args().seconds
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "out"
        generated(folder)
        try:
            fine = asyncio.run(run(seconds, folder))
        except* (Fault, OSError, TimeoutError) as wrong:
            print(f"FAULT: {wrong.exceptions[0]!r}")
            fine = False
    sys.exit(0 if fine else 1)


if __name__ == "__main__":
    main()
