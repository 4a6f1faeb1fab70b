"""How the messages of a client come to a server, and back."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from ..messages import Id

Json: TypeAlias = dict[str, Any]


class Lost(ConnectionError):
    """The server is gone, or never was there, or answered with no message."""


class Channel(ABC):
    """One way to one server; `heard` and `lost` are set by the client.

    `heard` takes each message of the server. `lost` is told why there will be no
    answer to a request, or, with None, to any.
    """

    routed = False
    """Whether arguments are repeated as headers (2026-07-28, custom headers)."""

    def __init__(self) -> None:
        self.heard: Callable[[Json], None] = _nobody
        self.lost: Callable[[Id | None, Lost], None] = _nobody_is_told

    async def open(self) -> None:
        """Make the connection, if there is one to make; raises Lost."""
        return

    async def settled(self, version: str) -> None:
        """The handshake is done, in this version."""
        return

    @abstractmethod
    async def send(self, message: Json, headers: Mapping[str, str]) -> None:
        """Send a message; `headers` go with it where there are any."""

    def gives_up(self, request_id: Id) -> bool:
        """Whether the server learns by itself that a request is not waited for."""
        return False

    @abstractmethod
    async def close(self) -> None:
        """End the connection, and whatever was started for it."""


def _nobody(message: Json) -> None:
    raise RuntimeError("nobody listens yet")


def _nobody_is_told(request_id: Id | None, why: Lost) -> None:
    raise RuntimeError("nobody listens yet") from why
