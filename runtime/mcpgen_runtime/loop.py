"""The event loop that requests are served on, and how other threads get onto it.

Sessions, streams and listings belong to the thread of the loop. What a function does
in a thread of its own is passed on to the loop, in its order and at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from contextlib import suppress
from threading import get_ident
from typing import Any, TypeVar, TypeVarTuple

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class Loop:
    """The loop that runs where this is made."""

    __slots__ = ("_loop", "_thread", "_waiting")

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._thread = get_ident()
        self._waiting: set[Future[Any]] = set()

    def soon(self, function: Callable[[*Ts], object], *args: *Ts) -> None:
        """Call a function: now where the loop runs, from other threads when it can."""
        if get_ident() == self._thread:
            function(*args)
            return
        with suppress(RuntimeError):  # the loop is closed: nobody is left to tell
            self._loop.call_soon_threadsafe(function, *args)

    def call(self, function: Callable[[], T]) -> T:
        """What a function gives where the loop runs; another thread waits for it."""
        if get_ident() == self._thread:
            return function()

        async def called() -> T:
            return function()

        return self.wait(called())

    def wait(self, awaitable: Awaitable[T]) -> T:
        """What an awaitable gives, for a thread that waits for it.

        Raises RuntimeError where the loop runs, and CancelledError of
        `concurrent.futures` when `give_up` comes first.
        """

        async def awaited() -> T:
            return await awaitable

        if get_ident() == self._thread:
            if asyncio.iscoroutine(awaitable):
                awaitable.close()
            raise RuntimeError("an async function awaits it: only threads can wait")
        future = asyncio.run_coroutine_threadsafe(awaited(), self._loop)
        self._waiting.add(future)
        try:
            return future.result()
        finally:
            self._waiting.discard(future)

    def give_up(self) -> None:
        """Cancel what threads still wait for."""
        for future in tuple(self._waiting):
            future.cancel()
