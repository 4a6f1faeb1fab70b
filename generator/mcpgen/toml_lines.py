"""On which line of a TOML text a value stands: the rule is that a statement is the
fewest lines that tomllib reads by themselves, and all that it holds stands where it
begins."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any, TypeAlias

Keys: TypeAlias = tuple[str | int, ...]


def statements(text: str) -> Iterator[tuple[Keys, int, int]]:
    """The path of every value, with its line and column, both from 1.

    A table that is only named within `[another.table]` stands there as well. A text
    that can't be read to its end gives the paths up to there.
    """
    lines = text.split("\n")
    table: Keys = ()
    tables: dict[Keys, int] = {}
    start = 0
    while start < len(lines):
        value, end = _statement(lines, start)
        if value is None:
            return
        column = len(lines[start]) - len(lines[start].lstrip()) + 1
        if lines[start].lstrip().startswith("["):
            table = _header(value, tables)
            for depth in range(1, len(table) + 1):
                yield table[:depth], start + 1, column
        else:
            for keys in _paths(value):
                yield (*table, *keys), start + 1, column
        start = end


def _statement(lines: list[str], start: int) -> tuple[dict[str, Any] | None, int]:
    """What the statement on a line holds, and the line behind it."""
    for end in range(start + 1, len(lines) + 1):
        try:
            return tomllib.loads("\n".join(lines[start:end])), end
        except tomllib.TOMLDecodeError:
            continue
    return None, len(lines)


def _header(value: dict[str, Any], tables: dict[Keys, int]) -> Keys:
    """The path of a table; `tables` counts the tables of each array so far."""
    keys: Keys = ()
    node: Any = value
    while node:
        if isinstance(node, list):
            tables[keys] = tables.get(keys, 0) + 1
            return (*keys, tables[keys] - 1)
        if keys in tables:
            keys = (*keys, tables[keys] - 1)
        key = next(iter(node))
        keys, node = (*keys, key), node[key]
    return keys


def _paths(value: Any, keys: Keys = ()) -> Iterator[Keys]:
    if keys:
        yield keys
    if isinstance(value, dict):
        for key, member in value.items():
            yield from _paths(member, (*keys, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _paths(item, (*keys, index))
