"""Functions as resources and templates, through a client."""

from __future__ import annotations

import base64
import json
from datetime import date
from enum import Enum
from typing import Any

import pytest
from mcpgen_runtime import Context, File, Image, NotFoundError, Server, ToolError
from mcpgen_runtime.client import connect
from mcpgen_runtime.errors import RequestError

from .shop import SETTINGS

VERSIONS = ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28")


class Shelf(Enum):
    WORK = "work"
    HOME = "home"


def notes_server() -> Server:
    server = Server(name="notes", version="1", settings=SETTINGS)

    @server.resource("notes://today", title="Today", icons=[{"src": "https://a/b"}])
    def today() -> str:
        """What is to be done."""
        return "Buy tea."

    @server.resource("notes://{day}/{number}{?shelf}", mime_type="text/markdown")
    async def note(
        ctx: Context, day: date, number: int, shelf: Shelf = Shelf.HOME
    ) -> str:
        if number == 404:
            raise NotFoundError("no such note")
        if number == 500:
            raise ToolError("The shelf has fallen down.")
        if number == 501:
            raise ValueError("the password is teapot")
        return f"{day.year} {number + 1} {shelf.name}"

    @server.resource("search://notes{?words,limit}", name="search_notes")
    def search(words: list[str] | None = None, limit: int = 10) -> dict[str, Any]:
        return {"words": words, "limit": limit}

    return server


@pytest.mark.parametrize("version", VERSIONS)
async def test_what_clients_show_of_them(version: str) -> None:
    server = notes_server()
    annotations = {"audience": ["assistant"], "lastModified": "2026-07-28"}

    @server.resource("notes://all", annotations=annotations, size=7)
    def every() -> str:
        return "- tea\n"

    async with connect(server, version) as client:
        *_, listed = await client.list_resources()
    if version < "2025-06-18":
        del annotations["lastModified"]
    assert (listed["annotations"], listed["size"]) == (annotations, 7)


@pytest.mark.parametrize("version", VERSIONS)
async def test_they_are_listed(version: str) -> None:
    titled = {"title": "Today"} if version >= "2025-06-18" else {}
    icons = {"icons": [{"src": "https://a/b"}]} if version >= "2025-11-25" else {}
    search = {"name": "search_notes", "description": "Search notes"}
    async with connect(notes_server(), version) as client:
        assert await client.list_resources() == [
            {
                "uri": "notes://today",
                "name": "today",
                "description": "What is to be done.",
            }
            | titled
            | icons,
            {"uri": "search://notes"} | search,
        ]
        assert await client.list_resource_templates() == [
            {
                "uriTemplate": "notes://{day}/{number}{?shelf}",
                "name": "note",
                "description": "Note",
                "mimeType": "text/markdown",
            },
            {"uriTemplate": "search://notes{?words,limit}"} | search,
        ]


@pytest.mark.parametrize(
    ("uri", "mime_type", "text"),
    [
        ("notes://today", "text/plain", "Buy tea."),
        ("notes://2026-07-28/1", "text/markdown", "2026 2 HOME"),
        ("notes://2026-07-28/1?shelf=work", "text/markdown", "2026 2 WORK"),
        (
            "search://notes",
            "application/json",
            '{"words": null, "limit": 10}',
        ),
        (
            "search://notes?limit=3&words=tea&words=cup",
            "application/json",
            '{"words": ["tea", "cup"], "limit": 3}',
        ),
    ],
)
async def test_they_are_read(uri: str, mime_type: str, text: str) -> None:
    async with connect(notes_server()) as client:
        read = await client.read_resource(uri)
    assert read == {"contents": [{"uri": uri, "mimeType": mime_type, "text": text}]}


@pytest.mark.parametrize(
    ("uri", "code", "message"),
    [
        ("notes://2026-07-28/404", -32602, "Resource not found"),
        ("notes://2026-07-28/500", -32603, "The shelf has fallen down."),
        ("notes://2026-07-28/501", -32603, "note failed; the server's log says why"),
        ("notes://soon/1", -32602, "day: must be a date such as 2026-07-28"),
        ("notes://2026-07-28/x", -32602, "number: must be an integer"),
        ("notes://2026-07-28/1?shelf=x", -32602, 'shelf: must be one of "work"'),
    ],
)
async def test_they_fail(uri: str, code: int, message: str) -> None:
    async with connect(notes_server(), "2026-07-28") as client:
        with pytest.raises(RequestError) as raised:
            await client.read_resource(uri)
    assert (raised.value.code, raised.value.data or {"uri": uri}) == (
        code,
        {"uri": uri},
    )
    assert message in raised.value.message


PNG = base64.b64encode(b"png").decode()


@pytest.mark.parametrize(
    ("value", "mime_type", "contents"),
    [
        (b"png", None, {"mimeType": "application/octet-stream", "blob": PNG}),
        (b"png", "image/png", {"mimeType": "image/png", "blob": PNG}),
        (Image(b"png"), None, {"mimeType": "image/png", "blob": PNG}),
        (
            File("x:y", "<p>", "text/html"),
            None,
            {"mimeType": "text/html", "text": "<p>"},
        ),
        (File("x:y", "a"), "text/css", {"mimeType": "text/css", "text": "a"}),
        ([1], None, {"mimeType": "application/json", "text": "[1]"}),
        ("", None, {"mimeType": "text/plain", "text": ""}),
    ],
)
async def test_contents(value: Any, mime_type: str | None, contents: Any) -> None:
    server = Server(name="s", version="1", settings=SETTINGS)
    server.resource("s://x", name="x", mime_type=mime_type)(lambda: value)
    async with connect(server) as client:
        read = await client.read_resource("s://x")
    assert read == {"contents": [{"uri": "s://x"} | contents]}


async def test_they_can_be_tools_too() -> None:
    server = notes_server()
    server.configure(resources_as_tools=True)
    async with connect(server) as client:
        names = [tool["name"] for tool in await client.list_tools()]
        assert names == ["today", "search_notes", "note"]
        arguments = {"day": "2026-07-28", "number": 1}
        result = await client.call_tool("note", arguments)
        assert result["content"] == [{"type": "text", "text": "2026 2 HOME"}]
        found = await client.call_tool("search_notes", {"words": ["tea"]})
        assert json.loads(found["content"][0]["text"])["words"] == ["tea"]
