"""The messages of HTTP responses, while they wait to be sent, and to be sent again.

A stream is read by one response at a time, and bounded: who sends waits for who reads,
and what nobody reads is lost from its beginning on. What clients can come back to is
bounded for the whole process, too, whatever the number of its clients.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from secrets import token_urlsafe
from typing import Final

_REPLAY: Final = 256
"""How many messages of one stream can be sent again."""
_UNREAD: Final = 1024
"""How many messages wait to be sent on a stream that keeps none."""
_STREAM_BYTES: Final = 4 * 1024 * 1024
"""Bytes of messages that one stream holds, if they are more than one."""
_BEHIND: Final = 64
"""How many messages wait to be sent until who sends more has to wait."""
_BEHIND_BYTES: Final = 1024 * 1024
"""Bytes of messages that wait to be sent until who sends more has to wait."""
_REPLAY_BYTES: Final = 64 * 1024 * 1024
"""Bytes of all messages of one process that can be sent again."""


class Stream:
    """The messages of one HTTP response, numbered from 1; 0 is its beginning.

    A stream with an `id` keeps its latest messages for a client that comes back. One
    that carries answers must be `lossless`: it holds what it is given.
    """

    def __init__(self, id: str = "", *, lossless: bool = False) -> None:
        self.id = id
        self.lossless = lossless
        self.retry: int | None = None
        """Milliseconds that a client waits; set when its response is to be closed."""
        self.final: bytes | None = None
        """The message that the stream is about, once it has ended."""
        self.ended = False
        self.alone = False
        """Whether it belongs to no request."""
        self.replays: Replays | None = None
        """Where it is kept, if it is."""
        self.size = 0
        """Bytes of the messages that it holds, the final one included."""
        self._messages: deque[tuple[int, bytes]] = deque()
        """Each with the bytes that were added until then, its own included."""
        self._most = _REPLAY if id else _UNREAD
        self._last = 0
        self._sent = 0
        self._added = 0
        self._taken = 0
        self._readers = 0
        self._news = asyncio.Event()
        self._room = asyncio.Event()

    def put(self, message: bytes) -> None:
        """Add a message; the oldest are lost where nobody reads them for long."""
        self._last += 1
        self._added += len(message)
        self._messages.append((self._added, message))
        self._grow(len(message))
        while self._holds_too_much():
            self._drop_first()
        self._news.set()

    def event_id(self, number: int) -> str:
        return f"{self.id}-{number}" if self.id else ""

    @property
    def final_number(self) -> int:
        return self._last + 1

    def end(self, final: bytes | None = None) -> None:
        """Nothing more will come, but for the final message."""
        self.final = final
        self.ended = True
        self._grow(len(final or b""))
        self._news.set()

    def close(self, retry: int) -> None:
        """Have the response closed; the messages still come for who comes back."""
        self.retry = retry
        self._news.set()

    def reopen(self) -> None:
        self.retry = None

    @contextmanager
    def read(self) -> Iterator[None]:
        """Within, a response takes the messages."""
        self._readers += 1
        try:
            yield
        finally:
            self._readers -= 1
            self._room.set()

    async def drained(self) -> None:
        """Return when who takes the messages is no longer far behind."""
        while self._readers and (
            self._last - self._sent > _BEHIND
            or self._added - self._taken > _BEHIND_BYTES
        ):
            self._room.clear()
            await self._room.wait()

    async def next(self, after: int) -> tuple[int, bytes] | None:
        """The number and the text of the message after one; None when none will come.

        None, too, when the response is to be closed.
        """
        self._sent = after
        self._room.set()
        while after >= self._last or not self._messages:
            if self.ended or self.retry is not None:
                return None
            self._taken = self._added
            self._news.clear()
            await self._news.wait()
        first = self._last - len(self._messages) + 1
        number = max(first, after + 1)
        self._taken, message = self._messages[number - first]
        if not self.id:
            self._drop_first()
        return number, message

    def _holds_too_much(self) -> bool:
        held = len(self._messages)
        too_much = held > self._most or (self.size > _STREAM_BYTES and held > 1)
        return too_much and not self.lossless

    def _drop_first(self) -> None:
        _, message = self._messages.popleft()
        self._grow(-len(message))

    def _grow(self, size: int) -> None:
        self.size += size
        if self.replays is not None:
            self.replays.grow(size)


def resumable() -> Stream:
    """A stream with an id that nobody can guess."""
    return Stream(token_urlsafe(12).replace("-", "_"))


class Replays:
    """The streams that the clients of one process can come back to.

    The oldest are forgotten when they hold too much together, whoever they belong to.
    """

    def __init__(self) -> None:
        self.size = 0
        self._streams: OrderedDict[str, Stream] = OrderedDict()

    def keep(self, stream: Stream) -> None:
        self._streams[stream.id] = stream
        stream.replays = self
        self.grow(stream.size)

    def find(self, stream_id: str) -> Stream | None:
        return self._streams.get(stream_id)

    def forget(self, stream_id: str) -> None:
        """Nothing happens when it is forgotten already."""
        stream = self._streams.pop(stream_id, None)
        if stream is not None:
            stream.replays = None
            self.size -= stream.size

    def grow(self, size: int) -> None:
        self.size += size
        while self.size > _REPLAY_BYTES and len(self._streams) > 1:
            self.forget(next(iter(self._streams)))
