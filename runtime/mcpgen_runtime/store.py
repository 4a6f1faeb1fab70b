"""What the processes of one server share: a Redis or Valkey that the operator names.

The rule: it holds what may be lost. A store that doesn't answer is told once in the
log, and each process goes on with what it knows itself; no call waits for it longer
than two seconds, and none fails because of it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from importlib import import_module
from typing import Any, Final, TypeVar

T = TypeVar("T")

_LOG = logging.getLogger(__name__)
_PATIENCE: Final = 2.0
"""Seconds that one command may take."""
_TURN: Final = 30.0
"""Seconds after which a turn that nobody ended is over."""
_LOOK: Final = 0.05
"""Seconds between two looks at whether another's turn is over."""


class StoreError(ValueError):
    """The store can't be used as it is named; the message is for the operator."""


class Store:
    """Values by key, each for some seconds; keys begin with `prefix`.

    Raises StoreError for a URL that names no store, and without the package redis.
    """

    def __init__(self, url: str, prefix: str) -> None:
        try:
            # Not by its name, which type checkers look for: few servers have it.
            redis: Any = import_module("redis.asyncio")
        except ImportError:
            raise StoreError(
                "a store needs the package redis: pip install 'redis>=5'"
            ) from None
        try:
            self._redis = redis.Redis.from_url(
                url,
                decode_responses=True,
                socket_timeout=_PATIENCE,
                socket_connect_timeout=_PATIENCE,
            )
        except ValueError:
            raise StoreError(
                "give a URL as redis://host:6379/0, rediss://… or unix://…"
            ) from None
        self._failures = (redis.RedisError, OSError)
        self._prefix = prefix
        self._is_down = False

    async def get(self, key: str) -> str | None:
        async def got() -> str | None:
            value = await self._redis.get(self._prefix + key)
            return None if value is None else str(value)

        return await self._do(got, None)

    async def put(self, key: str, value: str, seconds: float) -> None:
        name, milliseconds = self._prefix + key, max(int(seconds * 1000), 1)
        await self._do(lambda: self._redis.set(name, value, px=milliseconds), None)

    async def count(self, key: str, seconds: float) -> int:
        """How often this was asked for a key, since it was first; 0 where unknown."""
        name = self._prefix + key

        async def counted() -> int:
            number = int(await self._redis.incr(name))
            if number == 1:
                await self._redis.pexpire(name, int(seconds * 1000))
            return number

        return await self._do(counted, 0)

    @asynccontextmanager
    async def turn(self, key: str) -> AsyncIterator[None]:
        """Within, no other process is in a turn of the same key."""
        name = f"{self._prefix}{key}:turn"

        async def taken() -> bool:
            milliseconds = int(_TURN * 1000)
            return bool(await self._redis.set(name, "1", px=milliseconds, nx=True))

        free = await self._do(taken, True)
        while not free:
            await asyncio.sleep(_LOOK)  # another process holds it
            free = await self._do(taken, True)
        try:
            yield
        finally:
            await self._do(lambda: self._redis.delete(name), 0)

    async def aclose(self) -> None:
        await self._redis.aclose()

    async def _do(self, command: Callable[[], Awaitable[T]], otherwise: T) -> T:
        try:
            result = await command()
        except self._failures as error:
            if not self._is_down:
                # The text of an error may hold the URL with its password.
                _LOG.warning("the store does not answer: %s", type(error).__name__)
            self._is_down = True
            return otherwise
        self._is_down = False
        return result
