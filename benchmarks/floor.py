"""The floor: what a server costs that does nothing but the wire.

    floor.py LISTING BASE_URL              over stdio
    floor.py LISTING BASE_URL PORT         over HTTP

It is written by hand for one API: the listing is a file of bytes, nothing is checked,
and a call goes out over a raw keep-alive connection. No real server can be as quick.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

LISTING = Path(sys.argv[1]).read_bytes()
URL = urlsplit(sys.argv[2])
INITIALIZED = (
    b'{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},'
    b'"serverInfo":{"name":"floor","version":"1"}}'
)
idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []


async def fetch(target: str, headers: str) -> bytes:
    """The body of an answer that has a length."""
    if idle:
        reader, writer = idle.pop()
    else:
        reader, writer = await asyncio.open_connection(URL.hostname, URL.port)
    writer.write(
        f"GET {target} HTTP/1.1\r\nHost: {URL.netloc}\r\n{headers}\r\n".encode()
    )
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    body = await reader.readexactly(length)
    idle.append((reader, writer))
    return body


async def answer(message: dict[str, Any]) -> bytes | None:
    if "id" not in message:
        return None
    match message["method"]:
        case "initialize":
            result = INITIALIZED
        case "tools/list":
            result = LISTING
        case "tools/call":
            arguments = message["params"]["arguments"]
            number = message["params"]["name"].removeprefix("get_item_")
            query = f"?limit={arguments['limit']}" if "limit" in arguments else ""
            target = f"{URL.path}/items{number}/{arguments['id']}{query}"
            body = await fetch(target, "Accept: application/json\r\n")
            text = json.dumps(body.decode()).encode()
            result = (
                b'{"content":[{"type":"text","text":%b}],"structuredContent":%b}'
                % (text, body)
            )
        case _:
            result = b"{}"
    return b'{"jsonrpc":"2.0","id":%d,"result":%b}' % (message["id"], result)


async def stdio() -> None:
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    running: set[asyncio.Task[None]] = set()

    async def serve(line: bytes) -> None:
        data = await answer(json.loads(line))
        if data is not None:
            os.write(1, data + b"\n")

    def take(line: bytes) -> None:
        task = loop.create_task(serve(line))
        running.add(task)
        task.add_done_callback(running.discard)

    def read() -> None:
        for line in sys.stdin.buffer:
            loop.call_soon_threadsafe(take, line)
        loop.call_soon_threadsafe(ended.set)

    threading.Thread(target=read, daemon=True).start()
    await ended.wait()


async def http() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = head.lower().partition(b"content-length: ")[2]
                body = await reader.readexactly(int(length.partition(b"\r\n")[0]))
                data = await answer(json.loads(body)) or b""
                status = b"200 OK" if data else b"202 Accepted"
                writer.write(
                    b"HTTP/1.1 %b\r\nContent-Type: application/json\r\n"
                    b"Content-Length: %d\r\n\r\n%b" % (status, len(data), data)
                )
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[3]))
    await server.serve_forever()


asyncio.run(http() if sys.argv[3:] else stdio())
