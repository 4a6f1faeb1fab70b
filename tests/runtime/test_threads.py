"""Threads for plain functions: how many there are, and when they end."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import threading
import time

import pytest
from mcpgen_runtime.functions.threads import Threads


async def test_no_more_run_at_once_than_the_limit() -> None:
    threads = Threads(limit=3)
    lock = threading.Lock()
    running = most = 0

    def work() -> str:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.01)
        with lock:
            running -= 1
        return threading.current_thread().name

    names = await asyncio.gather(*(threads.run(work) for _ in range(20)))
    assert most == 3
    assert len(set(names)) == 3


async def test_an_idle_thread_is_used_again() -> None:
    threads = Threads()
    names = set()
    for _ in range(5):
        names.add(await threads.run(lambda: threading.current_thread().name))
        await asyncio.sleep(0.01)
    assert len(names) == 1


async def test_they_are_daemons_and_end_with_their_pool() -> None:
    threads = Threads()
    thread = await threads.run(threading.current_thread)
    assert thread.daemon
    del threads
    gc.collect()
    thread.join(timeout=5)
    assert not thread.is_alive()


async def test_what_waits_for_a_thread_can_be_cancelled() -> None:
    threads = Threads(limit=1)
    release = threading.Event()
    called = []
    first = asyncio.create_task(threads.run(release.wait))
    second = asyncio.create_task(threads.run(lambda: called.append("second")))
    await asyncio.sleep(0.01)
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    release.set()
    assert await first
    await threads.run(lambda: called.append("third"))
    assert called == ["third"]


async def test_what_hangs_and_was_given_up_takes_no_thread_from_others() -> None:
    threads = Threads(limit=2)
    release = threading.Event()
    begun = threading.Semaphore(0)

    def hang() -> None:
        begun.release()
        release.wait()

    for _ in range(3):
        hanging = [asyncio.create_task(threads.run(hang)) for _ in range(2)]
        for _ in hanging:
            await asyncio.to_thread(begun.acquire)
        waiting = asyncio.create_task(threads.run(lambda: "served"))
        for call in hanging:
            call.cancel()
        assert await asyncio.wait_for(waiting, 30) == "served"
    release.set()
    names = [
        await threads.run(lambda: threading.current_thread().name) for _ in range(20)
    ]
    assert names


async def test_the_context_of_the_caller_is_there() -> None:
    variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable")
    variable.set("here")
    assert await Threads().run(variable.get) == "here"


@pytest.mark.parametrize("error", [ValueError, StopIteration, SystemExit])
async def test_what_a_function_raises_is_raised(error: type[BaseException]) -> None:
    def fail() -> None:
        raise error

    expected = RuntimeError if error is StopIteration else error
    with pytest.raises(expected):
        await Threads().run(fail)
