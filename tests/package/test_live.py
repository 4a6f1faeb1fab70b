"""A FastAPI service with all the usual traps, served three ways, answers the same.

Over HTTP, in the process of its server, and with the server mounted in it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from harness import ROOT, environment, run
from raw_client import Client, HttpClient, StdioClient

APPS = ROOT / "fixtures" / "apps"
MCPGEN = Path(sys.executable).with_name("mcpgen")
HOST = """
from traps import app
from traps_mcp._runtime import mount
from traps_mcp.server import server

mount(server, app, "/mcp")
"""
CREDENTIALS = {
    "TRAPS_HTTP_BEARER_TOKEN": "ada's token",
    "TRAPS_API_KEY_HEADER_KEY": "teapot",
}
TREE = {"name": "a", "children": [{"name": "b", "children": [{"name": "c"}]}]}
CALLS: list[tuple[str, dict[str, Any], Any]] = [
    ("greeting", {}, {"greeting": "hello from the lifespan", "starts": 1}),
    ("users_me", {}, {"user": "ada", "tenant": "none"}),
    ("users_me", {"x-tenant": "blue"}, {"user": "ada", "tenant": "blue"}),
    ("vault", {}, "open"),
    ("form", {"name": "a+b é", "sizes": [1, 2]}, ["a+b é", [1, 2]]),
    (
        "upload",
        {"file": "data:text/plain;name=a.txt;base64,QUFB", "more": ["data:,BB"]},
        [["a.txt", 3], ["more", 2]],
    ),
    ("read_file", {"path": "a b/c.txt"}, "a b/c.txt"),
    ("count_the_nodes", TREE, 3),
    ("add_pet", {"pet": {"kind": "dog", "tricks": ["sit"]}}, "Dog"),
    ("add_item", {"outer": "shell"}, "shell"),
    ("add_inner_item", {"body": {"x": {"inner": 2}, "y": {"inner": 3}}}, 5),
    ("depth", {"levels": 3}, 3),
    ("stream", {"pieces": 2}, "piece 0\npiece 1\n"),
]
REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("add_pet", {"pet": {"kind": "bird"}}, "kind"),
    ("broken", {}, "HTTP 500 Internal Server Error"),
]
WAYS = ("http", "in process", "mounted")


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The folder of the package for each way."""
    folder = tmp_path_factory.mktemp("live")
    for name, options in (("http", ()), ("in process", ("--in-process",))):
        command = (MCPGEN, "traps:app", "-o", folder / name, "--preset", "tools")
        run(*command, *options, cwd=APPS)
    (folder / "http" / "host.py").write_text(HOST)
    return {"mounted": folder / "http"} | {n: folder / n for n in WAYS[:2]}


@contextmanager
def uvicorn(app: str, **variables: str) -> Iterator[str]:
    """The base URL of an application that uvicorn serves."""
    command = [sys.executable, "-m", "uvicorn", app, "--port", "0"]
    with subprocess.Popen(
        command, env=environment(**variables), stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr
        try:
            said = []
            for line in process.stderr:
                said.append(line)
                if "running on" in line:
                    yield "http://" + line.partition("http://")[2].split()[0]
                    break
            else:
                raise AssertionError("".join(said))
        finally:
            process.terminate()
            process.stderr.read()


@contextmanager
def connected(way: str, package: Path, **variables: str) -> Iterator[Client]:
    paths = {"PYTHONPATH": f"{package}:{APPS}"}
    with ExitStack() as stack:
        if way == "mounted":
            url = stack.enter_context(uvicorn("host:app", **paths, **variables))
            client: Client = HttpClient(f"{url}/mcp")
        else:
            if way == "http":
                url = stack.enter_context(uvicorn("traps:app", PYTHONPATH=str(APPS)))
                variables |= {"TRAPS_BASE_URL": f"{url}/api/v1"}
            command = [sys.executable, "-m", "traps_mcp"]
            client = StdioClient(
                command, cwd=package, env=environment(**paths, **variables)
            )
        stack.enter_context(client)
        client.initialize()
        yield client


@pytest.fixture(scope="module", params=WAYS)
def client(
    request: pytest.FixtureRequest, packages: Mapping[str, Path]
) -> Iterator[Client]:
    way = request.param
    with connected(way, packages[way], **CREDENTIALS) as connected_client:
        yield connected_client


@pytest.mark.parametrize(("tool", "arguments", "expected"), CALLS)
def test_a_call_gives_the_same(
    client: Client, tool: str, arguments: dict[str, Any], expected: Any
) -> None:
    result = client.call(tool, arguments)
    assert not result.get("isError"), result
    (block,) = result["content"]
    text = block["text"]
    assert (text if tool == "stream" else json.loads(text)) == expected


@pytest.mark.parametrize(("tool", "arguments", "said"), REFUSED)
def test_a_failure_is_the_same(
    client: Client, tool: str, arguments: dict[str, Any], said: str
) -> None:
    result = client.call(tool, arguments)
    assert result["isError"]
    assert said in result["content"][0]["text"]
    assert "hunter2" not in json.dumps(result)
