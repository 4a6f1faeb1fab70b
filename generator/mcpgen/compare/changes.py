"""What changed between two surfaces, each change judged: does it break agents?

Entries belong together when they call the same operation (method and path), else when
they have the same name. docs/ci.md has the rules.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from mcpgen_runtime.components import Kind, Schema

from .outputs import output_differences
from .schemas import differences
from .surface import Served, Surface

_KINDS: tuple[Kind, ...] = ("tool", "resource", "template", "prompt")
_ALREADY_JUDGED = frozenset(
    {"name", "uri", "uriTemplate", "inputSchema", "outputSchema", "arguments"}
)
_WORDS = frozenset({"title", "description"})
_PLACEHOLDER = re.compile(r"\{[^{}]*\}")
_QUERY = re.compile(r"\{[?&][^{}]*\}$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change of one entry, which is named as it was, or as it is where it is new.

    `argument` is the one that changed, down to its members (`lines[].quantity`).
    """

    kind: Kind
    name: str
    what: Literal["added", "removed", "renamed", "changed"]
    text: str
    breaking: bool
    argument: str | None = None


def changes(old: Surface, new: Surface) -> tuple[Change, ...]:
    """The changes, ordered by kind and name; of an entry, what breaks comes first."""
    found: list[Change] = []
    for kind in _KINDS:
        pairs, gone, more = _paired(
            [one for one in old if one.kind == kind],
            [one for one in new if one.kind == kind],
        )
        for was, now in pairs:
            found += _changed(was, now)
        found += (_removed(one, new) for one in gone)
        found += (_added(one) for one in more)
    return tuple(
        sorted(
            found, key=lambda one: (_KINDS.index(one.kind), one.name, not one.breaking)
        )
    )


_Pairs: TypeAlias = list[tuple[Served, Served]]


def _paired(
    old: list[Served], new: list[Served]
) -> tuple[_Pairs, list[Served], list[Served]]:
    pairs: _Pairs = []
    for identity in (_operation, _shape, _key):
        ours, theirs = _unique(old, identity), _unique(new, identity)
        pairs += ((ours[one], theirs[one]) for one in ours if one in theirs)
        old = [one for one in old if all(one is not was for was, _ in pairs)]
        new = [one for one in new if all(one is not now for _, now in pairs)]
    return pairs, old, new


def _unique(
    entries: list[Served], identity: Callable[[Served], str]
) -> dict[str, Served]:
    times = Counter(map(identity, entries))
    return {identity(one): one for one in entries if times[identity(one)] == 1}


def _operation(one: Served) -> str:
    return one.operation


def _shape(one: Served) -> str:
    return _PLACEHOLDER.sub("{}", one.operation)


def _key(one: Served) -> str:
    return one.key


def _removed(one: Served, new: Surface) -> Change:
    instead = [other for other in new if other.operation == one.operation]
    text = "is gone"
    if instead:
        text += f": {one.operation} is the {instead[0].kind} {instead[0].key} now"
    return Change(kind=one.kind, name=one.key, what="removed", text=text, breaking=True)


def _added(one: Served) -> Change:
    return Change(
        kind=one.kind, name=one.key, what="added", text="is new", breaking=False
    )


def _changed(was: Served, now: Served) -> Iterator[Change]:
    def change(text: str, *, breaking: bool, argument: str | None = None) -> Change:
        return Change(
            kind=was.kind,
            name=was.key,
            what="changed",
            text=text,
            breaking=breaking,
            argument=argument,
        )

    if was.kind == "tool":
        if was.key != now.key:
            text = f"is called {now.key} now"
            yield Change(
                kind="tool", name=was.key, what="renamed", text=text, breaking=True
            )
    elif _QUERY.sub("", was.key) != _QUERY.sub("", now.key):
        yield change(f"has another URI: {now.key}", breaking=True)
    if _shape(was) != _shape(now):
        text = f"calls {now.operation}, was {was.operation}"
        yield change(text, breaking=False)
    if was.kind != "resource":  # which takes no argument
        renamed = dict(_renamed_in_path(was, now))
        for name, other in renamed.items():
            yield change(f"is called {other} now", breaking=True, argument=name)
        for one in differences(_with_names(was.arguments, renamed), now.arguments):
            yield change(one.text, breaking=one.breaking, argument=one.where or None)
    for text, breaking in _answers(was, now):
        yield change(text, breaking=breaking)
    members = {*was.entry, *now.entry} - _ALREADY_JUDGED
    different = {one for one in members if was.entry.get(one) != now.entry.get(one)}
    if different & _WORDS:
        yield change("is in other words", breaking=False)
    for member in sorted(different - _WORDS):
        if member == "mimeType":
            types = (one.entry.get(member, "of any type") for one in (now, was))
            yield change("answers are {}, were {}".format(*types), breaking=True)
            continue
        other = "other" if member.endswith("s") else "another"
        yield change(f"has {other} {member}", breaking=False)


def _renamed_in_path(was: Served, now: Served) -> Iterator[tuple[str, str]]:
    """The arguments of a path that has others at their places, each with that."""
    if _shape(was) != _shape(now):
        return
    old, new = was.arguments["properties"], now.arguments["properties"]
    for one, other in zip(
        *(_PLACEHOLDER.findall(served.operation) for served in (was, now)), strict=True
    ):
        before, after = one[1:-1], other[1:-1]
        if before in old.keys() - new.keys() and after in new.keys() - old.keys():
            yield before, after


def _with_names(schema: Schema, names: Mapping[str, str]) -> Schema:
    """The schema of arguments, some of them by other names."""
    properties = schema["properties"].items()
    found = {names.get(name, name): value for name, value in properties}
    required = [names.get(name, name) for name in schema.get("required", ())]
    return {**schema, "properties": found} | (
        {"required": required} if required else {}
    )


def _answers(was: Served, now: Served) -> Iterator[tuple[str, bool]]:
    """What is told of answers otherwise, and whether it breaks."""
    old, new = was.entry.get("outputSchema"), now.entry.get("outputSchema")
    if old is None and new is not None:
        yield "tells what it answers", False
    elif old is not None and new is None:
        yield "no longer tells what it answers", True
    elif old is not None and new is not None:
        for one in output_differences(old, new):
            yield f"answer: {one.where} {one.text}", one.breaking
