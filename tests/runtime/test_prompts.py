"""Prompts: listed, paged, and filled in, in every version."""

from __future__ import annotations

import base64
from typing import Annotated, Any, Literal

import pytest
from mcpgen_runtime import Context, File, Image, Message, Server, ToolError
from mcpgen_runtime.client import Client, connect
from mcpgen_runtime.errors import RequestError

from .shop import SETTINGS

VERSIONS = ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28")


def prompts_server() -> Server:
    server = Server(name="prompts", version="1", settings=SETTINGS)

    @server.prompt
    def review(
        ctx: Context,
        code: Annotated[str, "What to review."],
        depth: Literal["brief", "deep"] = "brief",
        times: int = 1,
    ) -> str:
        """Reviews code."""
        return f"Review {code}, {depth}, {times + 1}."

    @server.prompt(name="chat", title="A chat", icons=[{"src": "https://a/b"}])
    async def talk() -> list[Any]:
        return [
            "Look at this.",
            Message("I do.", role="assistant"),
            Message([Image(b"png"), File("notes://1", "hello")]),
            {"plain": "data"},
        ]

    @server.prompt
    def broken(kind: str = "") -> None:
        raise ToolError("Not today.") if kind else ValueError("teapot")

    return server


async def get(client: Client, name: str, **arguments: Any) -> dict[str, Any]:
    params = {"name": name, "arguments": arguments}
    return await client.request("prompts/get", params)


@pytest.mark.parametrize("version", VERSIONS)
async def test_they_are_listed(version: str) -> None:
    titled = {"title": "A chat"} if version >= "2025-06-18" else {}
    icons = {"icons": [{"src": "https://a/b"}]} if version >= "2025-11-25" else {}
    async with connect(prompts_server(), version) as client:
        result = await client.request("prompts/list")
    assert result["prompts"] == [
        {
            "name": "review",
            "description": "Reviews code.",
            "arguments": [
                {"name": "code", "required": True, "description": "What to review."},
                {"name": "depth", "required": False},
                {"name": "times", "required": False},
            ],
        },
        {"name": "chat", "description": "Chat", "arguments": []} | titled | icons,
        {
            "name": "broken",
            "description": "Broken",
            "arguments": [{"name": "kind", "required": False}],
        },
    ]
    modern = version == "2026-07-28"
    assert (result.get("ttlMs"), result.get("cacheScope")) == (
        (300_000, "public") if modern else (None, None)
    )


@pytest.mark.parametrize("version", VERSIONS)
async def test_one_is_filled_in(version: str) -> None:
    async with connect(prompts_server(), version) as client:
        result = await get(client, "review", code="x = 1", depth="deep", times="2")
    assert result["description"] == "Reviews code."
    assert result["messages"] == [
        {
            "role": "user",
            "content": {"type": "text", "text": "Review x = 1, deep, 3."},
        }
    ]
    assert ("resultType" in result) is (version == "2026-07-28")
    assert "ttlMs" not in result


async def test_messages_of_every_kind() -> None:
    async with connect(prompts_server()) as client:
        messages = (await get(client, "chat"))["messages"]
    png = base64.b64encode(b"png").decode()
    resource = {"uri": "notes://1", "mimeType": "text/plain", "text": "hello"}
    assert [(message["role"], message["content"]) for message in messages] == [
        ("user", {"type": "text", "text": "Look at this."}),
        ("assistant", {"type": "text", "text": "I do."}),
        ("user", {"type": "image", "data": png, "mimeType": "image/png"}),
        ("user", {"type": "resource", "resource": resource}),
        ("user", {"type": "text", "text": '{"plain": "data"}'}),
    ]


@pytest.mark.parametrize(
    ("params", "code", "message"),
    [
        ({}, -32602, "name must be a string"),
        ({"name": "nope"}, -32602, "Unknown prompt: nope"),
        ({"name": "review"}, -32602, "code: is missing; it is required"),
        ({"name": "review", "arguments": []}, -32602, "must be an object"),
        ({"name": "review", "arguments": {"code": 1}}, -32602, "are strings"),
        (
            {"name": "review", "arguments": {"code": "x", "depth": "odd"}},
            -32602,
            'depth: must be one of "brief", "deep"',
        ),
        (
            {"name": "review", "arguments": {"code": "x", "dept": "deep"}},
            -32602,
            "did you mean 'depth'?",
        ),
        ({"name": "broken", "arguments": {"kind": "a"}}, -32603, "Not today."),
        ({"name": "broken"}, -32603, "broken failed"),
    ],
)
async def test_what_is_wrong_is_told(
    params: dict[str, Any], code: int, message: str
) -> None:
    async with connect(prompts_server()) as client:
        with pytest.raises(RequestError) as raised:
            await client.request("prompts/get", params)
    assert raised.value.code == code
    assert message in raised.value.message
    assert "teapot" not in raised.value.message


async def test_pages() -> None:
    server = prompts_server()
    server.__dict__["environment"] = {"SHOP_PAGE_SIZE": "2"}
    async with connect(server) as client:
        page = await client.request("prompts/list")
        assert [prompt["name"] for prompt in page["prompts"]] == ["review", "chat"]
        rest = await client.request("prompts/list", {"cursor": page["nextCursor"]})
        assert [prompt["name"] for prompt in rest["prompts"]] == ["broken"]
        with pytest.raises(RequestError, match="cursor"):
            await client.request("prompts/list", {"cursor": "nonsense"})


@pytest.mark.parametrize("version", VERSIONS)
async def test_without_any_the_listing_is_empty(version: str) -> None:
    server = Server(name="none", version="1", settings=SETTINGS)
    async with connect(server, version) as client:
        assert (await client.request("prompts/list"))["prompts"] == []
