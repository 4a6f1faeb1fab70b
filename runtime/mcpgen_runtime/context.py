"""What a handler may tell and ask the client, the same in every protocol version.

    size = await ctx.elicit("Which size?", {"type": "object", "properties": …})
    if size.action == "accept": …

A plain function, which runs in a thread, calls `ctx.log` and `ctx.progress` as they
are, and `ctx.wait(…)` for what an async function awaits.

In the versions with a handshake, a question is a request on the stream of the call.
In the stateless one the call ends with the question as its result, and the client
calls again with the answer: the handler runs once more from its start, and the
question that is answered by now returns at once. So what comes before a question
should have no effect that must not happen twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from concurrent.futures import CancelledError
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from . import protocol, stateless
from .capacity import Drained, at_once
from .errors import MISSING_CLIENT_CAPABILITY, RequestError, invalid_params
from .loop import Loop
from .messages import Request, notification
from .session import LEVELS, Session

if TYPE_CHECKING:
    from .rounds import Rounds
    from .tasks import Task, Tasks

T = TypeVar("T")

_SINCE: Final[Mapping[str, str]] = {
    "elicitation": "2025-06-18",
    "elicitation.form": "2025-06-18",
    "elicitation.url": "2025-11-25",
    "sampling.tools": "2025-11-25",
}
"""The client capabilities that came after 2024-11-05, with their version."""
_PROGRESS_MESSAGE_SINCE: Final = "2025-03-26"
_MODES_SINCE: Final = "2025-11-25"


class Elicited(NamedTuple):
    """What the user did: `accept` with the content of the form, `decline`, `cancel`.

    `id` is that of a page to open, where the version gives pages one.
    """

    action: str
    content: Mapping[str, Any] | None = None
    id: str | None = None


class _Sent:
    """To be awaited, or not: it is sent. Who awaits it goes on when the client did."""

    def __init__(self, drained: Drained) -> None:
        self.drained = drained

    def __await__(self) -> Generator[Any, None, None]:
        return self.drained().__await__()


_NOTHING: Final = _Sent(at_once)


class Context:
    """One request, and the way back to the client that made it.

    `send` puts an encoded message ahead of the response, on the same stream; it never
    blocks, and `drained` returns when the client has taken it. `closing` is set when
    the transport is about to end: a request that only waits for something else ends
    then. `rounds` are the answers that came with a
    request of the stateless protocol, where its method may ask for any; `tasks` is
    where it may go on as a task.
    """

    def __init__(
        self,
        *,
        request: Request,
        session: Session,
        send: Callable[[bytes], None],
        closing: asyncio.Event,
        rounds: Rounds | None = None,
        tasks: Tasks | None = None,
        close_stream: Callable[[int], None] | None = None,
        drained: Drained = at_once,
    ) -> None:
        self.loop = Loop()
        self.session = session
        self.closing = closing
        self.rounds = rounds
        self.tasks = tasks
        self.task: asyncio.Future[Task] | None = None
        if tasks is not None:
            self.task = asyncio.get_running_loop().create_future()
        self._send: Callable[[bytes], None] | None = send
        self._close_stream = close_stream
        self.drained = drained
        self._is_cancelled = False
        meta = request.params.get("_meta")
        self._token = meta.get("progressToken") if isinstance(meta, dict) else None
        self._progress: float | None = None

    @property
    def version(self) -> str:
        """The protocol version that the request is served in."""
        return self.session.version

    @property
    def client_capabilities(self) -> Mapping[str, Any]:
        """What the client declared; `{}` when nothing is known of it."""
        return self.session.capabilities

    def notify(self, message: bytes) -> None:
        """Send an encoded notification; nothing is sent once the request is answered."""
        if self._send is not None:
            self._send(message)

    def finish(self, *, cancelled: bool = False) -> None:
        """From here on nothing is sent or asked: the request is answered, or cancelled."""
        self._send = None
        self._is_cancelled = self._is_cancelled or cancelled
        self.loop.give_up()

    def wait(self, awaitable: Awaitable[T]) -> T:
        """What an awaitable gives, in a plain function: `ctx.wait(ctx.roots())`.

        Raises RuntimeError in an async function, which awaits it.
        """
        return self.loop.wait(awaitable)

    def log(self, level: str, data: Any, logger: str | None = None) -> Awaitable[None]:
        """Send a log message, if the client wants those of this level.

        `data` is any JSON value. It must hold no secrets. Raises ValueError for a
        level that isn't one of RFC 5424.
        """
        severity = LEVELS.index(level)
        wanted = self.session.log_level
        if wanted is None or severity < LEVELS.index(wanted):
            return self._tell(None)
        params = {"level": level, "data": data}
        if logger is not None:
            params["logger"] = logger
        message = notification("notifications/message", params)
        return self._tell(partial(self.notify, message))

    def progress(
        self, progress: float, total: float | None = None, message: str | None = None
    ) -> Awaitable[None]:
        """Report progress, if the client asked for it.

        What doesn't exceed what was reported before is not sent (2026-07-28,
        progress).
        """
        if type(self._token) not in (str, int):
            return self._tell(None)
        return self._tell(partial(self._report, progress, total, message))

    def require(self, capability: str) -> None:
        """Raise RequestError unless the client declared a capability.

        `capability` is a path into what clients declare: `sampling`, `sampling.tools`,
        `elicitation.form`, `elicitation.url`, `roots`.
        """
        if self.version >= _SINCE.get(capability, "") and _declares(
            self.client_capabilities, capability
        ):
            return
        needed: dict[str, Any] = {}
        for name in reversed(capability.split(".")):
            needed = {name: needed}
        raise RequestError(
            MISSING_CLIENT_CAPABILITY,
            f"This request needs a client with the capability {capability}",
            {"requiredCapabilities": needed},
        )

    async def elicit(
        self, message: str, schema: Mapping[str, Any], *, key: str | None = None
    ) -> Elicited:
        """Have the user fill in a form; `schema` is a flat object (elicitation).

        `key` names the question where answers are carried by name; without one, its
        text does. Raises RequestError when the client has no forms, or when its answer
        doesn't fit the schema. Never ask for a secret in this way.
        """
        asked = protocol.form(self.version, schema)
        params = {"message": message, "requestedSchema": asked}
        if self.version >= _MODES_SINCE:
            params["mode"] = "form"
        elicited = _elicited(
            await self._ask("elicitation.form", key, "elicitation/create", params)
        )
        if elicited.action == "accept":
            _check(schema, elicited.content)
        return elicited

    async def elicit_url(
        self, message: str, url: str, *, key: str | None = None
    ) -> Elicited:
        """Have the user open a page, the way to ask for what the client may not see.

        `accept` says that the user agreed to open it, not that the page is done; tell
        the client with `page_done` when it is.
        """
        params = {"mode": "url", "message": message, "url": url}
        if self.version not in stateless.VERSIONS:
            from secrets import token_urlsafe

            params["elicitationId"] = token_urlsafe(16)
        elicited = _elicited(
            await self._ask("elicitation.url", key, "elicitation/create", params)
        )
        return elicited._replace(id=params.get("elicitationId"))

    def page_done(self, elicited: Elicited) -> Awaitable[None]:
        """Say that the page of an `elicit_url` of this request is done.

        Nothing is sent in the versions that have no such message.
        """
        if elicited.id is None:
            return _NOTHING
        params = {"elicitationId": elicited.id}
        message = notification("notifications/elicitation/complete", params)
        return self._tell(partial(self.notify, message))

    async def sample(
        self,
        messages: Sequence[Mapping[str, Any]],
        *,
        max_tokens: int,
        tools: Sequence[Mapping[str, Any]] | None = None,
        key: str | None = None,
        **more: Any,
    ) -> dict[str, Any]:
        """Have the client's model answer: the result of `sampling/createMessage`.

        `more` are further parameters of that request, such as `systemPrompt`.
        """
        params = {"messages": list(messages), "maxTokens": max_tokens, **more}
        if tools is not None:
            params["tools"] = list(tools)
        capability = "sampling" if tools is None else "sampling.tools"
        return _object(
            await self._ask(capability, key, "sampling/createMessage", params)
        )

    async def roots(self, *, key: str | None = None) -> list[dict[str, Any]]:
        """The folders that the client works in: `[{"uri": "file://…", "name": …}]`."""
        answer = _object(await self._ask("roots", key, "roots/list", {}))
        roots = answer.get("roots")
        if not isinstance(roots, list):
            raise _unfit("roots must be an array")
        return roots

    def close_stream(self, retry_ms: int) -> None:
        """Close the HTTP stream of this request; the client comes back for the answer.

        It waits `retry_ms` milliseconds. Only sessions of 2025-11-25 and later can do
        so: for every other client this does nothing.
        """
        if self._close_stream is not None:
            self._tell(partial(self._close_stream, retry_ms))

    async def as_task(self, *, required: bool = False) -> None:
        """Answer the call with a task here, and go on in its name.

        Questions before this are rounds of the call, those after it the task's own;
        progress and log messages after it are not sent. For a client without tasks
        this does nothing, or, with `required`, raises RequestError.
        """
        if self.task is None or self.tasks is None:
            if required:
                from .tasks import missing

                raise missing()
        elif not self.task.done():
            self.task.set_result(self.tasks.create())
            self._send = None

    def _tell(self, send: Callable[[], None] | None) -> Awaitable[None]:
        """Send now, if there is anything to send, whether the caller awaits more or not.

        Another thread goes on when the client has taken enough. There, once the request
        is cancelled, this raises CancelledError of `concurrent.futures`.
        """
        here = self.loop.is_here
        if self._is_cancelled and not here:
            raise CancelledError
        if send is None:
            return _NOTHING
        if here:
            send()
            return _Sent(self.drained)

        async def sent() -> None:
            send()
            await self.drained()

        try:
            self.loop.wait(sent())
        except CancelledError:
            if self._is_cancelled:
                raise
        return _NOTHING

    def _report(
        self, progress: float, total: float | None, message: str | None
    ) -> None:
        if self._progress is not None and progress <= self._progress:
            return
        self._progress = progress
        params: dict[str, Any] = {"progressToken": self._token, "progress": progress}
        if total is not None:
            params["total"] = total
        if message is not None and self.version >= _PROGRESS_MESSAGE_SINCE:
            params["message"] = message
        self.notify(notification("notifications/progress", params))

    async def _ask(
        self, capability: str, key: str | None, method: str, params: Mapping[str, Any]
    ) -> Any:
        self.require(capability)
        if self.task is not None and self.task.done():
            return await self.task.result().answer(key, method, params)
        if self.rounds is not None:
            return await self.rounds.answer(key, method, params)
        if self.version in stateless.VERSIONS:
            raise RuntimeError("only tools, prompts and resource reads may ask")
        if self._send is None:
            raise RuntimeError("the request is answered: nobody is left to ask")
        return await self.session.ask(self.notify, method, params)


def _declares(capabilities: Mapping[str, Any], path: str) -> bool:
    """Whether a path leads to an object; `elicitation: {}` stands for forms."""
    if path == "elicitation.form" and capabilities.get("elicitation") == {}:
        return True
    node: Any = capabilities
    for name in path.split("."):
        node = node.get(name)
        if not isinstance(node, Mapping):
            return False
    return True


def _elicited(answer: Any) -> Elicited:
    answer = _object(answer)
    action, content = answer.get("action"), answer.get("content")
    if action not in ("accept", "decline", "cancel"):
        raise _unfit("action must be accept, decline or cancel")
    if content is not None and not isinstance(content, dict):
        raise _unfit("content must be an object")
    return Elicited(action=action, content=content)


def _check(schema: Mapping[str, Any], content: Mapping[str, Any] | None) -> None:
    from .schemas import Validator

    if problems := Validator(schema).errors(content or {}):
        raise _unfit(problems[0])


def _object(answer: Any) -> dict[str, Any]:
    if not isinstance(answer, dict):
        raise _unfit("it must be an object")
    return answer


def _unfit(problem: str) -> RequestError:
    return invalid_params(f"The client's answer doesn't fit the question: {problem}")
