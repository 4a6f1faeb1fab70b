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
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ..diagnostics import Report
from ..operations import Api, Operation
from ..route import Route
from .apart import told_apart
from .ids import Ids, gathered
from .proposed import proposed
from .words import LONGEST, joined, says_nothing, words

_LONGEST_MODULE = 40
_PINNED = re.compile(rf"[a-z][a-z0-9_]{{0,{LONGEST - 1}}}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A route with its name, which is also its variable in the emitted `module`;
    `because` says what the name is taken from."""

    route: Route
    name: str
    module: str
    because: str


_Key: TypeAlias = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Proposal:
    route: Route
    words: tuple[str, ...]
    source: str
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

    def because(self, settled: str) -> str:
        apart = "" if settled == self.name else ", told apart from another's"
        return f"from {self.source}{apart}"


def name(routes: Sequence[Route], api: Api, report: Report) -> tuple[Named, ...]:
    """The routes of an API's operations, each with a name of its own, in their order."""
    ids = gathered(api.operations)
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
            because=proposal.because(names[proposal.key]),
        )
        for proposal in proposals
    )


def _proposal(route: Route, ids: Ids, report: Report) -> _Proposal:
    operation = route.operation
    wanted = operation.override.name
    at = operation.override.at
    if wanted is not None and at is not None:
        if _PINNED.fullmatch(wanted) and not keyword.iskeyword(wanted):
            said_at = operation.override.name_at or at
            in_document = said_at.source == operation.at.source
            source = "x-mcp" if in_document else said_at.source
            return _Proposal(route=route, words=(wanted,), source=source, pinned=True)
        report.warning(
            "name",
            f"`{wanted}` can't be a name",
            at=at.child("name"),
            subject=operation.subject,
            hint=f"use a-z, 0-9 and _, at most {LONGEST} of them, and no word that "
            "Python reserves",
        )
    found, source = proposed(operation, ids)
    if not found[0][0].isalpha() or keyword.iskeyword("_".join(found)):
        found.insert(0, operation.method)
    return _Proposal(route=route, words=tuple(found), source=source, pinned=False)


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
        apart = told_apart(wanted.split("_"), [one.operation for one in group], taken)
        names |= {one.key: name for one, name in zip(group, apart, strict=True)}
        taken |= {wanted, *apart}
    return names


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
