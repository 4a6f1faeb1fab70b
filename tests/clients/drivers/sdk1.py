"""Drives the official SDK 1.x; see sdk2.py for what goes in and out."""

import asyncio
import json
import sys
from datetime import timedelta
from typing import Any

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client


def dumped(value: Any) -> Any:
    return value.model_dump(mode="json", by_alias=True, exclude_none=True)


async def main(script: dict[str, Any]) -> dict[str, Any]:
    server = script["server"]
    if "url" in server:
        transport = streamable_http_client(server["url"])
    else:
        transport = stdio_client(StdioServerParameters(**server))
    async with (
        transport as (read, write, *_),
        ClientSession(read, write, timedelta(seconds=30)) as session,
    ):
        hello = await session.initialize()
        return {
            "protocol": hello.protocolVersion,
            "server": hello.serverInfo.name,
            "tools": dumped(await session.list_tools())["tools"],
            "resources": dumped(await session.list_resources())["resources"],
            "templates": dumped(await session.list_resource_templates())[
                "resourceTemplates"
            ],
            "results": [
                dumped(await getattr(session, step["do"])(*step["with"]))
                for step in script["steps"]
            ],
        }


print(json.dumps(asyncio.run(main(json.load(sys.stdin)))))
