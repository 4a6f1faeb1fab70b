"""Tools that tell while they run, and tools that only run."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict

from mcpgen_runtime import Context, Server
from mcpgen_runtime.session import LEVELS

released = asyncio.Event()
cancelled: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
"""Whether the held call of a name was cancelled."""
late: set[asyncio.Task[None]] = set()


def extend(server: Server) -> None:
    @server.tool
    async def chatter(ctx: Context) -> str:
        """Logs once at every level."""
        for level in LEVELS:
            await ctx.log(level, {"level": level}, "served")
        return "said"

    @server.tool
    async def steps(ctx: Context) -> str:
        """Reports progress, some of it twice, and some after its end."""
        for step in (1, 2, 2, 1.5, 3):
            await ctx.progress(step, 3, f"step {step}")

        async def too_late() -> None:
            await released.wait()
            await ctx.progress(4)
            await ctx.log("error", "too late")

        task = asyncio.create_task(too_late())
        late.add(task)
        task.add_done_callback(late.discard)
        return "done"

    @server.tool
    async def hold(ctx: Context, name: str = "") -> str:
        """Runs until it is released; its first progress says that it runs."""
        released.clear()
        await ctx.progress(1)
        try:
            await released.wait()
        except asyncio.CancelledError:
            cancelled[name].set()
            raise
        return "held"

    @server.tool
    async def release() -> list[str]:
        """Ends what is held, and names the calls that were cancelled."""
        released.set()
        return [name for name, event in cancelled.items() if event.is_set()]

    @server.tool
    async def wait_for_cancellation(name: str) -> str:
        """Returns when the held call of a name was cancelled."""
        await cancelled[name].wait()
        return name

    @server.tool
    async def block(ctx: Context, seconds: float) -> str:
        """Runs for a while; its first progress says that it runs."""
        await ctx.progress(1)
        await asyncio.sleep(seconds)
        return "ran"

    @server.tool
    def block_thread(seconds: float) -> str:
        """Runs for a while in a thread that nothing can end."""
        time.sleep(seconds)
        return "ran"

    @server.tool
    async def odd_number(ctx: Context) -> str:
        """Logs what JSON has no way to write."""
        await ctx.log("error", float("nan"))
        return "logged"
