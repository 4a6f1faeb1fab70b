"""How much of one client is served at once: some requests run, more wait in line.

Beyond that nothing more is read, so a client that floods its server, or doesn't read
what it is sent, slows down itself and nothing else. A ping, a cancellation and the
answer to a question never wait in line.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeAlias

Drained: TypeAlias = Callable[[], Awaitable[None]]
"""Returns when the client has taken enough of what it was sent to be sent more."""

_RUNNING: Final = 100
"""Requests of one client that run at once."""
_TAKEN: Final = 1000
"""Requests, running or in line, until nothing more is read."""


class Capacity:
    """The requests of one client: which may run, and whether more may come.

    A request waits in line to enter, and runs within.
    """

    def __init__(self, drained: Drained) -> None:
        self.tasks: set[asyncio.Task[Any]] = set()
        """What was taken and isn't done."""
        self._drained = drained
        self._slots = asyncio.Semaphore(_RUNNING)
        self._room = asyncio.Event()
        self._room.set()

    def keep(self, task: asyncio.Task[Any]) -> None:
        """Count a task until it is done."""
        self.tasks.add(task)
        task.add_done_callback(self._done)
        if len(self.tasks) >= _TAKEN:
            self._room.clear()

    def _done(self, task: asyncio.Task[Any]) -> None:
        self.tasks.discard(task)
        if len(self.tasks) < _TAKEN:
            self._room.set()

    async def room(self) -> None:
        """Return when another message may be taken from the client."""
        await self._room.wait()
        await self._drained()

    async def __aenter__(self) -> None:
        await self._slots.acquire()
        try:
            await self._drained()
        except BaseException:
            self._slots.release()
            raise

    async def __aexit__(self, *_: object) -> None:
        self._slots.release()


async def at_once() -> None:
    """A client that takes everything as it comes."""
