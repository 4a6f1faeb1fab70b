"""Completions: values that an argument may take, for what a user has typed so far.

A completer of the author's knows best; without one, the schema of the argument may
name values. Then what starts with the text comes before what merely contains it, and
case doesn't count.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from .coercion import resolve
from .components import Schema
from .errors import invalid_params, nearest, shortened
from .inventory import Inventory
from .messages import dumps

if TYPE_CHECKING:
    from .functions.threads import Threads
    from .operation import Operation

Completer: TypeAlias = Callable[
    [str, Mapping[str, str]], Iterable[str] | Awaitable[Iterable[str]]
]
"""Gives values for the text typed so far and the arguments that have one already."""

_LIMIT: Final = 100
"""How many values a result may have (2025-11-25, server/utilities/completion)."""


async def complete(
    inventory: Inventory, params: Mapping[str, Any], threads: Threads
) -> bytes:
    """The result of `completion/complete`; raises RequestError."""
    operation = _referred(inventory, params.get("ref"))
    match params.get("argument"):
        case {"name": str(name), "value": str(typed)}:
            pass
        case _:
            raise invalid_params("Invalid params: argument needs name and value")
    properties = operation.schema["properties"]
    if name not in properties:
        raise invalid_params(
            f"Unknown argument: {shortened(name)}{nearest(name, properties)}"
        )
    completer = operation.completers.get(name)
    if completer is None:
        known = known_values(properties[name], operation.schema.get("$defs", {}))
        return completion_result(matching(known, typed))
    from .functions.function import call

    match params.get("context", {}):
        case {"arguments": dict(others)}:
            pass
        case dict():
            others = {}
        case _:
            raise invalid_params("Invalid params: context must be an object")
    return completion_result(await call(completer, (typed, others), threads))


def _referred(inventory: Inventory, reference: Any) -> Operation:
    match reference:
        case {"type": "ref/prompt", "name": str(name)}:
            found = inventory.find("prompt", name)
        case {"type": "ref/resource", "uri": str(name)}:
            found = inventory.find("template", name) or inventory.find("resource", name)
        case _:
            raise invalid_params(
                "Invalid params: ref must be a ref/prompt with a name "
                "or a ref/resource with a uri"
            )
    if found is None:
        raise invalid_params(f"Unknown reference: {shortened(name)}")
    return found


def known_values(schema: Schema, definitions: Schema) -> tuple[str, ...]:
    """What a schema names of its values: enum, const, examples and default, as text."""
    return tuple(dict.fromkeys(_texts(resolve(schema, definitions), definitions, 3)))


def matching(values: Iterable[str], typed: str) -> tuple[str, ...]:
    """Those of the values that fit what was typed, the best first."""
    start = typed.casefold()
    fitting = [value for value in values if start in value.casefold()]
    return tuple(sorted(fitting, key=lambda v: not v.casefold().startswith(start)))


def completion_result(values: Iterable[str]) -> bytes:
    """The result of `completion/complete`."""
    found = [str(value) for value in values]
    completion = {
        "values": found[:_LIMIT],
        "total": len(found),
        "hasMore": len(found) > _LIMIT,
    }
    return dumps({"completion": completion})


def _texts(schema: Schema, definitions: Schema, depth: int) -> Iterator[str]:
    if "const" in schema:
        yield _text(schema["const"])
    for keyword in ("enum", "examples"):
        values = schema.get(keyword)
        if isinstance(values, list | tuple):
            yield from (_text(value) for value in values if _is_scalar(value))
    if schema.get("type") == "boolean":
        yield from ("true", "false")
    if _is_scalar(schema.get("default")):
        yield _text(schema["default"])
    branches = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
    if "items" in schema:
        branches.append(schema["items"])
    for branch in branches if depth else ():
        yield from _texts(resolve(branch, definitions), definitions, depth - 1)


def _is_scalar(value: Any) -> bool:
    return isinstance(value, str | int | float)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else dumps(value).decode()
