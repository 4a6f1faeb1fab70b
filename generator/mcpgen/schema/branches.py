"""Which definitions branch so often that no validator can be asked about a value.

The rule: keywords that apply to the value itself (JSON Schema 2020-12 core, 10.2) may
lead from one definition to the next, and each branch multiplies the work. What leads
to more than `MOST` schemas for one value is named here. Members and items don't count:
the value grows with them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

MOST: Final = 10_000
"""Schemas that are asked about one value; real documents stay below a hundred."""
_ONE: Final = ("not", "if", "then", "else")
_SEVERAL: Final = ("allOf", "anyOf", "oneOf")
_REFERENCE: Final = "#/$defs/"


def endless(definitions: Mapping[str, Any]) -> list[str]:
    """The names of those that ask more than `MOST` schemas, in their order.

    A definition that leads back to itself counts once.
    """
    asked: dict[str, int] = {}
    for start in definitions:
        waiting = [start]
        under_way: set[str] = set()
        while waiting:
            name = waiting[-1]
            targets = [t for t in _targets(definitions[name]) if t in definitions]
            unknown = [t for t in targets if t not in asked and t not in under_way]
            under_way.add(name)
            if unknown:
                waiting += dict.fromkeys(unknown)
                continue
            waiting.pop()
            asked[name] = min(1 + sum(asked.get(t, 1) for t in targets), MOST + 1)
    return [name for name in definitions if asked[name] > MOST]


def _targets(schema: Any) -> Iterator[str]:
    """The definitions that a schema asks about the same value, as often as it does."""
    waiting = [schema]
    while waiting:
        node = waiting.pop()
        if not isinstance(node, Mapping):
            continue
        reference = node.get("$ref")
        if isinstance(reference, str) and reference.startswith(_REFERENCE):
            yield reference.removeprefix(_REFERENCE)
        waiting += [node[keyword] for keyword in _ONE if keyword in node]
        for keyword in _SEVERAL:
            branches = node.get(keyword)
            if isinstance(branches, Sequence):
                waiting += branches
