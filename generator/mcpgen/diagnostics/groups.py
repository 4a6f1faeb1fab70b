"""One mistake made in many places is one message.

Findings belong together that say the same but for the names they quote. They keep the
order in which they were found, so the first places are the same in every run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from .model import Diagnostic, Severity

_QUOTED = re.compile(r"`[^`]*`")
_SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One message, and the findings (one or more) that it stands for."""

    findings: tuple[Diagnostic, ...]

    @property
    def first(self) -> Diagnostic:
        return self.findings[0]

    @property
    def others(self) -> tuple[Diagnostic, ...]:
        return self.findings[1:]

    @property
    def severity(self) -> Severity:
        return self.first.severity


def grouped(diagnostics: Iterable[Diagnostic]) -> tuple[Group, ...]:
    """The findings as groups: errors, then warnings, then notes."""
    groups: dict[tuple[str, str, str, str | None], list[Diagnostic]] = {}
    for one in diagnostics:
        sentence = _QUOTED.sub("`", one.message)
        key = (one.severity, one.code, sentence, one.hint)
        groups.setdefault(key, []).append(one)
    found = [Group(findings=tuple(findings)) for findings in groups.values()]
    return tuple(sorted(found, key=lambda group: _SEVERITIES.index(group.severity)))


def names(diagnostic: Diagnostic) -> str:
    """What a message quotes, which tells it from the others of its group."""
    return ", ".join(_QUOTED.findall(diagnostic.message))
