"""`mcpgen serve`: a document is served at once, and again when it changes."""

from __future__ import annotations

import json
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pytest
from harness import MCPGEN, environment
from raw_client import HttpClient

PATIENCE = 120.0
"""Seconds."""


def document(*ids: str, **more: Any) -> str:
    content = {"application/json": {"example": {"served": True}}}
    response = {"200": {"description": "Done.", "content": content}}
    paths = {
        f"/{id}": {"post": {"operationId": id, "responses": response}} for id in ids
    }
    info = {"title": "Shop", "version": "1"}
    return json.dumps({"openapi": "3.1.0", "info": info, "paths": paths} | more)


@contextmanager
def serving(
    folder: Path, *options: str, spec: str = "spec.json"
) -> Iterator[subprocess.Popen[str]]:
    """A running `mcpgen serve SPEC`, killed where a test waits for too long."""
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [MCPGEN, "serve", spec, *options],
        cwd=folder,
        env=environment(),
        stdin=pipe,
        stdout=pipe,
        stderr=pipe,
        text=True,
        bufsize=1,
    ) as process:
        patience = threading.Timer(PATIENCE, process.kill)
        patience.start()
        try:
            yield process
        finally:
            patience.cancel()
            process.kill()


def line(stream: IO[str] | None, part: str) -> str:
    """The next line that has a part in it."""
    assert stream
    found = next((one for one in stream if part in one), "")
    assert found, f"{part} is never said"
    return found


def asked(process: subprocess.Popen[str], method: str, **params: Any) -> Any:
    """The result of a request, whatever is told meanwhile."""
    assert process.stdin
    message = {"jsonrpc": "2.0", "id": method, "method": method, "params": params}
    process.stdin.write(json.dumps(message) + "\n")
    return json.loads(line(process.stdout, f'"id":"{method}"'))["result"]


def tools(process: subprocess.Popen[str]) -> list[str]:
    return [tool["name"] for tool in asked(process, "tools/list")["tools"]]


def test_a_change_is_served_and_told_and_a_mistake_is_not(tmp_path: Path) -> None:
    spec = tmp_path / "spec.json"
    spec.write_text(document("first"))
    changed = "notifications/tools/list_changed"
    with serving(tmp_path, "--mock") as process:
        client = {"name": "test", "version": "1"}
        version = {"protocolVersion": "2025-11-25", "capabilities": {}}
        found = asked(process, "initialize", clientInfo=client, **version)
        assert found["serverInfo"]["name"] == "shop"
        assert found["capabilities"]["tools"] == {"listChanged": True}
        assert tools(process) == ["first"]
        spec.write_text(document("first", "second"))
        line(process.stdout, changed)
        assert tools(process) == ["first", "second"]
        spec.write_text("{")
        line(process.stderr, "spec.json:1:2: error[syntax]")
        line(process.stderr, "what was served before still is")
        assert tools(process) == ["first", "second"]
        (tmp_path / "mcpgen.toml").write_text('[names]\nsecond = "renamed"\n')
        line(process.stderr, "what was served before still is")
        spec.write_text(document("second", servers=[{"url": "https://x.example"}]))
        line(process.stdout, changed)
        assert tools(process) == ["renamed"]
        result = asked(process, "tools/call", name="renamed", arguments={})
        assert result["structuredContent"] == {"served": True}
        assert process.stdin
        process.stdin.close()
        assert process.wait() == 0


def test_prompts_and_a_plugin_that_changes(tmp_path: Path) -> None:
    (tmp_path / "spec.json").write_text(document("first"))
    rules = tmp_path / "rules.py"
    rules.write_text("def name(operation, default):\n    return 'one'\n")
    (tmp_path / "mcpgen.toml").write_text(
        'plugin = "rules.py"\n[[prompts]]\nname = "plan"\nmessages = [{ text = "Plan." }]\n'
    )
    with serving(tmp_path, "--mock") as process:
        client = {"name": "test", "version": "1"}
        version = {"protocolVersion": "2025-11-25", "capabilities": {}}
        asked(process, "initialize", clientInfo=client, **version)
        assert tools(process) == ["one"]
        prompts = asked(process, "prompts/list")["prompts"]
        assert [prompt["name"] for prompt in prompts] == ["plan"]
        rules.write_text("def name(operation, default):\n    return 'another'\n")
        line(process.stdout, "notifications/tools/list_changed")
        assert tools(process) == ["another"]


