"""Answers that go on: each record is told while the API holds back the next one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from runtime.recording import Piece

from .test_catalogue import connected, importable

SECRET = "0penSesame"
TOLD = b""
"""Where a stream waits until its record was told."""
STREAMS = {
    "text/event-stream": (
        [b": a comment\n\nevent: x\ndata: one\n\n", TOLD, b"data:two\r\ndata: lines\r\n\r", b"\n: and more\r\n\r\n", TOLD],
        ["one", "two\nlines"],
    ),
    "application/x-ndjson": (
        [b'{"a":', b' 1}\n"', TOLD, b'b"\n\n', TOLD],
        ['{"a": 1}', '"b"'],
    ),
    "application/json-seq": ([b"\x1e1\n", TOLD, b"\x1e2\n", TOLD], ["1", "2"]),
    "application/jsonl": (
        [f"{'x' * 498}{SECRET}\n".encode(), TOLD, f'"{SECRET}"\n'.encode(), TOLD],
        ["x" * 498 + "**", '"***"'],
    ),
}  # fmt: skip
"""The pieces that a stream comes in, and what is told of its records."""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Streams", "version": "1"},
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}
        },
        "security": [{"key": []}],
        "paths": {"/follow": {"post": {"operationId": "follow", "responses": {}}}},
    }
    with importable(document, tmp_path_factory.mktemp("streams")) as name:
        yield name


@pytest.mark.parametrize("kind", STREAMS)
@pytest.mark.parametrize("is_asked", [True, False])
async def test_records_are_told_as_they_come(
    package: str, kind: str, is_asked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STREAMS_KEY_TOKEN", SECRET)
    pieces, records = STREAMS[kind]
    heard = [asyncio.Event() for _ in records]
    told: list[tuple[float, str | None]] = []

    def on_progress(number: float, total: float | None, message: str | None) -> None:
        told.append((number, message))
        heard[len(told) - 1].set()

    def script(_: bytes) -> Iterator[Piece]:
        yield b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\n\r\n" % kind.encode()
        marks = iter(heard)
        for piece in pieces:
            if piece != TOLD:
                yield piece
            elif is_asked:
                yield next(marks)
        yield b""

    asked: Any = {"on_progress": on_progress} if is_asked else {}
    async with connected(package, script) as (client, _):
        result = await client.call_tool("follow", **asked)
    assert [b["text"] for b in result["content"]] == [b"".join(pieces).decode()]
    assert told == (list(enumerate(records, 1)) if is_asked else [])
