"""What is examined: each operation with what became of it, and what was found before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mcpgen_runtime.components import Argument, Component, Schema

from ..diagnostics import Diagnostic, Location
from ..operations import Api, Operation
from ..pipeline import Part
from ..tokens import Cost, costs

_SAME_VALUE = ("allOf", "anyOf", "oneOf", "if", "then", "else", "not")
_INSIDE = ("items", "prefixItems", "additionalProperties", "contains")


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """An operation and the component that it became."""

    operation: Operation
    component: Component

    def place_of(self, argument: Argument) -> Location:
        """Where an argument is described: its parameter, or else the request body."""
        for parameter in self.operation.parameters:
            if parameter.name == argument.wire_name and (
                parameter.location == type(argument).__name__.lower()
            ):
                return parameter.at
        body = self.operation.body
        return body.at if body else self.operation.at

    def finding(
        self, code: str, message: str, at: Location | None = None
    ) -> Diagnostic:
        return Diagnostic(
            severity="note",
            code=code,
            message=message,
            location=at or self.operation.at,
            subject=self.operation.subject,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """A document as the pipeline understands it.

    `costs` has an entry for each listing that a component stands in.
    """

    api: Api
    served: tuple[Served, ...]
    schemas: Mapping[str, Schema]
    costs: tuple[Cost, ...]
    found: tuple[Diagnostic, ...]
    _walks: dict[str, tuple[tuple[int, Schema], ...]] = field(
        default_factory=dict, init=False
    )

    @property
    def tools(self) -> tuple[Cost, ...]:
        return tuple(cost for cost in self.costs if cost.kind == "tool")

    def arguments(self) -> Iterator[tuple[Served, Argument]]:
        for served in self.served:
            for argument in served.component.shown:
                yield served, argument

    def walk(self, schema: Schema) -> tuple[tuple[int, Schema], ...]:
        """The schemas that a schema is made of, each with its level: 0 for what
        describes the value itself, 1 for its members and items, and so on. A shared
        schema is met once, at its least level."""
        reference = schema.get("$ref")
        if len(schema) > 1 or not isinstance(reference, str):
            return tuple(_walk(schema, self.schemas))
        if reference not in self._walks:
            self._walks[reference] = tuple(_walk(schema, self.schemas))
        return self._walks[reference]


def patient(part: Part) -> Patient:
    components = {
        component.name: component
        for module in part.package.modules
        for component in module.components
    }
    return Patient(
        api=part.api,
        served=tuple(
            Served(operation=one.route.operation, component=components[one.name])
            for one in part.named
        ),
        schemas=part.package.schemas,
        costs=costs(part.package),
        found=part.report.diagnostics,
    )


def _walk(
    schema: Schema, schemas: Mapping[str, Schema]
) -> Iterator[tuple[int, Schema]]:
    seen: set[str] = set()
    level, waiting = 0, [schema]
    while waiting:
        inside: list[Schema] = []
        while waiting:
            one = waiting.pop()
            yield level, one
            reference = str(one.get("$ref", "")).removeprefix("#/$defs/")
            if reference in schemas and reference not in seen:
                seen.add(reference)
                waiting.append(schemas[reference])
            waiting.extend(_schemas(one, _SAME_VALUE))
            inside.extend(_schemas(one, _INSIDE))
            members = one.get("properties")
            if isinstance(members, Mapping):
                inside.extend(_schemas(members, tuple(members)))
        level, waiting = level + 1, inside


def _schemas(owner: Mapping[str, Any], keywords: tuple[str, ...]) -> Iterator[Schema]:
    for keyword in keywords:
        value = owner.get(keyword)
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, Mapping):
                yield one
