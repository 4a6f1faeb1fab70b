"""Listings, pages and content: what each version is sent of them, over both wires."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator
from typing import Any

import pytest

from .conftest import Connect
from .schemas import LEGACY, MODERN, VERSIONS

LISTINGS = {
    "tools/list": "tools",
    "resources/list": "resources",
    "resources/templates/list": "resourceTemplates",
    "prompts/list": "prompts",
}
SINCE = {
    "title": "2025-06-18",
    "outputSchema": "2025-06-18",
    "_meta": "2025-06-18",
    "icons": "2025-11-25",
}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.requirement("fields-1", "fields-2", "fields-3", "legacy-2", "schema-1")
@pytest.mark.requirement("known-11")
async def test_entries_have_the_members_of_their_version(
    connect: Connect, version: str
) -> None:
    async with connect(version) as client:
        for method, member in LISTINGS.items():
            entries = (await client.request(method)).result[member]
            found = {key for entry in entries for key in entry}
            for key, since in SINCE.items():
                assert key not in found or version >= since, (method, key)
            if method == "tools/list":
                assert ("annotations" in found) is (version >= "2025-03-26")
                assert ("icons" in found) is (version >= "2025-11-25")
                assert ("outputSchema" in found) is (version >= "2025-06-18")
            assert all(entry["name"] and entry["description"] for entry in entries)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.requirement("tools-3", "tools-4", "legacy-10", "legacy-11", "schema-2")
async def test_tools(connect: Connect, version: str) -> None:
    async with connect(version) as client:
        tools = (await client.request("tools/list")).result["tools"]
    names = [tool["name"] for tool in tools]
    assert len(set(names)) == len(names) > 20
    for tool in tools:
        assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", tool["name"])
        schema = tool["inputSchema"]
        assert schema["type"] == "object"
        if version != MODERN:
            properties = schema.get("properties", {}).values()
            assert all(isinstance(one, dict) for one in properties), tool["name"]
            assert tool.get("outputSchema", schema)["type"] == "object"


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.requirement("pages-1", "pages-2", "pages-3", "caching-2")
@pytest.mark.requirement("known-16")
async def test_pages(paged: Connect, version: str) -> None:
    async with paged(version) as client:
        for method, member in LISTINGS.items():
            pages = [(await client.request(method)).result]
            while "nextCursor" in pages[-1]:
                cursor = pages[-1]["nextCursor"]
                assert isinstance(cursor, str)
                assert cursor
                pages.append((await client.request(method, cursor=cursor)).result)
                again = (await client.request(method, cursor=cursor)).result
                assert again == pages[-1]
            assert len(pages) > 1
            assert {len(page[member]) for page in pages[:-1]} == {2}
            assert len(pages[-1][member]) in (1, 2)
            keys = [str(entry) for page in pages for entry in page[member]]
            assert len(set(keys)) == len(keys)
            assert len({page.get("cacheScope") for page in pages}) == 1
            other = "prompts/list" if method != "prompts/list" else "tools/list"
            if len(pages) > 1:
                cursor = pages[0]["nextCursor"]
                assert (await client.request(other, cursor=cursor)).code == -32602


def blocks(value: Any) -> Iterator[dict[str, Any]]:
    """Each object within a value."""
    if isinstance(value, dict):
        yield value
        for member in value.values():
            yield from blocks(member)
    elif isinstance(value, list):
        for member in value:
            yield from blocks(member)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.requirement("tools-7", "fields-1", "fields-2", "prompts-3", "schema-1")
async def test_content(connect: Connect, version: str) -> None:
    async with connect(version) as client:
        content = (await client.call("media")).result["content"]
        gallery = await client.request("prompts/get", name="gallery")
    messages = [message["content"] for message in gallery.result["messages"]]
    audio = "resource" if version == LEGACY[0] else "audio"
    link = "resource_link" if version >= "2025-06-18" else "text"
    kinds = ["text", "image", audio, link, "resource", "resource"]
    assert [block["type"] for block in content] == kinds
    assert [block["type"] for block in messages] == ["image", audio, "resource"]
    for block in blocks([content, messages]):
        if "data" in block or "blob" in block:
            data = b64decode(block.get("data") or block["blob"], validate=True)
            assert data in (b"image", b"audio", b"\x00\xff")
            assert "/" in block["mimeType"]
        if block.get("type") == "resource":
            assert {"uri", "mimeType"} < block["resource"].keys()
        assert version >= "2025-06-18" or "_meta" not in block


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.requirement("tools-5", "tools-6", "legacy-10", "fields-1", "fields-2")
@pytest.mark.requirement("known-11", "known-12")
async def test_structured_content(connect: Connect, version: str) -> None:
    calls: list[tuple[str, dict[str, Any], Any]] = [
        ("add", {"a": 1, "b": 2}, {"total": 3}),
        ("add_item", {"name": "tea"}, {"items": []}),
        ("numbers", {}, [1, 2, 3]),
        ("echo", {"text": "tea"}, None),
        ("failing", {}, None),
        ("not_json", {}, None),
    ]
    async with connect(version) as client:
        for tool, arguments, expected in calls:
            result = (await client.call(tool, arguments)).result
            since = "2025-06-18" if isinstance(expected, dict) else MODERN
            given = expected if version >= since else None
            if not result["isError"]:
                assert result.get("structuredContent") == given, tool
                assert ("structuredContent" in result) is (given is not None), tool
            assert result["content"][0]["type"] == "text"


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.requirement("tools-9", "tools-10", "errors-4", "logging-5")
@pytest.mark.requirement("known-10")
async def test_failures_of_tools_are_results(connect: Connect, version: str) -> None:
    failures: list[tuple[str, dict[str, Any], str]] = [
        ("failing", {}, "500"),
        ("refuses", {}, "not today"),
        ("crashes", {}, "crashes failed"),
        ("add", {"a": "x", "b": 2}, "a"),
        ("add", {"a": 1}, "b"),
        ("add", {"a": 1, "b": 2, "c": 3}, "c"),
        ("echo", {"text": 7.5}, "text"),
    ]
    async with connect(version) as client:
        for tool, arguments, part in failures:
            result = (await client.call(tool, arguments)).result
            assert result["isError"] is True, tool
            text = result["content"][0]["text"]
            assert part in text
            assert "sesame" not in text
            assert "Traceback" not in text
            assert "structuredContent" not in result


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.requirement("resources-2", "resources-5", "resources-6")
async def test_resources(connect: Connect, version: str) -> None:
    read: list[tuple[str, dict[str, Any]]] = [
        ("notes://today", {"mimeType": "text/plain", "text": "tea"}),
        ("notes://bytes", {"mimeType": "application/octet-stream", "blob": "AP8="}),
        ("notes://of/monday", {"mimeType": "text/plain", "text": "monday, short"}),
        (
            "notes://of/Z%C3%BCrich?style=long",
            {"mimeType": "text/plain", "text": "Zürich, long"},
        ),
        ("api://served/items/7", {"mimeType": "application/json", "text": '{"id":7}'}),
    ]
    missing = -32602 if version == MODERN else -32002
    refused = [
        ("api://served/items/7/../8", missing),
        ("api://served/items/..%2F8", -32602),
        ("api://served/items/seven", -32602),
        ("notes://of/monday?style=odd", -32602),
        ("notes://of/a/b", missing),
        ("file:///etc/passwd", missing),
    ]
    async with connect(version) as client:
        for uri, expected in read:
            result = (await client.request("resources/read", uri=uri)).result
            assert result["contents"] == [{"uri": uri, **expected}]
        for uri, code in refused:
            answer = await client.request("resources/read", uri=uri)
            assert answer.code == code, uri
            assert answer.error["data"] == {"uri": uri}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.requirement("prompts-1", "prompts-2")
async def test_prompts(connect: Connect, version: str) -> None:
    async with connect(version) as client:
        listed = (await client.request("prompts/list")).result["prompts"]
        (plan,) = (prompt for prompt in listed if prompt["name"] == "plan")
        found = [(one["name"], one["required"]) for one in plan["arguments"]]
        assert found == [("city", True), ("style", False)]
        arguments = {"city": "Oslo", "style": "long"}
        result = await client.request("prompts/get", name="plan", arguments=arguments)
        (message,) = result.result["messages"]
        text = {"type": "text", "text": "Plan a long tour through Oslo."}
        assert message == {"role": "user", "content": text}
        assert result.result["description"] == "Plans a tour."
        for wrong in ({}, {"city": 7}, {"city": "Oslo", "style": "odd"}, {"x": "y"}):
            answer = await client.request("prompts/get", name="plan", arguments=wrong)
            assert answer.code == -32602, wrong
