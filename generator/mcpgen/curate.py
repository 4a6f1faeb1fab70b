"""The operations with what was decided for each: `x-mcp` first, the file over it.

A decision for something that doesn't exist is a warning with the nearest name, so that
none is lost without a word when the document moves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from typing import Any, TypeVar

from .config import ArgumentOverride, Config, Override
from .diagnostics import Report
from .operations import Api, Operation
from .settings import nearest, override, problems

EXTENSION = "x-mcp"
_Said = TypeVar("_Said", Override, ArgumentOverride)


def curate(api: Api, config: Config, report: Report) -> Api:
    """The API with the override of each operation, and with its title, description
    and media type in place."""
    _report_idle(api.operations, config, report)
    operations = (_curated(one, config, report) for one in api.operations)
    return replace(api, operations=tuple(operations))


def _curated(operation: Operation, config: Config, report: Report) -> Operation:
    said = _of_document(operation, report)
    for key in (operation.id, operation.subject):
        if key is not None and key in config.operations:
            said = _over(config.operations[key], said)
    if said == Override():
        return operation
    return replace(
        operation,
        summary=said.title or operation.summary,
        description=said.description or operation.description,
        body=_with_media_type(operation, said, report),
        override=said,
    )


def _of_document(operation: Operation, report: Report) -> Override:
    said = operation.extensions.get(EXTENSION)
    if said is None:
        return Override()
    at = operation.at.child(EXTENSION)
    found = list(problems(said, at, "warning", of="operation"))
    for problem in found:
        report.add(replace(problem, subject=operation.subject))
    return Override() if found else override(said, at)


def _over(above: _Said, below: _Said) -> _Said:
    """Two overrides as one; what the upper says wins, member by member."""
    merged: dict[str, Any] = {}
    for name in (one.name for one in fields(above)):
        upper, lower = getattr(above, name), getattr(below, name)
        if isinstance(upper, Mapping):
            both = upper.keys() & lower.keys() if name == "arguments" else ()
            merged[name] = {
                **lower,
                **upper,
                **{key: _over(upper[key], lower[key]) for key in both},
            }
        else:
            merged[name] = lower if upper is None else upper
    return replace(above, **merged)


def _with_media_type(operation: Operation, said: Override, report: Report) -> Any:
    """The body in the media type that was chosen."""
    body = operation.body
    if said.body is None:
        return body
    content = body.content if body is not None else ()
    chosen = tuple(one for one in content if one.type == said.body)
    if body is not None and chosen:
        return replace(body, content=chosen)
    known = [one.type for one in content]
    report.warning(
        "setting",
        f"has no body of the media type `{said.body}`",
        at=said.at,
        subject=operation.subject,
        hint=nearest(said.body, known)
        or (f"it has {', '.join(known)}" if known else "it has no body"),
    )
    return body


def _report_idle(
    operations: Iterable[Operation], config: Config, report: Report
) -> None:
    known = {name for one in operations for name in (one.id, one.subject) if name}
    for key, said in config.operations.items():
        if key not in known:
            report.warning(
                "setting",
                f"`{key}` is no operation of the document",
                at=said.at,
                hint=nearest(key, known),
            )
