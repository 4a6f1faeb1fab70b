"""One message a line, over standard input and output.

A thread of its own reads and another writes, so that neither a slow client nor a long
line ever holds up the event loop. From `claim` on, the real streams belong to the
protocol: whatever else writes to standard output writes to standard error, and
whatever else reads standard input finds it empty.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from typing import BinaryIO, NamedTuple, TypeVar

from ..dispatch import Connection
from ..errors import INVALID_REQUEST, RequestError
from ..messages import error_response, parse
from ..server import Server

T = TypeVar("T")

MAX_LINE = 64 * 1024 * 1024
"""Bytes of one message; a longer one is answered with an error."""

_DRAIN = 2.0
"""Seconds that calls in flight have to end once the client has closed its end."""
_FLUSH = 2.0
"""Seconds that the client has to take what was written before the process ends."""


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
    """Serve until the client closes its end or a signal comes.

    Returns the exit code of the process: 0, or 128 and the number of the signal.
    """
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[int] = loop.create_future()

    def end(code: int) -> None:
        if not ended.done():
            ended.set_result(code)

    writer = _Writer(streams.output, lambda: _call(loop, end, 0))
    connection = Connection(server, writer.write)

    def receive(line: bytes | None) -> None:
        if line is None:
            writer.write(_TOO_LONG)
        elif not ended.done():
            connection.receive(parse(line))

    def read() -> None:
        _read(streams.input, lambda line: _call(loop, receive, line))
        _call(loop, end, 0)

    threading.Thread(target=read, name="stdio-reader", daemon=True).start()
    _on_signals(loop, end)
    async with server.running():
        code = await ended
        await connection.close(grace=_DRAIN if code == 0 else 0)
    writer.close()
    return code


_TOO_LONG = error_response(
    None,
    RequestError(
        INVALID_REQUEST, f"Invalid request: a message is longer than {MAX_LINE} bytes"
    ),
)


def _read(descriptor: int, receive: Callable[[bytes | None], object]) -> None:
    """Pass on each line that isn't empty, and None for one that is too long."""
    with suppress(OSError), open(descriptor, "rb", buffering=256 * 1024) as stream:
        while line := stream.readline(MAX_LINE + 1):
            if len(line) > MAX_LINE:
                _skip_line(stream)
                receive(None)
            elif line := line.strip():
                receive(line)


def _skip_line(stream: BinaryIO) -> None:
    while (part := stream.readline(MAX_LINE)) and not part.endswith(b"\n"):
        pass


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


class _Writer:
    """Writes messages in their order, in a thread of its own.

    `broken` is called, in that thread, when the client has stopped reading.
    """

    def __init__(self, descriptor: int, broken: Callable[[], object]) -> None:
        self._descriptor = descriptor
        self._broken = broken
        self._queue: SimpleQueue[bytes | None] = SimpleQueue()
        self._thread = threading.Thread(
            target=self._run, name="stdio-writer", daemon=True
        )
        self._thread.start()

    def write(self, message: bytes) -> None:
        self._queue.put(message)

    def close(self) -> None:
        """Return when everything is written, or the client has stopped reading."""
        self._queue.put(None)
        self._thread.join(_FLUSH)

    def _run(self) -> None:
        try:
            while (message := self._queue.get()) is not None:
                rest = memoryview(message + b"\n")
                while rest:
                    rest = rest[os.write(self._descriptor, rest) :]
        except OSError:
            self._broken()
