"""Names of arguments: the wire's where they are safe for model APIs, or else readable."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from anyascii import anyascii

from .words import LONGEST, numbered

_ARGUMENT = re.compile(rf"[A-Za-z0-9_.-]{{1,{LONGEST}}}")
_URI_VARIABLE = re.compile(rf"(?=.{{1,{LONGEST}}}$)[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*")
_SIGNS = (("<=", "_lte"), (">=", "_gte"), ("<", "_lt"), (">", "_gt"), ("!", "_not"))
_LOCATIONS = ("path", "query", "querystring", "header", "cookie", "body")


def argument_names(
    wires: Iterable[tuple[str, str]],
    *,
    in_uri: bool,
    pinned: Mapping[tuple[str, str], str] = MappingProxyType({}),
) -> dict[tuple[str, str], str]:
    """A name for each argument, given by location and wire name.

    A wire name that is safe is kept, and where two locations have it, the path comes
    before the query, header, cookie and body. `in_uri`: the names are variables of a
    URI template (RFC 6570, 2.3). `pinned` are names that the user gave; they come
    first, each once.
    """
    safe = _URI_VARIABLE if in_uri else _ARGUMENT
    ordered = sorted(wires, key=lambda wire: (_LOCATIONS.index(wire[0]), wire[1]))
    taken: dict[str, tuple[str, str]] = {}
    for wire in ordered:
        if wire in pinned and safe.fullmatch(pinned[wire]):
            taken.setdefault(pinned[wire], wire)
    given = set(taken.values())
    for wire in ordered:
        if wire not in given and safe.fullmatch(wire[1]):
            taken.setdefault(wire[1], wire)
    names = {wire: name for name, wire in taken.items()}
    for wire in ordered:
        if wire not in names:
            location, readable = wire[0], _readable(wire[1])
            second = f"{location}_{readable}"[:LONGEST].strip("_")
            candidates = numbered((readable, second))
            names[wire] = next(one for one in candidates if one not in taken)
            taken[names[wire]] = wire
    return names


def _readable(wire: str) -> str:
    """`ids[]` -> `ids`, `$filter` -> `filter`, `StartTime<` -> `StartTime_lt`."""
    for sign, word in _SIGNS:
        wire = wire.replace(sign, word)
    text = re.sub(r"[^A-Za-z0-9_]+", "_", anyascii(wire)).strip("_")
    return text[:LONGEST].strip("_") or "value"
