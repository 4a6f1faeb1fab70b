"""Middleware: code around every tool call and every resource read.

    async def timed(call: Call, next: Next) -> Result:
        start = time.perf_counter()
        try:
            return await next(call)
        finally:
            print(call.component.name, time.perf_counter() - start)

    server.add_middleware(timed)

What was added first is outermost. The innermost step checks the arguments against the
advertised schema and calls the API.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from .components import Component
    from .content import Result
    from .context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of a tool, or one read of a resource: then `uri` is what is read.

    `context` is the way back to the client (context.py).
    """

    component: Component
    arguments: Mapping[str, Any]
    context: Context
    uri: str | None = None


Next: TypeAlias = "Callable[[Call], Awaitable[Result]]"
Middleware: TypeAlias = "Callable[[Call, Next], Awaitable[Result]]"


def chain(middleware: Iterable[Middleware], endpoint: Next) -> Next:
    """One function that passes a call through all middleware to the endpoint."""
    step = endpoint
    for layer in reversed(tuple(middleware)):
        step = _around(layer, step)
    return step


def _around(layer: Middleware, inner: Next) -> Next:
    def step(call: Call) -> Awaitable[Result]:
        return layer(call, inner)

    return step
