"""The client for tests: the same over every transport, in both eras."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from mcpgen_runtime.client import Client, Lost, connect
from mcpgen_runtime.errors import RequestError

from .everything import extend
from .shop import shop_server, write_package
from .test_http import process

Connect: TypeAlias = Callable[..., AbstractAsyncContextManager[Client]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the package `shop_server` is, with the extension code of everything.py."""
    folder = tmp_path_factory.mktemp("client")
    load = "from .everything import extend\nextend(server)\n"
    write_package(folder, extensions=load)
    source = Path(__file__).with_name("everything.py").read_text()
    own = source.replace("from mcpgen_runtime import", "from ._runtime import")
    (folder / "shop_server" / "everything.py").write_text(own)
    return folder


@pytest.fixture(params=["memory", "stdio", "http"])
async def anywhere(
    request: pytest.FixtureRequest, folder: Path
) -> AsyncIterator[Connect]:
    """`connect` without its first argument."""
    if request.param == "memory":
        server = shop_server()
        extend(server)
        yield partial(connect, server)
    elif request.param == "stdio":
        command = (sys.executable, "-m", "shop_server")
        yield partial(connect, command, cwd=folder)
    else:
        async with process(folder) as (_, url):
            yield partial(connect, url)


@pytest.fixture(params=["2024-11-05", "2025-11-25", "2026-07-28"])
def version(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def text(result: dict[str, Any]) -> str:
    block, *_ = result["content"]
    return str(block["text"])


async def test_lists_calls_reads_and_completes(anywhere: Connect, version: str) -> None:
    async with anywhere(version) as client:
        assert client.server["capabilities"]["tools"] == {}
        assert {tool["name"] for tool in await client.list_tools()} >= {"greet", "wait"}
        (resource,) = await client.list_resources()
        assert resource["uri"] == "api://shop/items"
        assert len(await client.list_resource_templates()) == 2
        (prompt,) = await client.list_prompts()
        assert prompt["name"] == "haiku"
        added = await client.call_tool("add_item", {"name": "tea"})
        assert (added["isError"], text(added)) == (False, '{"id":1,"name":"tea"}')
        contents = (await client.read_resource("api://shop/items/7"))["contents"]
        assert contents[0]["text"] == '{"id":7}'
        got = await client.get_prompt("haiku", {"season": "spring"})
        assert got["messages"][0]["content"]["text"] == "Write a haiku about spring."
        ref = {"type": "ref/prompt", "name": "haiku"}
        values = await client.complete(ref, {"name": "season", "value": "s"})
        assert values == ["spring", "summer"]


async def test_questions_are_answered(anywhere: Connect) -> None:
    asked: list[Any] = []

    async def elicit(params: dict[str, Any]) -> dict[str, Any]:
        asked.append(params["message"])
        return {"action": "accept", "content": {"name": "Ada"}}

    async def roots(params: dict[str, Any]) -> dict[str, Any]:
        return {"roots": [{"uri": "file:///a"}, {"uri": "file:///b"}]}

    async def sample(params: dict[str, Any]) -> dict[str, Any]:
        content = {"type": "text", "text": params["messages"][0]["content"]["text"]}
        return {"role": "assistant", "model": "m", "content": content}

    answers = {"elicit": elicit, "roots": roots, "sample": sample}
    for version in ("2025-11-25", "2026-07-28"):
        async with anywhere(version, **answers) as client:
            assert text(await client.call_tool("greet")) == "accept: Ada"
            assert text(await client.call_tool("summarize")) == "file:///a file:///b"
        async with anywhere(version) as client:
            with pytest.raises(RequestError, match=r"elicitation\.form") as raised:
                await client.call_tool("greet")
            assert raised.value.code == -32021
    assert asked == ["What is your name?"] * 2


async def test_progress_and_logs_are_passed_on(anywhere: Connect, version: str) -> None:
    steps: list[Any] = []
    logs: list[Any] = []
    async with anywhere(version, on_log=logs.append) as client:

        def on_progress(done: float, total: float | None, message: str | None) -> None:
            steps.append((done, total, message))

        done = await client.call_tool("work", {"steps": 2}, on_progress=on_progress)
        assert text(done) == "done"
        named = version > "2024-11-05"
        expected = [(n, 2, f"step {n}" if named else None) for n in (1, 2)]
        assert steps == expected
        assert [log["data"] for log in logs] == [{"done": 2}]
        await client.set_log_level("debug")
        await client.call_tool("work")
        assert [log["data"] for log in logs[1:]] == ["begun", {"done": 3}]
        assert len(steps) == 2


async def test_errors_are_raised_with_all_their_parts(anywhere: Connect) -> None:
    for version, code in (("2025-11-25", -32002), ("2026-07-28", -32602)):
        async with anywhere(version) as client:
            with pytest.raises(RequestError, match="Resource not found") as raised:
                await client.read_resource("api://nowhere")
            assert (raised.value.code, raised.value.data) == (
                code,
                {"uri": "api://nowhere"},
            )
            with pytest.raises(RequestError, match="Unknown tool: nothing"):
                await client.call_tool("nothing")
            failed = await client.call_tool("fail")
            assert (failed["isError"], text(failed)) == (
                True,
                "that was to be expected",
            )


async def test_giving_up_cancels_the_request(anywhere: Connect, version: str) -> None:
    async with anywhere(version) as client:
        call = asyncio.create_task(client.call_tool("sleep"))
        await until(client, "1")
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await until(client, "0")


async def until(client: Client, asleep: str) -> None:
    async with asyncio.timeout(30):
        while text(await client.call_tool("sleeping")) != asleep:  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_a_stream_is_taken_up_where_it_ended(anywhere: Connect) -> None:
    async with anywhere("2025-11-25") as client:
        assert text(await client.call_tool("come_back")) == "back"


async def test_changes_are_heard_of(anywhere: Connect) -> None:
    uri = "api://shop/items"
    async with anywhere("2025-11-25") as client:
        await client.request("resources/subscribe", {"uri": uri})
        async with asyncio.timeout(30):
            while not client.notifications:  # its stream opens beside the first call
                await client.call_tool("restock")
    first = client.notifications[0]
    assert first["method"] == "notifications/resources/updated"
    assert first["params"] == {"uri": uri}


async def test_many_at_once(anywhere: Connect, version: str) -> None:
    async with anywhere(version) as client:
        names = [f"item {number}" for number in range(120)]
        calls = (client.call_tool("add_item", {"name": name}) for name in names)
        for name, result in zip(names, await asyncio.gather(*calls), strict=True):
            assert f'"{name}"' in text(result)


async def test_what_is_open_at_the_end_is_lost(anywhere: Connect) -> None:
    async with anywhere("2025-11-25") as client:
        call = asyncio.create_task(client.call_tool("sleep"))
        await until(client, "1")
    with pytest.raises(Lost):
        await call


async def test_notifications_are_kept() -> None:
    async with connect(shop_server(), "2026-07-28") as client:
        listening = asyncio.create_task(
            client.request("subscriptions/listen", {"notifications": {}})
        )
        await asyncio.sleep(0.01)
        (acknowledged,) = client.notifications
        assert acknowledged["method"].endswith("acknowledged")
        await client.close()
        assert (await listening)["resultType"] == "complete"


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        (["no-such-command"], "no-such-command can't be started"),
        ([sys.executable, "-c", "raise SystemExit(3)"], "ended with status 3"),
        ([sys.executable, "-c", "print('hello')"], "no message: b'hello"),
        ("http://127.0.0.1:9/mcp", "http://127.0.0.1:9/mcp"),
    ],
)
async def test_no_server(target: Any, sentence: str) -> None:
    with pytest.raises(Lost, match=sentence):
        async with connect(target):
            pass


@pytest.mark.parametrize(
    ("target", "options"),
    [
        ("http://127.0.0.1:9/mcp", {"env": {}}),
        ("http://127.0.0.1:9/mcp", {"cwd": "."}),
        (["command"], {"headers": {}}),
    ],
)
async def test_options_of_another_transport(target: Any, options: Any) -> None:
    with pytest.raises(TypeError, match="go with"):
        async with connect(target, **options):
            pass
