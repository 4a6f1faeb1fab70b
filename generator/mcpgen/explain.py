"""What becomes of one operation or prompt, and why: from the document to the emitted code.

It is asked for by its name or its URI, an operation by `GET /pets/{id}` or its id as
well; where nothing matches, the nearest are named. An operation comes before a prompt
of its name.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, TypeAlias

from mcpgen_runtime.components import Argument, Component, Resource, kinds
from mcpgen_runtime.prompts import PromptTemplate

from .config import Config, Override
from .curate import EXTENSION
from .diagnostics import Diagnostic, InputError, Report, Text, where
from .name import Named
from .operations import Operation
from .pipeline import Understood
from .settings import place_of

_NAMED_AT_MOST = 3
_LONGEST = 60

Lines: TypeAlias = Iterator[tuple[str, str]]
"""Pairs of a label and a text; a line without a label goes on with the one before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Served:
    """An operation with all that is known of it; `named` and `component` are None
    where it isn't served."""

    operation: Operation
    named: Named | None
    component: Component | None


def explain(
    asked: str, understood: Understood, config: Config, report: Report
) -> Lines:
    """Raises InputError: the finding for which an operation is left out, or that
    nothing matches, with the nearest."""
    texts = {**config.texts, **understood.documents.texts}
    found = _found(asked, understood, report)
    if isinstance(found, PromptTemplate):
        return _of_prompt(found, understood, config, texts)
    return _of_operation(found, understood, config, report, texts)


def _of_operation(
    found: _Served,
    understood: Understood,
    config: Config,
    report: Report,
    texts: Mapping[str, Text],
) -> Lines:
    operation, named, component = found.operation, found.named, found.component
    yield "operation", operation.subject
    yield "written", where(understood.api.spec.written_at(operation.at), texts)
    if operation.id:
        yield "id", operation.id
    if named is None or component is None:
        yield "becomes", "nothing: it is left out"
        yield "because", understood.left_out[operation.subject]
    else:
        yield "becomes", f"{_becomes(component)} {component.name}"
        if isinstance(component, Resource):
            yield "URI", component.uri
        yield "because", named.route.because
        yield "name", named.because
        path = f"{understood.package.package}/operations/{named.module}.py"
        yield "code", f"{path}, `{component.name}`"
        for index, argument in enumerate(component.arguments):
            yield "" if index else "arguments", _argument(argument)
    yield from _decided(operation, config, texts)
    for one in report.diagnostics:
        if one.subject == operation.subject:
            at = f"{where(one.location, texts)}: " if one.location else ""
            yield one.severity, f"{at}{one.message} [{one.code}]"


def _decided(operation: Operation, config: Config, texts: Mapping[str, Text]) -> Lines:
    """What is said of an operation in its x-mcp and, over that, in the settings."""
    label = "decided"
    if isinstance(own := operation.extensions.get(EXTENSION), Mapping):
        yield label, f"{_members(own)} in {EXTENSION}"
        label = ""
    for key in (operation.id, operation.subject):
        said = config.operations.get(key) if key else None
        if said is not None and said.at is not None:
            members = {one.name: getattr(said, one.name) for one in fields(Override)}
            del members["at"], members["name_at"]
            yield label, f"{_members(members)} at {where(said.at, texts)}"
            label = ""


def _members(said: Mapping[str, Any]) -> str:
    given = [name for name, value in said.items() if value not in (None, {})]
    return ", ".join(given)


def _of_prompt(
    prompt: PromptTemplate,
    understood: Understood,
    config: Config,
    texts: Mapping[str, Text],
) -> Lines:
    yield "prompt", prompt.name
    at = place_of(config, "prompts", config.prompts.index(prompt))
    yield "written", where(at, texts)
    yield "becomes", f"the prompt {prompt.name}"
    yield "code", f"{understood.package.package}/prompts.py, `{prompt.name}`"
    for index, argument in enumerate(prompt.arguments):
        needed = "required" if argument.required else "optional"
        told = f", {argument.description}" if argument.description else ""
        yield "" if index else "arguments", f"{argument.name}: {needed}{told}"


def _found(
    asked: str, understood: Understood, report: Report
) -> _Served | PromptTemplate:
    method, _, path = asked.strip().partition(" ")
    subject = f"{method.upper()} {path.strip()}"
    known: dict[str, _Served | PromptTemplate] = {}
    for one in _operations(understood):
        uri = one.component.uri if isinstance(one.component, Resource) else None
        plain = uri.partition("{?")[0] if uri else None
        name = one.named.name if one.named else None
        for key in (one.operation.subject, one.operation.id, name, uri, plain):
            if key:
                known.setdefault(key, one)
    for prompt in understood.package.prompts:
        known.setdefault(prompt.name, prompt)
    if found := known.get(subject) or known.get(asked.strip()):
        return found
    for finding in report.diagnostics:
        if finding.severity == "error" and finding.subject == subject:
            raise InputError(finding)
    near = difflib.get_close_matches(
        subject if path else asked, known, n=_NAMED_AT_MOST, cutoff=0.4
    )
    raise InputError(
        Diagnostic(
            severity="error",
            code="no-such-operation",
            message=f"no operation and no prompt is {asked!r}",
            hint=f"did you mean {' or '.join(near)}?" if near else None,
        )
    )


def _operations(understood: Understood) -> Iterator[_Served]:
    components = {
        (module.name, component.name): component
        for module in understood.package.modules
        for component in module.components
    }
    named = {one.route.operation.subject: one for one in understood.named}
    for operation in understood.api.operations:
        one = named.get(operation.subject)
        component = components.get((one.module, one.name)) if one else None
        yield _Served(operation=operation, named=one, component=component)


def _becomes(component: Component) -> str:
    return "the " + " and the ".join(kinds(component))


def _argument(argument: Argument) -> str:
    """`product_id: path `productId`, required, integer`; what is always sent with its
    value, in place of the schema."""
    where = type(argument).__name__.lower()
    place = {"field": "member of the body", "body": "the body"}.get(where, where)
    wire = "" if where == "body" else f" `{argument.wire_name}`"
    needed = ", required" if argument.required else ""
    shape = _shape(argument)
    if argument.hidden:
        shape = f"always {_short(argument.default)}, and not shown"
    elif argument.default is not None:
        shape += f", {_short(argument.default)} by default"
    return f"{argument.name}: {place}{wire}{needed}, {shape}"


def _shape(argument: Argument) -> str:
    schema = argument.schema
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "type" in schema and "enum" not in schema:
        declared = schema["type"]
        return declared if isinstance(declared, str) else " or ".join(declared)
    return _short(dict(schema))


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
