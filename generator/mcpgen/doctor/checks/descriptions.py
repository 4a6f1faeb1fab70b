"""What an agent chooses by: the texts of operations and their arguments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from mcpgen_runtime.components import Schema, is_safe

from ...diagnostics import Diagnostic
from ...name import words
from ...operations import Operation
from ..patient import Patient, Served
from .check import Check, Found, counted

_FEWEST_WORDS = 3
_OPENING = 200
"""Characters of a text that are looked at for what it says."""
_FILLING = frozenset(
    "a all an and by existing for from in of on or the this to".split()  # noqa: SIM905
)


def _text(operation: Operation) -> str:
    return operation.description or operation.summary or ""


def _is_safe(served: Served) -> bool:
    return is_safe(served.component)


def _undescribed(patient: Patient, *, safe: bool, code: str) -> Found:
    looked_at = [one for one in patient.served if _is_safe(one) == safe]
    return counted(
        (
            one.finding(code, "has neither a summary nor a description")
            for one in looked_at
            if not _text(one.operation)
        ),
        len(looked_at),
    )


def _unsafe_undescribed(patient: Patient) -> Found:
    return _undescribed(patient, safe=False, code="undescribed-change")


def _safe_undescribed(patient: Patient) -> Found:
    return _undescribed(patient, safe=True, code="undescribed-read")


def _short(patient: Patient) -> Found:
    described = [one for one in patient.served if _text(one.operation)]
    return counted(
        (
            one.finding("short-description", f"is described as `{_quoted(one)}`")
            for one in described
            if _says_little(one)
        ),
        len(described),
    )


def _quoted(served: Served) -> str:
    return " ".join(_text(served.operation).split()).replace("`", "'")


def _says_little(served: Served) -> bool:
    """Whether a text has hardly a word, or none that the name and the path lack."""
    found = words(_text(served.operation)[:_OPENING])
    if len(found) < _FEWEST_WORDS:
        return True
    said = words(f"{served.component.name} {served.operation.path}")
    return _stems(found) - _FILLING <= _stems(said)


def _stems(found: list[str]) -> set[str]:
    return {word.removesuffix("s") for word in found}


def _duplicate(patient: Patient) -> Found:
    described = [one for one in patient.served if _text(one.operation)]
    same: dict[str, list[Served]] = defaultdict(list)
    for one in described:
        same[" ".join(_text(one.operation).casefold().split())].append(one)
    return counted(_duplicates(list(same.values())), len(described))


def _duplicates(groups: list[list[Served]]) -> Iterator[Diagnostic]:
    for group in groups:
        for one in group if group[1:] else ():
            other = next(two for two in group if two is not one)
            yield one.finding(
                "duplicate-description",
                f"is described in the same words as `{other.operation.subject}`",
            )


def _undescribed_arguments(patient: Patient) -> Found:
    arguments = list(patient.arguments())
    return counted(
        (
            served.finding(
                "undescribed-argument",
                f"its argument `{argument.name}` has no description",
                served.place_of(argument),
            )
            for served, argument in arguments
            if not _is_described(argument.schema, patient)
        ),
        len(arguments),
    )


def _is_described(schema: Schema, patient: Patient) -> bool:
    return any(
        level == 0 and one.get("description") for level, one in patient.walk(schema)
    )


CHECKS = (
    Check(
        code="undescribed-change",
        weight=11,
        sentence="operations that change things and don't say what",
        help="say in `summary` or `description` what it does, when to use it, and what "
        "can't be undone",
        find=_unsafe_undescribed,
    ),
    Check(
        code="undescribed-argument",
        weight=10,
        sentence="arguments without a description",
        help="add `description` to the parameter or the property: meaning, format, unit, "
        "an example",
        find=_undescribed_arguments,
    ),
    Check(
        code="undescribed-read",
        weight=6,
        sentence="operations that read and don't say what",
        help="say in `summary` or `description` what it gives and when to use it",
        find=_safe_undescribed,
    ),
    Check(
        code="short-description",
        weight=4,
        sentence="descriptions that say no more than the name",
        help="say what it is for, and what tells it from its neighbours",
        find=_short,
    ),
    Check(
        code="duplicate-description",
        weight=4,
        sentence="operations described in the words of another",
        help="say in each what tells it from the other",
        find=_duplicate,
    ),
)
