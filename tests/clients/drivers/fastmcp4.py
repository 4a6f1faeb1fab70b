"""Drives FastMCP's client 4.x; see driving.py for what goes in and out."""

from typing import Any

import mcp_types as types
from driving import Told, results, run
from fastmcp import Client
from fastmcp.client.elicitation import ElicitResult
from fastmcp.client.transports import (
    SSETransport,
    StdioTransport,
    StreamableHttpTransport,
)
from mcp import MCPError


def connection(server: dict[str, Any], transport: str) -> Any:
    if transport == "stdio":
        return StdioTransport(**server)
    if transport == "sse":
        return SSETransport(server["url"])
    return StreamableHttpTransport(server["url"], headers=server.get("headers"))


async def main(script: dict[str, Any]) -> dict[str, Any]:
    told = Told()

    async def answer(message: str, form: Any, params: Any, context: Any) -> Any:
        told.asked(message)
        return ElicitResult(action="accept", content=script["answer"])

    async with Client(
        connection(script["server"], script["transport"]),
        mode=script["mode"],
        timeout=60,
        progress_handler=told.progress,
        log_handler=told.log,
        elicitation_handler=answer,
    ) as client:
        if script["mode"] == "legacy":
            await client.set_logging_level("info")
        return {
            "protocol": client.protocol_version,
            "server": client.server_info.name,
            "results": await results(script, client, types, MCPError, suffix="_mcp"),
            "told": told.all,
        }


run(main)
