"""The tasks extension: a call that goes on after its answer, and is asked for later.

A handler that calls `ctx.as_task()` is answered with a task there and then. The client
polls for its status, or is told of it in a subscription, gives what it asks for, and
takes its result. A task is forgotten an hour after its creation; one that has ended
also to make room for a new one, the oldest first (io.modelcontextprotocol/tasks,
SEP-2663).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from secrets import token_urlsafe
from typing import TYPE_CHECKING, Any, Final

from . import stateless
from .errors import (
    INTERNAL_ERROR,
    MISSING_CLIENT_CAPABILITY,
    RequestError,
    invalid_params,
)
from .messages import Request, dumps, error_member, notification
from .rounds import name_of

if TYPE_CHECKING:
    from .context import Context

_LIFETIME: Final = 3600
"""Seconds that a task is kept for."""
_POLL: Final = 500
"""Milliseconds that a client should wait between two looks at a task."""
_TASKS: Final = 1000
_RESULTS: Final = 64 * 1024 * 1024
"""Bytes of all results that are kept."""

Outcome = bytes | RequestError
"""The JSON text of a result, or the error in its place."""


class Task:
    """One call that goes on; its status never leaves what it ended with."""

    def __init__(self) -> None:
        self.id = token_urlsafe(24)
        self.created = self._updated = datetime.now(UTC)
        self.status = "working"
        self._end = b""
        self._asked: dict[str, Any] = {}
        self._open: dict[str, asyncio.Future[Any]] = {}
        self._work: asyncio.Task[Outcome] | None = None
        self._watchers: list[Callable[[Task], None]] = []

    @property
    def ended(self) -> bool:
        return self.status in ("completed", "failed", "cancelled")

    def fields(self) -> dict[str, Any]:
        """The members that every description of a task has."""
        return {
            "taskId": self.id,
            "status": self.status,
            "createdAt": self.created.isoformat(),
            "lastUpdatedAt": self._updated.isoformat(),
            "ttlMs": _LIFETIME * 1000,
            "pollIntervalMs": _POLL,
        }

    @property
    def size(self) -> int:
        """Bytes of what it ended with."""
        return len(self._end)

    def details(self, meta: Mapping[str, Any] | None = None) -> bytes:
        """All there is to say, as JSON: with the questions, the result or the error.

        A result is as the call gave it, down to the digits of its numbers.
        """
        details = self.fields()
        if self._open:
            details["inputRequests"] = {key: self._asked[key] for key in self._open}
        if meta is not None:
            details["_meta"] = meta
        return b"%b%b}" % (dumps(details)[:-1], self._end)

    @contextmanager
    def watched(self, watcher: Callable[[Task], None]) -> Iterator[None]:
        """Call `watcher` with the task, as it is now and at each change within."""
        self._watchers.append(watcher)
        try:
            watcher(self)
            yield
        finally:
            self._watchers.remove(watcher)

    def notification(self, meta: Mapping[str, Any]) -> bytes:
        return notification("notifications/tasks", self.details(meta))

    def follow(self, work: asyncio.Task[Outcome]) -> None:
        """End as the work does."""
        self._work = work
        work.add_done_callback(self._finish)

    async def answer(
        self, key: str | None, method: str, params: Mapping[str, Any]
    ) -> Any:
        """The client's answer to a question of the handler."""
        name = name_of(key, method, params, self._asked)
        self._asked[name] = {"method": method, "params": params}
        self._open[name] = asyncio.get_running_loop().create_future()
        self._become("input_required")
        try:
            return await self._open[name]
        finally:
            if self._open.pop(name, None) is not None:  # it is given up
                self._go_on()

    def take(self, answers: Mapping[str, Any]) -> None:
        """Pass answers on; those to what isn't asked are ignored."""
        for key in answers.keys() & self._open.keys():
            if not self._open[key].done():
                self._open.pop(key).set_result(answers[key])
        self._go_on()

    def _go_on(self) -> None:
        self._become("input_required" if self._open else "working")

    def cancel(self) -> None:
        """Nothing happens to a task that has ended."""
        if not self.ended:
            self._open.clear()
            self._become("cancelled")
            if self._work is not None:
                self._work.cancel()

    def _become(self, status: str) -> None:
        if not self.ended:
            self.status = status
            self._updated = datetime.now(UTC)
            for watcher in tuple(self._watchers):
                watcher(self)

    def _finish(self, work: asyncio.Task[Outcome]) -> None:
        self._open.clear()
        if work.cancelled() or self.ended:
            self._become("cancelled")
            return
        outcome = work.result()
        if isinstance(outcome, RequestError):
            end = {"error": error_member(outcome), "statusMessage": outcome.message}
            self._end = b",%b" % dumps(end)[1:-1]
            self._become("failed")
        else:
            self._end = b',"result":%b' % outcome
            self._become("completed")


