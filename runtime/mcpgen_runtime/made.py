"""What handlers of several rounds have done, so that no round does it again.

A handler that asks its client starts again with each answer (rounds.py). What it did by
`server.call` until then has happened: the result is kept here, in this process, and is
given again. A round that comes to another process is refused what it would repeat.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .content import Result

_MOST: Final = 1000
_LARGEST: Final = 64 * 1024 * 1024
"""The most requests, and characters of their results; those of the oldest go first."""


class Made:
    """The results of calls by their names, for each request that goes on in rounds."""

    def __init__(self) -> None:
        self._results: dict[str, Mapping[str, Result]] = {}

    def of(self, request: str) -> Mapping[str, Result]:
        """What is known of a request, by the name that its state has for it."""
        return self._results.get(request, {})

    def keep(self, request: str, results: Mapping[str, Result]) -> None:
        self._results.pop(request, None)
        self._results[request] = dict(results)
        size = sum(map(_characters, self._results.values()))
        while len(self._results) > _MOST or (
            size > _LARGEST and len(self._results) > 1
        ):
            size -= _characters(self._results.pop(next(iter(self._results))))


def _characters(results: Mapping[str, Result]) -> int:
    return sum(result.characters for result in results.values())
