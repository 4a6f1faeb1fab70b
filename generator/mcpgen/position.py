"""Where in a text a JSON Pointer points: a line and a column, for printing only.

Both formats are read as one stream of events, so that a value is found in the same
way whatever it was written in. A mapping's member is at its key, a list's at its
first character. Nothing here builds values, and nothing recurses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple, TypeAlias

import yaml

Position: TypeAlias = tuple[int, int]
"""Line and column, both counted from 1, in characters."""


class _Event(NamedTuple):
    kind: str  # "{" "[" open, "}" close either, "" a scalar, "*" an alias
    text: str
    at: Position


_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]]|[^\s{}\[\],:"]+|\n')
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)")
_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


@lru_cache(maxsize=128)
def positions(text: str, format: str) -> dict[str, Position]:
    """Every JSON Pointer of a document with its position.

    `format` is "json" or "yaml". A text that can't be read to its end gives the
    pointers up to there.
    """
    found: dict[str, Position] = {}
    events = _json_events(text) if format == "json" else _yaml_events(text)
    # One entry for each open container: its pointer, and its next index in a list or
    # the key that waits for its value in a mapping (None: a key comes next).
    stack: list[tuple[str, bool, list[int | str | None]]] = []
    for event in events:
        if event.kind == "}":
            del stack[-1:]  # a bracket too many closes nothing
            continue
        pointer = ""
        if stack:
            parent, is_map, slot = stack[-1]
            if is_map and slot[0] is None:
                slot[0] = f"{parent}/{_escaped(event.text)}"
                found.setdefault(str(slot[0]), event.at)
                continue
            if is_map:
                pointer, slot[0] = str(slot[0]), None
            else:
                index = slot[0]
                assert isinstance(index, int)
                pointer, slot[0] = f"{parent}/{index}", index + 1
        found.setdefault(pointer, event.at)
        if event.kind in ("{", "["):
            is_map = event.kind == "{"
            stack.append((pointer, is_map, [None if is_map else 0]))
    return found


def locate(text: str, format: str, pointer: str) -> Position:
    """The position of a pointer, or of its nearest ancestor that is in the text."""
    found = positions(text, format)
    while pointer and pointer not in found:
        pointer = pointer.rpartition("/")[0]
    return found.get(pointer, (1, 1))


def _escaped(token: str) -> str:
    return token.replace("~", "~0").replace("/", "~1")


def _json_events(text: str) -> Iterator[_Event]:
    line, start = 1, 0
    for match in _TOKEN.finditer(text):
        token = match[0]
        at = (line, match.start() - start + 1)
        if token == "\n":
            line, start = line + 1, match.end()
        elif token in "{[":
            yield _Event(token, "", at)
        elif token in "}]":
            yield _Event("}", "", at)
        elif token.startswith('"'):
            yield _Event("", _ESCAPE.sub(_unescaped, token[1:-1]), at)
        else:
            yield _Event("", token, at)


def _unescaped(match: re.Match[str]) -> str:
    code = match[1]
    return chr(int(code[1:], 16)) if len(code) > 1 else _ESCAPES.get(code, code)


def _yaml_events(text: str) -> Iterator[_Event]:
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            mark = event.start_mark
            at = (mark.line + 1, mark.column + 1) if mark else (1, 1)
            match event:
                case yaml.MappingStartEvent():
                    yield _Event("{", "", at)
                case yaml.SequenceStartEvent():
                    yield _Event("[", "", at)
                case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                    yield _Event("}", "", at)
                case yaml.ScalarEvent():
                    yield _Event("", event.value, at)
                case yaml.AliasEvent():
                    yield _Event("*", "", at)
                case yaml.DocumentEndEvent():
                    return
    except yaml.YAMLError:
        return
