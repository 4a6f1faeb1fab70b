"""From a message to its answer: which version it is served in, and that it is answered.

The version is a property of each request, decided from the request itself: one that
carries the metadata of the stateless protocol is served in it, `initialize` settles a
version for its connection, and the rest is served in the version settled. Nothing is
ever locked, so a client may probe, fall back, and mix.

Every request is answered exactly once, or not at all when its client cancels it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from . import messages, protocol, stateless
from .capacity import Capacity, Drained, at_once
from .changes import Change
from .context import Context
from .errors import (
    INTERNAL_ERROR,
    INVALID_REQUEST,
    RequestError,
    Unanswered,
    invalid_params,
    shortened,
)
from .messages import Id, Invalid, Message, Notification, Request
from .server import Server
from .session import Session
from .telling import Teller

if TYPE_CHECKING:
    from .rounds import Rounds
    from .tasks import Tasks

logger = logging.getLogger(__name__)

_INTERNAL = RequestError(INTERNAL_ERROR, "Internal error")
"""Stands for any exception: its text is for the log, not for the client."""
_UNWINDING = 0.1
"""Seconds that cancelled requests have to clean up after themselves."""
AT_ONCE = frozenset({"ping", stateless.LISTEN})
"""The methods whose requests don't wait in line; the second waits for changes only."""
_SUBSCRIPTIONS = 100
"""Subscriptions of one connection at a time."""
MAX_BATCH = 1000
"""Messages of one batch."""


class Answer(NamedTuple):
    """A response as bytes, and the error that it holds, if it is one."""

    data: bytes
    error: RequestError | None = None


def stateless_session(request: Request) -> Session:
    """What a request of the stateless protocol, once checked, says of its client."""
    capabilities, level = stateless.client(request)
    session = Session(stateless.VERSION, capabilities, log_level=None)
    if level is not None:
        session.set_log_level(level)
    return session


def rounds_of(server: Server, request: Request, session: Session) -> Rounds | None:
    """The questions of a request's handler, None where there can't be any."""
    if session.version != stateless.VERSION or request.method not in stateless.ASKING:
        return None
    from .rounds import read

    return read(server.state_secret, request, time.time(), server.made)


def tasks_of(server: Server, request: Request, session: Session) -> Tasks | None:
    """Where a call may go on as a task, None where its client takes none."""
    tasks = server.tasks
    if tasks is None or request.method != "tools/call":
        return None
    modern = session.version == stateless.VERSION
    return tasks if modern and tasks.taken_by(session.capabilities) else None


async def respond(server: Server, request: Request, context: Context) -> Answer:
    """The answer to a request, whatever happens while it is made."""
    outcome = _outcome(server, request, context)
    if context.tasks is not None and context.task is not None:
        info = server.info(context.version)
        outcome = context.tasks.run(context.task, outcome, info)
    result = await outcome
    if isinstance(result, RequestError):
        return Answer(messages.error_response(request.id, result), result)
    return Answer(messages.response(request.id, result))


async def _outcome(
    server: Server, request: Request, context: Context
) -> bytes | RequestError:
    try:
        return await server.handle(request, context)
    except asyncio.CancelledError:
        context.finish(cancelled=True)
        raise
    except RequestError as error:
        return error
    except (Exception, BaseExceptionGroup, Unanswered):
        if context.rounds is not None and context.rounds.questions:
            with suppress(TypeError, ValueError, RecursionError):  # no JSON
                return _questions(server, request, context.rounds)
        logger.exception("%s failed", request.method)
        return _INTERNAL
    finally:
        context.finish()


def _questions(server: Server, request: Request, rounds: Rounds) -> bytes:
    from .rounds import seal

    state = seal(server.state_secret, request, rounds, time.time())
    info = server.info(stateless.VERSION)
    return stateless.input_required(rounds.questions, state, info)


def shake_hands(server: Server, request: Request) -> tuple[Session | None, Answer]:
    """The session that an `initialize` request begins, and the answer to it."""
    try:
        version, result = server.initialize(request.params)
        capabilities = request.params.get("capabilities")
        session = Session(version, capabilities if type(capabilities) is dict else {})
        return session, Answer(messages.response(request.id, result))
    except RequestError as raised:
        error = raised
    except Exception:
        logger.exception("%s failed", request.method)
        error = _INTERNAL
    return None, Answer(messages.error_response(request.id, error), error)


