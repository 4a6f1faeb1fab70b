"""One HTTP request and its response, in the terms of ASGI.

The response is one reply, or a stream of events that `event` opens.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

from ..errors import INTERNAL_ERROR, INVALID_REQUEST, RequestError
from ..messages import Id, as_line, error_response
from ..stateless import Headers

Scope: TypeAlias = MutableMapping[str, Any]
Event: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Event]]
Send: TypeAlias = Callable[[Event], Awaitable[None]]
Fields: TypeAlias = tuple[tuple[bytes, bytes], ...]

JSON = "application/json"
EVENTS = "text/event-stream"
_PATIENCE = 30.0
"""Seconds without a byte until the rest of a body is given up."""
_DISCARDED = 4
"""Times the limit that a body may be, and still be read to its end before it is refused:
a client that is cut off while it sends doesn't learn why."""

_EVENT_FIELDS: Fields = (
    (b"content-type", EVENTS.encode()),
    (b"cache-control", b"no-cache, no-transform"),
    (b"x-accel-buffering", b"no"),
)


class Refused(Exception):
    """An HTTP status, the error of the body and further header fields."""

    def __init__(
        self,
        status: int,
        error: RequestError | str,
        request_id: Id | None = None,
        fields: Fields = (),
    ) -> None:
        if isinstance(error, str):
            error = RequestError(INVALID_REQUEST, error)
        super().__init__(error.message)
        self.status = status
        self.body = error_response(request_id, error)
        self.fields = fields


def only_post() -> Refused:
    allow = ((b"allow", b"POST"),)
    return Refused(405, "Method not allowed: send a POST", fields=allow)


def no_session(request_id: Id | None = None) -> Refused:
    return Refused(404, "No such session: send initialize", request_id)


def busy(most: int, request_id: Id | None) -> Refused:
    """So many requests are being answered that there is no room for more."""
    sentence = f"The server is busy with {most} requests: try again in a second"
    error = RequestError(INTERNAL_ERROR, sentence)
    return Refused(503, error, request_id, ((b"retry-after", b"1"),))


def shutting_down(request_id: Id | None) -> Refused:
    ending = RequestError(INTERNAL_ERROR, "The server is shutting down")
    return Refused(503, ending, request_id)


class Disconnected(Exception):
    """The client is gone before its request was complete."""


