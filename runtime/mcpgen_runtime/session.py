"""What one client settled about itself, and the questions it has not answered yet.

With a handshake, a session lasts as long as its connection. In the protocol without
one, each request is a session of its own, read from its metadata.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from itertools import count
from typing import Any, Final

from .changes import Change
from .errors import INTERNAL_ERROR, RequestError, invalid_params
from .messages import Response, notification, request

LEVELS: Final = (
    "debug",
    "info",
    "notice",
    "warning",
    "error",
    "critical",
    "alert",
    "emergency",
)
"""The levels of log messages, from the least to the most severe (RFC 5424)."""

_LEVELS: Final = ", ".join(LEVELS)
_SUBSCRIPTIONS: Final = 1000
_PATIENCE: Final = 600.0
"""Seconds that a client, or the person before it, has to answer a question."""


class Session:
    """`log_level` is the least severe level to send, None for no log messages at all.

    `subscriptions` holds the URIs of the resources whose updates the client wants.
    """

    __slots__ = (
        "_ids",
        "_open",
        "capabilities",
        "log_level",
        "subscriptions",
        "version",
    )

    def __init__(
        self,
        version: str,
        capabilities: Mapping[str, Any],
        log_level: str | None = "info",
    ) -> None:
        self.version = version
        self.capabilities = capabilities
        self.log_level = log_level
        self.subscriptions: set[str] = set()
        self._ids = count(1)
        self._open: dict[str, asyncio.Future[Any]] = {}

    def set_log_level(self, level: Any) -> None:
        """Raises RequestError for a level that there isn't."""
        if level not in LEVELS:
            raise invalid_params(f"Invalid params: the log level is one of {_LEVELS}")
        self.log_level = level

    def subscribe(self, uri: str) -> None:
        """Raises RequestError when the client has too many subscriptions."""
        if len(self.subscriptions) >= _SUBSCRIPTIONS:
            raise invalid_params(f"At most {_SUBSCRIPTIONS} resources at a time")
        self.subscriptions.add(uri)

    def wants(self, change: Change) -> bool:
        """Whether the client is told of a change."""
        return change.kind != "updates" or change.uri in self.subscriptions

    async def ask(
        self, send: Callable[[bytes], None], method: str, params: Mapping[str, Any]
    ) -> Any:
        """The client's result of a request that goes out through `send`.

        Raises RequestError when the client answers with an error, or not in time.
        """
        question = f"server-{next(self._ids)}"
        future = self._open[question] = asyncio.get_running_loop().create_future()
        try:
            send(request(question, method, params))
            async with asyncio.timeout(_PATIENCE):
                return await future
        except (TimeoutError, asyncio.CancelledError) as ended:
            send(notification("notifications/cancelled", {"requestId": question}))
            if isinstance(ended, TimeoutError):
                raise _unanswered(method) from None
            raise
        finally:
            del self._open[question]

    def settle(self, response: Response) -> None:
        """Pass a client's answer on to who asked; nothing happens when nobody did."""
        future = self._open.get(response.id) if isinstance(response.id, str) else None
        if future is None or future.done():
            return
        if response.error is None:
            future.set_result(response.result)
        else:
            future.set_exception(response.error)

    def end(self) -> None:
        """Answer what is still open: the client is gone."""
        for future in self._open.values():
            if not future.done():
                future.set_exception(_unanswered("the request"))


def _unanswered(method: str) -> RequestError:
    return RequestError(INTERNAL_ERROR, f"The client didn't answer {method}")
