"""One connection to a server, over HTTP/1.1: bytes out, a response in, kept alive.

The rule: a connection carries one exchange at a time, and whatever comes at the wrong
time or in the wrong form ends it; it is never used again. httptools (llhttp) parses, in
its strict mode, so that no answer can be read in two ways (RFC 9112, 11.2).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final, Self, cast

import httptools

from .transport import ConnectionBroken, Unanswered

_MAX_HEAD: Final = 256 * 1024
"""Bytes of a response's header section that are read, at most."""
_MAX_BUFFERED: Final = 256 * 1024
"""Bytes of a body that wait for their reader before the socket is left alone."""
_CHUNK: Final = 8 * 1024
"""Bytes of the first read of an answer; while it fills them, the next ones are larger."""


class Connection(asyncio.BufferedProtocol):
    """One connection; `opened` is called again where TLS is put on top of it."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._buffer = memoryview(bytearray(_CHUNK))
        self._answer: _Answer | None = None
        self._writable: asyncio.Future[None] | None = None
        self._closed = False

    def opened(self, transport: asyncio.Transport) -> None:
        self._transport = transport

    @property
    def idle(self) -> bool:
        """Whether it can carry the next exchange."""
        return not self._closed and self._answer is None

    def close(self) -> None:
        self._closed = True
        self._transport.abort()

    async def exchange(
        self, request: bytes, done: Callable[[], None], *, bodiless: bool
    ) -> _Answer:
        """The answer to a request, its body still to be read; `done` is told of its end.

        `bodiless`: the answer has no body, whatever it says. Raises ConnectionBroken,
        which is Unanswered where not a byte came.
        """
        answer = self._answer = _Answer(self, self._loop, done, bodiless)
        self._transport.write(request)
        while self._writable is not None and not answer.begun.done():
            await asyncio.wait(
                (self._writable, answer.begun), return_when=asyncio.FIRST_COMPLETED
            )
        await answer.begun
        return answer

    def finished(self, reusable: bool) -> None:
        """Told by the answer: it is complete, and so is the exchange."""
        self._answer = None
        if len(self._buffer) > _CHUNK:
            self._buffer = memoryview(bytearray(_CHUNK))
        if not reusable or self._writable is not None:
            self.close()

    def pause_reading(self) -> None:
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        if not self._closed:
            self._transport.resume_reading()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.opened(cast(asyncio.Transport, transport))

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        answer = self._answer
        if answer is None:
            self.close()
            return
        received = self._buffer[:nbytes]
        if nbytes == len(self._buffer) < _MAX_BUFFERED:
            larger = min(4 * nbytes, _MAX_BUFFERED)
            self._buffer = memoryview(bytearray(larger))
        try:
            answer.feed(received)
        except httptools.HttpParserError as error:
            answer.fail(ConnectionBroken(str(error)))
            self.close()

    def eof_received(self) -> None:
        return None

    def connection_lost(self, exc: Exception | None) -> None:
        self._closed = True
        if self._writable is not None and not self._writable.done():
            self._writable.set_result(None)
        if self._answer is not None:
            self._answer.end_of_stream(exc)

    def pause_writing(self) -> None:
        self._writable = self._loop.create_future()

    def resume_writing(self) -> None:
        if self._writable is not None and not self._writable.done():
            self._writable.set_result(None)
        self._writable = None


class _Answer:
    """A response as it comes in; httptools calls the methods that begin with `on_`.

    Closing it before its end ends the connection.
    """

    def __init__(
        self,
        connection: Connection,
        loop: asyncio.AbstractEventLoop,
        done: Callable[[], None],
        bodiless: bool,
    ) -> None:
        self.begun: asyncio.Future[None] = loop.create_future()
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.complete = False
        self._connection = connection
        self._loop = loop
        self._done = done
        self._bodiless = bodiless
        self._parser = httptools.HttpResponseParser(self)
        self._head_size = 0
        self._delimited = False
        self._pieces: deque[bytes] = deque()
        self._buffered = 0
        self._paused = False
        self._error: ConnectionBroken | None = None
        self._news: asyncio.Future[None] | None = None

    def feed(self, data: memoryview) -> None:
        """Raises httptools.HttpParserError for what is no HTTP/1.1."""
        if not self.begun.done():
            self._head_size += len(data)
        self._parser.feed_data(data)
        if not self.begun.done() and self._head_size > _MAX_HEAD:
            raise httptools.HttpParserError("the header section is too large")

    def fail(self, error: ConnectionBroken) -> None:
        if self.complete:
            return
        self._error = error
        if not self.begun.done():
            self.begun.set_exception(error)
            self.begun.exception()  # whoever waited may be gone
        self._tell()

    def end_of_stream(self, error: Exception | None) -> None:
        """A body without a length ends with its connection (RFC 9112, 6.3)."""
        if self.begun.done() and not self._delimited and error is None:
            self._finish(reusable=False)
            return
        kind = ConnectionBroken if self._head_size else Unanswered
        closed = "closed before the answer was whole"
        self.fail(kind(closed if error is None else type(error).__name__))

    async def aclose(self) -> None:
        self._done()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        while not self._pieces:
            if self._error is not None:
                raise self._error
            if self.complete:
                raise StopAsyncIteration
            self._news = self._loop.create_future()
            await self._news
        piece = self._pieces.popleft()
        self._buffered -= len(piece)
        if self._paused and self._buffered < _MAX_BUFFERED // 2:
            self._paused = False
            self._connection.resume_reading()
        return piece

    def on_message_begin(self) -> None:
        if self.complete:
            raise httptools.HttpParserError("more than one answer")

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name, value))
        if name.lower() in (b"content-length", b"transfer-encoding"):
            self._delimited = True

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if status < 200:  # an interim response; the real one follows
            self.headers.clear()
            return
        self.status = status
        if not self.begun.done():
            self.begun.set_result(None)
        if self._bodiless:
            self._finish(self._parser.should_keep_alive())

    def on_body(self, piece: bytes) -> None:
        if self.complete:
            return
        self._pieces.append(piece)
        self._buffered += len(piece)
        if self._buffered > _MAX_BUFFERED and not self._paused:
            self._paused = True
            self._connection.pause_reading()
        self._tell()

    def on_message_complete(self) -> None:
        if self.status and not self.complete:
            self._finish(self._parser.should_keep_alive())

    def _finish(self, reusable: bool) -> None:
        self.complete = True
        if self._paused:
            self._paused = False
            self._connection.resume_reading()
        self._connection.finished(reusable)
        self._tell()

    def _tell(self) -> None:
        if self._news is not None and not self._news.done():
            self._news.set_result(None)
