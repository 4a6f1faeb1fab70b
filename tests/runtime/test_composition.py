"""What extension code changes, and what it is told when that can't be."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Iterator
from typing import Any, TypedDict

import pytest
from mcpgen_runtime import NotFoundError, Resource, Server, ToolError
from mcpgen_runtime.client import Client, connect
from mcpgen_runtime.content import Result
from mcpgen_runtime.errors import CompositionError, RequestError
from mcpgen_runtime.middleware import Call, Next

from .shop import shop_server


async def tools(client: Client) -> list[str]:
    return [tool["name"] for tool in await client.list_tools()]


async def test_renaming() -> None:
    server = shop_server()
    server.rename("wait", "pause")
    server.rename("add_item", "stock")
    server.rename("list_items", "everything")
    seen = []

    async def watch(call: Call, step: Next) -> Result:
        seen.append(call.component.name)
        return await step(call)

    server.add_middleware(watch)
    async with connect(server) as client:
        assert await tools(client) == ["stock", "pause", "answer"]
        assert (await client.call_tool("stock", {"name": "tea"}))["isError"] is False
        with pytest.raises(RequestError, match="Unknown tool: add_item"):
            await client.call_tool("add_item", {"name": "tea"})
        (listed,) = await client.list_resources()
        assert (listed["name"], listed["uri"]) == ("everything", "api://shop/items")
        await client.read_resource("api://shop/items?limit=1")
    assert seen == ["stock", "everything"]


async def test_describing() -> None:
    server = shop_server()
    server.describe("add_item", title="Stock", description="Puts it on the shelf.")
    server.describe("answer", description="Says so.")
    server.describe("get_item", title="One item")
    async with connect(server) as client:
        add_item, _, answer = await client.list_tools()
        *_, get_item = await client.list_resource_templates()
    assert (add_item["title"], add_item["description"]) == (
        "Stock",
        "Puts it on the shelf.",
    )
    assert ("title" in answer, answer["description"]) == (False, "Says so.")
    assert get_item["title"] == "One item"


ICONS = [{"src": "https://a.test/icon.png"}]


async def test_describing_what_clients_show() -> None:
    server = shop_server()
    last = {"priority": 0.5, "lastModified": "2026-07-28T12:00:00Z"}
    server.describe("list_items", icons=ICONS, annotations=last)
    server.describe("get_item", annotations={"audience": ["user"]})
    server.describe("get_item", annotations={"priority": 1})
    server.describe("add_item", icons=ICONS, annotations={"destructiveHint": True})
    server.add(Resource(name="logo", method="GET", path="/logo", uri="api://shop/logo"))
    server.describe("logo", size=95)
    async with connect(server) as client:
        resources = {r["name"]: r for r in await client.list_resources()}
        templates = {t["name"]: t for t in await client.list_resource_templates()}
        add_item, *_ = await client.list_tools()
    for listed in (resources["list_items"], templates["list_items"]):
        assert (listed["icons"], listed["annotations"]) == (ICONS, last)
    assert templates["get_item"]["annotations"] == {"audience": ["user"], "priority": 1}
    assert add_item["annotations"]["destructiveHint"] is True
    assert add_item["annotations"]["openWorldHint"] is True
    assert (add_item["icons"], resources["logo"]["size"]) == (ICONS, 95)


@pytest.mark.parametrize(
    ("name", "given", "sentence"),
    [
        ("get_item", {"size": 1}, "a template has no size"),
        ("add_item", {"annotations": {"priority": 1}}, "not an annotation of tools"),
        ("plan", {"annotations": {"title": "x"}}, "not an annotation of prompts"),
        ("plan", {"icons": [{"src": "http://a.test/b"}]}, "an https: or data: URL"),
    ],
)
def test_what_a_listing_can_not_say(name: str, given: Any, sentence: str) -> None:
    server = shop_server()

    @server.prompt
    def plan() -> str:
        return ""

    with pytest.raises(CompositionError, match=sentence) as raised:
        server.describe(name, **given)
    assert str(raised.value).startswith(__file__)


async def test_what_is_hidden_is_there_for_extension_code_only() -> None:
    server = shop_server()
    server.hide("add_item")
    server.hide("get_item")

    @server.tool
    async def stock() -> list[Any]:
        added = await server.call("add_item", {"name": "tea"})
        read = await server.call("get_item", {"item_id": 7})
        return [added.json(), read.json()]

    async with connect(server, "2026-07-28") as client:
        assert await tools(client) == ["wait", "answer", "stock"]
        with pytest.raises(RequestError, match="Unknown tool"):
            await client.call_tool("add_item", {"name": "tea"})
        with pytest.raises(RequestError, match="Resource not found"):
            await client.read_resource("api://shop/items/7")
        result = await client.call_tool("stock")
    assert result["structuredContent"] == [{"id": 1, "name": "tea"}, {"id": 7}]


async def test_wrapping_one_of_many() -> None:
    server = shop_server()
    seen: list[str] = []

    def layer(name: str) -> Callable[[Call, Next], Any]:
        async def run(call: Call, step: Next) -> Result:
            seen.append(f"{name} {call.component.name}")
            return await step(call)

        return run

    server.wrap("add_item", layer("first"))
    server.wrap("add_item", layer("second"))
    server.wrap("list_items", layer("listing"))
    server.rename("add_item", "stock")
    server.add_middleware(layer("all"))
    async with connect(server) as client:
        await client.call_tool("stock", {"name": "tea"})
        await client.call_tool("answer")
        await client.read_resource("api://shop/items")
        await client.read_resource("api://shop/items?limit=1")
    assert seen == [
        "all stock",
        "first stock",
        "second stock",
        "all answer",
        "all list_items",
        "listing list_items",
        "all list_items",
        "listing list_items",
    ]


async def test_a_wrapper_may_change_arguments_and_results() -> None:
    async def loud(call: Call, step: Next) -> Result:
        import dataclasses

        changed = dataclasses.replace(call, arguments={"name": "TEA"})
        result = await step(changed)
        return Result(content=result.content, structured=b'{"loud":true}')

    server = shop_server()
    server.wrap("add_item", loud)
    async with connect(server) as client:
        result = await client.call_tool("add_item", {"name": "tea"})
    assert json.loads(result["content"][0]["text"])["name"] == "TEA"
    assert result["structuredContent"] == {"loud": True}


async def test_a_wrapper_may_refuse() -> None:
    async def refuse(call: Call, step: Next) -> Result:
        raise NotFoundError("Not here.") if call.uri else ToolError("Not today.")

    server = shop_server()
    server.wrap("add_item", refuse)
    server.wrap("get_item", refuse)
    async with connect(server) as client:
        result = await client.call_tool("add_item", {"name": "tea"})
        assert (result["isError"], result["content"][0]["text"]) == (True, "Not today.")
        with pytest.raises(RequestError, match="Resource not found"):
            await client.read_resource("api://shop/items/7")


async def test_functions_can_be_changed_like_what_was_generated() -> None:
    server = shop_server()

    @server.prompt
    def greet() -> str:
        return "hello"

    @server.tool
    def one() -> int:
        return 1

    server.rename("greet", "welcome")
    server.describe("welcome", description="Says hello.")
    server.remove("one")
    server.tool(one)
    server.hide("one")
    async with connect(server) as client:
        listed = (await client.request("prompts/list"))["prompts"]
        assert [prompt["name"] for prompt in listed] == ["welcome"]
        given = await client.request("prompts/get", {"name": "welcome"})
        assert given["description"] == "Says hello."
        assert "one" not in await tools(client)


@pytest.mark.parametrize(
    "change",
    [
        lambda server: server.remove("ad_item"),
        lambda server: server.hide("ad_item"),
        lambda server: server.rename("ad_item", "stock"),
        lambda server: server.describe("ad_item", title="x"),
        lambda server: server.wrap("ad_item", lambda call, step: step(call)),
    ],
)
def test_what_no_longer_exists_is_told_with_the_nearest_name(
    change: Callable[[Server], None],
) -> None:
    line = inspect.getsourcelines(change)[1]
    with pytest.raises(CompositionError) as raised:
        change(shop_server())
    assert str(raised.value) == (
        f"{__file__}:{line}: nothing named 'ad_item' is served; "
        "did you mean 'add_item'?"
    )


def test_names_that_are_taken_or_not_allowed() -> None:
    server = shop_server()
    with pytest.raises(CompositionError, match="'wait' is served already"):
        server.rename("add_item", "wait")
    with pytest.raises(CompositionError, match=r"'add item' is not allowed: take 1 to"):
        server.rename("add_item", "add item")
    server.rename("add_item", "add_item")


class Unknown: ...


class Twins(TypedDict):
    more: Missing  # type: ignore[name-defined]  # noqa: F821


def starred(*items: str) -> None: ...
def keywords(**items: str) -> None: ...
def positional(item: str, /) -> None: ...
def bare(item) -> None: ...  # type: ignore[no-untyped-def]
def unsupported(item: list[Unknown]) -> None: ...
def raw(item: bytes) -> None: ...
def union(item: {} | None) -> None: ...  # type: ignore[valid-type]
def keys(item: dict[int, str]) -> None: ...
def unhashable(item: set[list[str]]) -> None: ...
def undefined(item: Missing) -> None: ...  # type: ignore[name-defined]  # noqa: F821
def undefined_within(item: Twins) -> None: ...
def generator() -> Iterator[int]:
    yield 1


def add_item(name: str) -> None: ...
def nothing() -> None: ...
def note(day: str) -> None: ...


WRONG: list[tuple[Callable[[Server], Any], Callable[..., Any], str]] = [
    (
        lambda server: server.tool,
        starred,
        (
            "arguments have names, so it can't have *items: take one list instead, "
            "items: list[str]"
        ),
    ),
    (
        lambda server: server.tool,
        keywords,
        (
            "arguments have names, so it can't have **items: give each argument a "
            "parameter of its own, or take items: dict[str, str]"
        ),
    ),
    (
        lambda server: server.tool,
        positional,
        (
            "arguments have names, so it can't have item, which has no name: remove the / "
            "after it"
        ),
    ),
    (
        lambda server: server.prompt,
        bare,
        "the parameter item has no type hint: add one, such as item: str",
    ),
    (
        lambda server: server.tool,
        unsupported,
        "the hint of item is Unknown, which has no JSON Schema: use str, int,",
    ),
    (
        lambda server: server.tool,
        union,
        (
            "a hint is no type (unsupported operand type(s) for |: 'dict' and 'NoneType'): "
            "where a dict annotates a union, put it around the whole, as in Annotated["
        ),
    ),
    (lambda server: server.tool, raw, "the hint of item is bytes, which has no JSON"),
    (lambda server: server.tool, keys, "the hint of item is a dict whose keys aren't"),
    (
        lambda server: server.tool,
        unhashable,
        "the hint of item is a set of list, which can't be hashed: use a list",
    ),
    (lambda server: server.tool, undefined, "a hint names 'Missing', which its module"),
    (
        lambda server: server.tool,
        undefined_within,
        "the hint of item names 'Missing', which its module doesn't have: import",
    ),
    (lambda server: server.tool, generator, "it yields: collect a list, and return it"),
    (
        lambda server: server.tool,
        add_item,
        "a tool 'add_item' is served already: remove it first",
    ),
    (
        lambda server: server.tool(name="add note"),
        nothing,
        "the name 'add note' is not allowed: take 1 to 64 letters",
    ),
    (
        lambda server: server.tool(annotations={"readonlyHint": True}),
        nothing,
        "'readonlyHint' is not an annotation of tools; did you mean 'readOnlyHint'?",
    ),
    (
        lambda server: server.tool(icons=[{"url": "x"}]),
        nothing,
        "an icon needs a 'src', an https: or data: URL: {'url': 'x'} has none",
    ),
    (
        lambda server: server.resource("a:b", annotations={"audiance": ["user"]}),
        nothing,
        "'audiance' is not an annotation of resources; did you mean 'audience'?",
    ),
    (
        lambda server: server.resource("a:b", annotations={"audience": ["robots"]}),
        nothing,
        "audience is ['robots']: give a list of 'user' and 'assistant'",
    ),
    (
        lambda server: server.resource("a:b", annotations={"priority": 2}),
        nothing,
        "priority is 2: give a number from 0 to 1",
    ),
    (
        lambda server: server.resource("a:b", annotations={"lastModified": "today"}),
        nothing,
        "lastModified is 'today': give a time such as '2026-07-28T12:00:00Z'",
    ),
    (
        lambda server: server.resource("a:b", size=-1),
        nothing,
        "the size is -1: give a number of bytes",
    ),
    (
        lambda server: server.tool(input_schema={"properties": {}}),
        nothing,
        'its input_schema needs "type": "object" at the top',
    ),
    (
        lambda server: server.tool(
            input_schema={"type": "object", "default": float("nan")}
        ),
        nothing,
        "'nothing' has what JSON can't write: ",
    ),
    (
        lambda server: server.resource("api://shop/items"),
        nothing,
        "a resource 'api://shop/items' is served already",
    ),
    (
        lambda server: server.resource("today"),
        nothing,
        "'today' is not a URI: start it with a scheme, as in notes://today",
    ),
    (
        lambda server: server.resource("notes://{dya}"),
        note,
        (
            "'notes://{dya}' has the variable 'dya', for which there is no parameter; "
            "did you mean 'day'?"
        ),
    ),
    (
        lambda server: server.resource("notes://today"),
        note,
        (
            "the parameter 'day' is not in 'notes://today': put {day} into its path or "
            "{?day} at its end, or remove the parameter"
        ),
    ),
    (
        lambda server: server.resource("notes://{day*}"),
        note,
        "{day*} in 'notes://{day*}' is not supported: use {name}, {+path} or",
    ),
]


@pytest.mark.parametrize(("decorator", "function", "sentence"), WRONG)
def test_wrong_use_says_where_and_what_to_do(
    decorator: Callable[[Server], Any], function: Callable[..., Any], sentence: str
) -> None:
    line = inspect.getsourcelines(function)[1]
    with pytest.raises(CompositionError) as raised:
        decorator(shop_server())(function)
    place = f"{__file__}:{line}: {function.__name__}: "
    assert str(raised.value).startswith(place + sentence)


@pytest.mark.parametrize(
    ("use", "sentence"),
    [
        (lambda s: s.tool("add_note"), "'add_note' is not a function: put the decorat"),
        (lambda s: s.prompt(7), "7 is not a function: put the decorator above a def"),
        (
            lambda s: s.tool(lambda: 1),
            "<lambda>: it has no name: give one, as in name=",
        ),
        (
            lambda s: s.resource(nothing),
            'nothing: a resource needs its URI: @server.resource("notes://today")',
        ),
        (lambda s: s.tool(Unknown), "is not a function"),
    ],
)
def test_decorators_without_what_they_need(
    use: Callable[[Server], Any], sentence: str
) -> None:
    with pytest.raises(CompositionError, match=re.escape(sentence)) as raised:
        use(shop_server())
    assert str(raised.value).startswith(f"{__file__}:")


async def test_a_call_outside_of_a_request() -> None:
    with pytest.raises(RuntimeError, match="answer a request"):
        await shop_server().call("answer", {})
