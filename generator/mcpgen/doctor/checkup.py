"""The score: a hundred points, of which each check can take its share.

A check finds the affected ones among those it looks at, and takes the same part of its
weight: half of the operations undescribed, half of the points. What is affected at all
costs a point at least, so that a full score means that nothing was found.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..diagnostics import Diagnostic
from ..pipeline import Part
from ..tokens import Cost
from .checks import CHECKS
from .checks.check import Check, Found
from .patient import patient


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """What a check found: `affected` of `total`, at the cost of `points`."""

    code: str
    sentence: str
    help: str
    points: int
    weight: int
    affected: int
    total: int
    findings: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkup:
    """What a document would become, and how good that is for agents.

    `operations` counts those of the document that are sound and selected, `left_out`
    those that aren't sound. `modules` holds the number of components of each. Issues
    are in the order in which mending them helps most, what is left out before all.
    """

    title: str
    version: str
    source: str
    server: str
    operations: int
    left_out: int
    modules: dict[str, int]
    costs: tuple[Cost, ...]
    issues: tuple[Issue, ...]

    @property
    def score(self) -> int:
        return 100 - sum(issue.points for issue in self.issues)

    @property
    def findings(self) -> tuple[Diagnostic, ...]:
        """All findings of all issues; one that is about the whole has no place."""
        return tuple(one for issue in self.issues for one in issue.findings)


def examine(part: Part) -> Checkup:
    """A checkup of a document."""
    examined = patient(part)
    found = ((check, check.find(examined)) for check in CHECKS)
    issues = [_issue(check, one) for check, one in found if one.affected]
    issues.sort(key=lambda issue: (issue.code != "left-out", -issue.points, issue.code))
    package = part.package
    return Checkup(
        title=package.title,
        version=package.version,
        source=part.documents.root.source,
        server=package.slug,
        operations=len(examined.served),
        left_out=part.report.errors,
        modules={module.name: len(module.components) for module in package.modules},
        costs=examined.costs,
        issues=tuple(issues),
    )


def _issue(check: Check, found: Found) -> Issue:
    share = min(found.affected, found.total)
    rounded = (2 * check.weight * share + found.total) // (2 * found.total)
    return Issue(
        code=check.code,
        sentence=check.sentence,
        help=check.help,
        points=max(1, rounded),
        weight=check.weight,
        affected=found.affected,
        total=found.total,
        findings=tuple(
            replace(one, hint=check.help) if one.code == check.code else one
            for one in found.findings
        ),
    )
