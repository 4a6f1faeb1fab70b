"""Drives the Python SDK 2.x; see driving.py for what goes in and out."""

from typing import Any

import httpx2
import mcp_types as types
from driving import Told, results, run
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.sse import sse_client
from mcp.client.streamable_http import streamable_http_client


def target(server: dict[str, Any], transport: str) -> Any:
    if transport == "stdio":
        return StdioServerParameters(**server)
    if transport == "sse":
        return sse_client(server["url"])
    if "headers" not in server:
        return server["url"]
    http = httpx2.AsyncClient(headers=server["headers"], timeout=60)
    return streamable_http_client(server["url"], http_client=http)


async def main(script: dict[str, Any]) -> dict[str, Any]:
    told = Told()

    async def answer(context: Any, params: Any) -> Any:
        told.asked(params.message)
        return types.ElicitResult(action="accept", content=script["answer"])

    async with Client(
        target(script["server"], script["transport"]),
        mode=script["mode"],
        read_timeout_seconds=60,
        logging_callback=told.log,
        log_level="info",
        elicitation_callback=answer,
    ) as client:
        if script["mode"] == "legacy":
            await client.set_logging_level("info")
        return {
            "protocol": client.protocol_version,
            "server": client.server_info.name,
            "results": await results(
                script, client, types, MCPError, progress_callback=told.progress
            ),
            "told": told.all,
        }


run(main)
