"""One message a line, over standard input and output.

A thread of its own reads and another writes what the client doesn't take at once, so
that neither a slow client nor a long line ever holds up the event loop. Both are a
bounded number of bytes ahead of it: who doesn't read what he is sent, or sends more
than can be served, has to wait. From `claim` on, the real streams belong to the
protocol: whatever else writes to standard output writes to standard error, and whatever
else reads standard input finds it empty.
"""

from __future__ import annotations

import asyncio
import os
import select
import signal
import socket
import stat
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from queue import SimpleQueue
from typing import Final, NamedTuple, TypeVar

from ..dispatch import Connection
from ..errors import INVALID_REQUEST, RequestError
from ..messages import as_line, error_response, parse
from ..server import Server

T = TypeVar("T")

_DRAIN: Final = 1.5
"""Seconds that the latest calls have to end once the client has closed its end."""
_FLUSH: Final = 2.0
"""Seconds that the client has to take what was written before the process ends."""
_STUCK: Final = 8.0
"""Seconds from the end of the input until the process ends, whatever it is doing."""
_PARENT: Final = 2.0
"""Seconds between two looks at whether the process that started this one is there."""
_CHUNK: Final = 256 * 1024
"""The most bytes of one read."""
_AHEAD: Final = 16
"""Reads that the event loop has not taken up yet."""
_BACKLOG: Final = 4 * 1024 * 1024
"""Bytes that wait to be written until nothing more is read."""


class Streams(NamedTuple):
    """File descriptors that only the protocol uses."""

    input: int
    output: int


def claim() -> Streams:
    """Take standard input and output over; raises OSError when one is closed."""
    sys.stdout.flush()
    streams = Streams(os.dup(0), os.dup(1))
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return streams


async def serve(server: Server, streams: Streams) -> int:
    """Serve until the client closes its end, or is gone, or a signal comes.

    Returns the exit code of the process: 0, or 128 and the number of the signal.
    """
    loop = asyncio.get_running_loop()
    parent = os.getppid()
    ended: asyncio.Future[int] = loop.create_future()

    def end(code: int) -> None:
        if not ended.done():
            ended.set_result(code)

    writer = _Writer(loop, streams.output, end)
    connection = Connection(server, writer.write, drained=writer.drained)
    reader = _Reader(loop, streams.input, server.max_message_bytes, end)
    helpers = (
        asyncio.create_task(_receive(reader, connection, writer, end)),
        asyncio.create_task(_watch_parent(parent, end)),
    )
    _on_signals(loop, end)
    async with server.running():
        code = await ended
        for helper in helpers:
            helper.cancel()
        await connection.close(grace=_DRAIN if code == 0 else 0)
    writer.close()
    reader.close()
    return code


async def _receive(
    reader: _Reader, connection: Connection, writer: _Writer, end: Callable[[int], None]
) -> None:
    """Take each line once there is room for it, to the end of the input."""
    while (lines := await reader.lines()) is not None:
        for line in lines:
            await connection.room()
            if line is None:
                writer.write(reader.too_long)
            else:
                connection.receive(parse(line))
    end(0)


async def _watch_parent(parent: int, end: Callable[[int], None]) -> None:
    """End when the parent does: its pipes may be held open by others of its children."""
    while True:
        await asyncio.sleep(_PARENT)
        if os.getppid() != parent:
            end(0)


def _call(
    loop: asyncio.AbstractEventLoop, function: Callable[[T], object], argument: T
) -> None:
    """Have the loop call a function; nothing happens once the loop is closed."""
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(function, argument)


def _on_signals(loop: asyncio.AbstractEventLoop, end: Callable[[int], None]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, end, 128 + number)
        except NotImplementedError:  # Windows
            signal.signal(
                number,
                lambda caught, _: _call(loop, end, 128 + caught),
            )


