"""Who is measured: how each server is made for a document, and how it is started."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from documents import write
from driver import Process, Stdio

HERE = Path(__file__).parent
SERVERS = ("mcpgen", "floor", "sdk", "fastmcp")
"""In the order of the tables."""
WHAT = {
    "mcpgen": "the server that mcpgen emits, as it is by default",
    "floor": "written by hand for this API, checking nothing",
    "sdk": "the official SDK's low-level server with one tool, written by hand",
    "fastmcp": "FastMCP, converting the document when it starts",
    "httpx": "the same requests made with httpx, without a server",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """What starts one server; over HTTP, `port` is appended to the command."""

    command: tuple[str, ...]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    port_option: tuple[str, ...] = ()

    def start(self, port: int | None = None) -> Process:
        suffix = () if port is None else (*self.port_option, str(port))
        return Process((*self.command, *suffix), self.folder, self.environment)


def prepare(
    operations: int, folder: Path, base_url: str, python: str, peers_python: str | None
) -> dict[str, Launch]:
    """The servers for a document of so many operations, in a folder of their own.

    `python` has what an emitted package depends on, `peers_python` has the peers.
    """
    folder.mkdir()
    spec = write(operations, folder)
    out = folder / "out"
    generate = [sys.executable, "-m", "mcpgen", str(spec), "-o", str(out), "-q"]
    subprocess.run([*generate, "--preset", "tools"], check=True)
    subprocess.run([python, "-m", "compileall", "-q", str(out)], check=True)
    ours = Launch(
        command=(python, "-m", "bench_mcp"),
        folder=out,
        environment={"BENCH_BASE_URL": base_url},
        port_option=("--transport", "http", "--port"),
    )
    with ours.start() as process:
        listing = Stdio(process).request("tools/list")
    stored = folder / "listing.json"
    stored.write_text(json.dumps(listing, separators=(",", ":")))
    launches = {
        "mcpgen": ours,
        "floor": _script("floor.py", python, folder, str(stored), base_url),
    }
    if peers_python:
        launches |= {
            "sdk": _script("sdk_server.py", peers_python, folder, base_url),
            "fastmcp": _script(
                "fastmcp_server.py", peers_python, folder, str(spec), base_url
            ),
        }
    return launches


def call(kilobytes: int) -> dict[str, Any]:
    """The parameters of the call that is measured."""
    return {"name": "get_item_0", "arguments": {"id": 1, "limit": kilobytes}}


def _script(name: str, python: str, folder: Path, *arguments: str) -> Launch:
    return Launch(command=(python, str(HERE / name), *arguments), folder=folder)
