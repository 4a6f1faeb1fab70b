"""What becomes of one operation, and why: from the document to the emitted code.

An operation is asked for as `GET /pets/{id}`, by its id, or by the name that it is
served under; where nothing matches, the nearest are named.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator
from dataclasses import dataclass

from mcpgen_runtime.components import Argument, Component, Resource, Tool, kinds

from .diagnostics import Diagnostic, InputError
from .name import Named, prefixed
from .operations import Operation
from .pipeline import Understood
from .schema import Module

_NAMED_AT_MOST = 3
_LONGEST = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """An operation with all that is known of it; `named`, `module` and `component` are
    None where it isn't served."""

    operation: Operation
    named: Named | None
    module: Module | None
    component: Component | None
    package: str
    findings: tuple[Diagnostic, ...]

    @property
    def names(self) -> Iterator[str]:
        """What it is asked for by."""
        yield self.operation.subject
        if self.operation.id:
            yield self.operation.id
        if self.component:
            yield self.component.name


def explain(asked: str, understood: Understood) -> Explanation:
    """Raises InputError: the finding for which an operation is left out, that nothing
    matches, with the nearest, or that operations of several APIs do."""
    method, _, path = asked.strip().partition(" ")
    subject = f"{method.upper()} {path.strip()}"
    known: dict[str, list[Explanation]] = {}
    for one in _explained(understood):
        for name in dict.fromkeys(one.names):
            known.setdefault(name, []).append(one)
    found = known.get(subject) or known.get(asked.strip()) or ()
    if len({one.component.api for one in found if one.component}) > 1:
        names = (one.component.name for one in found if one.component)
        raise _no_such(
            f"operations of several APIs are {asked!r}",
            f"name the one that is meant: {' or '.join(names)}",
        )
    for one in found:
        return one
    for part in understood.parts:
        for problem in part.report.diagnostics:
            if problem.severity == "error" and problem.subject == subject:
                raise InputError(problem)
    near = difflib.get_close_matches(
        subject if path else asked, known, n=_NAMED_AT_MOST, cutoff=0.4
    )
    raise _no_such(
        f"no operation is {asked!r}",
        f"did you mean {' or '.join(near)}?" if near else None,
    )


def _explained(understood: Understood) -> Iterator[Explanation]:
    """Every operation of every document."""
    package = understood.package
    apis: list[str | None] = [one.name for one in package.apis]
    for api, part in zip(apis or [None], understood.parts, strict=True):
        own = [one.name for one in part.named]
        names = prefixed(api, own) if api else dict(zip(own, own, strict=True))
        served = {
            component.name: (module, component)
            for module in package.modules
            for component in module.components
            if component.api == api
        }
        named = {one.route.operation.subject: one for one in part.named}
        findings = part.report.diagnostics
        for operation in part.api.operations:
            one = named.get(operation.subject)
            module, component = served[names[one.name]] if one else (None, None)
            yield Explanation(
                operation=operation,
                named=one,
                module=module,
                component=component,
                package=package.package,
                findings=tuple(
                    found for found in findings if found.subject == operation.subject
                ),
            )


def _no_such(message: str, hint: str | None) -> InputError:
    return InputError(
        Diagnostic(
            severity="error", code="no-such-operation", message=message, hint=hint
        )
    )


def lines(found: Explanation) -> Iterator[tuple[str, str]]:
    """The explanation as pairs of a label and a text."""
    operation, named, component = found.operation, found.named, found.component
    yield "operation", operation.subject
    if operation.id:
        yield "id", operation.id
    if named is None or component is None or found.module is None:
        yield "becomes", "nothing: it is left out, by a pattern or a rule"
    else:
        yield "becomes", f"{_becomes(component)} {component.name}"
        if isinstance(component, Resource):
            yield "URI", component.uri
        yield "because", named.route.because
        yield "name", _named_after(named.route.operation, named.name)
        path = f"{found.package}/operations/{found.module.name}.py"
        yield "code", f"{path}, `{component.name}`"
        for index, argument in enumerate(component.shown):
            yield "" if index else "arguments", _argument(argument)
        if isinstance(component, Tool) and component.body:
            yield "body", _body(component.body, operation)
    for one in found.findings:
        yield one.severity, f"{one.message} [{one.code}]"


def _becomes(component: Component) -> str:
    return "the " + " and the ".join(kinds(component))


def _named_after(operation: Operation, name: str) -> str:
    said = operation.override
    if said.name_at is not None and said.name == name:
        in_document = said.name_at.source == operation.at.source
        return f"from {'x-mcp' if in_document else said.name_at.source}"
    return "from the operationId" if operation.id else "from the method and the path"


def _body(media_type: str, operation: Operation) -> str:
    """`application/json; or text/csv, by the setting `body``"""
    content = operation.body.content if operation.body else ()
    others = ", ".join(one.type for one in content if one.type != media_type)
    return f"{media_type}; or {others}, by the setting `body`" if others else media_type


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