def is_handshake(request: Request) -> bool:
    return request.method == "initialize" and not stateless.is_stateless(request.params)


def version_of_post(request: Request, headers: stateless.Headers) -> str:
    """The protocol version of a request that came alone, in an HTTP POST.

    Raises RequestError when it names none that is served, or contradicts its headers.
    """
    named = stateless.header(headers, stateless.VERSION_HEADER)
    if _is_of_stateless(request) or named in stateless.VERSIONS:
        stateless.check(request, headers)
        return stateless.VERSION
    check_version_header(named)
    return named or protocol.WITHOUT_HEADER


def check_version_header(named: str | None) -> None:
    """Raise RequestError for an MCP-Protocol-Version that isn't served."""
    if named is not None and named not in (*protocol.VERSIONS, *stateless.VERSIONS):
        raise stateless.unsupported_version(named, protocol.VERSIONS)


class Connection:
    """A client on one stream of messages, such as stdio.

    `receive` takes what was parsed and returns at once; answers go to `send`, which
    must not block, in the order in which they are ready. `session` is that of a
    connection whose handshake took place elsewhere, and `in_flight` its requests.
    `drained` returns when the client has taken what `send` was given; a transport
    awaits `room` before it reads on.
    """

    def __init__(
        self,
        server: Server,
        send: Callable[[bytes], None],
        session: Session | None = None,
        drained: Drained = at_once,
        in_flight: dict[Id, asyncio.Task[Answer]] | None = None,
    ) -> None:
        self._server = server
        self._send = send
        self._session = session
        self._drained = drained
        self._capacity = Capacity(drained)
        self.room = self._capacity.room
        self._latest = 0.0
        self._in_flight = {} if in_flight is None else in_flight
        self._subscriptions: set[asyncio.Task[Answer]] = set()
        self._closing = asyncio.Event()
        self._teller = Teller(lambda change: send(change.notification()), drained)

    def receive(self, message: Message | list[Message]) -> None:
        if isinstance(message, list):
            self._receive_batch(message)
            return
        answer = self._accept(message)
        if isinstance(answer, bytes):
            self._send(answer)
        elif isinstance(answer, _Flight):
            answer.task.add_done_callback(lambda _: self._deliver(answer))

    @property
    def load(self) -> int:
        """How many requests are taken and not answered."""
        return len(self._capacity.tasks)

    def answer_to(self, batch: Sequence[Message]) -> Coroutine[Any, Any, bytes | None]:
        """Take a batch now; what is awaited is the answer, None when it needs none."""
        return self._answered([self._accept(_in_batch(message)) for message in batch])

    async def finish(self) -> None:
        """Return when everything that was received is answered."""
        while self._capacity.tasks:
            await asyncio.wait(self._capacity.tasks)

    async def close(self, grace: float) -> None:
        """End what waits for nothing but the client, and let the rest come to its end.

        It has `grace` seconds, counted from the latest request. What isn't answered by
        then is cancelled, and stays without an answer.
        """
        self._closing.set()
        self._server.changes.forget(self._hear)
        self._teller.close()
        if self._session is not None:
            self._session.end()
        tasks = self._capacity.tasks
        if tasks:
            left = self._latest + grace - asyncio.get_running_loop().time()
            await asyncio.wait(tasks, timeout=max(left, _UNWINDING))
        self._in_flight.clear()
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=_UNWINDING)

    def _hear(self, change: Change) -> None:
        """Tell a client that shook hands of a change."""
        if self._session is not None and self._session.wants(change):
            self._teller.hear(change)

    def _accept(self, message: Message) -> bytes | _Flight | None:
        """The answer, the request that will have one, or None: there will be none."""
        if isinstance(message, Invalid):
            return messages.error_response(message.id, message.error)
        if isinstance(message, Notification):
            if message.method == "notifications/cancelled":
                self._cancel(message.params.get("requestId"))
            return None
        if not isinstance(message, Request):
            if self._session is not None:
                self._session.settle(message)
            return None
        try:
            if message.id in self._in_flight:
                raise RequestError(
                    INVALID_REQUEST, "Invalid request: a request with this id is open"
                )
            if is_handshake(message):
                session, answer = shake_hands(self._server, message)
                self._session = session or self._session
                self._server.changes.listen(self._hear)
                return answer.data
            return self._start(message, self._session_of(message))
        except RequestError as error:
            return messages.error_response(message.id, error)

    def _session_of(self, request: Request) -> Session:
        if _is_of_stateless(request):
            stateless.check(request)
            return stateless_session(request)
        if self._session is not None:
            return self._session
        if request.method == "ping":
            return Session(protocol.LATEST, {})
        raise invalid_params(
            "Invalid params: send initialize first, or the _meta of "
            f"protocol version {stateless.VERSION} with each request"
        )

    def _start(self, request: Request, session: Session) -> _Flight:
        listening = request.method == stateless.LISTEN
        if listening and len(self._subscriptions) >= _SUBSCRIPTIONS:
            sentence = f"at most {_SUBSCRIPTIONS} subscriptions at a time"
            raise RequestError(INVALID_REQUEST, f"Invalid request: {sentence}")
        context = Context(
            request=request,
            session=session,
            send=self._send,
            closing=self._closing,
            rounds=rounds_of(self._server, request, session),
            tasks=tasks_of(self._server, request, session),
            drained=self._drained,
        )
        task = asyncio.create_task(self._respond(request, context))
        self._latest = asyncio.get_running_loop().time()
        self._in_flight[request.id] = task
        self._capacity.keep(task)
        if listening:
            self._subscriptions.add(task)
            task.add_done_callback(self._subscriptions.discard)
        return _Flight(request, task)

    async def _respond(self, request: Request, context: Context) -> Answer:
        if request.method in AT_ONCE:
            return await respond(self._server, request, context)
        async with self._capacity:
            return await respond(self._server, request, context)

    def _cancel(self, request_id: object) -> None:
        if messages.is_id(request_id):
            task = self._in_flight.pop(request_id, None)
            if task is not None:
                task.cancel()

    def _deliver(self, flight: _Flight) -> None:
        answer = self._landed(flight)
        if answer is None:
            return
        self._send(answer)
        if flight.request.method == stateless.LISTEN and self._closing.is_set():
            self._send(stateless.cancelled(flight.request.id))

    def _landed(self, flight: _Flight) -> bytes | None:
        """The answer of a finished request, None when its client cancelled it."""
        if self._in_flight.get(flight.request.id) is not flight.task:
            return None
        del self._in_flight[flight.request.id]
        return None if flight.task.cancelled() else flight.task.result().data

    def _receive_batch(self, batch: Sequence[Message]) -> None:
        if self._session is None or self._session.version != protocol.BATCHING:
            self._refuse_batch(
                batch, f"only protocol version {protocol.BATCHING} has batches"
            )
            return
        if len(batch) > MAX_BATCH:
            self._refuse_batch(batch, f"a batch has {MAX_BATCH} messages at most")
            return
        self._capacity.keep(
            asyncio.create_task(self._deliver_batch(self.answer_to(batch)))
        )

    def _refuse_batch(self, batch: Sequence[Message], why: str) -> None:
        error = RequestError(INVALID_REQUEST, f"Invalid request: {why}")
        ids: set[Id | None] = {m.id for m in batch if isinstance(m, Request)}
        for request_id in ids or {None}:
            self._send(messages.error_response(request_id, error))

    async def _deliver_batch(self, answered: Coroutine[Any, Any, bytes | None]) -> None:
        answer = await answered
        if answer is not None:
            self._send(answer)

    async def _answered(
        self, answers: Sequence[bytes | _Flight | None]
    ) -> bytes | None:
        tasks = [answer.task for answer in answers if isinstance(answer, _Flight)]
        try:
            if tasks:
                await asyncio.wait(tasks)
        except asyncio.CancelledError:
            for task in tasks:
                task.cancel()
            raise
        texts = [
            self._landed(answer) if isinstance(answer, _Flight) else answer
            for answer in answers
        ]
        ready = [text for text in texts if text is not None]
        return messages.batch(ready) if ready else None


class _Flight(NamedTuple):
    """A request that is being answered."""

    request: Request
    task: asyncio.Task[Answer]


def _is_of_stateless(request: Request) -> bool:
    """Whether only the stateless protocol has such a request."""
    return stateless.is_stateless(request.params) or request.method == "server/discover"


def _in_batch(message: Message) -> Message:
    """A message of a batch; what must come alone is invalid in it."""
    if isinstance(message, Request) and (
        is_handshake(message) or _is_of_stateless(message)
    ):
        sentence = f"Invalid request: {message.method} must not be in a batch"
        return Invalid(
            id=message.id, error=RequestError(INVALID_REQUEST, shortened(sentence))
        )
    return message
