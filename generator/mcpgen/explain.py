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

from mcpgen_runtime.components import Argument, Component, Resource, Tool, kinds
from mcpgen_runtime.prompts import PromptTemplate

from .config import Config, Override
from .curate import EXTENSION
from .diagnostics import Diagnostic, InputError, Text, where
from .name import Named, prefixed
from .operations import Operation
from .pipeline import Part, Understood
from .schema import Module
from .settings import place_of

_NAMED_AT_MOST = 3
_LONGEST = 60

Lines: TypeAlias = Iterator[tuple[str, str]]
"""Pairs of a label and a text; one without a label goes on with the one before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Served:
    """An operation, the document and the settings that it is of, and what it becomes;
    `named`, `module` and `component` are None where it isn't served."""

    operation: Operation
    part: Part
    config: Config
    named: Named | None
    module: Module | None
    component: Component | None

    @property
    def names(self) -> Iterator[str]:
        """What it is asked for by."""
        yield self.operation.subject
        if self.operation.id:
            yield self.operation.id
        if self.component:
            yield self.component.name
        if isinstance(self.component, Resource):
            yield self.component.uri
            yield self.component.uri.partition("{?")[0]


def explain(asked: str, understood: Understood, config: Config) -> Lines:
    """Raises InputError: the finding for which an operation is left out, that nothing
    matches, with the nearest, or that operations of several APIs do."""
    texts = {**config.texts, **understood.texts}
    package = understood.package
    method, _, path = asked.strip().partition(" ")
    subject = f"{method.upper()} {path.strip()}"
    known: dict[str, list[_Served]] = {}
    for one in _operations(understood, config):
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
        return _of_operation(one, package.package, texts)
    prompts = {one.name: one for one in config.prompts}
    if prompt := prompts.get(asked.strip()):
        return _of_prompt(prompt, package.package, config, texts)
    for part in understood.parts:
        for problem in part.report.diagnostics:
            if problem.severity == "error" and problem.subject == subject:
                raise InputError(problem)
    near = difflib.get_close_matches(
        subject if path else asked,
        [*known, *prompts],
        n=_NAMED_AT_MOST,
        cutoff=0.4,
    )
    raise _no_such(
        f"no operation and no prompt is {asked!r}",
        f"did you mean {' or '.join(near)}?" if near else None,
    )


def _operations(understood: Understood, config: Config) -> Iterator[_Served]:
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
        for operation in part.api.operations:
            one = named.get(operation.subject)
            module, component = served[names[one.name]] if one else (None, None)
            yield _Served(
                operation=operation,
                part=part,
                config=config.apis[api] if api else config,
                named=one,
                module=module,
                component=component,
            )


def _no_such(message: str, hint: str | None) -> InputError:
    return InputError(
        Diagnostic(
            severity="error", code="no-such-operation", message=message, hint=hint
        )
    )


def _of_operation(found: _Served, package: str, texts: Mapping[str, Text]) -> Lines:
    operation, named, component = found.operation, found.named, found.component
    yield "operation", operation.subject
    yield "written", where(found.part.api.spec.written_at(operation.at), texts)
    if operation.id:
        yield "id", operation.id
    if named is None or component is None or found.module is None:
        yield "becomes", "nothing: it is left out"
        yield "because", found.part.left_out[operation.subject]
    else:
        yield "becomes", f"{_becomes(component)} {component.name}"
        if isinstance(component, Resource):
            yield "URI", component.uri
        yield "because", named.route.because
        yield "name", named.because
        path = f"{package}/operations/{found.module.name}.py"
        yield "code", f"{path}, `{component.name}`"
        for index, argument in enumerate(component.arguments):
            yield "" if index else "arguments", _argument(argument)
        if isinstance(component, Tool) and component.body:
            yield "body", _body(component.body, operation)
    for index, said in enumerate(_decided(operation, found.config, texts)):
        yield "" if index else "decided", said
    for one in found.part.report.diagnostics:
        if one.subject == operation.subject:
            at = f"{where(one.location, texts)}: " if one.location else ""
            yield one.severity, f"{at}{one.message} [{one.code}]"


def _decided(
    operation: Operation, config: Config, texts: Mapping[str, Text]
) -> Iterator[str]:
    """What is said of an operation in its x-mcp and, over that, in the settings."""
    if isinstance(own := operation.extensions.get(EXTENSION), Mapping):
        yield f"{_given(own)} in {EXTENSION}"
    for key in (operation.id, operation.subject):
        said = config.operations.get(key) if key else None
        if said is not None and said.at is not None:
            members = {one.name: getattr(said, one.name) for one in fields(Override)}
            del members["at"], members["name_at"]
            yield f"{_given(members)} at {where(said.at, texts)}"


def _given(said: Mapping[str, Any]) -> str:
    return ", ".join(name for name, value in said.items() if value not in (None, {}))


def _of_prompt(
    prompt: PromptTemplate, package: str, config: Config, texts: Mapping[str, Text]
) -> Lines:
    at = place_of(config, "prompts", config.prompts.index(prompt))
    yield "prompt", prompt.name
    yield "written", where(at, texts)
    yield "becomes", f"the prompt {prompt.name}"
    yield "code", f"{package}/prompts.py, `{prompt.name}`"
    for index, argument in enumerate(prompt.arguments):
        needed = "required" if argument.required else "optional"
        told = f", {argument.description}" if argument.description else ""
        yield "" if index else "arguments", f"{argument.name}: {needed}{told}"


def _becomes(component: Component) -> str:
    return "the " + " and the ".join(kinds(component))


def _body(media_type: str, operation: Operation) -> str:
    """`application/json; or text/csv, by the setting `body``"""
    content = operation.body.content if operation.body else ()
    others = ", ".join(one.type for one in content if one.type != media_type)
    return f"{media_type}; or {others}, by the setting `body`" if others else media_type


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
