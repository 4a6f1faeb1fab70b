"""How many calls a minute the clients of a server have, on average.

A bucket of tokens: it holds those of one minute, fills up steadily, and each call takes
one. So a burst is served, and what goes on and on is slowed down (2026-07-28,
server/tools, security). Processes that share a store count each minute together.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from math import ceil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .store import Store


class Rate:
    """`clock` gives seconds since 1970."""

    def __init__(
        self,
        per_minute: int,
        clock: Callable[[], float] = time.time,
        store: Store | None = None,
    ) -> None:
        self._most = self._tokens = float(per_minute)
        self._per_second = per_minute / 60
        self._clock = clock
        self._store = store
        self._last = clock()

    async def take(self) -> int:
        """Take a token; 0, or the seconds until there is one."""
        if self._store is not None:
            minute, second = divmod(self._clock(), 60)
            taken = await self._store.count(f"calls:{minute:.0f}", 120)
            if taken:
                return 0 if taken <= self._most else ceil(60 - second)
        return self._from_bucket()

    def _from_bucket(self) -> int:
        now = self._clock()
        gained = max(now - self._last, 0) * self._per_second
        self._tokens, self._last = min(self._most, self._tokens + gained), now
        if self._tokens < 1:
            return ceil((1 - self._tokens) / self._per_second)
        self._tokens -= 1
        return 0
