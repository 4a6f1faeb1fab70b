"""Middleware: code around calls, and around requests.

    async def timed(call: Call, next: Next) -> Result:
        start = time.perf_counter()
        try:
            return await next(call)
        finally:
            print(call.method, call.name, time.perf_counter() - start)

    server.add_middleware(timed)

A call is a tool call, a resource read or a prompt; its innermost step checks the
arguments against the advertised schema and calls the API, or the function. A request
is anything that a client asks, a listing and a completion, too, and its result is what
the protocol says:

    async def filtered(incoming: Incoming, next: NextRequest) -> dict[str, Any]:
        result = await next(incoming)
        if incoming.method == "tools/list":
            result["tools"] = [tool for tool in result["tools"] if ...]
        return result

    server.add_request_middleware(filtered)

What was added first is outermost, and what wraps one name is within what is around
all.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from .messages import Request, dumps

if TYPE_CHECKING:
    from .content import Result
    from .context import Context
    from .inventory import Served

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call; `method` is `tools/call`, `resources/read` or `prompts/get`.

    It is `tools/call` for what `server.call` calls, too. `component` is an operation of
    the API, a function of extension code, or a prompt that was written as a template;
    `context` is the way back to the client (context.py). `uri` is what a read is of.
    """

    method: str
    component: Served
    arguments: Mapping[str, Any]
    context: Context
    uri: str | None = None

    @property
    def name(self) -> str:
        """The name of the tool, the resource or the prompt."""
        return self.component.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """One request: any but the handshake."""

    method: str
    params: Mapping[str, Any]
    context: Context


Next: TypeAlias = "Callable[[Call], Awaitable[Result]]"
Middleware: TypeAlias = "Callable[[Call, Next], Awaitable[Result]]"
NextRequest: TypeAlias = Callable[[Incoming], Awaitable[dict[str, Any]]]
RequestMiddleware: TypeAlias = Callable[
    [Incoming, NextRequest], Awaitable[dict[str, Any]]
]
Handler: TypeAlias = "Callable[[Request, Context], Awaitable[bytes]]"
"""Gives the result of a request, as JSON text."""


def chain(
    layers: Iterable[Callable[[T, Callable[[T], Awaitable[R]]], Awaitable[R]]],
    endpoint: Callable[[T], Awaitable[R]],
) -> Callable[[T], Awaitable[R]]:
    """One function that passes its argument through all layers to the endpoint."""
    step = endpoint
    for layer in reversed(tuple(layers)):
        step = _around(layer, step)
    return step


def _around(
    layer: Callable[[T, Callable[[T], Awaitable[R]]], Awaitable[R]],
    inner: Callable[[T], Awaitable[R]],
) -> Callable[[T], Awaitable[R]]:
    def step(argument: T) -> Awaitable[R]:
        return layer(argument, inner)

    return step


async def through(
    layers: Sequence[RequestMiddleware],
    handler: Handler,
    request: Request,
    context: Context,
) -> bytes:
    """The result of a request whose handler has layers around it.

    A result that they leave as it is keeps its bytes: no number is written anew.
    """
    text = b""

    async def endpoint(incoming: Incoming) -> dict[str, Any]:
        nonlocal text
        asked = request._replace(params=incoming.params)
        text = await handler(asked, incoming.context)
        value: dict[str, Any] = json.loads(text)
        return value

    incoming = Incoming(method=request.method, params=request.params, context=context)
    result: object = await chain(layers, endpoint)(incoming)
    if not isinstance(result, dict):
        raise TypeError(f"middleware gave {result!r} as the result of a request")
    return text if text and json.loads(text) == result else dumps(result)
