"""Functions as tools: what clients see of them, and what a call gives."""

from __future__ import annotations

import asyncio
import functools
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

import pytest
from mcpgen_runtime import (
    Context,
    NotFoundError,
    Server,
    ToolError,
)
from mcpgen_runtime.client import connect
from mcpgen_runtime.content import Result
from mcpgen_runtime.errors import RequestError

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


async def test_a_function_is_listed_by_its_name_docstring_and_hints() -> None:
    server = Server(name="s", version="1", settings=shop_server().settings)

    @server.tool
    def add_note(
        text: str,
        day: Annotated[date, "When it is due."],
        tags: list[str] | None = None,
    ) -> str:
        """Adds a note.

        It is kept until its day.

        Args:
            text: What to note.
            tags: Words to find it by.
        """
        return text

    async with connect(server) as client:
        (tool,) = await client.list_tools()
    strings = {"type": "array", "items": {"type": "string"}}
    assert tool == {
        "name": "add_note",
        "description": "Adds a note.\n\nIt is kept until its day.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "text": {"type": "string", "description": "What to note."},
                "day": {
                    "type": "string",
                    "format": "date",
                    "description": "When it is due.",
                },
                "tags": {
                    "anyOf": [strings, {"type": "null"}],
                    "description": "Words to find it by.",
                },
            },
            "required": ["text", "day"],
            "additionalProperties": False,
        },
    }
    assert add_note("it is still a function", date.min)


@pytest.mark.parametrize(
    ("version", "missing"),
    [
        ("2024-11-05", {"title", "annotations", "icons"}),
        ("2025-03-26", {"title", "icons"}),
        ("2025-06-18", {"icons"}),
        ("2025-11-25", set()),
        ("2026-07-28", set()),
    ],
)
async def test_options_say_otherwise(version: str, missing: set[str]) -> None:
    server = shop_server()

    @server.tool(
        name="note",
        title="A note",
        description="Notes.",
        annotations={"readOnlyHint": True},
        icons=[{"src": "https://a.test/icon.png"}],
    )
    def add_note() -> None:
        """Something else."""

    async with connect(server, version) as client:
        tool = (await client.list_tools())[-1]
    everything = {
        "name": "note",
        "title": "A note",
        "description": "Notes.",
        "icons": [{"src": "https://a.test/icon.png"}],
        "inputSchema": {
            "type": "object",
            "properties": {},
            "additionalProperties": False,
        },
        "annotations": {"readOnlyHint": True},
    }
    assert tool == {k: v for k, v in everything.items() if k not in missing}


async def test_a_schema_is_served_as_it_is_given() -> None:
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "$defs": {"name": {"$anchor": "name", "type": "string"}},
        "properties": {"name": {"$ref": "#name"}},
        "if": {"required": ["name"]},
        "then": {"properties": {"name": {"minLength": 2}}},
    }
    server = shop_server()

    @server.tool(input_schema=schema)
    def greet(ctx: Context, **arguments: Any) -> Any:
        return arguments

    async with connect(server) as client:
        assert (await client.list_tools())[-1]["inputSchema"] == schema
        result = await client.call_tool("greet", {"name": "Al", "more": 1})
        assert result["structuredContent"] == {"name": "Al", "more": 1}
        assert (await client.call_tool("greet", {"name": "A"}))["isError"] is True


async def test_arguments_are_checked_against_the_schema_and_converted() -> None:
    def move(to: Point, speed: Literal["slow", "fast"] = "slow") -> str:
        return f"{type(to).__name__} {to.x + to.y} {speed}"

    result = await called(move, to={"x": 1, "y": 2})
    assert result["content"][0]["text"] == "Point 3 slow"
    for arguments, complaint in (
        ({}, "to: is missing; it is required and must be an object"),
        ({"to": {"x": "one"}}, 'to.x: must be an integer, but "one" was given'),
        ({"to": {"x": 1}, "speed": "fat"}, 'speed: must be one of "slow", "fast"'),
        ({"to": {"x": 1}, "sped": "fast"}, "did you mean 'speed'?"),
    ):
        result = await called(move, **arguments)
        assert result["isError"] is True
        assert complaint in result["content"][0]["text"]


async def test_what_no_schema_tells_is_told_by_the_conversion() -> None:
    def due(days: list[date]) -> None: ...

    result = await called(due, days=["2026-07-28", "soon"])
    assert result["isError"] is True
    assert result["content"][0]["text"] == (
        'days[1]: must be a date such as 2026-07-28, but "soon" was given'
    )


