"""Load and faults: each case is put to a server of its own kind, and gives a figure.

A case raises Fault when an answer is missing, wrong or there twice, when the server
hangs or ends, or when memory, descriptors or tasks are left over. See load_http.py and
load_stdio.py for the cases.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from pathlib import Path

import load_http
import load_stdio
from load_server import Fault, StdioServer, http_server

ROOT = Path(__file__).resolve().parent.parent
EXTENSIONS = '''\
"""What the cases call."""

import asyncio
import gc
import tracemalloc

from ._runtime import Context, Server

waiting: set[object] = set()


def extend(server: Server) -> None:
    @server.tool
    async def echo(text: str) -> str:
        """Gives back what it is given."""
        return text

    @server.tool
    async def wait(seconds: float) -> str:
        """Takes its time."""
        token = object()
        waiting.add(token)
        try:
            await asyncio.sleep(seconds)
        finally:
            waiting.discard(token)
        return "waited"

    @server.tool
    def report(ctx: Context, times: int, text: str) -> str:
        """Reports, in a thread, without waiting for anybody."""
        for number in range(times):
            ctx.log("info", f"{number} {text}")
        return "reported"

    @server.tool
    async def state() -> dict[str, int]:
        """Tells what goes on."""
        gc.collect()
        return {
            "waiting": len(waiting),
            "tasks": len(asyncio.all_tasks()),
            "bytes": tracemalloc.get_traced_memory()[0],
        }
'''


def package(folder: Path) -> str:
    """Write the package under load into a folder; gives its name."""
    spec = ROOT / "fixtures" / "specs" / "shop.yaml"
    mcpgen = [sys.executable, "-m", "mcpgen"]
    subprocess.run([*mcpgen, spec, "-o", folder, "--quiet"], check=True)
    (main,) = folder.glob("*/__main__.py")
    (main.parent / "extensions.py").write_text(EXTENSIONS)
    return main.parent.name


@asynccontextmanager
async def stdio_server(folder: Path, name: str) -> AsyncIterator[StdioServer]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", name),
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        limit=2**18,
    )
    server = StdioServer(process)
    await server.begin()
    try:
        yield server
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def show(title: str, case: Awaitable[str]) -> bool:
    """Print the figure of a case; whether nothing was wrong."""
    start = time.monotonic()
    try:
        async with asyncio.timeout(600):
            figure = await case
    except (Fault, OSError, TimeoutError) as wrong:
        print(f"FAULT {title}: {str(wrong) or type(wrong).__name__}", flush=True)
        return False
    print(f"{title}: {figure} ({time.monotonic() - start:.1f} s)", flush=True)
    return True


async def run(seconds: float) -> bool:
    fine = []
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        name = package(folder)
        async with http_server(folder, name, PYTHONTRACEMALLOC="1") as http:
            first = load_http.abandoned_sessions(http, 1000)
            fine.append(await show("http: 1,000 abandoned sessions", first))
            more = load_http.forgotten_sessions(http, 1000)
            fine.append(await show("http: 1,000 more of them", more))
        async with http_server(folder, name) as http:
            for title, of_http in load_http.cases(seconds):
                fine.append(await show(f"http: {title}", of_http(http)))
        for title, of_stdio in load_stdio.cases(seconds):
            async with stdio_server(folder, name) as stdio:
                fine.append(await show(f"stdio: {title}", of_stdio(stdio)))
    return all(fine)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--seconds", type=float, default=60, help="of fuzzing, on each transport (60)"
    )
    sys.exit(not asyncio.run(run(parser.parse_args().seconds)))


if __name__ == "__main__":
    main()
