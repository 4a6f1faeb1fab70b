"""What an agent calls operations by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from ...diagnostics import Diagnostic
from ..patient import Patient, Served
from .check import Check, Found, counted

_ANY_VERB = frozenset(
    """add call create delete do execute fetch find get index list patch post put query
    read remove replace run search set show update""".split()  # noqa: SIM905
)


def _without_id(patient: Patient) -> Found:
    return counted(
        (
            one.finding("no-operation-id", f"is named `{one.component.name}`")
            for one in patient.served
            if one.operation.id is None
        ),
        len(patient.served),
    )


def _ambiguous(patient: Patient) -> Found:
    alike: dict[tuple[str, ...], list[Served]] = defaultdict(list)
    for one in patient.served:
        alike[_key(one.component.name)].append(one)
    return counted(_ambiguities(alike), len(patient.served))


def _ambiguities(
    alike: dict[tuple[str, ...], list[Served]],
) -> Iterator[Diagnostic]:
    for group in alike.values():
        for one in group:
            name = one.component.name
            if group[1:]:
                other = next(two for two in group if two is not one).component.name
                message = f"its name `{name}` is nearly that of `{other}`"
                yield one.finding("ambiguous-name", message)
            elif name in _ANY_VERB:
                message = f"its name `{name}` doesn't say what it is about"
                yield one.finding("ambiguous-name", message)


def _key(name: str) -> tuple[str, ...]:
    """A name without what is easily overlooked: order of words, plural, numbers."""
    stems = (word.removesuffix("s") for word in name.split("_"))
    return tuple(sorted(word for word in stems if not word.isdecimal()))


CHECKS = (
    Check(
        code="no-operation-id",
        weight=3,
        sentence="operations without an operationId",
        help="add `operationId`, a verb and its object: the name then stays when the "
        "path changes",
        find=_without_id,
    ),
    Check(
        code="ambiguous-name",
        weight=4,
        sentence="names that are easily taken for another",
        help="give an `operationId` that says what is different",
        find=_ambiguous,
    ),
)
