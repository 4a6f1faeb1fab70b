"""Extension code with one of each thing that a server can offer and ask."""

from __future__ import annotations

import asyncio
from typing import Literal

from mcpgen_runtime import Context, Server, ToolError

FORM = {
    "type": "object",
    "properties": {"name": {"type": "string"}},
    "required": ["name"],
}


def extend(server: Server) -> None:
    server.announce("updates")

    @server.tool
    async def greet(ctx: Context) -> str:
        """Greets the user by name."""
        answer = await ctx.elicit("What is your name?", FORM)
        return f"{answer.action}: {(answer.content or {}).get('name')}"

    @server.tool
    async def summarize(ctx: Context) -> str:
        """Has the client's model summarize its folders."""
        folders = [root["uri"] for root in await ctx.roots()]
        text = {"type": "text", "text": " ".join(folders)}
        answer = await ctx.sample([{"role": "user", "content": text}], max_tokens=9)
        return str(answer["content"]["text"])

    @server.tool
    async def work(ctx: Context, steps: int = 3) -> str:
        """Reports what it does."""
        await ctx.log("debug", "begun")
        for step in range(1, steps + 1):
            await ctx.progress(step, steps, f"step {step}")
        await ctx.log("warning", {"done": steps}, logger="work")
        return "done"

    @server.tool
    async def sleep() -> str:
        """Takes ten minutes."""
        asleep.add(1)
        try:
            await asyncio.sleep(600)
        finally:
            asleep.clear()
        return "rested"

    @server.tool
    def sleeping() -> int:
        """Tells how many are asleep."""
        return len(asleep)

    @server.tool
    async def come_back(ctx: Context) -> str:
        """Closes the stream of its call, where there is one, before it answers."""
        ctx.close_stream(50)
        await asyncio.sleep(0.2)
        return "back"

    @server.tool
    async def restock() -> str:
        """Changes the list of items."""
        server.resource_updated("api://shop/items")
        return "restocked"

    @server.tool
    def fail() -> str:
        """Always fails."""
        raise ToolError("that was to be expected")

    @server.prompt
    def haiku(season: Literal["spring", "summer", "autumn", "winter"]) -> str:
        """Asks for a haiku."""
        return f"Write a haiku about {season}."


asleep: set[int] = set()
