"""Hearing of the end of the process in time to end what would hold it up.

A server that is told to stop waits for its responses to end, and tells an application
only afterwards. A stream that waits for news would never end, so the application has
to hear of the signal itself.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


@contextmanager
def told_to_stop(tell: Callable[[], object]) -> Iterator[None]:
    """Within, the event loop calls `tell` at a signal that somebody else handles.

    Outside the main thread there are no signals to hear of.
    """
    loop = asyncio.get_running_loop()
    handlers: dict[int, Callable[[int, FrameType | None], Any]] = {}

    def hear(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(tell)
        handlers[number](number, frame)

    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            handler = signal.getsignal(number)
            if callable(handler):
                handlers[number] = handler
                signal.signal(number, hear)
    try:
        yield
    finally:
        for heard, handler in handlers.items():
            if signal.getsignal(heard) is hear:
                signal.signal(heard, handler)