class Lines:
    """From bytes, as they come, to lines; one of more than `limit` bytes is None."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._parts: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> Sequence[bytes | None]:
        """The lines that end in `data`, without those that are empty."""
        *ends, rest = data.split(b"\n")
        lines = [self._line(end) for end in ends]
        self._add(rest)
        return [line for line in lines if line != b""]

    def _add(self, part: bytes) -> None:
        self._size += len(part)
        if self._size <= self._limit:
            self._parts.append(part)
        else:
            self._parts.clear()

    def _line(self, end: bytes) -> bytes | None:
        self._add(end)
        line = b"".join(self._parts).strip() if self._size <= self._limit else None
        self._parts.clear()
        self._size = 0
        return line


class _Reader:
    """Reads lines, in a thread of its own, a few reads ahead of who takes them."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        descriptor: int,
        limit: int,
        end: Callable[[int], None],
    ) -> None:
        sentence = f"a message is longer than {limit} bytes"
        self.too_long = error_response(
            None, RequestError(INVALID_REQUEST, f"Invalid request: {sentence}")
        )
        self._loop = loop
        self._descriptor = descriptor
        self._end = end
        self._split = Lines(limit)
        self._read: asyncio.Queue[Sequence[bytes | None] | None] = asyncio.Queue()
        self._ahead: SimpleQueue[None] = SimpleQueue()
        for _ in range(_AHEAD):
            self._ahead.put(None)
        self._stuck = threading.Timer(_STUCK, os._exit, (0,))
        self._stuck.daemon = True
        threading.Thread(target=self._run, name="stdio-reader", daemon=True).start()

    async def lines(self) -> Sequence[bytes | None] | None:
        """The lines of the next read, None at the end of the input."""
        self._ahead.put(None)
        return await self._read.get()

    def close(self) -> None:
        self._stuck.cancel()

    def _run(self) -> None:
        with suppress(OSError):
            while data := os.read(self._descriptor, _CHUNK):
                self._pass_on(self._split.feed(data))
        self._stuck.start()
        _call(self._loop, self._end_soon, None)
        self._pass_on(self._split.feed(b"\n"))
        self._pass_on(None)

    def _pass_on(self, lines: Sequence[bytes | None] | None) -> None:
        self._ahead.get()
        _call(self._loop, self._read.put_nowait, lines)

    def _end_soon(self, _: None) -> None:
        """Nobody may be there to read what holds up the rest of the input."""
        self._loop.call_later(_DRAIN, self._end, 0)


def _at_once(descriptor: int) -> Callable[[bytes], int]:
    """Writes as much as can be written without waiting, and says how many bytes.

    The descriptor itself stays as it is: others may hold it, too.
    """
    if sys.platform == "win32":
        return lambda data: 0
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISSOCK(mode):
        peer = socket.socket(fileno=descriptor)

        def send(data: bytes) -> int:
            try:
                return peer.send(data, socket.MSG_DONTWAIT)
            except OSError:
                return 0

        return send
    if stat.S_ISFIFO(mode):
        poll = select.poll()
        poll.register(descriptor, select.POLLOUT)
        writable = [(descriptor, select.POLLOUT)]

        def write(data: bytes) -> int:
            if len(data) > select.PIPE_BUF or poll.poll(0) != writable:
                return 0
            try:
                return os.write(descriptor, data)
            except OSError:  # the reader has gone just now, which the thread tells
                return 0

        return write
    return lambda data: 0


class _Writer:
    """Writes messages in their order: at once, or in a thread of its own.

    `end` is called when the client has stopped reading for good.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        descriptor: int,
        end: Callable[[int], None],
    ) -> None:
        self._loop = loop
        self._descriptor = descriptor
        self._at_once = _at_once(descriptor)
        self._end = end
        self._queue: SimpleQueue[bytes | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._backlog = 0
        self._full = False
        self._room = asyncio.Event()
        self._room.set()
        self._thread = threading.Thread(
            target=self._run, name="stdio-writer", daemon=True
        )
        self._thread.start()

    def write(self, message: bytes) -> None:
        line = as_line(message) + b"\n"
        if not self._backlog:  # else what waits comes first
            line = line[self._at_once(line) :]
        if not line:
            return
        with self._lock:
            self._backlog += len(line)
            if self._backlog > _BACKLOG:
                self._full = True
                self._room.clear()
        self._queue.put(line)

    async def drained(self) -> None:
        """Return when little enough waits to be written."""
        await self._room.wait()

    def close(self) -> None:
        """Return when everything is written, or the client has stopped reading."""
        self._queue.put(None)
        self._thread.join(_FLUSH)

    def _run(self) -> None:
        try:
            while (line := self._queue.get()) is not None:
                rest = memoryview(line)
                while rest:
                    rest = rest[os.write(self._descriptor, rest) :]
                self._written(len(line))
        except OSError:
            _call(self._loop, self._end, 0)

    def _written(self, size: int) -> None:
        with self._lock:
            self._backlog -= size
            drained = self._full and self._backlog <= _BACKLOG
            if drained:
                self._full = False
        if drained:
            _call(self._loop, self._open, None)

    def _open(self, _: None) -> None:
        with self._lock:
            if not self._full:
                self._room.set()
