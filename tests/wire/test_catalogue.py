"""Each row through the front door: document, mcpgen, generated server, client, bytes."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from harness import generate
from runtime.recording import Upstream, answer, upstream

from .answers import ANSWERS, READS, Answer
from .bodies import COMPONENTS
from .requests import ROWS
from .rows import Row


def document() -> dict[str, Any]:
    """All rows as the operations of one document."""
    paths: dict[str, Any] = {}
    for number, row in enumerate(ROWS):
        operation: dict[str, Any] = {
            "operationId": f"row_{number}",
            "parameters": [drop_none(one) for one in row.parameters],
            "responses": {"204": {"description": "done"}},
        }
        if row.request_body is not None:
            operation["requestBody"] = row.request_body
        paths[f"/r{number}{row.path}"] = {row.method: operation}
    for number, told in enumerate(ANSWERS):
        headers = {name: {"schema": {"type": "string"}} for name in told.headers}
        success = {"description": "done", "headers": headers}
        operation = {
            "operationId": f"answer_{number}",
            "responses": {"2XX": success} if headers else {},
        }
        paths[f"/a{number}"] = {told.method: operation}
    for number, _ in enumerate(READS):
        operation = {"operationId": f"read_{number}", "responses": {}}
        paths[f"/g{number}"] = {
            "get": operation | {"x-mcp": {"kind": "resource", "uri": f"got://{number}"}}
        }
    return {
        "openapi": "3.2.0",
        "info": {"title": "Wire", "version": "1"},
        "paths": paths,
        "components": {"schemas": COMPONENTS},
    }


def drop_none(parameter: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in parameter.items() if value is not None}


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of the generated package, which can be imported."""
    with importable(document(), tmp_path_factory.mktemp("wire")) as name:
        yield name


@contextmanager
def importable(document: dict[str, Any], folder: Path) -> Iterator[str]:
    """The package for a document, generated in a folder, while it can be imported."""
    spec = folder / "wire.json"
    spec.write_text(json.dumps(document))
    found = generate(spec, folder / "out", "--preset", "tools")
    sys.path.insert(0, str(found.parent))
    yield found.name
    sys.path.remove(str(found.parent))
    for module in [m for m in sys.modules if m.partition(".")[0] == found.name]:
        del sys.modules[module]


@asynccontextmanager
async def connected(package: str, script: Any) -> AsyncIterator[tuple[Any, Upstream]]:
    """A client of the generated server, and the API that it calls."""
    memory = import_module(f"{package}._runtime.client")
    server = import_module(f"{package}.server").server
    async with upstream(script) as api:
        server.configure(base_url=f"{api.url}/base?key=v")
        async with memory.connect(server) as client:
            yield client, api


@pytest.mark.parametrize("number", range(len(ROWS)), ids=[r.construct for r in ROWS])
async def test_requests(package: str, number: int) -> None:
    await check_request(package, f"row_{number}", f"/r{number}", ROWS[number])


async def check_request(package: str, tool: str, path: str, row: Row) -> None:
    """That a call of a tool sends what its row says."""
    async with connected(package, lambda _: answer(status=204)) as (client, api):
        result = await client.call_tool(tool, row.given)
    text = result["content"][0]["text"]
    if row.refused:
        assert result["isError"]
        assert row.refused in text
        assert api.requests == []
        return
    assert not result["isError"], text
    location, _, query = row.sent.partition("?")
    (target,) = api.targets
    assert target == f"/base{path}{location}?{'&'.join(filter(None, ['key=v', query]))}"
    assert api.requests[0].startswith(row.method.upper().encode())
    for name, value in row.headers.items():
        sent = api.header(name)
        if value == "multipart/form-data":
            assert sent is not None
            boundary = sent.partition("boundary=")[2].encode()
            assert row.body + b"\r\n--" + boundary in api.body
            return
        assert sent == value
    assert api.body == row.body


@pytest.mark.parametrize(
    "number", range(len(ANSWERS)), ids=[a.construct for a in ANSWERS]
)
async def test_answers(package: str, number: int) -> None:
    row: Answer = ANSWERS[number]
    async with connected(package, lambda _: row.raw) as (client, api):
        result = await client.call_tool(f"answer_{number}")
        again = await client.request("ping")
    assert result["isError"] is row.is_error
    told = [
        block.get("text") or block.get("data") or block["resource"]["blob"]
        for block in result["content"]
    ]
    assert told == list(row.told)
    assert result.get("structuredContent") == row.structured
    assert again == {}
    assert api.requests


@pytest.mark.parametrize("number", range(len(READS)), ids=[r.construct for r in READS])
async def test_reads(package: str, number: int) -> None:
    row = READS[number]
    uri = f"got://{number}"
    async with connected(package, lambda _: row.raw) as (client, _):
        result = await client.read_resource(uri)
    expected = [
        one | {"uri": re.sub(r"^uri\b", uri, one["uri"])} for one in row.contents
    ]
    assert result["contents"] == expected
