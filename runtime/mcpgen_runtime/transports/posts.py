"""What a POST carries, answered: one message, or a batch of 2025-03-26.

A request of the stateless protocol ends when its client disconnects; an older one runs
on (2025-11-25, transports). So many requests run at once, those of batches and of
HTTP+SSE included; what comes beyond that is refused, and may come again. A ping, a
subscription, and what needs no answer are always taken.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

from .. import stateless
from ..context import Context
from ..dispatch import (
    AT_ONCE,
    MAX_BATCH,
    Answer,
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
from ..messages import Id, Invalid, Message, Notification, Request, Response, is_id
from ..protocol import BATCHING
from ..server import Server
from ..session import Session
from .delivery import close, data_of, drop, finish, first_id, forward, watch
from .exchange import Exchange, Fields, Refused, busy, no_session
from .sessions import HttpSession, Sessions, session_id
from .streams import Stream, resumable

SESSION_HEADER: Final = "mcp-session-id"


class Posts:
    """The POSTs of one application; `elsewhere` counts the requests that came to it in
    another way. `closing` is set when the process is about to end.
    """

    def __init__(
        self, server: Server, sessions: Sessions, elsewhere: Callable[[], int]
    ) -> None:
        self.closing = asyncio.Event()
        self._server = server
        self._sessions = sessions
        self._elsewhere = elsewhere
        self._open: set[asyncio.Task[Any]] = set()
        self._load = 0

    def cancel(self) -> None:
        """Give up what is still being answered."""
        for task in self._open:
            task.cancel()

    def admit(self, message: Message | list[Message]) -> int:
        """How many requests of a message will run; Refused when they are too many."""
        batch = message if isinstance(message, list) else [message]
        requests = [
            m for m in batch if isinstance(m, Request) and m.method not in AT_ONCE
        ]
        most = self._server.max_calls
        if requests and self._load + self._elsewhere() + len(requests) > most:
            raise busy(most, None if message is batch else requests[0].id)
        return len(requests)

    async def take(self, message: Message | list[Message], exchange: Exchange) -> None:
        """Answer a POST; raises Refused."""
        if isinstance(message, Invalid):
            raise Refused(400, message.error, message.id)
        if isinstance(message, Request):
            await self._answer(message, exchange)
            return
        version = version_header(exchange)
        if isinstance(message, list):
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
        named = exchange.header(SESSION_HEADER)
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

    def _listening(
        self, exchange: Exchange, request_id: Id | None = None
    ) -> HttpSession | None:
        """The session of a client that can be told and asked more than its answer."""
        session = session_of(self._sessions, exchange, request_id)
        return session if exchange.takes_events else None

    async def _answer_batch(
        self, batch: list[Message], version: str | None, exchange: Exchange
    ) -> None:
        remembered = self._listening(exchange)
        session = remembered.session if remembered else Session(BATCHING, {})
        if version not in (None, BATCHING) or session.version != BATCHING:
            raise Refused(400, f"Invalid request: only {BATCHING} has batches")
        if len(batch) > MAX_BATCH:
            raise Refused(400, f"Invalid request: {MAX_BATCH} messages at most")
        load = self.admit(batch)
        stream = resumable() if remembered else Stream()
        connection = Connection(
            self._server,
            stream.put if exchange.takes_events else drop,
            session,
            stream.drained,
            remembered.in_flight if remembered else None,
        )
        answered = connection.answer_to(batch)

        async def answer() -> Answer:
            return Answer(await answered or b"")

        task = asyncio.create_task(answer())
        await self._deliver(task, load, stream, exchange, remembered, session, None)

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
                remembered = self._listening(exchange, request.id)
                session = remembered.session if remembered else Session(version, {})
            rounds = rounds_of(self._server, request, session)
        except RequestError as error:
            raise Refused(400, error, request.id) from None
        if remembered is not None and request.id in remembered.in_flight:
            raise Refused(
                400, "Invalid request: a request with this id is open", request.id
            )
        load = self.admit(request)
        stream = resumable() if remembered else Stream()
        context = Context(
            request=request,
            session=session,
            send=stream.put if exchange.takes_events else drop,
            closing=self.closing,
            rounds=rounds,
            tasks=tasks_of(self._server, request, session),
            close_stream=stream.close if first_id(stream, session) else None,
            drained=stream.drained,
        )
        task = asyncio.create_task(respond(self._server, request, context))
        if remembered is not None:
            remembered.run(request.id, task)
        await self._deliver(
            task, load, stream, exchange, remembered, session, request.id
        )

    async def _deliver(
        self,
        task: asyncio.Task[Answer],
        load: int,
        stream: Stream,
        exchange: Exchange,
        remembered: HttpSession | None,
        session: Session,
        request_id: Id | None,
    ) -> None:
        """Send what is said on a stream, and then the answer that the task gives."""

        def ended(task: asyncio.Task[Answer]) -> None:
            self._open.discard(task)
            self._load -= load
            stream.end(data_of(task))

        self._open.add(task)
        self._load += load
        task.add_done_callback(ended)
        watcher = asyncio.create_task(watch(exchange, task, session.version))
        left_open = False
        try:
            await forward(stream, exchange, remembered)
            left_open = stream.retry is not None and not stream.ended
            if left_open:
                await close(stream, exchange, remembered)
            else:
                closing = self.closing.is_set()
                await finish(
                    request_id, task, session.version, stream, exchange, closing
                )
        finally:
            watcher.cancel()
            if not left_open:
                task.cancel()

    async def _shake_hands(self, request: Request, exchange: Exchange) -> None:
        session, answer = shake_hands(self._server, request)
        fields: Fields = ()
        if session is not None:
            fields = ((SESSION_HEADER.encode(), session_id(session).encode()),)
        await exchange.answer(200, answer.data, fields)


def session_of(
    sessions: Sessions, exchange: Exchange, request_id: Id | None = None
) -> HttpSession | None:
    """The session that a request names; Refused when there is no such session."""
    named = exchange.header(SESSION_HEADER)
    if not named:
        return None
    session = sessions.find(named)
    if session is None:
        raise no_session(request_id)
    return session


def version_header(exchange: Exchange) -> str | None:
    """The version that a request names in its header; Refused for one not served."""
    try:
        version = stateless.header(exchange.headers, stateless.VERSION_HEADER)
        check_version_header(version)
    except RequestError as error:
        raise Refused(400, error) from None
    return version
