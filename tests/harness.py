"""What the tests of whole servers share: mcpgen as a command, an API, environments."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SPECS = ROOT / "fixtures" / "specs"
APPS = ROOT / "fixtures" / "apps"
MCPGEN = Path(sys.executable).with_name("mcpgen")
HOST = """
from traps import app
from traps_mcp._runtime import mount
from traps_mcp.server import server

mount(server, app, "/mcp")
"""
"""The service of fixtures/apps/traps.py with its server mounted in it."""

CREDENTIALS = {
    "SHOP_API_KEY": "teapot",
    "SHOP_TOKEN": "sesame",
    "SHOP_PASSWORD_USERNAME": "ada",
    "SHOP_PASSWORD_PASSWORD": "lovelace",
}


def environment(**variables: str) -> dict[str, str]:
    """The environment of a process that must not find this project by accident."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "VIRTUAL_ENV", "SHOP_", "COV_"))
    }
    return inherited | variables


def run(*command: str | Path, cwd: Path, **variables: str) -> str:
    """The standard output of a command; fails with all that it said."""
    done = subprocess.run(
        command,
        cwd=cwd,
        env=environment(**variables),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        shown = " ".join(map(str, command))
        raise AssertionError(
            f"{shown}\nexit status {done.returncode}\n{done.stdout}{done.stderr}"
        )
    return done.stdout


def generate(spec: Path, out: Path, *options: str) -> Path:
    """Runs `mcpgen`; gives the folder of the package in `out`."""
    run(MCPGEN, spec, "-o", out, *options, cwd=out.parent)
    (main,) = out.glob("*/__main__.py")
    return main.parent


def new_environment(folder: Path, *requirements: str | Path) -> Path:
    """A virtual environment with nothing but these installed; gives its Python."""
    run(sys.executable, "-m", "venv", "--without-pip", folder, cwd=folder.parent)
    python = folder / "bin" / "python"
    pip = (sys.executable, "-m", "pip", "--python", python)
    quiet = ("--disable-pip-version-check", "-qq", "--no-compile")
    run(*pip, "install", *quiet, *requirements, cwd=folder)
    return python


@contextmanager
def uvicorn(app: str, **variables: str) -> Iterator[str]:
    """The base URL of an application that uvicorn serves."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", app, "--port", str(port)]
    process = subprocess.Popen(command, env=environment(**variables))
    try:
        deadline = time.monotonic() + 60
        while not _accepts(port):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


def _accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


@dataclass(frozen=True)
class ShopApi:
    """The running API of fixtures/apps/shop.py."""

    url: str

    def received(self) -> list[dict[str, Any]]:
        """The requests since this was last asked, in order of arrival."""
        record = self.url.removesuffix("/v1") + "/_requests"
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(record) as response:
            requests: list[dict[str, Any]] = json.load(response)
        opener.open(urllib.request.Request(record, method="DELETE")).close()
        return requests


@contextmanager
def shop_api() -> Iterator[ShopApi]:
    command = [sys.executable, str(ROOT / "fixtures" / "apps" / "shop.py"), "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield ShopApi(process.stdout.readline().strip())
        finally:
            process.terminate()
