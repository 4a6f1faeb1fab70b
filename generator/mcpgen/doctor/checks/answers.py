"""What comes back: an answer without an end fills the context of its reader."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...diagnostics import Location
from ...name import words
from ...operations import Operation
from ...spec import Spec, UnresolvedReference
from ..patient import Patient
from .check import Check, Found, counted

_PAGING = frozenset(
    """after before count cursor first last limit marker max maximum number offset page
    paging per rows size skip start take token top""".split()  # noqa: SIM905
)


def _unpaged(patient: Patient) -> Found:
    lists = [
        one for one in patient.served if _gives_list(one.operation, patient.api.spec)
    ]
    return counted(
        (
            one.finding("unpaged-list", "gives a list that no argument can limit")
            for one in lists
            if not _has_paging(one.operation)
        ),
        len(lists),
    )


def _has_paging(operation: Operation) -> bool:
    return any(
        _PAGING & set(words(parameter.name)) for parameter in operation.parameters
    )


def _gives_list(operation: Operation, spec: Spec) -> bool:
    """Whether a read answers with an array, or an object with one among its members.

    A path that ends with a parameter names one thing, whatever that is wrapped in.
    """
    if operation.method != "get" or operation.path.endswith("}"):
        return False
    return any(
        _is_list(media_type.schema, media_type.at.child("schema"), spec)
        for response in operation.responses
        if response.status.startswith("2")
        for media_type in response.content
    )


def _is_list(schema: Any, at: Location, spec: Spec) -> bool:
    schema, at = _resolved(schema, at, spec)
    if _type(schema) == "array":
        return True
    members = schema.get("properties")
    lists = 0
    for name, member in members.items() if isinstance(members, Mapping) else ():
        target, place = _resolved(member, at.child("properties", name), spec)
        if _type(target) == "array":
            items, _ = _resolved(target.get("items"), place.child("items"), spec)
            lists += _type(items) == "object"
    return lists == 1 and len(schema["properties"]) <= _FEW_MEMBERS


_FEW_MEMBERS = 6
"""With more members beside its list, an object is a thing of its own and no page."""


def _resolved(
    schema: Any, at: Location, spec: Spec
) -> tuple[Mapping[str, Any], Location]:
    try:
        target, place = spec.resolve(schema, at)
    except UnresolvedReference:
        return {}, at
    return (target, place) if isinstance(target, Mapping) else ({}, place)


def _type(schema: Mapping[str, Any]) -> str:
    declared = schema.get("type")
    types = declared if isinstance(declared, list) else [declared]
    known = [one for one in types if isinstance(one, str) and one != "null"]
    if not known and "properties" in schema:
        return "object"
    return known[0] if known else ""


CHECKS = (
    Check(
        code="unpaged-list",
        weight=6,
        sentence="lists that come whole, however long they are",
        help="add paging to the API and its parameters to the document: `limit`, `cursor`",
        find=_unpaged,
    ),
)
