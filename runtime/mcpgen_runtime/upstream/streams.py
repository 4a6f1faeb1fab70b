"""Answers that go on for as long as someone reads them: events, or a value on each line.

The rule: whoever waits for such an answer hears how many records there are and what the
latest one says, as soon as it is there and at most ten times a second; and what is left
of a stream that ends too early are whole records.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

from .body import essence

Told: TypeAlias = Callable[[int, str], object]
"""Hears the number of records so far, and the latest one."""

_EVENTS: Final = "text/event-stream"
_STREAMS: Final = frozenset(
    {_EVENTS, "application/x-ndjson", "application/ndjson"}
    | {"application/jsonl", "application/x-jsonlines", "application/json-lines"}
    | {"application/json-seq"}
)
_LINE_END: Final = re.compile(rb"\r?\n")
_EVENT_END: Final = re.compile(rb"\r?\n\r?\n|\r\r")
_LONGEST_END: Final = 4
_INTERVAL: Final = 0.1


def is_stream(content_type: str) -> bool:
    """Whether a body of this type may go on for as long as someone reads it."""
    return essence(content_type) in _STREAMS


def whole_records(body: bytes, content_type: str) -> bytes:
    """The beginning of a stream without its last record, which may be cut off."""
    ends = [found.end() for found in _ends(content_type).finditer(body)]
    return body[: ends[-1]] if ends else b""


class Records:
    """The records of one stream while it comes in."""

    def __init__(self, content_type: str, told: Told) -> None:
        self._ends = _ends(content_type)
        self._told = told
        self._rest = bytearray()
        self._number = 0
        self._latest = ""
        self._due: asyncio.TimerHandle | None = None
        self._not_before = 0.0

    def feed(self, data: bytes) -> None:
        """Takes one piece, decoded."""
        known = self._number
        for record in self._taken(data):
            text = self._text(record)
            if text:
                self._number += 1
                self._latest = text
        if self._number > known and self._due is None:
            at = self._not_before
            self._due = asyncio.get_running_loop().call_at(at, self._tell)

    def close(self) -> None:
        """Nothing more is told."""
        if self._due is not None:
            self._due.cancel()

    def _taken(self, data: bytes) -> Iterator[str]:
        searched = max(0, len(self._rest) - _LONGEST_END)
        self._rest += data
        begin = 0
        for end in self._ends.finditer(self._rest, searched):
            yield self._rest[begin : end.start()].decode("utf-8", "replace")
            begin = end.end()
        del self._rest[:begin]

    def _text(self, record: str) -> str:
        """What a record says: an event its data, and a comment nothing."""
        if self._ends is _LINE_END:
            return record.strip("\x1e \t\r\n")
        lines = (line.partition(":") for line in record.splitlines())
        return "\n".join(v.removeprefix(" ") for name, _, v in lines if name == "data")

    def _tell(self) -> None:
        self._due = None
        self._not_before = asyncio.get_running_loop().time() + _INTERVAL
        self._told(self._number, self._latest)


def _ends(content_type: str) -> re.Pattern[bytes]:
    return _EVENT_END if essence(content_type) == _EVENTS else _LINE_END
