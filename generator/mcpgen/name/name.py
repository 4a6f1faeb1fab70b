"""Names that people and models read, decided once for the whole package.

Gather, propose, settle: a name that the user pins never moves; the others are
proposed from the operation id, or else from method and path; where proposals collide,
all of them take the word that tells them apart, and a number only when no word does.
The order of the document plays no part.
"""

from __future__ import annotations

import keyword
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ..config import Config
from ..diagnostics import Report
from ..operations import Operation
from ..route import Route
from .proposed import proposed, says_nothing
from .words import LONGEST, joined, numbered, words

_LONGEST_MODULE = 40
_PINNED = re.compile(rf"[a-z][a-z0-9_]{{0,{LONGEST - 1}}}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A route with its name, which is also its variable in the emitted `module`."""

    route: Route
    name: str
    module: str


_Key: TypeAlias = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Proposal:
    route: Route
    words: tuple[str, ...]
    pinned: bool

    @property
    def operation(self) -> Operation:
        return self.route.operation

    @property
    def key(self) -> _Key:
        """What tells it from every other: neither two paths that are spelt alike but
        for operators, nor two that share a path item, are the same."""
        at = self.operation.at
        return self.operation.subject, f"{at.source}#{at.pointer}"

    @property
    def name(self) -> str:
        return joined(self.words)


def name(routes: Sequence[Route], config: Config, report: Report) -> tuple[Named, ...]:
    """The routes, each with a name of its own, in their order."""
    ids = frozenset(route.operation.id for route in routes if route.operation.id)
    proposals = [_proposal(route, ids, report) for route in routes]
    names = _settled(proposals)
    for one in proposals:
        if one.pinned and names[one.key] != one.name:
            report.warning(
                "name",
                f"is `{names[one.key]}`, because another operation is pinned to "
                f"`{one.name}` too",
                at=one.operation.override.at,
                subject=one.operation.subject,
            )
    topics = _topics([route.operation for route in routes])
    return tuple(
        Named(
            route=proposal.route,
            name=names[proposal.key],
            module=_module(topics[proposal.operation.subject]),
        )
        for proposal in proposals
    )


def _proposal(route: Route, ids: frozenset[str], report: Report) -> _Proposal:
    operation = route.operation
    wanted = operation.override.name
    at = operation.override.at
    if wanted is not None and at is not None:
        if _PINNED.fullmatch(wanted) and not keyword.iskeyword(wanted):
            return _Proposal(route=route, words=(wanted,), pinned=True)
        report.warning(
            "name",
            f"`{wanted}` can't be a name",
            at=at.child("name"),
            subject=operation.subject,
            hint=f"use a-z, 0-9 and _, at most {LONGEST} of them, and no word that "
            "Python reserves",
        )
    found = proposed(operation, ids)
    if not found[0][0].isalpha() or keyword.iskeyword("_".join(found)):
        found.insert(0, operation.method)
    return _Proposal(route=route, words=tuple(found), pinned=False)


def _settled(proposals: Sequence[_Proposal]) -> dict[_Key, str]:
    """A name for each operation, by its key."""
    names: dict[_Key, str] = {}
    groups: dict[str, list[_Proposal]] = {}
    pinned: set[str] = set()
    for proposal in sorted(proposals, key=lambda one: one.key):
        if proposal.pinned and proposal.name not in pinned:
            names[proposal.key] = proposal.name
            pinned.add(proposal.name)
        else:
            groups.setdefault(proposal.name, []).append(proposal)
    taken = pinned | groups.keys()
    for wanted, group in sorted(groups.items()):
        if len(group) == 1 and wanted not in pinned:
            names[group[0].key] = wanted
            continue
        taken -= {wanted} - pinned
        names |= (apart := _told_apart(group, taken))
        taken |= {wanted, *apart.values()}
    return names


def _told_apart(group: Sequence[_Proposal], taken: set[str]) -> dict[_Key, str]:
    """Names of one group: its proposals with the first kind of word that is enough."""
    kinds: tuple[Callable[[Operation], Iterable[str]], ...] = (
        lambda operation: words(operation.path),
        lambda operation: words(" ".join(operation.tags)),
        lambda operation: words(operation.method),
        lambda operation: [*words(operation.path), *words(operation.method)],
        lambda operation: ["".join(words(one)) for one in operation.path.split("/")],
    )
    for kind in kinds:
        told = {one.key: tuple(kind(one.operation)) for one in group}
        shared = set.intersection(*map(set, told.values())) if len(group) > 1 else ()
        names = {
            one.key: _with_words(
                one.words,
                [word for word in told[one.key] if word not in shared],
            )
            for one in group
        }
        if len(set(names.values())) == len(group) and not taken & set(names.values()):
            return names
    settled: dict[_Key, str] = {}
    for one in group:
        candidates = numbered((one.name,))
        unique = next(
            name for name in candidates if name not in {*taken, *settled.values()}
        )
        settled[one.key] = unique
    return settled


def _with_words(base: Sequence[str], added: Sequence[str]) -> str:
    """The base with the words that it lacks, cut so that those stay whole."""
    kept = joined(base).split("_")
    lacking = [word for word in dict.fromkeys(added) if word not in kept]
    suffix = joined(lacking, longest=LONGEST // 2)
    if not suffix:
        return joined(base)
    return f"{joined(base, longest=LONGEST - len(suffix) - 1)}_{suffix}"


def _topics(operations: Sequence[Operation]) -> dict[str, str]:
    """What operations are about, by their subject: the first tag, or else the first
    word of the path where several operations share it."""
    literals = Counter(map(_first_literal, operations))
    topics = {
        operation.subject: literal
        for operation in operations
        if literals[literal := _first_literal(operation)] > 1
    }
    tags = {one.subject: one.tags[0] for one in operations if one.tags}
    return dict.fromkeys((one.subject for one in operations), "") | topics | tags


def _module(topic: str) -> str:
    text = joined(words(topic) or ["default"], longest=_LONGEST_MODULE)
    if not text[0].isalpha():
        text = f"tag_{text}"
    return f"{text}_" if keyword.iskeyword(text) else text


def _first_literal(operation: Operation) -> str:
    """The first word of a path that says what it is about: `/api/v1/users` -> users."""
    segments = re.split(r"[/?#]", operation.path)
    literals = (part for part in segments if part and "{" not in part)
    return next((part for part in literals if not says_nothing(part)), "")
