"""What becomes of one operation, and why: from the document to the emitted code.

An operation is asked for as `GET /pets/{id}`, by its id, or by the name that it is
served under; where nothing matches, the nearest are named.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from mcpgen_runtime.components import Argument, Component, Resource, kinds

from .diagnostics import Diagnostic, InputError, Report
from .name import Named
from .operations import Operation
from .pipeline import Understood

_NAMED_AT_MOST = 3
_LONGEST = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """An operation with all that is known of it; `named` and `component` are None
    where it isn't served."""

    operation: Operation
    named: Named | None
    component: Component | None
    package: str
    findings: tuple[Diagnostic, ...]


def explain(asked: str, understood: Understood, report: Report) -> Explanation:
    """Raises InputError: the finding for which an operation is left out, or that
    nothing matches, with the nearest."""
    named = {one.route.operation.subject: one for one in understood.named}
    operation = _found(asked, understood.api.operations, named, report)
    one = named.get(operation.subject)
    components = (
        component
        for module in understood.package.modules
        for component in module.components
        if one and (module.name, component.name) == (one.module, one.name)
    )
    return Explanation(
        operation=operation,
        named=one,
        component=next(components, None),
        package=understood.package.package,
        findings=tuple(
            found for found in report.diagnostics if found.subject == operation.subject
        ),
    )


def lines(found: Explanation) -> Iterator[tuple[str, str]]:
    """The explanation as pairs of a label and a text."""
    operation, named, component = found.operation, found.named, found.component
    yield "operation", operation.subject
    if operation.id:
        yield "id", operation.id
    if named is None or component is None:
        yield "becomes", "nothing: it is left out, by a pattern or a rule"
    else:
        yield "becomes", f"{_becomes(component)} {component.name}"
        if isinstance(component, Resource):
            yield "URI", component.uri
        yield "because", named.route.because
        yield "name", _named_after(named.route.operation, component.name)
        path = f"{found.package}/operations/{named.module}.py"
        yield "code", f"{path}, `{component.name}`"
        for index, argument in enumerate(component.shown):
            yield "" if index else "arguments", _argument(argument)
    for one in found.findings:
        yield one.severity, f"{one.message} [{one.code}]"


def _found(
    asked: str,
    operations: Sequence[Operation],
    named: Mapping[str, Named],
    report: Report,
) -> Operation:
    method, _, path = asked.strip().partition(" ")
    subject = f"{method.upper()} {path.strip()}"
    known: dict[str, Operation] = {}
    for operation in operations:
        served = named.get(operation.subject)
        names = (operation.subject, operation.id, served.name if served else None)
        for name in names:
            if name is not None:
                known.setdefault(name, operation)
    if found := known.get(subject) or known.get(asked.strip()):
        return found
    for one in report.diagnostics:
        if one.severity == "error" and one.subject == subject:
            raise InputError(one)
    near = difflib.get_close_matches(
        subject if path else asked, known, n=_NAMED_AT_MOST, cutoff=0.4
    )
    raise InputError(
        Diagnostic(
            severity="error",
            code="no-such-operation",
            message=f"no operation is {asked!r}",
            hint=f"did you mean {' or '.join(near)}?" if near else None,
        )
    )


def _becomes(component: Component) -> str:
    return "the " + " and the ".join(kinds(component))


def _named_after(operation: Operation, name: str) -> str:
    said = operation.override
    if said.name_at is not None and said.name == name:
        in_document = said.name_at.source == operation.at.source
        return f"from {'x-mcp' if in_document else said.name_at.source}"
    return "from the operationId" if operation.id else "from the method and the path"


def _argument(argument: Argument) -> str:
    """`product_id: path `productId`, required, integer`"""
    where = type(argument).__name__.lower()
    place = {"field": "member of the body", "body": "the body"}.get(where, where)
    wire = "" if where == "body" else f" `{argument.wire_name}`"
    needed = ", required" if argument.required else ""
    return f"{argument.name}: {place}{wire}{needed}, {_shape(argument)}"


def _shape(argument: Argument) -> str:
    schema = argument.schema
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "type" in schema and "enum" not in schema:
        declared = schema["type"]
        return declared if isinstance(declared, str) else " or ".join(declared)
    text = json.dumps(dict(schema), ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
