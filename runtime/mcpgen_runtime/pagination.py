"""Pages of a listing, and the cursors that lead from one to the next.

A cursor holds where its page starts and a fingerprint of the listing, so a cursor of
another listing, of one that has changed since, or of a client's own making is refused.

Pure: values in, values out; no I/O, no asyncio.
"""

from __future__ import annotations

import re
from binascii import crc32
from collections.abc import Sequence
from typing import Any, TypeVar

from .errors import invalid_params

T = TypeVar("T")

_CURSOR = re.compile(r"([0-9]{1,9})-([0-9a-f]{8})")


def page(
    entries: Sequence[T], keys: Sequence[str], cursor: Any, size: int | None
) -> tuple[Sequence[T], str | None]:
    """The entries of one page, and the cursor of the next; all of them without size.

    `keys` identify the entries of the whole listing. Raises RequestError for a cursor
    that doesn't belong to it.
    """
    if cursor is None and size is None:
        return entries, None
    fingerprint = format(crc32("\n".join(keys).encode()), "08x")
    start = 0 if cursor is None else _start(cursor, fingerprint, len(entries))
    end = len(entries) if size is None else start + size
    following = f"{end}-{fingerprint}" if end < len(entries) else None
    return entries[start:end], following


def _start(cursor: Any, fingerprint: str, count: int) -> int:
    found = _CURSOR.fullmatch(cursor) if isinstance(cursor, str) else None
    if found and found[2] == fingerprint and 0 < int(found[1]) < count:
        return int(found[1])
    raise invalid_params(
        "Invalid params: the cursor is not one of this listing, or the listing changed"
    )
