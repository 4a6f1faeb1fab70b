"""The API behind every server: it answers at once, with as little as can be done.

`?limit=N` asks for an item of N kB. Prints its port on the first line.
"""

from __future__ import annotations

import asyncio
import json
import re
from functools import cache

_LIMIT = re.compile(rb"[?&]limit=(\d+)")


@cache
def _answer(kilobytes: int) -> bytes:
    record = {"id": 1, "name": "A record", "price": 2.5, "tags": ["a b", "c"]}
    size = len(json.dumps(record, separators=(",", ":"))) + 1
    item = {"id": 1, "name": "An item", "records": [record] * (kilobytes * 960 // size)}
    body = json.dumps(item, separators=(",", ":")).encode()
    head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nServer: bench\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


class _Api(asyncio.Protocol):
    def __init__(self) -> None:
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, _, self._received = self._received.partition(b"\r\n\r\n")
            limit = _LIMIT.search(head.partition(b"\r\n")[0])
            self._transport.write(_answer(int(limit[1]) if limit else 1))


async def main() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(_Api, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
