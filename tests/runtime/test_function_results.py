"""What functions give, as clients receive it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from mcpgen_runtime import Audio, File, Image, Link
from mcpgen_runtime.client import connect
from mcpgen_runtime.content import Result

from .shop import shop_server


@dataclass
class Point:
    x: int
    y: int = 0


async def called(
    function: Callable[..., Any], version: str = "2026-07-28", **arguments: Any
) -> dict[str, Any]:
    """The result of a call of one function as a tool."""
    server = shop_server()
    server.tool(name="f")(function)
    async with connect(server, version) as client:
        return await client.call_tool("f", arguments)


def json_result(value: Any) -> dict[str, Any]:
    text = json.dumps(value)
    content = [{"type": "text", "text": text}]
    return {"content": content, "structuredContent": value, "isError": False}


def blocks(*content: dict[str, Any]) -> dict[str, Any]:
    return {"content": list(content), "isError": False}


PNG = base64.b64encode(b"png").decode()
TEXT = {"type": "text", "text": "hello"}
IMAGE = {"type": "image", "data": PNG, "mimeType": "image/png"}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("hello", blocks(TEXT)),
        (None, blocks()),
        (Image(b"png"), blocks(IMAGE)),
        (Image(b"png", "image/jpeg"), blocks(IMAGE | {"mimeType": "image/jpeg"})),
        (
            Audio(b"png"),
            blocks({"type": "audio", "data": PNG, "mimeType": "audio/wav"}),
        ),
        (
            File("notes://1", "hello"),
            blocks(
                {
                    "type": "resource",
                    "resource": {
                        "uri": "notes://1",
                        "mimeType": "text/plain",
                        "text": "hello",
                    },
                }
            ),
        ),
        (
            File("notes://1", b"png", "image/png"),
            blocks(
                {
                    "type": "resource",
                    "resource": {
                        "uri": "notes://1",
                        "mimeType": "image/png",
                        "blob": PNG,
                    },
                }
            ),
        ),
        (
            b"png",
            blocks(
                {
                    "type": "resource",
                    "resource": {
                        "uri": "content://f",
                        "mimeType": "application/octet-stream",
                        "blob": PNG,
                    },
                }
            ),
        ),
        (
            Link("notes://1", "one", mime_type="text/plain"),
            blocks(
                {
                    "type": "resource_link",
                    "uri": "notes://1",
                    "name": "one",
                    "mimeType": "text/plain",
                }
            ),
        ),
        (
            ["hello", Image(b"png"), {"a": 1}],
            blocks(TEXT, IMAGE, {"type": "text", "text": '{"a": 1}'}),
        ),
        ({"a": [1, 2.5, None, True]}, json_result({"a": [1, 2.5, None, True]})),
        (["a", "b"], json_result(["a", "b"])),
        (7, json_result(7)),
        (False, json_result(False)),
        (Point(1, 2), json_result({"x": 1, "y": 2})),
        ({"day": date(2026, 7, 28)}, json_result({"day": "2026-07-28"})),
        ((Point(1),), json_result([{"x": 1, "y": 0}])),
        (Result(content=(TEXT,)), blocks(TEXT)),
    ],
)
async def test_results_come_back_naturally(value: Any, expected: Any) -> None:
    result = await called(lambda: value)
    assert {k: v for k, v in result.items() if k not in ("_meta", "resultType")} == (
        expected
    )


@pytest.mark.parametrize(
    ("version", "value", "served"),
    [
        ("2025-03-26", {"a": 1}, False),
        ("2025-06-18", {"a": 1}, True),
        ("2025-11-25", [1], False),
        ("2026-07-28", [1], True),
    ],
)
async def test_structured_content_by_version(
    version: str, value: Any, served: bool
) -> None:
    assert ("structuredContent" in await called(lambda: value, version)) is served


@pytest.mark.parametrize("value", [object(), float("nan"), {"a": b"bytes"}])
async def test_what_has_no_json_is_a_failure(value: Any) -> None:
    assert (await called(lambda: value))["isError"] is True
