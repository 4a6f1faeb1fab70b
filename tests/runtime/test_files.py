"""Files that arguments name: from the allowed folder, and from nowhere else."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from mcpgen_runtime import content
from mcpgen_runtime.components import Argument, Body, Field, Tool
from mcpgen_runtime.content import Result
from mcpgen_runtime.errors import ArgumentsError
from mcpgen_runtime.settings import Settings
from mcpgen_runtime.upstream.client import Upstream

from .recording import Upstream as Recorded
from .recording import answer, upstream

PNG = b"\x89PNG\r\n\x1a\n\x00\xff"
UPLOAD = (Field("file", {}, binary=True), Field("note", {}))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shared = tmp_path / "shared"
    (shared / "a b").mkdir(parents=True)
    (shared / "logo.png").write_bytes(PNG)
    (shared / "a b" / "x").write_bytes(b"deep")
    (shared / "inside").symlink_to("logo.png")
    (shared / "outside").symlink_to("../secret.txt")
    (shared / "large").write_bytes(b"x" * 2000)
    os.mkfifo(shared / "pipe")
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "shared-too").mkdir()
    (tmp_path / "shared-too" / "x").write_text("secret")
    return shared


async def send(
    folder: Path | None,
    given: dict[str, Any],
    arguments: tuple[Argument, ...] = UPLOAD,
    body: str = "multipart/form-data",
) -> tuple[Result, Recorded]:
    component = Tool(name="t", method="POST", path="/x", arguments=arguments, body=body)
    environment = {"SHOP_MAX_REQUEST_BYTES": "1000"}
    if folder is not None:
        environment["SHOP_FILES"] = str(folder)
    async with upstream(lambda _: answer(b"{}")) as api:
        declared = Settings(prefix="SHOP", base_url=api.url)
        client = Upstream(declared.resolve(environment))
        try:
            result = await client.call(component, given)
        except ArgumentsError as refused:
            result = content.error(str(refused))
        await client.aclose()
    return result, api


@pytest.mark.parametrize(
    ("path", "name", "kind", "content"),
    [
        ("file:logo.png", "logo.png", "image/png", PNG),
        ("FILE:logo.png", "logo.png", "image/png", PNG),
        ("file:/logo.png", "logo.png", "image/png", PNG),
        ("file:///logo.png", "logo.png", "image/png", PNG),
        ("file:inside", "inside", "application/octet-stream", PNG),
        ("file:a b/x", "x", "application/octet-stream", b"deep"),
        ("file:a%20b/x", "x", "application/octet-stream", b"deep"),
        ("file:a b/../logo.png", "logo.png", "image/png", PNG),
    ],
)
async def test_a_file_below_the_folder(
    folder: Path, path: str, name: str, kind: str, content: bytes
) -> None:
    result, api = await send(folder, {"file": path})
    assert not result.is_error
    assert (
        f'name="file"; filename="{name}"\r\nContent-Type: {kind}\r\n\r\n'.encode()
        in (api.body)
    )
    assert content in api.body


@pytest.mark.parametrize(
    "path",
    [
        "../secret.txt",
        "a b/../../secret.txt",
        "%2e%2e/secret.txt",
        "..%2fsecret.txt",
        "../shared-too/x",
        "outside",
        "pipe",
        "missing",
        "a b",
        "",
        "/etc/passwd",
        "//etc/passwd",
        "logo.png\0",
        "x" * 5000,
    ],
)
async def test_nothing_else_is_read(folder: Path, path: str) -> None:
    result, api = await send(folder, {"file": f"file:{path}"})
    assert result.is_error
    assert result.content[0]["text"].startswith("file names the file ")
    assert str(folder) not in result.content[0]["text"]
    assert api.requests == []


async def test_without_a_folder_no_file_is_read(folder: Path) -> None:
    result, api = await send(None, {"file": f"file:{folder}/logo.png"})
    assert "SHOP_FILES" in result.content[0]["text"]
    assert api.requests == []


async def test_a_file_that_is_too_large_is_told(folder: Path) -> None:
    result, api = await send(folder, {"file": "file:large"})
    assert "more than 1,000 bytes" in result.content[0]["text"]
    assert api.requests == []


async def test_only_arguments_that_are_files_name_files(folder: Path) -> None:
    _, api = await send(folder, {"note": "file:logo.png"})
    assert b"file:logo.png" in api.body
    assert PNG not in api.body


async def test_files_in_a_list_and_in_a_whole_body(folder: Path) -> None:
    _, api = await send(folder, {"file": ["file:logo.png", "data:,x", "file:a b/x"]})
    assert api.body.count(b"filename=") == 3
    whole = (Body("body", {}, binary_fields=("file",)),)
    _, api = await send(folder, {"body": {"file": "file:logo.png", "n": 1}}, whole)
    assert PNG in api.body
    raw = (Body("body", {}, binary=True),)
    _, api = await send(folder, {"body": "file:logo.png"}, raw, "image/png")
    assert api.body == PNG
