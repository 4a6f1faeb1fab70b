"""Files that may change: asked for now and then, as any file system allows."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from threading import Event, Thread

_INTERVAL = 0.5
"""Seconds between two looks."""


class Watch:
    """Calls a function, in a thread of its own, after files have changed and come to
    rest; what it gives are the files to watch from then on."""

    def __init__(
        self, files: Iterable[str], changed: Callable[[], Iterable[str]]
    ) -> None:
        self._files = frozenset(files)
        self._changed = changed
        self._seen = self._look()
        self._ended = Event()
        Thread(target=self._run, name="watch", daemon=True).start()

    def end(self) -> None:
        self._ended.set()

    def _run(self) -> None:
        before = self._seen
        while not self._ended.wait(_INTERVAL):
            now = self._look()
            if now == before != self._seen:
                self._files = frozenset(self._changed())
                # What has changed while it was read is read again.
                self._seen = self._look() | now
            before = now

    def _look(self) -> dict[str, tuple[int, int, int] | None]:
        return {name: _state(name) for name in self._files}


def _state(name: str) -> tuple[int, int, int] | None:
    try:
        status = os.stat(name)
    except (OSError, ValueError):
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
