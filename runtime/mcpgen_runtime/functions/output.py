"""Outputs: what a tool promises to give, where its return hint is a type with members.

The rule: what is promised is kept. A dataclass, a TypedDict or a pydantic model as the
return hint becomes the tool's `outputSchema`, and a result that isn't one is a failure
of the tool (2026-07-28, server/tools).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..components import Schema
from ..content import Result
from .hints import Reader
from .readings import UnsupportedHintError

if TYPE_CHECKING:
    from ..schemas import Validator


class Output:
    """An output schema, and the check of what is given under it."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema

    def check(self, result: Result) -> None:
        """Raise TypeError for a result that is neither an error nor as promised."""
        if result.is_error:
            return
        if result.structured is None:
            raise TypeError("no structured result, where its return hint promises one")
        problems = self._validator.errors(result.json())
        if problems:
            raise TypeError("not what its return hint promises: " + "; ".join(problems))

    @cached_property
    def _validator(self) -> Validator:
        from ..schemas import Validator

        return Validator(self.schema)


def read_output(hint: Any) -> Output | None:
    """What a return hint promises; None when it isn't one type with members."""
    reader = Reader()
    try:
        schema = reader.read(hint).schema
    except UnsupportedHintError:
        return None
    if "properties" not in schema:
        return None
    loose = _loosened(schema)
    if reader.definitions:
        loose["$defs"] = _loosened(reader.definitions)
    return Output(loose)


def _loosened(node: Any) -> Any:
    """A schema that allows more members: what reads them needn't know them all."""
    if isinstance(node, list):
        return [_loosened(item) for item in node]
    if not isinstance(node, Mapping):
        return node
    return {
        key: _loosened(value)
        for key, value in node.items()
        if not (key == "additionalProperties" and value is False)
    }