async def test_the_context_is_injected_by_its_annotation() -> None:
    seen = []

    async def look(name: str, request: Context) -> None:
        seen.append((name, request.version))

    server = shop_server()
    server.tool(look)
    async with connect(server) as client:
        schema = (await client.list_tools())[-1]["inputSchema"]
        assert list(schema["properties"]) == ["name"]
        await client.call_tool("look", {"name": "a"})
        forged = await client.call_tool("look", {"name": "a", "request": "b"})
    assert forged["isError"] is True
    assert seen == [("a", "2025-11-25")]


async def test_an_error_on_purpose_is_for_the_client() -> None:
    async def fail() -> None:
        raise ToolError("There is no such note.")

    result = await called(fail)
    assert result["isError"] is True
    assert result["content"] == [{"type": "text", "text": "There is no such note."}]


@pytest.mark.parametrize(
    "error", [ValueError, SystemExit, StopIteration, RecursionError]
)
async def test_any_other_error_is_for_the_log(
    error: type[BaseException], caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise error("the password is teapot")

    result = await called(fail)
    assert result["isError"] is True
    assert result["content"][0]["text"] == "f failed; the server's log says why"
    assert "the password is teapot" in caplog.text


async def test_an_error_of_the_protocol_goes_through() -> None:
    async def refuse() -> None:
        raise RequestError(-32042, "Open the page first", {"url": "https://a.test"})

    with pytest.raises(RequestError, match="Open the page first") as raised:
        await called(refuse)
    assert raised.value.code == -32042


async def test_plain_functions_run_in_threads() -> None:
    """Two that wait for each other come to an end, while the loop goes on."""
    barrier = threading.Barrier(2, timeout=5)
    server = shop_server()

    @server.tool
    def meet() -> bool:
        barrier.wait()
        return threading.current_thread() is threading.main_thread()

    async with connect(server, "2026-07-28") as client:
        results = await asyncio.gather(
            client.call_tool("meet"), client.call_tool("meet")
        )
    assert [result["structuredContent"] for result in results] == [False, False]


async def test_async_functions_run_on_the_loop() -> None:
    loop = asyncio.get_running_loop()

    class Tool:
        async def __call__(self) -> bool:
            return asyncio.get_running_loop() is loop

        async def method(self) -> bool:
            return asyncio.get_running_loop() is loop

    for function in (Tool(), Tool().method, functools.partial(Tool().method)):
        assert (await called(function))["structuredContent"] is True


async def test_a_cancelled_call_does_not_hold_up_the_others() -> None:
    release = threading.Event()
    server = shop_server()

    @server.tool
    def block() -> None:
        release.wait(5)

    @server.tool
    def quick() -> str:
        return "done"

    async with connect(server) as client:
        blocked = asyncio.create_task(client.call_tool("block"))
        await asyncio.sleep(0.05)
        blocked.cancel()
        start = time.monotonic()
        assert (await client.call_tool("quick"))["isError"] is False
        assert time.monotonic() - start < 1
    release.set()


async def test_other_operations_can_be_called() -> None:
    server = shop_server()

    @server.tool
    async def add_two(first: str, second: str) -> list[Any]:
        results = [
            await server.call("add_item", {"name": name}) for name in (first, second)
        ]
        return [result.json()["name"] for result in results]

    @server.tool
    async def add_wrongly(ctx: Context) -> Mapping[str, Any]:
        result = await server.call("add_item", {})
        return {"failed": result.is_error}

    @server.tool
    async def outer() -> Result:
        return await server.call("add_wrongly", {})

    async with connect(server, "2026-07-28") as client:
        both = await client.call_tool("add_two", {"first": "tea", "second": "cup"})
        assert both["structuredContent"] == ["tea", "cup"]
        result = await client.call_tool("outer")
        assert result["structuredContent"] == {"failed": True}


async def test_a_missing_thing_is_told_by_a_tool_as_any_error() -> None:
    def fetch() -> None:
        raise NotFoundError("no note 7")

    result = await called(fetch)
    assert (result["isError"], result["content"][0]["text"]) == (True, "no note 7")


async def test_a_context_may_be_optional() -> None:
    """So that the author's own code can call the function without a request."""
    server = shop_server()

    @server.tool
    async def version(ctx: Context | None = None) -> str:
        return ctx.version if ctx else "none"

    async with connect(server, "2025-11-25") as client:
        (tool,) = [t for t in await client.list_tools() if t["name"] == "version"]
        assert tool["inputSchema"]["properties"] == {}
        result = await client.call_tool("version")
    assert result["content"][0]["text"] == "2025-11-25"
    assert await version() == "none"
