"""Reading members of a document: the well-formed part typed, the rest reported.

openapi_pydantic knows the types of OpenAPI's objects. It is shown the members that we
use and no schema, example or extension, so that only what is needed can be wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from ..diagnostics import Location
from ..spec import Spec, UnresolvedReference

Model = TypeVar("Model", bound=BaseModel)


class Malformed(Exception):
    """A part of an operation that can't be used; it costs the operation."""

    def __init__(self, problem: str, at: Location, *, code: str = "malformed") -> None:
        super().__init__(problem)
        self.problem = problem
        self.at = at
        self.code = code


def resolved(spec: Spec, node: Any, at: Location) -> tuple[Mapping[str, Any], Location]:
    """The object behind a reference; raises Malformed when there is none."""
    try:
        target, place = spec.resolve(node, at)
    except UnresolvedReference as problem:
        raise Malformed(str(problem), at, code="unresolved-reference") from None
    if not isinstance(target, Mapping):
        raise Malformed(f"must be an object, not {_kind(target)}", place)
    return target, place


def typed(
    model: type[Model], node: Mapping[str, Any], at: Location, *members: str
) -> Model:
    """The named members of an object as a model; raises Malformed.

    A member that is null counts as absent.
    """
    shown = {name: node[name] for name in members if node.get(name) is not None}
    try:
        return model.model_validate(shown)
    except ValidationError as problem:
        first = problem.errors()[0]
        place = at.child(*first["loc"][:1]) if first["type"] != "missing" else at
        name = ".".join(map(str, first["loc"][:1]))
        raise Malformed(f"`{name}`: {_sentence(first['msg'])}", place) from None


def members(node: Any, at: Location) -> Iterator[tuple[str, Any, Location]]:
    """The members of an object but its extensions; nothing where it is no object."""
    if isinstance(node, Mapping):
        for name, member in node.items():
            if not name.startswith("x-"):
                yield name, member, at.child(name)


def text(node: Mapping[str, Any], name: str) -> str | None:
    """A text that only explains: anything else counts as absent."""
    value = node.get(name)
    return value.strip() or None if isinstance(value, str) else None


def is_true(node: Mapping[str, Any], name: str) -> bool:
    """A flag; `"true"`, as some tools write it, counts."""
    return node.get(name) in (True, "true")


def _sentence(message: str) -> str:
    return (
        "is missing"
        if message == "Field required"
        else message[0].lower() + message[1:]
    )


def _kind(value: Any) -> str:
    if isinstance(value, list):
        return "a list"
    return "null" if value is None else f"`{value!r}`"[:60]