def missing() -> RequestError:
    """The error for a client without the extension."""
    return RequestError(
        MISSING_CLIENT_CAPABILITY,
        f"This request needs a client with the extension {stateless.TASKS}",
        {"requiredCapabilities": {"extensions": {stateless.TASKS: {}}}},
    )


class Tasks:
    """The tasks of one server, in this process."""

    METHODS: Final = ("tasks/get", "tasks/update", "tasks/cancel")

    def __init__(self) -> None:
        self._tasks: dict[str, Task] = {}

    def create(self) -> Task:
        """Raises RequestError when too many are at work."""
        self._forget(room_for=1)
        if len(self._tasks) >= _TASKS:
            raise RequestError(INTERNAL_ERROR, "Too many tasks: try again later")
        task = Task()
        self._tasks[task.id] = task
        return task

    async def run(
        self,
        born: asyncio.Future[Task],
        work: Coroutine[Any, Any, Outcome],
        server_info: Any,
    ) -> Outcome:
        """The outcome of a call, or, once it goes on as a task, that task."""
        working = asyncio.create_task(work)
        try:
            either: set[asyncio.Future[Any]] = {working, born}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            working.cancel()
            if born.done():
                born.result().follow(working)
            raise
        if not born.done():
            return working.result()
        task = born.result()
        task.follow(working)
        return stateless.task_created(task.fields(), server_info)

    @staticmethod
    def taken_by(capabilities: Mapping[str, Any]) -> bool:
        """Whether a client with these capabilities takes tasks."""
        extensions = capabilities.get("extensions")
        return isinstance(extensions, Mapping) and stateless.TASKS in extensions

    def chosen(self, ids: Any, capabilities: Mapping[str, Any]) -> Sequence[Task]:
        """The tasks that a subscription asks for, of those that there are.

        Raises RequestError for what isn't a list of ids, and for a client that takes
        no tasks.
        """
        if not self.taken_by(capabilities):
            raise missing()
        if not isinstance(ids, list) or not all(isinstance(i, str) for i in ids):
            raise invalid_params("Invalid params: taskIds must be a list of ids")
        self._forget()
        return [self._tasks[i] for i in dict.fromkeys(ids) if i in self._tasks]

    async def handle(self, request: Request, context: Context) -> bytes:
        """The result of one of the methods; raises RequestError."""
        if not self.taken_by(context.client_capabilities):
            raise missing()
        self._forget()
        task = self._tasks.get(str(request.params.get("taskId")))
        if task is None:
            raise invalid_params("Unknown task: it is none of ours, or too old")
        if request.method == "tasks/get":
            return task.details()
        if request.method == "tasks/cancel":
            task.cancel()
            return b"{}"
        answers = request.params.get("inputResponses")
        if not isinstance(answers, dict):
            raise invalid_params("Invalid params: inputResponses must be an object")
        task.take(answers)
        return b"{}"

    def close(self) -> None:
        """Cancel what is still at work."""
        for task in self._tasks.values():
            task.cancel()

    def _forget(self, room_for: int = 0) -> None:
        now = datetime.now(UTC)
        for task in list(self._tasks.values()):
            if (now - task.created).total_seconds() > _LIFETIME:
                task.cancel()
                del self._tasks[task.id]
        kept = sum(task.size for task in self._tasks.values())
        for task in [task for task in self._tasks.values() if task.ended]:
            if kept <= _RESULTS and len(self._tasks) + room_for <= _TASKS:
                return
            kept -= task.size
            del self._tasks[task.id]
