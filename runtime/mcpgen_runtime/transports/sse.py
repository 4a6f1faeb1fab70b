"""HTTP+SSE, the transport of 2024-11-05: one stream for answers, one path to post to.

A GET of `/sse` opens the stream, whose first event names the path that the client
posts its messages to; what the server has to say comes on the stream. It is served
only where `<PREFIX>_SSE` says so: clients of today have no use for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from secrets import token_urlsafe
from typing import Final
from urllib.parse import parse_qs

from ..dispatch import Connection
from ..messages import Message, parse
from ..server import Server
from .delivery import forward
from .exchange import Exchange, Refused
from .streams import Stream

_STREAM: Final = "/sse"
_MESSAGES: Final = "/messages"


class Sse:
    """The connections of one application, each on a stream of its own.

    `admit` raises Refused for a message that there is no room for.
    """

    def __init__(
        self, server: Server, admit: Callable[[Message | list[Message]], object]
    ) -> None:
        self._server = server
        self._admit = admit
        self._open: dict[str, tuple[Connection, Stream]] = {}

    def route(self, exchange: Exchange) -> Callable[[Exchange], Awaitable[None]] | None:
        """What serves a request, None when it is none of this transport's."""
        path = exchange.path.rstrip("/")
        if (exchange.method, path) == ("GET", _STREAM):
            return self._stream
        if (exchange.method, path) == ("POST", _MESSAGES):
            return self._receive
        return None

    @property
    def load(self) -> int:
        """How many requests are taken and not answered."""
        return sum(connection.load for connection, _ in self._open.values())

    def close(self) -> None:
        """End every stream: the process is about to end."""
        for _, stream in self._open.values():
            stream.end()

    async def _stream(self, exchange: Exchange) -> None:
        session_id = token_urlsafe(24)
        stream = Stream(lossless=True)
        connection = Connection(self._server, stream.put, drained=stream.drained)
        self._open[session_id] = connection, stream
        await exchange.open()
        endpoint = f"{exchange.root}{_MESSAGES}/?session_id={session_id}"
        await exchange.event(endpoint.encode(), kind="endpoint")
        watcher = asyncio.create_task(_end_with_client(exchange, stream))
        try:
            await forward(stream, exchange, None)
            if not exchange.disconnected:
                await exchange.end()
        finally:
            watcher.cancel()
            del self._open[session_id]
            await connection.close(grace=0)

    async def _receive(self, exchange: Exchange) -> None:
        given = parse_qs(exchange.query).get("session_id", [""])[0]
        if given not in self._open:
            raise Refused(404, f"No such session: open {_STREAM} first")
        connection, _ = self._open[given]
        message = parse(await exchange.body(self._server.max_message_bytes))
        self._admit(message)
        await connection.room()
        if given in self._open:
            connection.receive(message)
        await exchange.reply(202)


async def _end_with_client(exchange: Exchange, stream: Stream) -> None:
    await exchange.disconnect()
    stream.end()
