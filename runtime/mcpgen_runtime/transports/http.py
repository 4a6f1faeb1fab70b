"""Streamable HTTP: one POST carries one message, or one batch.

`App` is a bare ASGI application. It needs nothing of earlier requests, so it runs in
any number of processes; a client that sends the session id it was given has what
sessions.py remembers, a GET stream and DELETE. An answer is JSON, and a stream of
events when other messages come before it, when it takes long, or when the client takes
nothing else.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from .. import stateless
from ..inbound import serving
from ..messages import parse
from ..options import checked_path
from ..server import Server
from .delivery import finish_stream, first_id, forward, stop_reading
from .exchange import (
    EVENTS,
    JSON,
    Disconnected,
    Exchange,
    Receive,
    Refused,
    Scope,
    Send,
    only_post,
)
from .hosts import Hosts
from .origins import Origins, preflight
from .posts import SESSION_HEADER, Posts, session_of, version_header
from .sessions import Sessions
from .sse import Sse
from .stopping import told_to_stop
from .streams import resumable

DRAIN: Final = 1.5
"""Seconds that calls in flight have to end when the process is told to."""


class App:
    """A server as an ASGI application, at `path` or where it is mounted."""

    def __init__(self, server: Server, path: str = "/mcp") -> None:
        self._server = server
        self._path = path.rstrip("/")
        variable = server.settings.variable("allowed_hosts")
        self._hosts = Hosts(server.environment.get(variable, ""), variable)
        variable = server.settings.variable("allowed_origins")
        self._origins = Origins(server.environment.get(variable, ""), variable)
        self._sessions = Sessions()
        self._posts = Posts(server, self._sessions, self._load_of_sse)
        self._sse = Sse(server, self._posts.admit) if server.flag("sse") else None
        server.changes.listen(self._sessions.tell)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            exchange = Exchange(scope, receive, send)
            with serving(exchange.headers, scope):
                await self._http(exchange)
        else:
            raise ValueError(f"this application doesn't serve {scope['type']}")

    @asynccontextmanager
    async def lifespan(self, _: object = None) -> AsyncIterator[None]:
        """While it serves; for an application that this one is mounted in, too.

        `FastAPI(lifespan=app.lifespan)`: it is called with that application.
        """
        self._posts.closing.clear()
        with told_to_stop(lambda: self.close(DRAIN)):
            async with self._server.running():
                yield

    def close(self, grace: float) -> None:
        """End what only waits for its client now, and in `grace` seconds the rest."""
        self._posts.closing.set()
        self._sessions.end_streams()
        if self._sse is not None:
            self._sse.close()
        asyncio.get_running_loop().call_later(grace, self._posts.cancel)

    def _load_of_sse(self) -> int:
        return self._sse.load if self._sse is not None else 0

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        async with self.lifespan():
            started = await self._server.api.started()
            outcome = "complete" if started else "failed"
            await send({"type": f"lifespan.startup.{outcome}"})
            if not started:
                return
            await receive()
        await send({"type": "lifespan.shutdown.complete"})

    async def _http(self, exchange: Exchange) -> None:
        exchange.fields = self._origins.fields(exchange.header("origin"))
        try:
            older = self._sse.route(exchange) if self._sse else None
            if older is not None:
                self._check_hosts(exchange)
                await older(exchange)
                return
            self._check(exchange)
            if exchange.method == "GET":
                await self._listen(exchange)
            elif exchange.method == "DELETE":
                await self._end(exchange)
            elif exchange.method == "OPTIONS":
                wanted = exchange.header("access-control-request-headers")
                await exchange.reply(204, fields=preflight(wanted))
            else:
                body = await exchange.body(self._server.max_message_bytes)
                await self._posts.take(parse(body), exchange)
        except Refused as refused:
            await exchange.reply(refused.status, refused.body, refused.fields)
        except Disconnected:
            return

    def _check(self, exchange: Exchange) -> None:
        """Raise Refused unless this is a request for us, from where it may come."""
        if not exchange.is_at(self._path):
            raise Refused(404, f"Not found: MCP is served at {self._path or '/'}")
        self._check_hosts(exchange)
        origin = exchange.header("origin")
        if exchange.method == "OPTIONS" and self._origins.allow(origin):
            return
        if exchange.method in ("GET", "DELETE"):
            if not exchange.header(SESSION_HEADER) or _is_modern(exchange):
                raise only_post()
            return
        if exchange.method != "POST":
            raise only_post()
        content_type = exchange.header("content-type").partition(";")[0]
        if content_type.strip().lower() != JSON:
            raise Refused(415, f"Unsupported media type: send {JSON}")
        if exchange.media_type is None:
            raise Refused(406, f"Not acceptable: accept {JSON} and {EVENTS}")

    def _check_hosts(self, exchange: Exchange) -> None:
        origin = exchange.header("origin")
        problem = self._hosts.problem(
            local_address=exchange.local_address,
            host=exchange.header("host"),
            origin=None if self._origins.allow(origin) else origin or None,
        )
        if problem:
            raise Refused(403, problem)

    async def _end(self, exchange: Exchange) -> None:
        version_header(exchange)
        session_of(self._sessions, exchange)
        self._sessions.end(exchange.header(SESSION_HEADER))
        await exchange.reply(200)

    async def _listen(self, exchange: Exchange) -> None:
        """Answer a GET: what belongs to no request, or the rest of an earlier stream."""
        version_header(exchange)
        session = session_of(self._sessions, exchange)
        if session is None or not exchange.takes_events:
            raise Refused(406, f"Not acceptable: accept {EVENTS}")
        resumed = session.resumed(exchange.header("last-event-id"))
        if resumed is not None:
            stream, after = resumed
            stream.reopen()
            await exchange.open()
        else:
            stream, after = resumable(), 0
            session.keep(stream)
            await exchange.open(first_id=first_id(stream, session.session))
        alone = stream.alone = stream.alone or resumed is None
        if alone:
            session.listening.append(stream)
        watcher = asyncio.create_task(stop_reading(exchange, stream, alone))
        try:
            after = await forward(stream, exchange, session, after)
            await finish_stream(stream, exchange, after)
        finally:
            watcher.cancel()
            if alone:
                session.listening.remove(stream)


def app(server: Server, path: str | None = None) -> App:
    """A server as the application that any ASGI host can serve or mount.

    It is at `path`; by default where `<PREFIX>_PATH` says, or at /mcp. Raises
    SettingsError for a setting that can't be used.
    """
    server.configure()
    variable = server.settings.variable("path")
    source, given = "path", path
    if given is None:
        source, given = variable, server.environment.get(variable) or "/mcp"
    return App(server, checked_path(given, source))


def _is_modern(exchange: Exchange) -> bool:
    return exchange.header(stateless.VERSION_HEADER) in stateless.VERSIONS
