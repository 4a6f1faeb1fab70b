"""Names that begin with that of their API, where one server has several."""

from __future__ import annotations

from collections.abc import Iterable

from .words import LONGEST, joined, numbered


def prefixed(prefix: str, names: Iterable[str]) -> dict[str, str]:
    """The new name of each: `list_users` -> `crm_list_users`.

    One that begins with the prefix keeps its name, unless that were another's too.
    """
    known = sorted(names)
    start = f"{prefix}_"
    found: dict[str, str] = {}
    taken: set[str] = set()
    for name in known:
        rest = name.removeprefix(start)
        stem = name if rest in known else rest
        wanted = start + joined(stem.split("_"), longest=LONGEST - len(start))
        found[name] = next(one for one in numbered((wanted,)) if one not in taken)
        taken.add(found[name])
    return found
