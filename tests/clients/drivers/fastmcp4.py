"""Drives FastMCP's client; see sdk2.py for what goes in and out."""

import asyncio
import json
import sys
from typing import Any

from fastmcp import Client
from fastmcp.client.transports import StdioTransport


def dumped(value: Any) -> Any:
    return value.model_dump(mode="json", by_alias=True, exclude_none=True)


async def main(script: dict[str, Any]) -> dict[str, Any]:
    server = script["server"]
    target = server["url"] if "url" in server else StdioTransport(**server)
    async with Client(target, mode=script["mode"], timeout=30) as client:
        return {
            "protocol": client.protocol_version,
            "server": client.server_info.name,
            "tools": [dumped(tool) for tool in await client.list_tools()],
            "resources": [dumped(entry) for entry in await client.list_resources()],
            "templates": [
                dumped(entry) for entry in await client.list_resource_templates()
            ],
            "results": [
                dumped(await getattr(client, f"{step['do']}_mcp")(*step["with"]))
                for step in script["steps"]
            ],
        }


print(json.dumps(asyncio.run(main(json.load(sys.stdin)))))
