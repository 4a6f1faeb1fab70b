"""What carries requests to an API, whatever it is: the interface, and how it can fail.

The rule: a transport sends one request and gives one answer, its body still to be read.
It stores nothing between calls, follows nothing and signs nothing. Whatever keeps it
from its answer is a TransportError.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from .request import RequestParts


class TransportError(Exception):
    """There is no answer, or only a part of it."""


class ConnectFailed(TransportError):
    """There is no connection; its cause is an OSError, ssl.SSLError among them."""


class ProxyFailed(TransportError):
    """The proxy gives no connection."""


class TimedOut(TransportError):
    """The transport has a patience of its own, and it is at its end."""


class ConnectionBroken(TransportError):
    """The connection ended too early, or what came over it is not HTTP."""


class Unanswered(ConnectionBroken):
    """It ended before a byte of an answer came."""


class Dropped(Unanswered):
    """It was kept alive after another exchange, and turned out to be closed
    (RFC 9112, 9.3.1 and 9.6)."""


class ApplicationFailed(TransportError):
    """The application in this process failed in the middle of its answer."""


class Unsendable(TransportError):
    """The request can't be written as HTTP."""


class Incoming(Protocol):
    """An answer on its way; iterated over, the pieces of its body as they come."""

    @property
    def status(self) -> int: ...

    @property
    def headers(self) -> Sequence[tuple[bytes, bytes]]: ...

    def __aiter__(self) -> AsyncIterator[bytes]:
        """Raises TransportError when the rest doesn't come."""
        ...

    async def aclose(self) -> None:
        """Has to be called, whether the body was read or not."""
        ...


class Transport(Protocol):
    """The way to the API."""

    async def send(self, request: RequestParts, connect_timeout: float) -> Incoming:
        """The answer to a request; connecting may take so many seconds.

        Raises TransportError.
        """
        ...

    async def aclose(self) -> None:
        """Closes the connections."""
        ...
