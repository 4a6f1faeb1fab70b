"""Telling one client of changes, however many there are and however slowly it reads.

Who is behind is told of a change once, however often it happened meanwhile: it learns
that it has to look again, and no more than that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from .capacity import Drained
from .changes import Change


class Teller:
    """Passes changes on to `send`, at once to who has taken what was sent before."""

    def __init__(self, send: Callable[[Change], object], drained: Drained) -> None:
        self._send = send
        self._drained = drained
        self._untold: dict[Change, None] = {}
        self._waiting: asyncio.Task[None] | None = None

    def hear(self, change: Change) -> None:
        if self._waiting is None:
            self._send(change)
            self._waiting = asyncio.create_task(self._wait())
        else:
            self._untold[change] = None

    def close(self) -> None:
        """Nothing more is told."""
        self._untold.clear()
        if self._waiting is not None:
            self._waiting.cancel()

    async def _wait(self) -> None:
        await self._drained()
        while self._untold:
            change = next(iter(self._untold))
            del self._untold[change]
            self._send(change)
            await self._drained()
        self._waiting = None
