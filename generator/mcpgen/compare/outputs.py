"""How two output schemas differ: what a tool tells of its answers, in words.

It breaks agents when a member is gone, or is of a type that it was not; a member more,
or a type less, does not. An outline is cut to a budget, so what is only told in less
depth, or may have had no room any more, is no change of the answer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from mcpgen_runtime.components import Schema

from ..schema import OUTPUT_BUDGET
from .schemas import Difference

_ADDITION = re.compile(r"(:| \().*", re.DOTALL)
"""What stands behind the types: the values of an enum, or the format."""


def output_differences(old: Schema, new: Schema) -> Iterator[Difference]:
    """What differs; `where` is the member of the answer: `pets[].id`."""
    room = OUTPUT_BUDGET - len(json.dumps(new, ensure_ascii=False).encode())
    return _differences(old, new, "", room)


def _differences(
    old: Schema, new: Schema, where: str, room: int
) -> Iterator[Difference]:
    if old == new:
        return
    was, now = old.get("properties"), new.get("properties")
    if was is not None and now is not None:
        for name in {**was, **now}:
            at = f"{where}.{name}" if where else name
            if name not in was:
                yield Difference(where=at, text="is told, too", breaking=False)
            elif name in now:
                yield from _differences(was[name], now[name], at, room)
            elif not where and len(json.dumps({name: was[name]})) > room:
                yield Difference(where=at, text="is no longer told", breaking=False)
            else:
                yield Difference(where=at, text="is gone", breaking=True)
    elif "items" in old and "items" in new:
        yield from _differences(old["items"], new["items"], f"{where}[]", room)
    else:
        yield _typed(old, new, where)


def _typed(old: Schema, new: Schema, where: str) -> Difference:
    was, now = _types(old), _types(new)
    if was == now and was & {"object", "array"}:
        return Difference(where=where, text="is told in other depth", breaking=False)
    if was == now:
        text = f"is {_told(new)}, was {_told(old)}"
        return Difference(where=where, text=text, breaking=False)
    breaking = "any" not in was and not now <= was
    text = f"is {_told(new)}, was {_told(old)}"
    return Difference(where=where, text=text, breaking=breaking)


def _types(outline: Mapping[str, Any]) -> set[str]:
    types = set(_ADDITION.sub("", _told(outline)).split(" or "))
    return types | {"integer"} if "number" in types else types


def _told(outline: Mapping[str, Any]) -> str:
    if "properties" in outline:
        return "object"
    return "array" if "items" in outline else str(outline.get("description", "any"))
