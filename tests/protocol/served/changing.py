"""Tools that change what is served, and tell who listens."""

from __future__ import annotations

from mcpgen_runtime import Server


def extend(server: Server) -> None:
    server.announce("tools", "updates")

    @server.tool
    async def change_tools() -> str:
        """Adds a tool and removes it again."""

        def passing() -> str:
            """Comes and goes."""
            return "here"

        server.tool(passing)
        server.remove("passing")
        return "changed"

    @server.tool
    async def change_prompts() -> str:
        """Adds a prompt and removes it again."""

        def passing_prompt() -> str:
            """Comes and goes."""
            return "here"

        server.prompt(passing_prompt)
        server.remove("passing_prompt")
        return "changed"

    @server.tool
    async def touch(uri: str) -> str:
        """Says that a resource is another now."""
        server.resource_updated(uri)
        return "touched"
