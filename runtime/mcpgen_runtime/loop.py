"""The event loop that requests are served on, and how other threads get onto it.

Sessions, streams and listings belong to the thread of the loop. What a function does
in a thread of its own is passed on to the loop, in its order and at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import CancelledError, Future
from threading import get_ident
from typing import Any, TypeVar

T = TypeVar("T")


class Loop:
    """The loop that runs where this is made."""

    __slots__ = ("_given_up", "_loop", "_thread", "_waiting")

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._thread = get_ident()
        self._waiting: set[Future[Any]] = set()
        self._given_up = False

    @property
    def is_here(self) -> bool:
        """Whether the loop runs in the thread that asks."""
        return get_ident() == self._thread

    def call(self, function: Callable[[], T]) -> T:
        """What a function gives where the loop runs; another thread waits for it."""
        if self.is_here:
            return function()

        async def called() -> T:
            return function()

        return self.wait(called())

    def wait(self, awaitable: Awaitable[T]) -> T:
        """What an awaitable gives, for a thread that waits for it.

        Raises RuntimeError where the loop runs, and CancelledError of
        `concurrent.futures` after `give_up`, or when the loop has ended.
        """

        async def awaited() -> T:
            return await awaitable

        if self.is_here:
            _discard(awaitable)
            raise RuntimeError("an async function awaits it: only threads can wait")
        waited = awaited()
        try:
            if self._given_up:
                raise CancelledError
            future = asyncio.run_coroutine_threadsafe(waited, self._loop)
        except (CancelledError, RuntimeError):
            waited.close()
            _discard(awaitable)
            raise CancelledError from None
        self._waiting.add(future)
        try:
            if self._given_up:  # since it was looked at
                future.cancel()
            return future.result()
        finally:
            self._waiting.discard(future)

    def give_up(self) -> None:
        """Cancel what threads still wait for, now and from now on."""
        self._given_up = True
        for future in tuple(self._waiting):
            future.cancel()


def _discard(awaitable: Awaitable[Any]) -> None:
    if asyncio.iscoroutine(awaitable):
        awaitable.close()
