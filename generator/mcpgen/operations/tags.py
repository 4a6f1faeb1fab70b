"""The tags of an operation, and those above them (OpenAPI 3.2, 4.22)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


class Tags:
    """What a document says of its tags."""

    def __init__(self, declared: Any) -> None:
        self._parents: dict[str, str] = {}
        self._marks: set[str] = set()
        for tag in declared if isinstance(declared, list) else ():
            if not isinstance(tag, Mapping) or not isinstance(tag.get("name"), str):
                continue
            if isinstance(tag.get("parent"), str):
                self._parents[tag["name"]] = tag["parent"]
            if tag.get("kind", "nav") != "nav":
                self._marks.add(tag["name"])

    def of(self, names: Any) -> tuple[str, ...]:
        """The tags that an operation names, then those above them. What merely marks
        it, such as a badge, comes after what it is found by."""
        own = list(map(str, names)) if isinstance(names, list) else []
        own.sort(key=lambda name: name in self._marks)
        above = (parent for name in own for parent in self._above(name))
        return tuple(dict.fromkeys((*own, *above)))

    def _above(self, name: str) -> Iterator[str]:
        seen = {name}
        while (name := self._parents.get(name, name)) not in seen:
            seen.add(name)
            yield name
