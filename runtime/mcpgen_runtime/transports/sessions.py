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
import re
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import OrderedDict
from collections.abc import Mapping
from secrets import token_urlsafe
from typing import Any, Final

from .. import protocol
from ..changes import Change
from ..dispatch import Answer
from ..messages import Id, dumps
from ..session import Session
from .streams import Replays, Stream

_IDLE: Final = 1800.0
"""Seconds after which an unused session is forgotten."""
_SESSIONS: Final = 1000
"""How many sessions are remembered, unless more are in use."""
_ENDED: Final = 10_000
"""How many of the sessions that clients ended are known to have ended."""
_STREAMS: Final = 16
"""How many streams of a session a client can come back to."""
_MAX_ID: Final = 1024
_NUMBER: Final = re.compile("[0-9]{1,15}")
_KNOWN: Final = ("elicitation", "roots", "sampling")
"""The capabilities of a client that mean something to a server."""


class HttpSession:
    """What one process remembers of a session."""

    __slots__ = ("_kept", "_replays", "in_flight", "listening", "session", "used")

    def __init__(self, session: Session, replays: Replays) -> None:
        self.session = session
        self.in_flight: dict[Id, asyncio.Task[Answer]] = {}
        self.listening: list[Stream] = []
        """The open streams that belong to no request, the newest last."""
        self.used = 0.0
        self._replays = replays
        self._kept: list[str] = []

    @property
    def busy(self) -> bool:
        return bool(self.in_flight or self.listening)

    def keep(self, stream: Stream) -> None:
        """From now on, while few are newer, the client can come back to a stream."""
        self._replays.keep(stream)
        self._kept.append(stream.id)
        if len(self._kept) > _STREAMS:
            self._replays.forget(self._kept.pop(0))

    def forget(self) -> None:
        """From now on, the client can come back to nothing."""
        for stream_id in self._kept:
            self._replays.forget(stream_id)
        self._kept.clear()

    def resumed(self, event_id: str) -> tuple[Stream, int] | None:
        """The stream of an event, and the number of that event."""
        stream_id, _, number = event_id.rpartition("-")
        stream = self._replays.find(stream_id) if stream_id in self._kept else None
        if stream is None or not _NUMBER.fullmatch(number):
            return None
        return stream, int(number)

    def announce(self, message: bytes) -> None:
        """Send what belongs to no request, on one stream; without any it is lost."""
        if self.listening:
            self.listening[-1].put(message)

    def run(self, request_id: Id, task: asyncio.Task[Answer]) -> None:
        """Hold a request until it is done."""
        self.in_flight[request_id] = task
        task.add_done_callback(lambda _: self._done(request_id, task))

    def _done(self, request_id: Id, task: asyncio.Task[Answer]) -> None:
        if self.in_flight.get(request_id) is task:
            del self.in_flight[request_id]

    def cancel(self, request_id: Id) -> None:
        if request_id in self.in_flight:
            self.in_flight[request_id].cancel()

    def end(self) -> None:
        self.session.end()
        self.forget()
        for task in self.in_flight.values():
            task.cancel()
        for stream in self.listening:
            stream.end()


class Sessions:
    """The sessions that one process remembers."""

    def __init__(self) -> None:
        self._replays = Replays()
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
            found = HttpSession(session, self._replays)
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
                session.forget()
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
