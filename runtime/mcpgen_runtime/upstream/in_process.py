"""The API as an ASGI application in this process, in place of the network.

An answer comes piece by piece, so that limits and deadlines hold as they do over HTTP:
whoever leaves an answer early has the application see a client that is gone. What the
application raises is logged and answered by a plain 500, without its text. A request to
another origin, for a token say, takes the network.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from typing import Any, Protocol
from urllib.parse import unquote

from ..application import VERSIONS, ApplicationError, Asgi, Event
from ..inbound import inbound
from .exchange import Failed, origin
from .head import fields, located
from .request import RequestParts
from .transport import ApplicationFailed, Incoming, Transport

__all__ = ["Hosted", "InProcess", "origin"]

_LOG = logging.getLogger(__name__)
_AHEAD = 8
"""Pieces of an answer that wait to be read; the application waits from then on."""
_DRAIN = 2.0
"""Seconds that what still runs has to end when the server does."""


class Running(Protocol):
    """An application that can be called once it is ready."""

    async def ready(self) -> tuple[Asgi, Mapping[str, Any]]:
        """The application and the state of its lifespan; raises ApplicationError."""
        ...


class Hosted:
    """The application that this server is mounted in: its host runs it.

    The state of its lifespan comes with the request that is being served.
    """

    def __init__(self, application: Asgi) -> None:
        self._application = application

    async def ready(self) -> tuple[Asgi, Mapping[str, Any]]:
        request = inbound.get()
        return self._application, request.scope.get("state", {}) if request else {}


class InProcess:
    """Requests to `base_url` call the application, all others take `network`."""

    def __init__(self, application: Running, base_url: str, network: Transport) -> None:
        self._application = application
        self._origin = origin(base_url)
        self._network = network
        self._calls: set[asyncio.Task[None]] = set()

    async def send(self, request: RequestParts, connect_timeout: float) -> Incoming:
        """See Transport."""
        if origin(request.url) != self._origin:
            return await self._network.send(request, connect_timeout)
        try:
            application, state = await self._application.ready()
        except ApplicationError:
            raise Failed(
                "The application behind this server could not be started; the log of "
                "this server says why. Nothing was sent."
            ) from None
        call = _Call(request.content or b"")
        # The path that a proxy adds is part of a path (ASGI, HTTP Connection Scope).
        root = (getattr(application, "root_path", None) or "").rstrip("/")
        scope = _scope(request, root) | {"state": dict(state)}
        task = asyncio.create_task(call.run(application, scope))
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)
        try:
            await asyncio.shield(call.started)
        except asyncio.CancelledError:
            call.leave()
            raise
        return call

    async def aclose(self) -> None:
        """See Transport."""
        if self._calls:
            _, left = await asyncio.wait(self._calls, timeout=_DRAIN)
            for task in left:
                task.cancel()
        await self._network.aclose()


class _Call:
    """One request on its way through the application, and its answer."""

    def __init__(self, body: bytes) -> None:
        self.started: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.status = 500
        self.headers = [(b"content-type", b"text/plain")]
        self._body: bytes | None = body
        self._pieces: asyncio.Queue[bytes | None] = asyncio.Queue(_AHEAD)
        self._broken = False
        self._complete = False
        self._gone = asyncio.Event()

    async def run(self, application: Asgi, scope: dict[str, Any]) -> None:
        try:
            await application(scope, self._receive, self._send)
        except Exception as error:  # noqa: BLE001 - an application may raise anything
            if not self._gone.is_set():
                _LOG.error("the application failed", exc_info=error)
        finally:
            if not self.started.done():
                self.started.set_result(None)
                self._complete = True
                self._pieces.put_nowait(b"Internal Server Error")
                self._pieces.put_nowait(None)
            elif not self._complete:
                self._broken = True
                if self._pieces.full():
                    self._pieces.get_nowait()
                self._pieces.put_nowait(None)

    def leave(self) -> None:
        """From here on nobody reads: the application is told."""
        self._gone.set()
        while not self._pieces.empty():
            self._pieces.get_nowait()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while (piece := await self._pieces.get()) is not None:
            yield piece
        if self._broken:
            raise ApplicationFailed("the answer is incomplete")

    async def aclose(self) -> None:
        self.leave()

    async def _receive(self) -> Event:
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, event: Event) -> None:
        if self._complete:
            return
        if self._gone.is_set():
            raise OSError("the client is gone")
        if event["type"] == "http.response.start":
            if not self.started.done():
                self.status = event["status"]
                named = event.get("headers", ())
                self.headers = [(bytes(name), bytes(value)) for name, value in named]
                self.started.set_result(None)
        elif event["type"] == "http.response.body":
            if event.get("body"):
                await self._pieces.put(bytes(event["body"]))
            if not event.get("more_body", False):
                self._complete = True
                await self._pieces.put(None)


def _scope(request: RequestParts, root: str) -> dict[str, Any]:
    came = inbound.get()
    place, target = located(request.url)
    path, _, query = target.partition("?")
    return {
        "type": "http",
        "asgi": VERSIONS,
        "http_version": "1.1",
        "method": request.method,
        "scheme": place.scheme,
        "path": root + unquote(path),
        "raw_path": f"{root}{path}".encode(),
        "query_string": query.encode("ascii"),
        "root_path": root,
        "headers": [
            (name.lower().encode("latin-1"), value.encode("latin-1"))
            for name, value in fields(request, place)
        ],
        "client": (came.scope.get("client") if came else None) or ("127.0.0.1", 0),
        "server": (place.host, place.port),
        "extensions": {},
    }
