"""What a stdio server loads before it answers its first listing: a literal list.

Every module costs each start of each server, so this list grows on purpose only.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from harness import environment
from raw_client import StdioClient

OF_THE_PACKAGE = {
    "shop_mcp",
    "shop_mcp.extensions",
    "shop_mcp.server",
    "shop_mcp.settings",
    "shop_mcp._runtime",
    "shop_mcp._runtime._version",
    "shop_mcp._runtime.capacity",
    "shop_mcp._runtime.catalog",
    "shop_mcp._runtime.changes",
    "shop_mcp._runtime.composition",
    "shop_mcp._runtime.configuration",
    "shop_mcp._runtime.context",
    "shop_mcp._runtime.dispatch",
    "shop_mcp._runtime.errors",
    "shop_mcp._runtime.forwarding",
    "shop_mcp._runtime.inventory",
    "shop_mcp._runtime.loop",
    "shop_mcp._runtime.main",
    "shop_mcp._runtime.messages",
    "shop_mcp._runtime.options",
    "shop_mcp._runtime.pagination",
    "shop_mcp._runtime.protocol",
    "shop_mcp._runtime.server",
    "shop_mcp._runtime.session",
    "shop_mcp._runtime.settings",
    "shop_mcp._runtime.stateless",
    "shop_mcp._runtime.telling",
    "shop_mcp._runtime.transports",
    "shop_mcp._runtime.transports.stdio",
    "shop_mcp._runtime.upstream",
    "shop_mcp._runtime.upstream.auth",
}
OF_THE_INTERPRETER = {
    "_distutils_hack",  # a .pth file of setuptools, which venv installs before 3.12
    "sitecustomize",
    "usercustomize",
}
NEVER_HERE = {"argparse", "dataclasses", "difflib", "email", "http"} | {
    "urllib.request",
    "xml",
}


def imported_by_first_listing(shop_python: Path, folder: Path) -> set[str]:
    """The modules that `python -v` named until the answer came."""
    command = [str(shop_python), "-v", "-m", "shop_mcp"]
    with StdioClient(command, cwd=folder, env=environment()) as client:
        client.initialize()
        client.request("tools/list")
        said = client.stderr()
    before = said.partition("warm_up.py")[0]  # which comes after the answer
    return set(re.findall(r"^import '([\w.]+)' #", before, re.MULTILINE))


def test_a_listing_needs_little(shop_python: Path, tmp_path: Path) -> None:
    imported = imported_by_first_listing(shop_python, tmp_path)
    top_level = {name.partition(".")[0] for name in imported}
    assert top_level - sys.stdlib_module_names - OF_THE_INTERPRETER == {"shop_mcp"}
    ours = {name for name in imported if name.partition(".")[0] == "shop_mcp"}
    assert ours == OF_THE_PACKAGE
    assert not imported & NEVER_HERE


def test_a_call_takes_no_httpx(shop_python: Path, tmp_path: Path) -> None:
    """It costs 10 MB and a tenth of a second; it is there for who brings a transport."""
    command = [str(shop_python), "-v", "-m", "shop_mcp"]
    there = {"SHOP_BASE_URL": "http://127.0.0.1:1", "SHOP_API_KEY": "key"}
    with StdioClient(command, cwd=tmp_path, env=environment() | there) as client:
        client.initialize()
        call = {"name": "delete_product", "arguments": {"productId": 1}}
        answer = client.request("tools/call", call)
        said = client.stderr()
    assert "Cannot connect" in str(answer)
    imported = set(re.findall(r"^import '([\w.]+)' #", said, re.MULTILINE))
    assert "httptools" in imported
    assert "httpx" not in imported
