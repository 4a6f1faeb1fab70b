"""Threads for plain functions: as many as are needed, up to a bound.

The threads are daemons, so that a function that never returns can't keep the process
from ending, and they end with their pool. Who waits for a call may be cancelled; the
call itself goes on until it returns. Two kinds of calls don't count, up to another
bound: those that nobody waits for any more, so that what hangs doesn't take all threads
from what doesn't, and those that a thread of the pool waits for, which would wait for
each other.
"""

from __future__ import annotations

import asyncio
import contextvars
import weakref
from collections.abc import Callable
from concurrent.futures import Future
from contextvars import ContextVar
from functools import partial
from queue import SimpleQueue
from threading import Lock, Semaphore, Thread
from typing import Any, Final, TypeAlias, TypeVar

T = TypeVar("T")
_Jobs: TypeAlias = "SimpleQueue[Callable[[], None] | None]"


_LIMIT: Final = 40
"""Threads, since most functions wait for something else most of the time."""
_BEYOND: Final = 200
"""Threads for calls that don't count."""

_inside: Final[ContextVar[bool]] = ContextVar("_inside", default=False)
"""Whether a thread of a pool waits for what goes on."""


class Threads:
    """A pool of at most `limit` threads."""

    def __init__(self, limit: int = _LIMIT) -> None:
        self._limit = limit
        self._jobs: _Jobs = SimpleQueue()
        self._idle = Semaphore(0)
        self._lock = Lock()
        self._started = 0
        self._beyond = 0
        weakref.finalize(self, self._jobs.put, None)

    async def run(self, function: Callable[[], T]) -> T:
        """What the function returns or raises, in a copy of the caller's context."""
        future: Future[T] = Future()
        if _inside.get():
            self._uncount(future)
        context = contextvars.copy_context()
        context.run(_inside.set, True)
        self._jobs.put(partial(_carry_out, future, partial(context.run, function)))
        self._start_another()
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            if future.running():
                self._uncount(future)
                if not self._jobs.empty():
                    self._start_another()
            raise

    def _uncount(self, future: Future[Any]) -> None:
        """Let another call run beside one, until that one is done."""
        with self._lock:
            self._beyond += 1
        future.add_done_callback(self._returned)

    def _returned(self, _: Future[Any]) -> None:
        with self._lock:
            self._beyond -= 1

    def _start_another(self) -> None:
        if self._idle.acquire(blocking=False):
            return
        with self._lock:
            if self._started < self._limit + min(self._beyond, _BEYOND):
                self._started += 1
                Thread(target=_work, args=(self._jobs, self._idle), daemon=True).start()


def _work(jobs: _Jobs, idle: Semaphore) -> None:
    while (job := jobs.get()) is not None:
        job()
        del job
        idle.release()
    jobs.put(None)


def _carry_out(future: Future[T], function: Callable[[], T]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        future.set_result(function())
    except StopIteration as error:  # which no future can hold
        future.set_exception(RuntimeError(repr(error)))
    except BaseException as error:  # noqa: BLE001 - the future holds it
        future.set_exception(error)
