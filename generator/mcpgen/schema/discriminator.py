"""Unions that a property decides: each branch says the value that it is known by, which
JSON Schema doesn't say by itself (OpenAPI 3.1, 4.8.25)."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from ..diagnostics import Location, Report
from ..spec import Spec, UnresolvedReference


def discriminated(
    schema: Mapping[str, Any],
    translated: Mapping[str, Any],
    at: Location,
    spec: Spec,
    report: Report,
) -> dict[str, list[Any]]:
    """The unions of a translated schema with the deciding property in each branch."""
    discriminator = schema.get("discriminator")
    if not isinstance(discriminator, Mapping):
        return {}
    name = discriminator.get("propertyName")
    unions = [one for one in ("oneOf", "anyOf") if translated.get(one)]
    if not isinstance(name, str) or not unions:
        return {}
    known = mapped(schema, at, spec, report)
    return {
        union: [
            _pinned(raw, branch, name, known, at, spec)
            for raw, branch in zip(schema[union], translated[union], strict=True)
        ]
        for union in unions
    }


def _pinned(
    raw: Any,
    branch: dict[str, Any],
    name: str,
    known: Mapping[str, Location],
    at: Location,
    spec: Spec,
) -> dict[str, Any]:
    if not isinstance(raw, Mapping) or "$ref" not in branch:
        return branch
    try:
        target, place = spec.resolve(raw, at)
    except UnresolvedReference:
        return branch
    if not isinstance(target, Mapping):
        return branch
    properties = target.get("properties")
    member = properties.get(name) if isinstance(properties, Mapping) else None
    if isinstance(member, Mapping) and ("const" in member or "enum" in member):
        return branch
    if member is None and target.get("additionalProperties") is False:
        return branch
    values = [value for value, found in known.items() if found == place]
    values = values or [_implied(member, place)]
    tag = {"const": values[0]} if len(values) == 1 else {"enum": sorted(values)}
    return branch | {"properties": {name: tag}, "required": [name]}


def mapped(
    schema: Mapping[str, Any], at: Location, spec: Spec, report: Report
) -> dict[str, Location]:
    """What the values of a schema's mapping stand for; a warning for each that leads
    nowhere."""
    mapping = schema["discriminator"].get("mapping")
    known: dict[str, Location] = {}
    for value, reference in mapping.items() if isinstance(mapping, Mapping) else ():
        place = _place(reference, at, spec) if isinstance(reference, str) else None
        if place is not None:
            known[value] = place
            continue
        report.warning(
            "unresolved-reference",
            f"the discriminator maps `{value}` to `{reference}`, which leads nowhere",
            at=at.child("discriminator", "mapping", value),
            hint="name a schema of `components`, or give a reference to one",
        )
    return known


def _place(reference: str, at: Location, spec: Spec) -> Location | None:
    """The place of a schema, given by its name in the file or the document, or else by
    a reference."""
    named = f"#/components/schemas/{reference}"
    for candidate, start in ((named, at), (named, spec.root), (reference, at)):
        if candidate is named and {"/", "#"} & {*reference}:
            continue
        with suppress(UnresolvedReference):
            return spec.resolve({"$ref": candidate}, start)[1]
    return None


def _implied(member: Any, place: Location) -> str:
    """The value of a branch that no mapping names: its default, else its own name."""
    default = member.get("default") if isinstance(member, Mapping) else None
    return default if isinstance(default, str) else place.name
