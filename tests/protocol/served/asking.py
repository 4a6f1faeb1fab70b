"""Tools that ask the client, in rounds, in sessions and in tasks."""

from __future__ import annotations

import asyncio
from typing import Any

from mcpgen_runtime import Context, Server, ToolError
from mcpgen_runtime.errors import RequestError

NAME = {
    "type": "object",
    "properties": {"name": {"type": "string"}},
    "required": ["name"],
}
PAGE = "https://example.com/sign-in"
HELLO = [{"role": "user", "content": {"type": "text", "text": "Hello"}}]
SHOUT = {"name": "shout", "inputSchema": {"type": "object"}}


async def greet(ctx: Context) -> str:
    """Asks for a name."""
    answer = await ctx.elicit("Your name?", NAME, key="name")
    return f"{answer.action} {(answer.content or {}).get('name')}"


def extend(server: Server) -> None:
    server.enable_tasks()
    server.tool(name="ask_form")(greet)
    server.prompt(name="asking_prompt")(greet)
    server.resource("asking://resource", name="asking_resource")(greet)

    @server.tool
    async def ask_page(ctx: Context) -> str:
        """Has a page opened."""
        return (await ctx.elicit_url("Sign in", PAGE, key="page")).action

    @server.tool
    async def ask_model(ctx: Context, tools: bool = False) -> str:
        """Asks the model."""
        more: dict[str, Any] = {"tools": [SHOUT]} if tools else {}
        answer = await ctx.sample(HELLO, max_tokens=9, key="model", **more)
        return str(answer["content"]["text"])

    @server.tool
    async def ask_roots(ctx: Context) -> str:
        """Asks for the roots."""
        return " ".join(root["uri"] for root in await ctx.roots(key="roots"))

    @server.tool
    async def ask_both(ctx: Context) -> str:
        """Asks two questions at once, then a third."""
        first, second = await asyncio.gather(
            ctx.elicit("First?", NAME, key="first"),
            ctx.elicit("Second?", NAME, key="second"),
        )
        third = await ctx.elicit("Third?", NAME, key="third")
        names = [(answer.content or {})["name"] for answer in (first, second, third)]
        return " ".join(names)

    @server.tool
    async def job(ctx: Context) -> str:
        """Goes on as a task."""
        await ctx.as_task()
        await ctx.progress(1)
        await ctx.log("error", "in a task")
        return "worked"

    @server.tool
    async def job_required(ctx: Context) -> str:
        """Can only be a task, and fails."""
        await ctx.as_task(required=True)
        raise ToolError("no luck")

    @server.tool
    async def job_broken(ctx: Context) -> str:
        """A task that ends with an error of the protocol."""
        await ctx.as_task()
        raise RequestError(-32603, "The job can't be done")

    @server.tool
    async def job_forever(ctx: Context) -> str:
        """A task that ends when it is cancelled."""
        await ctx.as_task()
        await asyncio.Event().wait()
        return "never"

    @server.tool
    async def job_asking(ctx: Context) -> str:
        """A round, then a task that asks twice at once."""
        name = await ctx.elicit("Your name?", NAME, key="name")
        await ctx.as_task()
        first, second = await asyncio.gather(
            ctx.elicit("First?", NAME, key="first"),
            ctx.elicit("Second?", NAME, key="second"),
        )
        answers = [answer.content or {} for answer in (name, first, second)]
        return " ".join(answer["name"] for answer in answers)
