"""What a check is: whom it looks at, what it says, and what that is worth."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ...diagnostics import Diagnostic
from ..patient import Patient


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """How many of how many are affected; `findings` name them, where they have places."""

    affected: int
    total: int
    findings: tuple[Diagnostic, ...] = ()


def counted(findings: Iterable[Diagnostic], total: int) -> Found:
    """One finding for each that is affected."""
    found = tuple(findings)
    return Found(affected=len(found), total=max(total, 1), findings=found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """`sentence` names the affected ones, `help` is what to do about them."""

    code: str
    weight: int
    sentence: str
    help: str
    find: Callable[[Patient], Found]
