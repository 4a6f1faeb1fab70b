"""Drives the Python SDK 1.x; see driving.py for what goes in and out."""

from datetime import timedelta
from typing import Any

from driving import Told, results, run
from mcp import ClientSession, McpError, StdioServerParameters, types
from mcp.client.sse import sse_client
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamablehttp_client


def connection(server: dict[str, Any], transport: str) -> Any:
    if transport == "stdio":
        return stdio_client(StdioServerParameters(**server))
    if transport == "sse":
        return sse_client(server["url"])
    return streamablehttp_client(server["url"], headers=server.get("headers"))


async def main(script: dict[str, Any]) -> dict[str, Any]:
    told = Told()

    async def answer(context: Any, params: Any) -> Any:
        told.asked(params.message)
        return types.ElicitResult(action="accept", content=script["answer"])

    answers = {"elicitation_callback": answer} if script["answer"] else {}
    async with (
        connection(script["server"], script["transport"]) as (read, write, *_),
        ClientSession(
            read, write, timedelta(seconds=60), logging_callback=told.log, **answers
        ) as session,
    ):
        hello = await session.initialize()
        await session.set_logging_level("info")
        return {
            "protocol": hello.protocolVersion,
            "server": hello.serverInfo.name,
            "results": await results(
                script, session, types, McpError, progress_callback=told.progress
            ),
            "told": told.all,
        }


run(main)
