"""Sessions over HTTP, and the streams that a client can come back to.

The id of a session says what the handshake settled: version and capabilities. So a
session costs nothing until it is used, any process takes it, and a restart ends none.
What a process remembers of one is a log level, subscriptions, calls in flight and the
latest messages of its streams; it is forgotten when it was idle for long, or when too
many others are newer. An id is no proof of who the client is, and nothing rests on it.
"""

from __future__ import annotations

import asyncio
import json
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import OrderedDict, deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from secrets import token_urlsafe
from typing import Any, Final

from .. import protocol
from ..changes import Change
from ..messages import Id, dumps
from ..session import Session

_IDLE: Final = 1800.0
"""Seconds after which an unused session is forgotten."""
_SESSIONS: Final = 1000
"""How many sessions are remembered, unless more are in use."""
_ENDED: Final = 10_000
"""How many of the sessions that clients ended are known to have ended."""
_STREAMS: Final = 16
"""How many streams of a session a client can come back to."""
_REPLAY: Final = 256
"""How many messages of one stream can be sent again."""
_UNREAD: Final = 1024
"""How many messages wait to be sent on a stream that keeps none."""
_BEHIND: Final = 64
"""How many messages wait to be sent until who sends more has to wait."""
_MAX_ID: Final = 1024
_KNOWN: Final = ("elicitation", "roots", "sampling")
"""The capabilities of a client that mean something to a server."""


class Stream:
    """The messages of one HTTP response, numbered from 1; 0 is its beginning.

    A stream with an `id` keeps its latest messages for a client that comes back.
    """

    def __init__(self, id: str = "") -> None:
        self.id = id
        self.retry: int | None = None
        """Milliseconds that a client waits; set when its response is to be closed."""
        self.final: bytes | None = None
        """The message that the stream is about, once it has ended."""
        self.ended = False
        self.alone = False
        """Whether it belongs to no request."""
        self._messages: deque[bytes] = deque(maxlen=_REPLAY if id else _UNREAD)
        self._last = 0
        self._sent = 0
        self._readers = 0
        self._news = asyncio.Event()
        self._room = asyncio.Event()

    def put(self, message: bytes) -> None:
        """Add a message; the oldest is lost where nobody reads them for long."""
        self._last += 1
        self._messages.append(message)
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
        while self._readers and self._last - self._sent > _BEHIND:
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
            self._news.clear()
            await self._news.wait()
        first = self._last - len(self._messages) + 1
        number = max(first, after + 1)
        message = self._messages[number - first]
        if not self.id:
            self._messages.popleft()
        return number, message


def resumable() -> Stream:
    """A stream with an id that nobody can guess."""
    return Stream(token_urlsafe(12).replace("-", "_"))


class HttpSession:
    """What one process remembers of a session."""

    __slots__ = ("_streams", "in_flight", "listening", "session", "used")

    def __init__(self, session: Session) -> None:
        self.session = session
        self.in_flight: dict[Id, asyncio.Task[Any]] = {}
        self.listening: list[Stream] = []
        """The open streams that belong to no request, the newest last."""
        self.used = 0.0
        self._streams: OrderedDict[str, Stream] = OrderedDict()

    @property
    def busy(self) -> bool:
        return bool(self.in_flight or self.listening)

    def keep(self, stream: Stream) -> None:
        """From now on, while few are newer, the client can come back to a stream."""
        self._streams[stream.id] = stream
        if len(self._streams) > _STREAMS:
            self._streams.popitem(last=False)

    def resumed(self, event_id: str) -> tuple[Stream, int] | None:
        """The stream of an event, and the number of that event."""
        stream_id, _, number = event_id.rpartition("-")
        stream = self._streams.get(stream_id)
        if stream is None or not (number.isascii() and number.isdecimal()):
            return None
        return stream, int(number)

    def announce(self, message: bytes) -> None:
        """Send what belongs to no request, on one stream; without any it is lost."""
        if self.listening:
            self.listening[-1].put(message)

    def run(self, request_id: Id, task: asyncio.Task[Any]) -> None:
        """Hold a request until it is done."""
        self.in_flight[request_id] = task
        task.add_done_callback(lambda _: self.in_flight.pop(request_id))

    def cancel(self, request_id: Id) -> None:
        if request_id in self.in_flight:
            self.in_flight[request_id].cancel()

    def end(self) -> None:
        self.session.end()
        for task in self.in_flight.values():
            task.cancel()
        for stream in self.listening:
            stream.end()


class Sessions:
    """The sessions that one process remembers."""

    def __init__(self) -> None:
        self._used: OrderedDict[str, HttpSession] = OrderedDict()
        self._ended: OrderedDict[str, None] = OrderedDict()

    def __len__(self) -> int:
        return len(self._used)

    def knows(self, session_id: str) -> bool:
        """Whether an id is one of ours, and wasn't ended here."""
        return session_id not in self._ended and _settled(session_id) is not None

    def find(self, session_id: str) -> HttpSession | None:
        """The session of an id; None when there is none, or it has ended."""
        if session_id in self._ended:
            return None
        found = self._used.pop(session_id, None)
        if found is None:
            session = _settled(session_id)
            if session is None:
                return None
            found = HttpSession(session)
        found.used = time.monotonic()
        self._used[session_id] = found
        self._forget(found.used)
        return found

    def end(self, session_id: str) -> None:
        found = self._used.pop(session_id, None)
        if found is not None:
            found.end()
        self._ended[session_id] = None
        if len(self._ended) > _ENDED:
            self._ended.popitem(last=False)

    def tell(self, change: Change) -> None:
        """Tell the clients that want to know of a change."""
        for found in self._used.values():
            if found.session.wants(change):
                found.announce(change.notification())

    def end_streams(self) -> None:
        """End every stream that belongs to no request: the process is about to end."""
        for session in self._used.values():
            for stream in session.listening:
                stream.end()

    def _forget(self, now: float) -> None:
        for session_id, session in list(self._used.items()):
            if len(self._used) <= _SESSIONS and now - session.used <= _IDLE:
                return
            if not session.busy and session.used != now:
                del self._used[session_id]


def session_id(session: Session) -> str:
    """A new id, in which what was settled can be read."""
    known = {k: v for k, v in session.capabilities.items() if k in _KNOWN}
    shape = _shape(known)
    text = dumps([session.version, shape, token_urlsafe(16)])
    return urlsafe_b64encode(text).decode().rstrip("=")


def _settled(session_id: str) -> Session | None:
    if len(session_id) > _MAX_ID or not session_id.isascii():
        return None
    try:
        text = urlsafe_b64decode(session_id + "=" * (-len(session_id) % 4))
        version, capabilities, _ = json.loads(text)
    except (ValueError, TypeError, RecursionError):
        return None
    if version not in protocol.VERSIONS or not isinstance(capabilities, dict):
        return None
    return Session(version, capabilities)


def _shape(capabilities: Mapping[str, Any]) -> dict[str, Any]:
    """Which capabilities there are and what they consist of, without more detail."""
    return {
        name: {
            part: {} for part in ("context", "form", "tools", "url") if part in value
        }
        for name, value in capabilities.items()
        if isinstance(value, Mapping)
    }
