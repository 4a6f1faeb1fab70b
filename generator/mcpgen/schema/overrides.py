"""What the user decided, applied to the arguments of a component.

A decision that can't be kept is a warning, and the document's word stands.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import jsonschema_rs
from mcpgen_runtime.components import Argument, Schema

from ..config import ArgumentOverride
from ..diagnostics import Report
from ..operations import Operation
from ..settings import nearest
from .json_schema import Translator


def overridden(
    found: Sequence[Argument],
    operation: Operation,
    translator: Translator,
    report: Report,
) -> tuple[Argument, ...]:
    """The arguments with the words, values and defaults that they were given."""
    said = operation.override.arguments
    for wire in said.keys() - (known := {one.wire_name for one in found}):
        warn(operation, report, f"has no argument `{wire}`", nearest(wire, known))
    changed: list[Argument] = []
    for argument in found:
        override = said.get(argument.wire_name)
        if override is None:
            changed.append(argument)
            continue
        if override.name not in (None, argument.name):
            warn(
                operation,
                report,
                f"can't call the argument `{argument.wire_name}` `{override.name}`",
                "another argument has that name, or a URI can't have it as a variable",
            )
        changed += _changed(argument, override, operation, translator, report)
    return tuple(sorted(changed, key=lambda argument: not argument.required))


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
        warn(operation, report, message, wrong)
    if override.hidden and not argument.required:
        return ()
    if override.hidden:
        message = f"can't do without `{argument.wire_name}`, which is hidden"
        warn(operation, report, message, "give it a value, which is always sent")
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


def warn(operation: Operation, report: Report, message: str, hint: str | None) -> None:
    """Warn of a setting, at the place where it stands."""
    report.warning(
        "setting",
        message,
        at=operation.override.at,
        subject=operation.subject,
        hint=hint,
    )
