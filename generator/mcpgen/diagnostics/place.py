"""The line and the column of a finding, looked up when it is printed and not before.

A text is taken apart once, however many findings are in it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from .. import position
from .model import Location, Text

_TOKEN = re.compile(
    r'"(?:[^"\\]|\\.)*"?|\'(?:[^\']|\'\')*\'?'  # quoted
    r"|(?:true|false|null|-?\d[\d.eE+-]*)(?=[,}\]]|\s*$)"  # as JSON has it
    r"|[^\s\"'\[{].*?(?=:\s|:$|,\s|\s#|[}\]]*\s*$)"  # as YAML has it
)
_WIDEST = 100


class Place(NamedTuple):
    """Line and column of a finding, both from 1, and its line, which is empty where
    the text isn't known. `width` characters of the line are concerned."""

    line: int
    column: int
    source: str
    width: int


def place(location: Location, documents: Mapping[str, Text]) -> Place | None:
    """The place of a location, where the text (by source) is known that it needs."""
    document = documents.get(location.source)
    mark = location.mark
    if mark is None and document is not None:
        mark = position.locate(document.text, document.format, location.pointer)
    if mark is None:
        return None
    line, column = mark
    lines = _lines(document.text) if document is not None else ()
    source = lines[line - 1] if line <= len(lines) else ""
    token = None if location.mark else _TOKEN.match(_part(source, column - 1))
    width = len(token[0].rstrip()) if token else 1
    return Place(line, column, source, max(width, 1))


def _part(source: str, start: int) -> str:
    """As much of a line as is looked at: a minified document is one line."""
    return source[start : start + _WIDEST]


@lru_cache(maxsize=128)
def _lines(text: str) -> tuple[str, ...]:
    return tuple(text.split("\n"))
