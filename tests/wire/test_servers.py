"""Where requests go: the servers of a document, of its paths and operations."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from runtime.recording import Upstream, answer, upstream

from .test_catalogue import importable

STAGES = {"stage": {"default": "v2", "enum": ["v1", "v2"]}, "port": {"default": "1"}}
TEMPLATED = [{"url": "{api}/{stage}", "variables": STAGES}]
PATHS: dict[str, Any] = {
    "/none": {},
    "/of-path": {"servers": [{"url": "{api}/path-server/"}]},
    "/of-operation": {
        "servers": [{"url": "{api}/path-server"}],
        "post": {"servers": [{"url": "{api}/own?token=t"}, {"url": "{api}/second"}]},
    },
    "/root": {"post": {"servers": [{"url": "/"}]}},
    "/absolute-path": {"post": {"servers": [{"url": "/own"}]}},
    "/relative": {"post": {"servers": [{"url": "../own"}]}},
    "/templated": {"post": {"servers": [{"url": "/{stage}/own", "variables": STAGES}]}},
    "/elsewhere": {"post": {"servers": [{"url": "http://127.0.0.1:{port}", "variables": STAGES}]}},
}  # fmt: skip


def document(servers: list[dict[str, Any]], url: str = "") -> dict[str, Any]:
    paths = {
        path: item
        | {"post": {"operationId": path[1:], "responses": {}} | item.get("post", {})}
        for path, item in PATHS.items()
    }
    whole = {
        "openapi": "3.1.0",
        "info": {"title": "Where", "version": "1"},
        "servers": servers,
        "paths": paths,
    }
    made: dict[str, Any] = json.loads(json.dumps(whole).replace("{api}", url))
    return made


@asynccontextmanager
async def connected(package: str, **options: Any) -> AsyncIterator[Any]:
    memory = import_module(f"{package}._runtime.client")
    server = import_module(f"{package}.server").server
    server.configure(**options)
    async with memory.connect(server) as client:
        yield client


async def targets(package: str, api: Upstream, **options: Any) -> list[str]:
    """Where the operations are called, but the one of another origin."""
    async with connected(package, **options) as client:
        for path in PATHS:
            if path != "/elsewhere":
                result = await client.call_tool(path[1:].replace("-", "_"))
                assert not result["isError"], result
    return api.targets


async def test_as_the_document_says(tmp_path: Path) -> None:
    async with upstream(lambda _: answer(status=204)) as api:
        made = document(TEMPLATED, api.url)
        with importable(made, tmp_path) as package:
            found = await targets(package, api)
    assert found == [
        "/v2/none",
        "/path-server/of-path",
        "/own/of-operation?token=t",
        "/root",
        "/own/absolute-path",
        "/own/relative",
        "/v2/own/templated",
    ]


@pytest.mark.parametrize("servers", [TEMPLATED, [{"url": "/v2"}], []])
async def test_the_base_url_moves_what_is_relative(
    tmp_path: Path, servers: list[dict[str, Any]]
) -> None:
    there = "https://api.example"
    made = document(servers, there)
    async with upstream(lambda _: answer(status=204)) as api:
        with importable(made, tmp_path) as package:
            async with connected(package, base_url=f"{api.url}/new/v3?k=v") as one:
                for name in ("none", "absolute_path", "templated"):
                    await one.call_tool(name)
    assert api.targets == [
        "/new/v3/none?k=v",
        "/own/absolute-path",
        "/v2/own/templated",
    ]


async def test_another_origin_is_not_moved(tmp_path: Path) -> None:
    """Nor is it called then: what is meant for one place must not reach another."""
    async with upstream(lambda _: answer(status=204)) as api:
        with importable(document(TEMPLATED, "https://a.example"), tmp_path) as package:
            async with connected(package, base_url=api.url) as client:
                result = await client.call_tool("elsewhere")
    said = result["content"][0]["text"]
    assert "is at http://127.0.0.1:1, which WHERE_BASE_URL doesn't move" in said
    assert "set WHERE_SERVERS to http://127.0.0.1:1=https://host/path" in said


async def test_another_origin_is_called_where_the_api_is_not_moved(
    tmp_path: Path,
) -> None:
    made = document(TEMPLATED, "https://a.example")
    with importable(made, tmp_path) as package:
        async with connected(package) as client:
            result = await client.call_tool("elsewhere")
    assert "Cannot connect to http://127.0.0.1:1." in result["content"][0]["text"]


@pytest.mark.parametrize("base_url", [None, "https://b.example"])
async def test_another_origin_is_where_the_operator_says(
    base_url: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with upstream(lambda _: answer(status=204)) as api:
        pairs = f"https://c.example=https://d.example, http://127.0.0.1:1={api.url}/at/"
        monkeypatch.setenv("WHERE_SERVERS", pairs)
        with importable(document(TEMPLATED, "https://a.example"), tmp_path) as package:
            async with connected(package, base_url=base_url) as client:
                assert not (await client.call_tool("elsewhere"))["isError"]
    assert api.targets == ["/at/elsewhere"]


@pytest.mark.parametrize("pairs", ["https://a.example", "=https://a.example", "a=b"])
async def test_where_other_servers_are_is_checked(
    pairs: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WHERE_SERVERS", pairs)
    with importable(document(TEMPLATED, "https://a.example"), tmp_path) as package:
        errors = import_module(f"{package}._runtime.settings")
        with pytest.raises(errors.SettingsError, match="WHERE_SERVERS"):
            import_module(f"{package}.server").server.configure()


async def test_without_a_server_the_setting_is_named(tmp_path: Path) -> None:
    async with upstream(lambda _: answer(status=204)) as api:
        with importable(document([{"url": "/v2"}], api.url), tmp_path) as package:
            async with connected(package) as client:
                for name in ("none", "absolute_path"):
                    result = await client.call_tool(name)
                    assert result["isError"]
                    assert "Set WHERE_BASE_URL to it" in result["content"][0]["text"]
                assert not (await client.call_tool("of_path"))["isError"]
