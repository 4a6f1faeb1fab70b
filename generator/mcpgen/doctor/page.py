"""A checkup as a page for people, and as a record for programs.

The page fits on a screen: what helps most comes first, with a few places of each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..diagnostics import (
    FORMAT_VERSION,
    Group,
    Paint,
    Text,
    brief,
    count,
    finding,
    grouped,
    printable,
)
from .checkup import Checkup, Issue

_ISSUES = 8
_PLACES = 2
_MODULES = 8
_BIGGEST = 3
_KINDS = ("tool", "resource", "template")


def page(
    checkup: Checkup,
    documents: Mapping[str, Text],
    *,
    paint: Paint,
    verbose: bool = False,
) -> str:
    """The page; with all issues and all their places if `verbose`."""
    return "\n".join(_page(checkup, documents, paint, verbose))


def _page(
    checkup: Checkup, documents: Mapping[str, Text], paint: Paint, verbose: bool
) -> Iterator[str]:
    title = f"{checkup.title} {checkup.version}".strip()
    yield printable(f"{title} ({checkup.source}), as the server {checkup.server}")
    yield ""
    for label, text in (
        ("score", f"{checkup.score} of 100"),
        ("serves", _serves(checkup)),
        ("groups", _some(checkup.modules, _MODULES)),
        ("tokens", _tokens(checkup)),
        ("largest", _largest(checkup)),
    ):
        if text:
            yield f"  {paint('place', f'{label:7}')}  {text}"
    shown = len(checkup.issues) if verbose else _ISSUES
    if checkup.issues:
        yield ""
        yield "  lost  by what helps most"
    for issue in checkup.issues[:shown]:
        yield from _issue(issue, documents, paint, None if verbose else _PLACES)
    rest = checkup.issues[shown:]
    if rest:
        points = sum(issue.points for issue in rest)
        yield f"  {-points:4}  {len(rest)} more; -v shows all, and all places"


def _serves(checkup: Checkup) -> str:
    listed = {kind: sum(cost.kind == kind for cost in checkup.costs) for kind in _KINDS}
    out = f", {checkup.left_out:,} left out" if checkup.left_out else ""
    kinds = ", ".join(count(number, kind) for kind, number in listed.items())
    return f"{count(checkup.operations, 'operation')}{out}: {kinds}"


def _tokens(checkup: Checkup) -> str:
    tools = sum(cost.tokens for cost in checkup.costs if cost.kind == "tool")
    others = sum(cost.tokens for cost in checkup.costs) - tools
    more = f", {others:,} for resources and templates" if others else ""
    return f"about {tools:,} for the tools{more}"


def _largest(checkup: Checkup) -> str:
    tools = {cost.name: cost.tokens for cost in checkup.costs if cost.kind == "tool"}
    return _some(tools, _BIGGEST) if tools else ""


def _some(numbers: Mapping[str, int], most: int) -> str:
    """`pet 8, store 4 and 3 more`, the largest first."""
    ordered = sorted(numbers.items(), key=lambda one: (-one[1], one[0]))
    text = ", ".join(f"{name} {number:,}" for name, number in ordered[:most])
    more = len(ordered) - most
    return f"{text} and {more:,} more" if more > 0 else text


def _issue(
    issue: Issue, documents: Mapping[str, Text], paint: Paint, most: int | None
) -> Iterator[str]:
    share = f"{issue.affected:,} of {issue.total:,}"
    code = paint("warning", issue.code)
    yield f"  {paint('error', f'{-issue.points:4}')}  {code}: {share} {issue.sentence}"
    groups = grouped(one for one in issue.findings if one.location)
    shown = groups[:most]
    for group in shown:
        yield from _places(group, documents, most if len(groups) == 1 else most and 1)
    if groups[len(shown) :]:
        kinds = count(len(groups) - len(shown), "other mistake")
        yield f"        and {kinds}; -v shows all"
    yield f"        {paint('help', 'help:')} {printable(issue.help)}"


def _places(
    group: Group, documents: Mapping[str, Text], most: int | None
) -> Iterator[str]:
    """The first places of a group, the last of them with the number of the others."""
    shown = group.findings[:most]
    more = len(group.findings) - len(shown)
    for one in shown:
        rest = f", and {more:,} more" if more and one is shown[-1] else ""
        yield f"        {brief(one, group, documents)}{rest}"


def record(checkup: Checkup, documents: Mapping[str, Text]) -> dict[str, Any]:
    """The checkup as JSON values; what they mean is promised in docs/diagnostics.md."""
    return {
        "version": FORMAT_VERSION,
        "score": checkup.score,
        "title": checkup.title,
        "server": checkup.server,
        "operations": {"served": checkup.operations, "left_out": checkup.left_out},
        "listed": {
            kind: sum(cost.kind == kind for cost in checkup.costs) for kind in _KINDS
        },
        "groups": dict(sorted(checkup.modules.items())),
        "tokens": {
            kind: {
                cost.name: cost.tokens for cost in checkup.costs if cost.kind == kind
            }
            for kind in _KINDS
        },
        "issues": [
            {
                "code": issue.code,
                "points": issue.points,
                "weight": issue.weight,
                "affected": issue.affected,
                "total": issue.total,
                "message": issue.sentence,
                "help": issue.help,
                "findings": [finding(one, documents) for one in issue.findings],
            }
            for issue in checkup.issues
        ],
    }
