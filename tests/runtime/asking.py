"""A server whose middleware stands for handlers: it uses the context of each call.

`asking(handler)` serves the tool `ask`, which is answered by the handler's text, and
the resource `api://ask`.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from mcpgen_runtime import Context, Field, Resource, Server, Settings, Tool
from mcpgen_runtime.content import Result
from mcpgen_runtime.middleware import Call, Next

ask = Tool(
    name="ask",
    method="POST",
    path="/ask",
    arguments=(Field("topic", {"type": "string"}),),
    body="application/json",
)
ask_resource = Resource(name="ask_resource", method="GET", path="/a", uri="api://ask")

FORM = {
    "type": "object",
    "properties": {"name": {"type": "string"}},
    "required": ["name"],
}


def asking(
    handler: Callable[[Context], Awaitable[Any]], prefix: str = "ASKING"
) -> Server:
    async def answered(call: Call, next: Next) -> Result:
        text = json.dumps(await handler(call.context))
        return Result(content=({"type": "text", "text": text},), body=text.encode())

    server = Server(name="asking", version="1", settings=Settings(prefix=prefix))
    server.add(ask)
    server.add(ask_resource)
    server.add_middleware(answered)
    return server


def said(result: dict[str, Any]) -> Any:
    """What the handler gave."""
    return json.loads(result["content"][0]["text"])
