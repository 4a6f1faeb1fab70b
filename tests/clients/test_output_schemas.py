"""Clients that check answers by the schema that was told of them: none loses one."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from harness import environment, generate
from runtime.recording import answer, upstream

from . import environments
from .environments import CLIENTS, Client

pytestmark = pytest.mark.clients

SHIP: dict[str, Any] = {
    "type": "object",
    "required": ["id", "name", "crew"],
    "additionalProperties": False,
    "properties": {
        "id": {"type": "integer", "minimum": 1},
        "name": {"type": "string", "enum": ["Ada", "Bea"]},
        "crew": {"type": "array", "items": {"type": "string"}, "minItems": 1},
        "built": {"type": "string", "format": "date"},
        "tender": {"$ref": "#/components/schemas/Ship"},
    },
}
GOOD = {"id": 1, "name": "Ada", "crew": ["x"], "tender": {"id": 2}}
ANSWERS: dict[str, tuple[bytes, Any]] = {
    "good": (answer(json.dumps(GOOD).encode()), GOOD),
    "empty": (answer(b"{}"), {}),
    "other": (answer(b'{"id":"one","crew":null,"x":[1.50]}'), {"id": "one", "crew": None, "x": [1.5]}),
    "list": (answer(b"[1,2]"), {"result": [1, 2]}),
    "text": (answer(b'"Ada"'), {"result": "Ada"}),
    "null": (answer(b"null"), {"result": None}),
    "big": (answer(b'{"id":123456789012345678901234567890}'), "big"),
    "long": (answer(b'{"crew":[%b"z"]}' % (b'"somebody",' * 30_000)), "long"),
    "no-content": (answer(status=204), {}),
    "page": (answer(b"<h1>Ships</h1>", kind="text/html"), {}),
    "image": (answer(b"\x89PNG", kind="image/png"), {}),
    "malformed": (answer(b'{"id":'), {}),
    "moved": (answer(status=302, Location="https://elsewhere.example/"), None),
    "unknown": (answer(b'{"title":"No such ship"}', status=404), None),
    "broken": (answer(b'{"id":1}', status=500), None),
    "cut-short": (answer(b'{"id":1}')[:-2], None),
}  # fmt: skip
"""What the API answers, and the structured content; None where it is an error."""
VALIDATING = [
    client
    for client in CLIENTS
    if client.protocol >= "2025-06-18" and client.name != "inspector"
]


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a package with one tool for each answer."""
    ok = {
        "content": {
            "application/json": {"schema": {"$ref": "#/components/schemas/Ship"}}
        }
    }
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Ships", "version": "1"},
        "components": {"schemas": {"Ship": SHIP}},
        "paths": {
            f"/{name}": {"post": {"operationId": name, "responses": {"200": ok}}}
            for name in ANSWERS
        },
    }  # fmt: skip
    folder = tmp_path_factory.mktemp("ships")
    (folder / "ships.json").write_text(json.dumps(document))
    return generate(folder / "ships.json", folder / "out").parent


@pytest.fixture(scope="session")
def installed() -> None:
    environments.install_all()


def api(request: bytes) -> Any:
    name = request.split(b" ", 2)[1].decode().removeprefix("/")
    return [ANSWERS[name][0], b""] if name == "cut-short" else ANSWERS[name][0]


@pytest.mark.parametrize(
    "client", VALIDATING, ids=[f"{c.name}-{c.protocol}" for c in VALIDATING]
)
@pytest.mark.usefixtures("installed")
async def test_no_answer_is_lost(client: Client, package: Path, tmp_path: Path) -> None:
    async with upstream(api) as recorded:
        server = {
            "command": sys.executable,
            "args": ["-m", "ships_mcp"],
            "env": environment(PYTHONPATH=str(package), SHIPS_BASE_URL=recorded.url),
        }
        calls = [
            ("tools/call", {"name": name.replace("-", "_"), "arguments": {}})
            for name in ANSWERS
        ]
        script = {
            "server": server,
            "transport": "stdio",
            "mode": client.mode,
            "steps": [("tools/list", {}), *calls],
            "answer": None,
        }
        process = await asyncio.create_subprocess_exec(
            *client.command,
            stdin=-1,
            stdout=-1,
            stderr=-1,
            cwd=tmp_path,
            env=environments.variables() | {"HOME": str(tmp_path)},
        )
        out, error = await process.communicate(json.dumps(script).encode())
    assert process.returncode == 0, error.decode()
    listed, *results = json.loads(out)["results"]
    assert all("outputSchema" in tool for tool in listed["tools"])
    for (name, (_, structured)), result in zip(ANSWERS.items(), results, strict=True):
        assert "error" not in result, (name, result)
        assert bool(result.get("isError")) is (structured is None), (name, result)
        if structured == "long":
            assert set(result["structuredContent"]["crew"]) == {"somebody"}
        elif structured == "big":  # JavaScript rounds what its clients hand over
            assert result["structuredContent"]["id"] > 10**29
        elif structured is not None:
            assert result["structuredContent"] == structured, name
