"""Streamable HTTP: one POST carries one message, or one batch.

`App` is a bare ASGI application. It needs nothing of earlier requests, so it runs in
any number of processes; a client that sends the session id it was given has what
sessions.py remembers, a GET stream and DELETE. An answer is JSON, and a stream of
events when other messages come before it, when it takes long, or when the client takes
nothing else. A request of the stateless protocol ends when its client disconnects; an
older one runs on (2025-11-25, transports).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from .. import stateless
from ..context import Context
from ..dispatch import (
    MAX_BATCH,
    Connection,
    check_version_header,
    is_handshake,
    respond,
    rounds_of,
    shake_hands,
    stateless_session,
    tasks_of,
    version_of_post,
)
from ..errors import RequestError
from ..inbound import serving
from ..messages import (
    Id,
    Invalid,
    Message,
    Notification,
    Request,
    Response,
    is_id,
    parse,
)
from ..options import checked_path
from ..protocol import BATCHING
from ..server import Server
from ..session import Session
from .delivery import (
    close,
    data_of,
    drop,
    finish,
    finish_stream,
    first_id,
    forward,
    stop_reading,
    watch,
)
from .exchange import (
    EVENTS,
    JSON,
    Disconnected,
    Exchange,
    Fields,
    Receive,
    Refused,
    Scope,
    Send,
    no_session,
    only_post,
    shutting_down,
)
from .hosts import Hosts
from .origins import Origins, preflight
from .sessions import HttpSession, Sessions, session_id
from .sse import Sse
from .stopping import told_to_stop
from .streams import Stream, resumable

DRAIN: Final = 1.5
"""Seconds that calls in flight have to end when the process is told to."""
_SESSION_HEADER: Final = "mcp-session-id"


class App:
    """A server as an ASGI application, at `path` or where it is mounted."""

    def __init__(self, server: Server, path: str = "/mcp") -> None:
        self._server = server
        self._path = path.rstrip("/")
        variable = server.settings.variable("allowed_hosts")
        self._hosts = Hosts(server.environment.get(variable, ""), variable)
        variable = server.settings.variable("allowed_origins")
        self._origins = Origins(server.environment.get(variable, ""), variable)
        self._open: set[asyncio.Task[Any]] = set()
        self._closing = asyncio.Event()
        self._sessions = Sessions()
        self._sse = Sse(server) if server.flag("sse") else None
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
        self._closing.clear()
        with told_to_stop(lambda: self.close(DRAIN)):
            async with self._server.running():
                yield

    def close(self, grace: float) -> None:
        """End what only waits for its client now, and in `grace` seconds the rest."""
        self._closing.set()
        self._sessions.end_streams()
        if self._sse is not None:
            self._sse.close()
        asyncio.get_running_loop().call_later(grace, self._cancel)

    def _cancel(self) -> None:
        for task in self._open:
            task.cancel()

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

    def _hold(self, task: asyncio.Task[Any]) -> None:
        """Have a task end with the process."""
        self._open.add(task)
        task.add_done_callback(self._open.discard)

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
                await self._take(parse(body), exchange)
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
            if not exchange.header(_SESSION_HEADER) or _is_modern(exchange):
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

    async def _take(
        self, message: Message | tuple[Message, ...], exchange: Exchange
    ) -> None:
        if isinstance(message, Invalid):
            raise Refused(400, message.error, message.id)
        if isinstance(message, Request):
            await self._answer(message, exchange)
            return
        version = _version_header(exchange)
        if isinstance(message, tuple):
            await self._answer_batch(message, version, exchange)
        elif version in stateless.VERSIONS:
            if isinstance(message, Response):
                raise Refused(400, "Invalid request: no request awaits a response")
            await exchange.reply(202)
        else:
            self._hear(message, exchange)
            await exchange.reply(202)

    def _hear(self, message: Notification | Response, exchange: Exchange) -> None:
        """Take what has no answer, in the session that it came in."""
        named = exchange.header(_SESSION_HEADER)
        if named and not self._sessions.knows(named):
            raise no_session()
        if isinstance(message, Response):
            if named and (session := self._sessions.find(named)):
                session.session.settle(message)
        elif message.method == "notifications/cancelled" and named:
            session = self._sessions.find(named)
            request_id = message.params.get("requestId")
            if session is not None and is_id(request_id):
                session.cancel(request_id)

    def _session(self, exchange: Exchange, request_id: Id | None) -> HttpSession | None:
        """The session that a request names; Refused when there is no such session."""
        named = exchange.header(_SESSION_HEADER)
        if not named:
            return None
        session = self._sessions.find(named)
        if session is None:
            raise no_session(request_id)
        return session

    async def _end(self, exchange: Exchange) -> None:
        _version_header(exchange)
        self._session(exchange, None)
        self._sessions.end(exchange.header(_SESSION_HEADER))
        await exchange.reply(200)

    async def _listen(self, exchange: Exchange) -> None:
        """Answer a GET: what belongs to no request, or the rest of an earlier stream."""
        _version_header(exchange)
        session = self._session(exchange, None)
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

    async def _answer_batch(
        self, batch: tuple[Message, ...], version: str | None, exchange: Exchange
    ) -> None:
        session = Session(BATCHING, {})
        if named := self._session(exchange, None):
            version = version or named.session.version
            session.log_level = named.session.log_level
        if version not in (None, BATCHING):
            raise Refused(400, f"Invalid request: only {BATCHING} has batches")
        if len(batch) > MAX_BATCH:
            raise Refused(400, f"Invalid request: {MAX_BATCH} messages at most")
        sent: list[bytes] = []
        connection = Connection(self._server, sent.append, session)
        connection.receive(batch)
        finished = asyncio.create_task(connection.finish())
        self._hold(finished)
        await asyncio.wait((finished,))
        if finished.cancelled():
            await connection.close(grace=0)
            raise shutting_down(None)
        if not sent:
            await exchange.reply(202)
            return
        *notifications, answers = sent
        if exchange.takes_events:
            for notification in notifications:
                await exchange.open()
                await exchange.event(notification)
        await exchange.answer(200, answers)

    async def _answer(self, request: Request, exchange: Exchange) -> None:
        try:
            version = version_of_post(request, exchange.headers)
            if is_handshake(request):
                await self._shake_hands(request, exchange)
                return
            remembered = None
            if version in stateless.VERSIONS:
                self._server.check_headers(request, exchange.headers)
                session = stateless_session(request)
            else:
                remembered = self._session(exchange, request.id)
                if not exchange.takes_events:
                    remembered = None
                session = remembered.session if remembered else Session(version, {})
            rounds = rounds_of(self._server, request, session)
        except RequestError as error:
            raise Refused(400, error, request.id) from None
        if remembered is not None and request.id in remembered.in_flight:
            raise Refused(
                400, "Invalid request: a request with this id is open", request.id
            )
        stream = resumable() if remembered else Stream()
        context = Context(
            request=request,
            session=session,
            send=stream.put if exchange.takes_events else drop,
            closing=self._closing,
            rounds=rounds,
            tasks=tasks_of(self._server, request, session),
            close_stream=stream.close if first_id(stream, session) else None,
            drained=stream.drained,
        )
        task = asyncio.create_task(respond(self._server, request, context))
        self._hold(task)
        task.add_done_callback(lambda _: stream.end(data_of(task)))
        if remembered is not None:
            remembered.run(request.id, task)
        watcher = asyncio.create_task(watch(exchange, task, session.version))
        left_open = False
        try:
            await forward(stream, exchange, remembered)
            left_open = stream.retry is not None and not stream.ended
            if left_open:
                await close(stream, exchange, remembered)
            else:
                await finish(
                    request,
                    task,
                    session.version,
                    stream,
                    exchange,
                    self._closing.is_set(),
                )
        finally:
            watcher.cancel()
            if not left_open:
                task.cancel()

    async def _shake_hands(self, request: Request, exchange: Exchange) -> None:
        session, answer = shake_hands(self._server, request)
        fields: Fields = ()
        if session is not None:
            fields = ((_SESSION_HEADER.encode(), session_id(session).encode()),)
        await exchange.answer(200, answer.data, fields)


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


def _version_header(exchange: Exchange) -> str | None:
    try:
        version = stateless.header(exchange.headers, stateless.VERSION_HEADER)
        check_version_header(version)
    except RequestError as error:
        raise Refused(400, error) from None
    return version


def _is_modern(exchange: Exchange) -> bool:
    return exchange.header(stateless.VERSION_HEADER) in stateless.VERSIONS
