"""How many calls a minute the clients of one process have, on average.

A bucket of tokens: it holds those of one minute, fills up steadily, and each call takes
one. So a burst is served, and what goes on and on is slowed down (2026-07-28,
server/tools, security).

Pure but for the clock.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from math import ceil


class Rate:
    """`clock` gives seconds."""

    def __init__(
        self, per_minute: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most = self._tokens = float(per_minute)
        self._per_second = per_minute / 60
        self._clock = clock
        self._last = clock()

    def take(self) -> int:
        """Take a token; 0, or the seconds until there is one."""
        now = self._clock()
        gained = (now - self._last) * self._per_second
        self._tokens, self._last = min(self._most, self._tokens + gained), now
        if self._tokens < 1:
            return ceil((1 - self._tokens) / self._per_second)
        self._tokens -= 1
        return 0
