"""An HTTP/1.1 upstream on loopback that records raw bytes and answers by script.

`script` is called with each request, as its bytes, and gives the raw answer; an empty
answer closes the connection, and what follows a `Pause` or an event waits for that.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Pause:
    seconds: float


Piece = bytes | Pause | asyncio.Event
Script = Callable[[bytes], "bytes | Iterable[Piece]"]


def answer(
    body: bytes = b"", status: int = 200, kind: str = "application/json", **headers: str
) -> bytes:
    """A complete answer, with its length."""
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}"]
    if kind:
        lines.append(f"Content-Type: {kind}")
    lines += (f"{name.replace('_', '-')}: {value}" for name, value in headers.items())
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


@dataclass(slots=True)
class Upstream:
    """What came in: the bytes of each request, and how many connections."""

    url: str
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0

    @property
    def targets(self) -> list[str]:
        return [r.split(b" ", 2)[1].decode("ascii") for r in self.requests]

    def header(self, name: str, index: int = -1) -> str | None:
        head = self.requests[index].partition(b"\r\n\r\n")[0].decode("latin-1")
        for line in head.split("\r\n")[1:]:
            key, _, value = line.partition(": ")
            if key.lower() == name.lower():
                return value
        return None

    @property
    def body(self) -> bytes:
        return self.requests[-1].partition(b"\r\n\r\n")[2]


@contextlib.asynccontextmanager
async def upstream(
    script: Script, *, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Upstream]:
    """A running upstream; leaving the context closes all its connections."""
    connected: set[asyncio.Task[None]] = set()
    recorded = Upstream(url="")

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        recorded.connections += 1
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                request = await _request(reader)
                recorded.requests.append(request)
                given = script(request)
                pieces = [given] if isinstance(given, bytes) else given
                for piece in pieces:
                    if isinstance(piece, Pause):
                        await asyncio.sleep(piece.seconds)
                        continue
                    if isinstance(piece, asyncio.Event):
                        await piece.wait()
                        continue
                    if not piece:
                        return
                    writer.write(piece)
                    await writer.drain()

    async def connect(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.create_task(serve(reader, writer))
        connected.add(task)
        task.add_done_callback(connected.discard)
        with contextlib.suppress(asyncio.CancelledError):
            await task
        writer.close()

    server = await asyncio.start_server(connect, "127.0.0.1", 0, ssl=tls)
    scheme = "http" if tls is None else "https"
    recorded.url = f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield recorded
    finally:
        server.close()
        for task in tuple(connected):
            task.cancel()
        await asyncio.gather(*connected, return_exceptions=True)


async def _request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return head + await reader.readexactly(int(value))
    return head
