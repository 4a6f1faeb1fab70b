"""Tools, resources and prompts that only give, in every kind of content there is."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import Any, Literal

from mcpgen_runtime import Audio, File, Image, Link, Message, Server, ToolError

ICONS = ({"src": "https://example.com/icon.png", "mimeType": "image/png"},)
REGION = {"type": "string", "x-mcp-header": "Region"}
COUNT = {"type": "integer", "x-mcp-header": "Count"}
FLAG = {"type": "boolean", "x-mcp-header": "Flag"}
WORDS = [f"word-{number:03}" for number in range(150)]
SECRET = "sesame-4711"


@dataclass
class Sum:
    total: int


def extend(server: Server) -> None:
    @server.tool(title="Echo", icons=ICONS, annotations={"readOnlyHint": True})
    def echo(text: str) -> str:
        """Gives back a text."""
        return text

    @server.tool
    def add(a: int, b: int) -> Sum:
        """Adds two numbers."""
        return Sum(a + b)

    @server.tool
    def media() -> list[Any]:
        """One block of each kind."""
        return [
            "text",
            Image(b"image"),
            Audio(b"audio"),
            Link("notes://today", "today", "A note.", "text/plain"),
            File("notes://today", "tea"),
            File("notes://bytes", b"\x00\xff"),
        ]

    @server.tool
    def refuses() -> str:
        """Fails, and says why."""
        raise ToolError("not today")

    @server.tool
    def crashes() -> str:
        """Fails by an exception."""
        raise RuntimeError(f"{SECRET} in /etc/served")

    @server.tool
    def noisy() -> str:
        """Writes where a client reads."""
        print("printed")
        os.write(sys.__stdout__.fileno() if sys.__stdout__ else 1, b"written\n")
        return "done"

    schema = {
        "type": "object",
        "properties": {"region": REGION, "count": COUNT, "flag": FLAG},
    }

    @server.tool(input_schema=schema)
    def routed(**arguments: Any) -> dict[str, Any]:
        """Has arguments that are repeated as headers."""
        return arguments

    @server.resource("notes://today", mime_type="text/plain", title="Today")
    def today() -> str:
        """The note of today."""
        return "tea"

    @server.resource("notes://bytes", icons=ICONS)
    def raw() -> bytes:
        """Bytes."""
        return b"\x00\xff"

    @server.resource("notes://crash")
    def crash() -> str:
        """Fails by an exception."""
        raise RuntimeError(SECRET)

    @server.resource("notes://of/{day}{?style}")
    def note(day: str, style: Literal["long", "short"] = "short") -> str:
        """The note of a day."""
        return f"{day}, {style}"

    @server.prompt(title="Plan a tour", icons=ICONS)
    def plan(city: str, style: Literal["brief", "long"] = "brief") -> str:
        """Plans a tour."""
        return f"Plan a {style} tour through {city}."

    @server.prompt
    def gallery() -> list[Message]:
        """One message for each kind of content."""
        blocks = [Image(b"image"), Audio(b"audio"), File("notes://today", "tea")]
        return [Message(block) for block in blocks]

    @server.completion("plan", "city")
    def cities(typed: str, known: Any) -> list[str]:
        return [word for word in WORDS if word.startswith(typed)]

    @server.completion("note", "day")
    def days(typed: str, known: Any) -> list[str]:
        return [f"{known.get('style', 'any')}-{typed}"]