def test_each_file_that_a_document_is_made_of(tmp_path: Path) -> None:
    """A file that it refers to, missing at first, an overlay, and modules of an
    application."""
    response = json.dumps({"200": {"description": "Done."}})
    spec = tmp_path / "spec.json"
    whole = json.loads(document("first"))
    whole["paths"]["/second"] = {"$ref": "parts.json"}
    spec.write_text(json.dumps(whole))
    overlay = tmp_path / "overlay.json"
    action = {"target": "$.paths['/first'].post", "update": {"summary": "One."}}
    info = {"title": "More", "version": "1"}
    changes: dict[str, Any] = {"overlay": "1.0.0", "info": info, "actions": [action]}
    overlay.write_text(json.dumps(changes))
    with serving(tmp_path, "--mock", "--overlay", "overlay.json") as process:
        client = {"name": "test", "version": "1"}
        version = {"protocolVersion": "2025-11-25", "capabilities": {}}
        asked(process, "initialize", clientInfo=client, **version)
        assert tools(process) == ["first"]
        (tmp_path / "parts.json").write_text(
            f'{{"post": {{"operationId": "second", "responses": {response}}}}}'
        )
        line(process.stdout, "notifications/tools/list_changed")
        assert tools(process) == ["first", "second"]
        action["update"] = {"operationId": "another"}
        overlay.write_text(json.dumps(changes))
        line(process.stdout, "notifications/tools/list_changed")
        assert tools(process) == ["another", "second"]


def test_the_modules_of_an_application(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(
        "import words\n\n\nclass App:\n"
        "    async def __call__(self, scope, receive, send): ...\n\n"
        "    def openapi(self):\n        return words.DOCUMENT\n\n\napp = App()\n"
    )
    words = tmp_path / "words.py"
    words.write_text(f"DOCUMENT = {document('first')}\n".replace("true", "True"))
    with serving(tmp_path, "--mock", spec="shop:app") as process:
        client = {"name": "test", "version": "1"}
        version = {"protocolVersion": "2025-11-25", "capabilities": {}}
        asked(process, "initialize", clientInfo=client, **version)
        assert tools(process) == ["first"]
        words.write_text("import nothing\n")
        line(process.stderr, "what was served before still is")
        text = f"DOCUMENT = {document('first', 'second')}\n"
        words.write_text(text.replace("true", "True"))
        line(process.stdout, "notifications/tools/list_changed")
        assert tools(process) == ["first", "second"]


def test_over_http_until_interrupted(tmp_path: Path) -> None:
    (tmp_path / "spec.json").write_text(document("first"))
    with serving(tmp_path, "--transport", "http", "--port", "0") as process:
        url = line(process.stderr, "serving on").split()[-1]
        with HttpClient(url) as client:
            client.initialize()
            listed = client.list_all("tools/list", "tools")
        process.send_signal(signal.SIGINT)
        assert process.wait() == 130
        assert process.stdout
        assert process.stdout.read() == ""
    assert [tool["name"] for tool in listed] == ["first"]


@pytest.mark.parametrize(
    ("spec", "arguments", "said"),
    [
        ("{}", ("spec.json",), "error[not-openapi]"),
        (document("a"), ("-",), "standard input is the client's: name a file"),
        (document("a"), (), "name a SPEC here, or as `source` in mcpgen.toml"),
    ],
)
def test_what_can_not_be_served_is_said(
    tmp_path: Path, spec: str, arguments: tuple[str, ...], said: str
) -> None:
    (tmp_path / "spec.json").write_text(spec)
    done = subprocess.run(
        [MCPGEN, "serve", *arguments],
        cwd=tmp_path,
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
