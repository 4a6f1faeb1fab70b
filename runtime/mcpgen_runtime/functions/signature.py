"""Signatures: the arguments of a function, as a client gives them and as it takes them.

The rule: every parameter is an argument with a name, a hint and, where it has no
default, a duty to be given; one whose hint is `Context` is filled in and not shown.
What can't be so is refused when the server is put together.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ..components import Schema
from ..context import Context
from ..errors import ArgumentsError, CompositionError
from .docstrings import parse
from .hints import Reader, described, resolved
from .readings import MisfitError, Reading, UnsupportedHintError

_UNNAMED: Final = {
    inspect.Parameter.VAR_POSITIONAL: "*{}: take one list instead, {}: list[str]",
    inspect.Parameter.VAR_KEYWORD: (
        "**{}: give each argument a parameter of its own, or take {}: dict[str, str]"
    ),
    inspect.Parameter.POSITIONAL_ONLY: "{}, which has no name: remove the / after it",
}
_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_CONTEXTS: Final = (Context, Context | None)
_BOOLEANS: Final[Mapping[bool, Schema]] = {True: {}, False: {"not": {}}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """A function, the schema of its arguments, and how each is converted.

    `returns` is the hint of what it gives.
    """

    function: Callable[..., Any]
    description: str
    schema: Schema
    readings: Mapping[str, Reading]
    contexts: tuple[str, ...]
    returns: Any

    def bind(self, arguments: Mapping[str, Any], context: Context) -> dict[str, Any]:
        """The keyword arguments of a call; raises ArgumentsError for a misfit."""
        bound: dict[str, Any] = dict.fromkeys(self.contexts, context)
        problems = []
        for name, value in arguments.items():
            reading = self.readings.get(name)
            try:
                bound[name] = reading.convert(value) if reading else value
            except MisfitError as problem:
                problems.append(str(problem.below(name)))
        if problems:
            raise ArgumentsError("\n".join(problems))
        return bound


def read_signature(
    function: Callable[..., Any], schema: Schema | None = None
) -> Signature:
    """The signature of a function of the author's; raises CompositionError.

    With `schema` given, it is served as it stands, the arguments stay JSON, and the
    hints needn't say anything.
    """
    if not callable(function) or isinstance(function, type):
        raise CompositionError(
            f"{function!r} is not a function: put the decorator above a def, "
            "and name what you give it, as in @server.tool(name='add_note')"
        )
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        raise CompositionError("it yields: collect a list, and return it")
    plain = _function(function)
    try:
        hints = resolved(plain)
    except UnsupportedHintError as error:
        raise CompositionError(f"a hint {error}") from None
    about = parse(inspect.getdoc(plain))
    parameters = inspect.signature(function).parameters
    contexts = tuple(name for name in parameters if hints.get(name) in _CONTEXTS)
    readings: dict[str, Reading] = {}
    if schema is None:
        shown = {n: p for n, p in parameters.items() if n not in contexts}
        schema = _read(shown, hints, about.arguments, readings)
    else:
        schema = _given(schema)
    return Signature(
        function=function,
        description=about.description,
        schema=schema,
        readings=readings,
        contexts=contexts,
        returns=hints.get("return", Any),
    )


def _given(schema: Schema) -> Schema:
    """An author's schema, if it is one of 2020-12 that needs no other.

    Its properties become objects, as versions up to 2025-11-25 have them.
    """
    if schema.get("type") != "object":
        raise CompositionError('its input_schema needs "type": "object" at the top')
    dialect = str(schema.get("$schema", _DIALECT))
    if dialect.rstrip("#") != _DIALECT:
        raise CompositionError(
            f"its input_schema is of the dialect {dialect!r}, which isn't supported: "
            "write it in JSON Schema 2020-12"
        )
    from ..schemas import Validator

    try:
        Validator(schema)
    except ValueError as error:
        raise CompositionError(f"its input_schema is {error}") from None
    if "properties" not in schema:
        return schema
    properties = {
        name: _BOOLEANS[value] if isinstance(value, bool) else value
        for name, value in schema["properties"].items()
    }
    return {**schema, "properties": properties}


def where(function: Callable[..., Any]) -> str | None:
    """The place of a function: file, line and name; None when it isn't a `def`."""
    plain = _function(function)
    code = getattr(plain, "__code__", None)
    if code is None:
        return None
    return f"{code.co_filename}:{code.co_firstlineno}: {plain.__name__}"


def _function(function: Any) -> Any:
    """The `def` behind decorators, methods, partials and objects that are called."""
    found = inspect.unwrap(getattr(function, "func", function))
    if inspect.isroutine(found):
        return found
    return inspect.unwrap(type(found).__call__)


def _read(
    parameters: Mapping[str, inspect.Parameter],
    hints: Mapping[str, Any],
    documented: Mapping[str, str],
    readings: dict[str, Reading],
) -> dict[str, Any]:
    """The schema of the parameters, whose readings are added to `readings`."""
    reader = Reader()
    schema: dict[str, Any] = {"type": "object", "properties": {}}
    required = []
    for name, parameter in parameters.items():
        if parameter.kind in _UNNAMED:
            advice = _UNNAMED[parameter.kind].format(name, name)
            raise CompositionError(f"arguments have names, so it can't have {advice}")
        if name not in hints:
            raise CompositionError(
                f"the parameter {name} has no type hint: add one, such as {name}: str"
            )
        try:
            reading = readings[name] = reader.read(hints[name])
        except UnsupportedHintError as error:
            raise CompositionError(f"the hint of {name} {error}") from None
        schema["properties"][name] = described(
            reading.schema, documented.get(name), parameter.default
        )
        if parameter.default is inspect.Parameter.empty:
            required.append(name)
    if required:
        schema["required"] = required
    schema["additionalProperties"] = False
    if reader.definitions:
        schema["$defs"] = reader.definitions
    return schema
