"""Real MCP clients against a server that is mounted in a FastAPI application, with two
workers: the application decides who they are, each by the token that it brings."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from harness import APPS, HOST, MCPGEN, run, uvicorn

from . import environments
from .environments import CLIENTS, Client

pytestmark = pytest.mark.clients

MOST_USED = ("python-1.30", "python-2.3", "fastmcp-4.1")
STEPS = {
    "tools": ("tools/list", {}),
    "me": ("tools/call", {"name": "users_me", "arguments": {}}),
    "vault": ("tools/call", {"name": "vault", "arguments": {}}),
    "depth": ("tools/call", {"name": "depth", "arguments": {"levels": 3}}),
}


@pytest.fixture(scope="module")
def mounted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of the server."""
    folder = tmp_path_factory.mktemp("mounted")
    run(MCPGEN, "traps:app", "-o", folder, "--preset", "tools", cwd=APPS)
    (folder / "host.py").write_text(HOST)
    variables = {
        "PYTHONPATH": f"{folder}:{APPS}",
        "TRAPS_FORWARD_HEADERS": "Authorization",
        "TRAPS_API_KEY_HEADER_KEY": "teapot",
        "WEB_CONCURRENCY": "2",
    }
    with uvicorn("host:app", **variables) as url:
        yield f"{url}/mcp"


@pytest.mark.parametrize(
    ("client", "name"),
    [
        pytest.param(client, name, id=f"{client.name}-{client.protocol}-{name}")
        for client in CLIENTS
        if client.name in MOST_USED
        for name in ("ada", "bob")
    ],
)
def test_a_client_is_who_its_token_says(
    client: Client, name: str, mounted: str, tmp_path: Path
) -> None:
    environments.install_all()
    headers = {"Authorization": f"Bearer {name}'s token"}
    script = {
        "server": {"url": mounted, "headers": headers},
        "transport": "http",
        "mode": client.mode,
        "steps": list(STEPS.values()),
        "answer": None,
    }
    done = subprocess.run(
        client.command,
        input=json.dumps(script),
        cwd=tmp_path,
        env=environments.variables() | {"HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    driven = json.loads(done.stdout)
    seen = dict(zip(STEPS, driven["results"], strict=True))
    assert (driven["protocol"], driven["server"]) == (client.protocol, "traps")
    assert "users_me" in {tool["name"] for tool in seen["tools"]["tools"]}
    texts = {
        step: seen[step]["content"][0]["text"] for step in ("me", "vault", "depth")
    }
    assert json.loads(texts["me"]) == {"user": name, "tenant": "none"}
    assert json.loads(texts["vault"]) == "open"
    assert json.loads(texts["depth"]) == 3
