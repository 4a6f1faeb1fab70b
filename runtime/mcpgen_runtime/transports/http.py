"""Streamable HTTP: one POST carries one message, or one batch.

`App` is a bare ASGI application. It keeps nothing between requests, so it runs in any
number of processes: no session, hence no GET stream and no DELETE (405). An answer is
JSON, and a stream of events when notifications come before it or when the client takes
nothing else. A request of the stateless protocol ends when its client disconnects; an
older one runs on (2025-11-25, transports).
"""

from __future__ import annotations

import asyncio
import socket

from .. import stateless
from ..context import Context
from ..dispatch import (
    Answer,
    Connection,
    check_version_header,
    is_handshake,
    respond,
    shake_hands,
    version_of_post,
)
from ..errors import INTERNAL_ERROR, RequestError
from ..messages import Invalid, Message, Request, Response, parse
from ..protocol import BATCHING
from ..server import Server
from .exchange import (
    EVENTS,
    JSON,
    Disconnected,
    Exchange,
    Receive,
    Refused,
    Scope,
    Send,
)
from .hosts import Hosts

_KEEP_ALIVE = 15.0
"""Seconds of silence on an event stream before a comment is sent."""
_DRAIN = 2.0
"""Seconds that calls in flight have to end when the process is told to."""


class App:
    """A server as an ASGI application, at `path` with and without a final slash."""

    def __init__(self, server: Server, path: str = "/mcp") -> None:
        self._server = server
        self._path = path.rstrip("/")
        variable = server.settings.variable("allowed_hosts")
        self._hosts = Hosts(server.environment.get(variable, ""), variable)
        self._open: dict[asyncio.Task[Answer], asyncio.Event] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            await self._http(Exchange(scope, receive, send))
        else:
            raise ValueError(f"this application doesn't serve {scope['type']}")

    def close(self, grace: float) -> None:
        """End what only waits for its client now, and in `grace` seconds the rest."""
        for closing in self._open.values():
            closing.set()
        asyncio.get_running_loop().call_later(grace, self._cancel)

    def _cancel(self) -> None:
        for task in self._open:
            task.cancel()

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        async with self._server.running():
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})

    async def _http(self, exchange: Exchange) -> None:
        try:
            self._check(exchange)
            await self._take(parse(await exchange.body()), exchange)
        except Refused as refused:
            await exchange.reply(refused.status, refused.body, refused.fields)
        except Disconnected:
            return

    def _check(self, exchange: Exchange) -> None:
        """Raise Refused unless this is a POST for us, from where it may come."""
        if exchange.path.rstrip("/") != self._path:
            raise Refused(404, f"Not found: MCP is served at {self._path or '/'}")
        problem = self._hosts.problem(
            local_address=exchange.local_address,
            host=exchange.header("host"),
            origin=exchange.header("origin") or None,
        )
        if problem:
            raise Refused(403, problem)
        if exchange.method != "POST":
            allow = ((b"allow", b"POST"),)
            raise Refused(405, "Method not allowed: send a POST", fields=allow)
        content_type = exchange.header("content-type").partition(";")[0]
        if content_type.strip().lower() != JSON:
            raise Refused(415, f"Unsupported media type: send {JSON}")
        if exchange.media_type is None:
            raise Refused(406, f"Not acceptable: accept {JSON} and {EVENTS}")

    async def _take(
        self, message: Message | tuple[Message, ...], exchange: Exchange
    ) -> None:
        if isinstance(message, Invalid):
            raise Refused(400, message.error, message.id)
        if isinstance(message, Request):
            await self._answer(message, exchange)
            return
        try:
            version = stateless.header(exchange.headers, stateless.VERSION_HEADER)
            check_version_header(version)
        except RequestError as error:
            raise Refused(400, error) from None
        if isinstance(message, tuple):
            await self._answer_batch(message, version, exchange)
        elif isinstance(message, Response) and version in stateless.VERSIONS:
            raise Refused(400, "Invalid request: no request awaits a response")
        else:
            await exchange.reply(202)

    async def _answer_batch(
        self, batch: tuple[Message, ...], version: str | None, exchange: Exchange
    ) -> None:
        if version not in (None, BATCHING):
            raise Refused(400, f"Invalid request: only {BATCHING} has batches")
        answers: list[bytes] = []
        connection = Connection(self._server, answers.append, BATCHING)
        connection.receive(batch)
        await connection.finish()
        if answers:
            await exchange.answer(200, answers[0])
        else:
            await exchange.reply(202)

    async def _answer(self, request: Request, exchange: Exchange) -> None:
        try:
            version = version_of_post(request, exchange.headers)
        except RequestError as error:
            raise Refused(400, error, request.id) from None
        if is_handshake(request):
            _, answer = shake_hands(self._server, request)
            await exchange.answer(200, answer.data)
            return
        events: asyncio.Queue[bytes | None] = asyncio.Queue()
        closing = asyncio.Event()
        context = Context(version=version, notify=events.put_nowait, closing=closing)
        task = asyncio.create_task(respond(self._server, request, context))
        task.add_done_callback(lambda _: events.put_nowait(None))
        watcher = asyncio.create_task(_watch(exchange, task, version))
        self._open[task] = closing
        try:
            await _forward(events, exchange)
            await _finish(request, task, version, exchange)
        finally:
            del self._open[task]
            watcher.cancel()
            task.cancel()


def app(server: Server, path: str = "/mcp") -> App:
    """A server as the application that any ASGI host can serve or mount.

    Raises SettingsError for a setting that can't be used.
    """
    server.configure()
    return App(server, path)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; raises OSError when the address can't be had."""
    family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
    return socket.create_server((host, port), family=family, backlog=2048)


def serve(app: App, listener: socket.socket) -> None:
    """Serve until a signal comes, which is raised again when all is closed."""
    import uvicorn

    class Uvicorn(uvicorn.Server):
        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            app.close(_DRAIN)
            await super().shutdown(sockets)

    config = uvicorn.Config(
        app,
        access_log=False,
        lifespan="on",
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=int(_DRAIN) + 1,
        ws="none",
    )
    Uvicorn(config).run(sockets=[listener])


async def _watch(exchange: Exchange, task: asyncio.Task[Answer], version: str) -> None:
    """Cancel a request of the stateless protocol when its client is gone."""
    await exchange.disconnect()
    if version in stateless.VERSIONS:
        task.cancel()


async def _forward(events: asyncio.Queue[bytes | None], exchange: Exchange) -> None:
    """Send notifications as they come, until None says that the request is done."""
    while True:
        try:
            async with asyncio.timeout(_KEEP_ALIVE if exchange.streaming else None):
                event = await events.get()
        except TimeoutError:
            await exchange.keep_alive()
            continue
        if event is None:
            return
        await exchange.event(event)


async def _finish(
    request: Request, task: asyncio.Task[Answer], version: str, exchange: Exchange
) -> None:
    if not task.cancelled():
        data, error = task.result()
        modern = version in stateless.VERSIONS
        status = stateless.http_status(error) if error and modern else 200
        await exchange.answer(status, data)
    elif exchange.streaming:
        await exchange.end()
    elif not exchange.disconnected:
        ending = RequestError(INTERNAL_ERROR, "The server is shutting down")
        raise Refused(503, ending, request.id)