class Exchange:
    """What a request says, and what is said in return."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self.headers: Headers = _headers(scope)
        accepted = _accepted(",".join(self.headers.get("accept", ())))
        self.media_type = next(iter(accepted), None)
        """What to answer in; None when the client takes nothing that there is."""
        self.takes_events = EVENTS in accepted
        self.fields: Fields = ()
        """The header fields of the response, whatever it is."""
        self.streaming = False
        self.disconnected = False

    @property
    def method(self) -> str:
        method: str = self._scope["method"]
        return method

    @property
    def root(self) -> str:
        """The path that the application is mounted at; empty at the top."""
        root: str = self._scope.get("root_path", "")
        return root.rstrip("/")

    @property
    def path(self) -> str:
        """The path below where the application is mounted."""
        path: str = self._scope["path"]
        root = self.root
        return path.removeprefix(root) if f"{path}/".startswith(f"{root}/") else path

    def is_at(self, path: str) -> bool:
        """Whether this is for `path`, or for where the application is mounted; a final
        slash makes no difference."""
        own = self.path.rstrip("/")
        return own == path or (not own and bool(self.root))

    @property
    def query(self) -> str:
        query: bytes = self._scope.get("query_string", b"")
        return query.decode("latin-1")

    @property
    def local_address(self) -> str | None:
        """The address that the request arrived at, where it is known."""
        server = self._scope.get("server")
        return server[0] if server else None

    def header(self, name: str) -> str:
        """The first value of a header; empty without it."""
        return next(iter(self.headers.get(name, ())), "")

    async def body(self, limit: int) -> bytes:
        """The whole body, of `limit` bytes at most.

        Raises Refused when it is too large or doesn't come, or Disconnected.
        """
        too_large = Refused(413, f"Request body too large: {limit} bytes at most")
        length = self.header("content-length")
        if length.isdecimal() and int(length) > _DISCARDED * limit:
            raise too_large
        body = bytearray()
        size = 0
        more = True
        while more:
            event = await self._part_of_body()
            part = event.get("body", b"")
            size += len(part)
            if size <= limit:
                body += part
            elif size > _DISCARDED * limit:
                raise too_large
            more = event.get("more_body", False)
        if size > limit:
            raise too_large
        return bytes(body)

    async def _part_of_body(self) -> Event:
        try:
            async with asyncio.timeout(_PATIENCE):
                event = await self._receive()
        except TimeoutError:
            closing = ((b"connection", b"close"),)
            raise Refused(408, "The body is incomplete", fields=closing) from None
        if event["type"] == "http.disconnect":
            raise Disconnected
        return event

    async def disconnect(self) -> None:
        """Return when the client is gone."""
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.disconnected = True

    async def reply(self, status: int, body: bytes = b"", fields: Fields = ()) -> None:
        """Send the whole response; a body is JSON."""
        if body:
            fields = ((b"content-type", JSON.encode()), *fields)
        if status != 204:
            fields = ((b"content-length", str(len(body)).encode()), *fields)
        await self._start(status, fields)
        await self._send({"type": "http.response.body", "body": body})

    async def answer(
        self, status: int, message: bytes, fields: Fields = (), event_id: str = ""
    ) -> None:
        """Send the message that the request was about, and end the response."""
        if not self.streaming and (status != 200 or self.media_type == JSON):
            await self.reply(status, message, fields)
        else:
            await self.open(fields)
            await self.event(message, event_id)
            await self.end()

    async def open(self, fields: Fields = (), first_id: str = "") -> None:
        """Begin a stream, unless it has begun.

        With `first_id`, by an event without data that a client can come back to.
        """
        if self.streaming:
            return
        self.streaming = True
        await self._start(200, (*_EVENT_FIELDS, *fields))
        if first_id:
            await self._part(b"id: %b\r\ndata: \r\n\r\n" % first_id.encode())

    async def event(
        self, message: bytes, event_id: str = "", kind: str = "message"
    ) -> None:
        """Send a message as an event."""
        named = b"id: %b\r\n" % event_id.encode() if event_id else b""
        parts = (kind.encode(), named, as_line(message))
        await self._part(b"event: %b\r\n%bdata: %b\r\n\r\n" % parts)

    async def retry(self, milliseconds: int) -> None:
        """Tell the client how long to wait before it comes back."""
        await self._part(b"retry: %d\r\n\r\n" % milliseconds)

    async def keep_alive(self) -> None:
        """Send a comment, so that no proxy takes the stream for a dead one."""
        await self._part(b":\r\n\r\n")

    async def end(self) -> None:
        await self._send({"type": "http.response.body", "body": b""})

    async def _start(self, status: int, fields: Fields) -> None:
        headers = (*fields, *self.fields)
        start = {"type": "http.response.start", "status": status, "headers": headers}
        await self._send(start)

    async def _part(self, data: bytes) -> None:
        part = {"type": "http.response.body", "body": data, "more_body": True}
        await self._send(part)


def _headers(scope: Scope) -> Headers:
    headers: dict[str, list[str]] = {}
    for name, value in scope["headers"]:
        headers.setdefault(name.decode("latin-1").lower(), []).append(
            value.decode("latin-1")
        )
    return headers


def _accepted(accept: str) -> tuple[str, ...]:
    """What the client takes, JSON first; a client that says nothing takes both."""
    types = {kind.partition(";")[0].strip().lower() for kind in accept.split(",")}
    wanted = {
        JSON: {"", "*/*", "application/*", JSON},
        EVENTS: {"", "*/*", "text/*", EVENTS},
    }
    return tuple(media_type for media_type, names in wanted.items() if types & names)
