"""What a stdio server loads before it answers its first listing: a literal list.

Every module costs each start of each server, so this list grows on purpose only.
"""

from __future__ import annotations

import sys
from pathlib import Path

from harness import environment
from raw_client import StdioClient

OF_THE_PACKAGE = {
    "shop",
    "shop.extensions",
    "shop.server",
    "shop.settings",
    "shop._runtime",
    "shop._runtime._version",
    "shop._runtime.catalog",
    "shop._runtime.components",
    "shop._runtime.context",
    "shop._runtime.dispatch",
    "shop._runtime.errors",
    "shop._runtime.inventory",
    "shop._runtime.main",
    "shop._runtime.messages",
    "shop._runtime.middleware",
    "shop._runtime.pagination",
    "shop._runtime.protocol",
    "shop._runtime.server",
    "shop._runtime.settings",
    "shop._runtime.stateless",
    "shop._runtime.transports",
    "shop._runtime.transports.stdio",
    "shop._runtime.upstream",
    "shop._runtime.upstream.auth",
}
NEVER_HERE = {"argparse", "difflib", "email", "http", "urllib.request", "xml"}


def imported_by_first_listing(shop_python: Path, folder: Path) -> set[str]:
    """The modules that `-X importtime` named until the answer came."""
    command = [str(shop_python), "-X", "importtime", "-m", "shop"]
    with StdioClient(command, cwd=folder, env=environment()) as client:
        client.initialize()
        client.request("tools/list")
        lines = client.stderr.decode().splitlines()
    return {line.rpartition("|")[2].strip() for line in lines if "|" in line}


def test_a_listing_needs_little(shop_python: Path, tmp_path: Path) -> None:
    imported = imported_by_first_listing(shop_python, tmp_path)
    top_level = {name.partition(".")[0] for name in imported}
    # What the interpreter itself loads in a virtual environment isn't ours.
    standard = sys.stdlib_module_names | {"imported package", "site", "sitecustomize"}
    assert top_level - standard == {"shop"}
    ours = {name for name in imported if name.partition(".")[0] == "shop"}
    assert ours - {"shop.__main__"} == OF_THE_PACKAGE
    assert not imported & NEVER_HERE
