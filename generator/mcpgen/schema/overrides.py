"""What the user decided, applied to the arguments and the URI of a component.

A decision that can't be kept is a warning, and the document's word stands.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import jsonschema_rs
from mcpgen_runtime.components import Argument, Schema
from mcpgen_runtime.uri import UriTemplate

from ..config import ArgumentOverride
from ..diagnostics import Report
from ..name import Named
from ..operations import Operation
from ..settings import nearest
from .json_schema import Translator

_OPTIONAL = re.compile(r"\{[?&][^{}]*\}")
_VARIABLE = re.compile(r"\{[^{}]*\}")
_EXPRESSIONS = re.compile(r"[^{}]*(\{\+?[\w.-]+\}[^{}]*)*(\{[?&][\w.-]+(,[\w.-]+)*\})*")


def overridden(
    found: Sequence[Argument],
    operation: Operation,
    translator: Translator,
    report: Report,
) -> tuple[Argument, ...]:
    """The arguments with the words, values and defaults that they were given."""
    said = operation.override.arguments
    for wire in said.keys() - (known := {one.wire_name for one in found}):
        _warn(operation, report, f"has no argument `{wire}`", nearest(wire, known))
    changed: list[Argument] = []
    for argument in found:
        override = said.get(argument.wire_name)
        if override is None:
            changed.append(argument)
            continue
        if override.name not in (None, argument.name):
            _warn(
                operation,
                report,
                f"can't call the argument `{argument.wire_name}` `{override.name}`",
                "another argument has that name, or a URI can't have it as a variable",
            )
        changed += _changed(argument, override, operation, translator, report)
    return tuple(sorted(changed, key=lambda argument: not argument.required))


def uri(
    default: str, shown: Sequence[Argument], operation: Operation, report: Report
) -> str:
    """The URI of a resource: the one that was chosen, where its arguments fit it."""
    chosen = operation.override.uri
    if chosen is None:
        return default
    names = {one.name for one in shown}
    needed = {one.name for one in shown if one.required}
    if not _EXPRESSIONS.fullmatch(chosen):
        _warn(operation, report, f"can't have the URI `{chosen}`", _URI_HINT)
        return default
    used = UriTemplate(chosen).names
    for name in sorted(used - names):
        message = f"has no argument `{name}` for the URI `{chosen}`"
        _warn(operation, report, message, nearest(name, names))
    for name in sorted(needed - used):
        _warn(operation, report, f"needs `{name}` in the URI `{chosen}`", None)
    return chosen if needed <= used <= names else default


def uris_apart(named: Sequence[Named], report: Report) -> tuple[Named, ...]:
    """The operations without those URIs that another one before them is pinned to.

    Each of them, the one that keeps it, too, gets a warning at its place.
    """
    pinned: dict[str, list[Named]] = {}
    for one in named:
        chosen = one.route.operation.override.uri
        if one.route.kind == "resource" and chosen is not None:
            matched = _VARIABLE.sub("{}", _OPTIONAL.sub("", chosen))
            pinned.setdefault(matched, []).append(one)
    moved: set[str] = set()
    for together in (ones for ones in pinned.values() if len(ones) > 1):
        keeps = together[0].route.operation
        for operation in (one.route.operation for one in together):
            others = [
                one.route.operation.subject
                for one in together
                if one.route.operation is not operation
            ]
            report.warning(
                "setting",
                f"has the URI `{operation.override.uri}`, and so has {others[0]}",
                at=operation.override.at,
                subject=operation.subject,
                hint=f"{keeps.subject} keeps it; give the other one a URI of its own",
            )
        moved |= {one.route.operation.subject for one in together[1:]}
    return tuple(
        _without_uri(one) if one.route.operation.subject in moved else one
        for one in named
    )


def _without_uri(named: Named) -> Named:
    operation = named.route.operation
    said = replace(operation.override, uri=None)
    route = replace(named.route, operation=replace(operation, override=said))
    return replace(named, route=route)


_URI_HINT = "use {name} in the path, and {?a,b} or {&a,b} at the end"


def _changed(
    argument: Argument,
    override: ArgumentOverride,
    operation: Operation,
    translator: Translator,
    report: Report,
) -> tuple[Argument, ...]:
    """The argument as it was decided; none where it is hidden and never sent."""
    if override.description is not None:
        schema = {**argument.schema, "description": override.description}
        argument = replace(argument, schema=schema)
    for setting in ("value", "default"):
        given = getattr(override, setting)
        if given is None:
            continue
        wrong = _misfit(given, argument.schema, translator)
        if wrong is None and setting == "value":
            return (replace(argument, required=False, default=given, hidden=True),)
        if wrong is None:
            schema = {**argument.schema, "default": given}
            return (replace(argument, schema=schema, required=False, default=given),)
        message = f"can't have the {setting} given for `{argument.wire_name}`"
        _warn(operation, report, message, wrong)
    if override.hidden and not argument.required:
        return ()
    if override.hidden:
        message = f"can't do without `{argument.wire_name}`, which is hidden"
        _warn(operation, report, message, "give it a value, which is always sent")
    return (argument,)


def _misfit(value: Any, schema: Schema, translator: Translator) -> str | None:
    """Why a value isn't one of a schema."""
    whole: dict[str, Any] = {**schema, "$defs": translator.definitions()}
    try:
        json.dumps(value, allow_nan=False)
        jsonschema_rs.Draft202012Validator(whole).validate(value)
    except jsonschema_rs.ValidationError as problem:
        return problem.message
    except ValueError:
        return "it is no JSON, or is nested too deeply"
    return None


def _warn(operation: Operation, report: Report, message: str, hint: str | None) -> None:
    report.warning(
        "setting",
        message,
        at=operation.override.at,
        subject=operation.subject,
        hint=hint,
    )
