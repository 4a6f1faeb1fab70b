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
from collections.abc import Callable, Sequence
from typing import NamedTuple

from . import messages, protocol, stateless
from .context import Context
from .errors import (
    INTERNAL_ERROR,
    INVALID_REQUEST,
    RequestError,
    invalid_params,
    shortened,
)
from .messages import Id, Invalid, Message, Notification, Request
from .server import Server

logger = logging.getLogger(__name__)

_INTERNAL = RequestError(INTERNAL_ERROR, "Internal error")
"""Stands for any exception: its text is for the log, not for the client."""
_UNWINDING = 0.1
"""Seconds that cancelled requests have to clean up after themselves."""


class Answer(NamedTuple):
    """A response as bytes, and the error that it holds, if it is one."""

    data: bytes
    error: RequestError | None = None


async def respond(server: Server, request: Request, context: Context) -> Answer:
    """The answer to a request, whatever happens while it is made."""
    try:
        result = await server.handle(request, context)
        return Answer(messages.response(request.id, result))
    except RequestError as raised:
        error = raised
    except Exception:
        logger.exception("%s failed", request.method)
        error = _INTERNAL
    return Answer(messages.error_response(request.id, error), error)


def shake_hands(server: Server, request: Request) -> tuple[str | None, Answer]:
    """The version settled by an `initialize` request, and the answer to it."""
    try:
        version, result = server.initialize(request.params)
        return version, Answer(messages.response(request.id, result))
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
    must not block, in the order in which they are ready. `version` is the version
    of a connection whose handshake took place elsewhere.
    """

    def __init__(
        self,
        server: Server,
        send: Callable[[bytes], None],
        version: str | None = None,
    ) -> None:
        self._server = server
        self._send = send
        self._version = version
        self._in_flight: dict[Id, asyncio.Task[Answer]] = {}
        self._tasks: set[asyncio.Task[object]] = set()
        self._closing = asyncio.Event()

    def receive(self, message: Message | tuple[Message, ...]) -> None:
        if isinstance(message, tuple):
            self._receive_batch(message)
            return
        answer = self._accept(message)
        if isinstance(answer, bytes):
            self._send(answer)
        elif isinstance(answer, _Flight):
            answer.task.add_done_callback(lambda _: self._deliver(answer))

    async def finish(self) -> None:
        """Return when everything that was received is answered."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def close(self, grace: float) -> None:
        """End what waits for nothing but the client, and give the rest `grace` seconds.

        What isn't answered by then is cancelled, and stays without an answer.
        """
        self._closing.set()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=max(grace, _UNWINDING))
        self._in_flight.clear()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_UNWINDING)

    def _accept(self, message: Message) -> bytes | _Flight | None:
        """The answer, the request that will have one, or None: there will be none."""
        if isinstance(message, Invalid):
            return messages.error_response(message.id, message.error)
        if isinstance(message, Notification):
            if message.method == "notifications/cancelled":
                self._cancel(message.params.get("requestId"))
            return None
        if not isinstance(message, Request):
            return None
        try:
            if message.id in self._in_flight:
                raise RequestError(
                    INVALID_REQUEST, "Invalid request: a request with this id is open"
                )
            if is_handshake(message):
                version, answer = shake_hands(self._server, message)
                self._version = version or self._version
                return answer.data
            return self._start(message, self._version_of(message))
        except RequestError as error:
            return messages.error_response(message.id, error)

    def _version_of(self, request: Request) -> str:
        if _is_of_stateless(request):
            stateless.check(request)
            return stateless.VERSION
        if self._version is not None:
            return self._version
        if request.method == "ping":
            return protocol.LATEST
        raise invalid_params(
            "Invalid params: send initialize first, or the _meta of "
            f"protocol version {stateless.VERSION} with each request"
        )

    def _start(self, request: Request, version: str) -> _Flight:
        context = Context(version=version, notify=self._send, closing=self._closing)
        task = asyncio.create_task(respond(self._server, request, context))
        self._in_flight[request.id] = task
        self._keep(task)
        return _Flight(request, task)

    def _keep(self, task: asyncio.Task[object]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

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
        if self._version != protocol.BATCHING:
            self._refuse_batch(batch)
            return
        answers = [self._accept(_in_batch(message)) for message in batch]
        self._keep(asyncio.create_task(self._deliver_batch(answers)))

    def _refuse_batch(self, batch: Sequence[Message]) -> None:
        error = RequestError(
            INVALID_REQUEST,
            f"Invalid request: only protocol version {protocol.BATCHING} has batches",
        )
        ids: set[Id | None] = {m.id for m in batch if isinstance(m, Request)}
        for request_id in ids or {None}:
            self._send(messages.error_response(request_id, error))

    async def _deliver_batch(self, answers: Sequence[bytes | _Flight | None]) -> None:
        tasks = [answer.task for answer in answers if isinstance(answer, _Flight)]
        if tasks:
            await asyncio.wait(tasks)
        texts = [
            self._landed(answer) if isinstance(answer, _Flight) else answer
            for answer in answers
        ]
        ready = [text for text in texts if text is not None]
        if ready:
            self._send(messages.batch(ready))


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
