"""The official SDK's low-level server with one tool, written by hand.

sdk_server.py BASE_URL [PORT]
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import httpx2
from mcp import types
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server

api = httpx2.AsyncClient(base_url=sys.argv[1])
TOOL = types.Tool(
    name="get_item_0",
    description="Read an item",
    input_schema={
        "type": "object",
        "properties": {"id": {"type": "integer"}, "limit": {"type": "integer"}},
        "required": ["id"],
    },
)


async def list_tools(context: Any, params: Any) -> types.ListToolsResult:
    return types.ListToolsResult(tools=[TOOL])


async def call_tool(context: Any, params: Any) -> types.CallToolResult:
    arguments = dict(params.arguments)
    response = await api.get(f"/items0/{arguments.pop('id')}", params=arguments)
    return types.CallToolResult(
        content=[types.TextContent(type="text", text=response.text)],
        structured_content=json.loads(response.text),
    )


server: Any = Server("sdk", on_list_tools=list_tools, on_call_tool=call_tool)


async def stdio() -> None:
    async with stdio_server() as (reader, writer):
        await server.run(reader, writer, server.create_initialization_options())


if sys.argv[2:]:
    import uvicorn

    app = server.streamable_http_app(stateless_http=True, json_response=True)
    uvicorn.run(app, port=int(sys.argv[2]), log_level="warning")
else:
    asyncio.run(stdio())
