"""JSON (RFC 8259) as values, with the keys that an object gives twice.

Python's parser lets the last of them win without a word (RFC 8259, 4 leaves it open).
Here they are told as YAML's are; a document without any costs no walk.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from . import yaml12


@dataclass(frozen=True, slots=True)
class Json:
    """A value, and the JSON Pointers of repeated keys, of which the last one counts."""

    value: Any
    repeated: tuple[str, ...]


def read(text: str) -> Json:
    """The value of a JSON text. Raises json.JSONDecodeError; ValueError for a number
    of too many digits, RecursionError for too many levels."""
    repeating: dict[int, tuple[dict[str, Any], list[str]]] = {}

    def built(members: list[tuple[str, Any]]) -> dict[str, Any]:
        value = dict(members)
        if len(value) != len(members):
            times = Counter(name for name, _ in members)
            repeating[id(value)] = value, [name for name in times if times[name] > 1]
        return value

    value = json.loads(
        text,
        object_pairs_hook=built,
        parse_float=yaml12.scalar,
        parse_constant=str,
    )
    names = {key: repeated for key, (_, repeated) in repeating.items()}
    return Json(value, tuple(_pointers(value, names)) if names else ())


def _pointers(value: Any, names: dict[int, list[str]]) -> Iterator[str]:
    """Where the repeated keys are, in the order of the text."""
    waiting = [("", value)]
    while waiting:
        pointer, one = waiting.pop()
        inside: list[tuple[str, Any]] = []
        if isinstance(one, dict):
            for name in names.get(id(one), ()):
                yield f"{pointer}/{_escaped(name)}"
            inside = [(_escaped(name), member) for name, member in one.items()]
        elif isinstance(one, list):
            inside = [(str(index), item) for index, item in enumerate(one)]
        waiting.extend((f"{pointer}/{step}", member) for step, member in inside[::-1])


def _escaped(token: str) -> str:
    return token.replace("~", "~0").replace("/", "~1")
