"""The catalog: every listing entry of a package, as the bytes that are served.

One line of `catalog.jsonl` is one entry, written by `line`:

    {"kind":"tool","key":"add_pet","at":"pets.add_pet","entry":{"name":"add_pet",…}}

`kind` is the listing, `key` what a request names (a tool's name, a URI, a URI
template), `at` the module and variable below `operations/`, or for a prompt the
variable in `prompts.py`, and `entry` the listing entry. Reading cuts each line at its
fixed places and parses no JSON, so that a server starts as quickly with three thousand
operations as with ten.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from .components import Kind


_START, _KEY, _AT, _ENTRY = b'{"kind":"', b'","key":', b',"at":"', b',"entry":'
"""What stands before the parts of a line."""


class Entry(NamedTuple):
    kind: str
    key: str
    at: str
    entry: bytes


def line(kind: Kind, key: str, at: str, entry: Mapping[str, Any]) -> str:
    """One line of a catalog, without its line end."""
    record = {"kind": kind, "key": key, "at": at, "entry": entry}
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


class Catalog:
    """Listing entries by kind, in their order, and by key."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self._by_kind: dict[str, dict[str, Entry]] = {}
        for entry in entries:
            self._by_kind.setdefault(entry.kind, {})[entry.key] = entry

    @classmethod
    def read(cls, path: Path) -> Catalog:
        """The catalog in a file; raises OSError when it can't be read."""
        return cls.parse(path.read_bytes())

    @classmethod
    def parse(cls, content: bytes) -> Catalog:
        """The catalog in the content of a file."""
        return cls(map(_entry, filter(None, content.split(b"\n"))))

    def entries(self, kind: Kind) -> tuple[Entry, ...]:
        return tuple(self._by_kind.get(kind, {}).values())

    def find(self, kind: Kind, key: str) -> Entry | None:
        return self._by_kind.get(kind, {}).get(key)


def _entry(text: bytes) -> Entry:
    end = text.index(_ENTRY)
    after_kind = text.index(b'"', len(_START))
    before_at = text.rindex(_AT, after_kind, end)
    key = text[after_kind + len(_KEY) : before_at]
    return Entry(
        text[len(_START) : after_kind].decode(),
        json.loads(key) if b"\\" in key else key[1:-1].decode(),
        text[before_at + len(_AT) : end - 1].decode(),
        text[end + len(_ENTRY) : -1],
    )
