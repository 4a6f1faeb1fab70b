"""Functions of extensions.py that tell and ask, in a process, over every transport."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from .asked import MODERN, AskedStdio, asked

EXTENSIONS = """
from typing import Any

from ._runtime import Context, Server

FORM = {
    "type": "object",
    "properties": {"name": {"type": "string"}},
    "required": ["name"],
}
QUESTION = [{"role": "user", "content": {"type": "text", "text": "Hi"}}]


def extend(server: Server) -> None:
    server.enable_tasks()
    server.announce("tools", "updates")

    @server.tool
    async def awaits(ctx: Context) -> list[Any]:
        await ctx.log("info", "begun")
        await ctx.progress(1, 2)
        form = await ctx.elicit("Your name?", FORM)
        said = await ctx.sample(QUESTION, max_tokens=5)
        roots = await ctx.roots()
        await ctx.progress(2, 2)
        return [form.content, said["content"]["text"], roots[0]["uri"]]

    @server.tool
    def waits(ctx: Context) -> list[Any]:
        ctx.log("info", "begun")
        ctx.progress(1, 2)
        form = ctx.wait(ctx.elicit("Your name?", FORM))
        said = ctx.wait(ctx.sample(QUESTION, max_tokens=5))
        roots = ctx.wait(ctx.roots())
        ctx.progress(2, 2)
        return [form.content, said["content"]["text"], roots[0]["uri"]]

    @server.prompt
    async def greeting(ctx: Context) -> str:
        form = await ctx.elicit("Your name?", FORM)
        return f"Greet {(form.content or {})['name']}."

    @server.tool
    def grow() -> str:
        @server.tool
        def grown() -> str:
            return "here"

        return "grown"

    @server.tool
    async def slow(ctx: Context) -> str:
        await ctx.as_task()
        await ctx.elicit("Your name?", FORM, key="name")
        return "done"
"""
EVERY = [
    (t, v) for t in ("stdio", "http") for v in ("2025-06-18", "2025-11-25", MODERN)
]


@pytest.fixture
def command(shop_package: Path, shop_python: Path, tmp_path: Path) -> list[str | Path]:
    """Starts the shop's package, in `tmp_path`, with the functions above."""
    copy = tmp_path / shop_package.name
    shutil.copytree(shop_package, copy)
    (copy / "extensions.py").write_text(EXTENSIONS)
    return [shop_python, "-m", copy.name]


def progress(told: list[Any]) -> list[Any]:
    reports = [n["params"] for n in told if n["method"] == "notifications/progress"]
    assert {report["progressToken"] for report in reports} == {"t"}
    return [report["progress"] for report in reports]


@pytest.mark.parametrize(("transport", "version"), EVERY)
def test_what_functions_tell_and_ask(
    transport: str, version: str, command: list[str | Path], tmp_path: Path
) -> None:
    with asked(transport, version, command, tmp_path) as client:
        for tool in ("awaits", "waits"):
            client.told.clear()
            result = client.ask("tools/call", name=tool, arguments={})
            text = result["content"][0]["text"]
            assert json.loads(text) == [{"name": "octocat"}, "hello", "file:///home"]
            logged = [n for n in client.told if n["method"] == "notifications/message"]
            assert logged[-1]["params"] == {"level": "info", "data": "begun"}
            assert progress(client.told)[-2:] == [1, 2]
            if version != MODERN:
                assert [n["method"] for n in client.told] == [
                    "notifications/message",
                    "notifications/progress",
                    "notifications/progress",
                ]
        prompt = client.ask("prompts/get", name="greeting")
        assert prompt["messages"][0]["content"]["text"] == "Greet octocat."


def test_a_list_that_changes_in_a_thread_is_told_of(
    command: list[str | Path], tmp_path: Path
) -> None:
    with asked("stdio", "2025-11-25", command, tmp_path) as client:
        client.ask("tools/call", name="grow")
        methods = [notification["method"] for notification in client.told]
        assert methods == ["notifications/tools/list_changed"]
        assert client.call("grown", {})["content"][0]["text"] == "here"


def test_a_task_is_told_of_over_stdio(
    command: list[str | Path], tmp_path: Path
) -> None:
    with asked("stdio", MODERN, command, tmp_path) as client:
        assert isinstance(client, AskedStdio)
        task = client.ask("tools/call", name="slow")["taskId"]
        meta: dict[str, Any] = {
            "io.modelcontextprotocol/protocolVersion": MODERN,
            "io.modelcontextprotocol/clientCapabilities": {
                "extensions": {"io.modelcontextprotocol/tasks": {}}
            },
        }
        params = {"notifications": {"taskIds": [task]}, "_meta": meta}
        listen = {"jsonrpc": "2.0", "id": "L", "method": "subscriptions/listen"}
        client._notify(listen | {"params": params})
        acknowledged = client.next()
        assert acknowledged["params"]["notifications"] == {"taskIds": [task]}
        asks = client.next()["params"]
        assert (asks["taskId"], asks["status"]) == (task, "input_required")
        answers = {"name": {"action": "decline"}}
        client.ask("tasks/update", taskId=task, inputResponses=answers)
        told = [n["params"]["status"] for n in client.told]
        while told[-1:] != ["completed"]:
            told.append(client.next()["params"]["status"])
        assert told == ["working", "completed"]
