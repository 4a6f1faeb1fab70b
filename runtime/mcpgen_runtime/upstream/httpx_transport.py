"""Any transport of httpx as a transport: for tests, and for those who bring their own.

It is called directly, without httpx's client, so that nothing keeps cookies, follows
redirects or decodes bodies behind our back.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager

import httpx

from .request import RequestParts
from .transport import (
    ConnectFailed,
    ConnectionBroken,
    Incoming,
    ProxyFailed,
    TimedOut,
    TransportError,
    Unsendable,
)

_MEANING: tuple[tuple[type[httpx.TransportError], type[TransportError]], ...] = (
    (httpx.ConnectError, ConnectFailed),
    (httpx.ConnectTimeout, ConnectFailed),
    (httpx.ProxyError, ProxyFailed),
    (httpx.TimeoutException, TimedOut),
    (httpx.LocalProtocolError, Unsendable),
    (httpx.TransportError, ConnectionBroken),
)
"""The first that fits counts."""


class HttpxTransport:
    """A transport of httpx under our interface."""

    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        self._transport = transport

    async def send(self, request: RequestParts, connect_timeout: float) -> Incoming:
        with _translated():
            answer = await self._transport.handle_async_request(
                httpx.Request(
                    request.method,
                    request.url,
                    headers=[
                        (name.encode("latin-1"), value.encode("latin-1"))
                        for name, value in request.headers
                    ],
                    content=request.content,
                    extensions={"timeout": {"connect": connect_timeout}},
                )
            )
        return _Answer(answer)

    async def aclose(self) -> None:
        await self._transport.aclose()


class _Answer:
    def __init__(self, answer: httpx.Response) -> None:
        self.status = answer.status_code
        self.headers: Sequence[tuple[bytes, bytes]] = answer.headers.raw
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        stream = self._answer.stream
        assert isinstance(stream, httpx.AsyncByteStream)
        with _translated():
            async for piece in stream:
                yield piece

    async def aclose(self) -> None:
        await self._answer.aclose()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except httpx.TransportError as error:
        kind = next(ours for theirs, ours in _MEANING if isinstance(error, theirs))
        raise kind(type(error).__name__) from error
