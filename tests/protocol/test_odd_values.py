"""Values that no client should send, in every place of every request: each is answered.

None of them may reach code that doesn't expect them, so none is an internal error.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from .conftest import Connect
from .schemas import LEGACY, MODERN

DEEP = {f"DEEP {depth}": "[" * depth + "]" * depth for depth in (120, 600, 900)}
"""What stands for lists within lists, and what is written by hand in its place."""
VALUES: list[Any] = [
    None,
    True,
    0,
    -(10**400),
    1.5,
    1e308,
    float("inf"),
    "",
    "\ud800",
    "\x00",
    "a" * 10_000,
    "../../%2e%2e/{x}",
    [],
    [[{}]],
    {},
    {"\ud800": "\udfff"},
    {"$ref": "#"},
    "[" * 900 + "]" * 900,
    '{"a":' * 900 + "1" + "}" * 900,
    *DEEP,
]
REQUESTS: list[tuple[str, dict[str, Any]]] = [
    ("tools/list", {"cursor": "x"}),
    ("prompts/list", {"cursor": "x"}),
    ("resources/read", {"uri": "notes://of/day"}),
    ("resources/read", {"uri": "api://served/items/7"}),
    ("tools/call", {"name": "echo", "arguments": {"text": "tea"}}),
    ("tools/call", {"name": "add_item", "arguments": {"name": "a", "anything": 1}}),
    ("tools/call", {"name": "add", "arguments": {"a": 1, "b": 2}}),
    ("prompts/get", {"name": "plan", "arguments": {"city": "Oslo"}}),
    (
        "completion/complete",
        {
            "ref": {"type": "ref/prompt", "name": "plan"},
            "argument": {"name": "style", "value": "b"},
            "context": {"arguments": {"city": "Oslo"}},
        },
    ),
]
OF_ONE_ERA: dict[str, list[tuple[str, dict[str, Any]]]] = {
    LEGACY[-1]: [
        ("logging/setLevel", {"level": "info"}),
        ("resources/subscribe", {"uri": "notes://today"}),
        ("resources/unsubscribe", {"uri": "notes://today"}),
        ("initialize", {"protocolVersion": LEGACY[-1], "capabilities": {}}),
    ],
    MODERN: [
        ("tasks/get", {"taskId": "x"}),
        ("tasks/update", {"taskId": "x", "inputResponses": {}}),
        (
            "tools/call",
            {"name": "ask_form", "inputResponses": {"name": {}}, "requestState": "x"},
        ),
        ("tools/call", {"name": "ask_form", "anything": 1}),
    ],
}


def variants(value: Any) -> Iterator[Any]:
    """A value with each place within it, itself included, replaced by each odd value."""
    yield from VALUES
    if isinstance(value, dict):
        for key, member in value.items():
            for other in variants(member):
                yield value | {key: other}


def written(message: Any) -> bytes:
    text = json.dumps(message).replace("Infinity", "1e999")
    for name, deep in DEEP.items():
        text = text.replace(f'"{name}"', deep)
    return text.encode()


@pytest.mark.parametrize("version", [LEGACY[-1], MODERN])
@pytest.mark.requirement("known-36", "known-1", "tools-10")
async def test_odd_values(connect: Connect, version: str) -> None:
    capabilities: dict[str, Any] = {
        "elicitation": {},
        "extensions": {"io.modelcontextprotocol/tasks": {}},
    }
    internal = []
    async with connect(version, **capabilities) as client:
        for method, params in [*REQUESTS, *OF_ONE_ERA[version]]:
            for odd in variants(params):
                if isinstance(odd, dict) and odd not in VALUES:
                    answer = await client.odd(written(client.message(method, **odd)))
                    if answer.message.get("error", {}).get("code") == -32603:
                        internal.append((method, odd))
        assert client.strange == []
    assert internal == []


@pytest.mark.parametrize("depth", [129, 900, 960, 980, 990, 1000, 5000, 100_000])
@pytest.mark.requirement("known-36", "errors-1")
async def test_nothing_too_deep_is_understood(connect: Connect, depth: int) -> None:
    message = '{"jsonrpc":"2.0","id":"deep","method":"tools/call","params":%s}'
    async with connect(LEGACY[-1]) as client:
        deep = '{"stray":' * (depth - 1) + "1" + "}" * (depth - 1)
        answer = await client.raw((message % deep).encode())
    assert answer.code == -32600
    assert answer.error["message"].endswith("nested more than 128 levels deep")
    assert answer.message.get("id", "deep") == "deep"
