"""Live applications as a source: what they say, how they are found, what goes wrong."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from mcpgen.mounted import combined

Run = Callable[..., Result]

SCHEMAS = "#/components/schemas/"
MADE = """
print("standard output is for the answer")

class App:
    def openapi(self):
        return {
            "openapi": "3.1.0",
            "info": {"title": "Live", "version": "1"},
            "paths": {"/items": {"get": {"operationId": "listItems"}}},
        }

    async def __call__(self, scope, receive, send):
        pass

app = App()

def make():
    return app

class part:
    app = app
"""
ASKED = """
import json

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        scope["state"]["title"] = "Asked"
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    found = scope["path"] == "/schema/openapi.json"
    status = 200 if found else 404
    text = json.dumps({
        "openapi": "3.1.0",
        "info": {"title": scope["state"]["title"], "version": "1"},
        "paths": {"/items": {"get": {"operationId": "listItems"}}},
    })
    await send({"type": "http.response.start", "status": status, "headers": []})
    await send({"type": "http.response.body", "body": text.encode() if found else b""})
"""


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)


def module(folder: Path, name: str, text: str) -> None:
    path = folder / f"{name}.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.mark.parametrize("path", ["live:app", "live:make()", "live:part.app"])
def test_an_application_is_named_by_its_import_path(
    mcpgen: Run, tmp_path: Path, path: str
) -> None:
    module(tmp_path, "live", MADE)
    result = mcpgen(path, "-o", "out", "--base-url", "http://live", cwd=tmp_path)
    assert (result.exit_code, result.stdout) == (0, ""), result.stderr
    assert "standard output" not in result.stderr
    assert (tmp_path / "out" / "live_mcp").is_dir()


def test_it_is_found_in_src_and_in_packages(mcpgen: Run, tmp_path: Path) -> None:
    module(tmp_path, "src/shop/main", MADE)
    result = mcpgen("shop.main:app", "-o", "out", cwd=tmp_path)
    assert result.exit_code == 0, result.stderr


def test_an_application_without_a_method_is_asked(mcpgen: Run, tmp_path: Path) -> None:
    module(tmp_path, "live", ASKED)
    result = mcpgen("live:app", "-o", "out", cwd=tmp_path)
    assert result.exit_code == 0, result.stderr
    assert (tmp_path / "out" / "asked_mcp").is_dir()


def test_in_process_the_package_names_the_application(
    mcpgen: Run, tmp_path: Path
) -> None:
    module(tmp_path, "live", MADE)
    result = mcpgen("live:app", "-o", "out", "--in-process", cwd=tmp_path)
    assert result.exit_code == 0, result.stderr
    assert result.stderr.endswith("0 warnings\n")
    out = tmp_path / "out"
    assert 'application="live:app"' in (out / "live_mcp" / "settings.py").read_text()
    for name in ("README.md", "pyproject.toml"):
        assert "application" in (out / name).read_text()


@pytest.mark.parametrize("spec", ["spec.yaml", "http://localhost:8000", "-"])
def test_in_process_needs_an_application(
    mcpgen: Run, tmp_path: Path, spec: str
) -> None:
    result = mcpgen(spec, "-o", "out", "--in-process", cwd=tmp_path)
    assert result.exit_code == 2
    assert "--in-process needs an application" in result.stderr


WRONG = {
    "no module": ("", "other:app", "there is no module named 'other'"),
    "no package": ("", "live.main:app", "there is no module named 'live.main'"),
    "a file": (
        "",
        "shop/main.py:app",
        "give the import path of the app: shop.main:app",
    ),
    "no attribute": ("application = 1", "live:app", "name the application as it is"),
    "no application": ("app = 1", "live:app", "live:app is no ASGI application"),
    "a factory": ("def app(): pass", "live:app", "call it: live:app()"),
    "no factory": ("app = 1", "live:app()", "leave out the ()"),
    "a factory that raises": (
        "def make():\n    raise LookupError('no disk')",
        "live:make()",
        "live:make() fails: LookupError: no disk (live.py:2)",
    ),
    "a dependency": (
        "import nothing_of_this_name",
        "live:app",
        "No module named 'nothing_of_this_name' (live.py:1)",
    ),
    "syntax": ("\ndef app(:", "live:app", "(live.py:2)"),
    "raises": (
        "def connect():\n    raise OSError('no disk')\nconnect()",
        "live:app",
        "the import of live fails: OSError: no disk (live.py:2)",
    ),
    "exits": ("raise SystemExit('set URL')", "live:app", "SystemExit: set URL"),
    "dies": ("import os\nos._exit(7)", "live:app", "ended with 7"),
    "no document": (
        "async def app(scope, receive, send): raise ValueError",
        "live:app",
        "has no OpenAPI document: it was asked for /openapi.json (500), ",
    ),
    "a document that fails": (
        MADE.replace("return {", "raise KeyError('Item')\n        return {"),
        "live:app",
        "can't make its document: KeyError: 'Item' (live.py:6)",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said(mcpgen: Run, tmp_path: Path, name: str) -> None:
    text, path, said = WRONG[name]
    module(tmp_path, "live", text)
    result = mcpgen(path, "-o", "out", cwd=tmp_path)
    assert result.exit_code == 2
    assert said in result.stderr
    assert "help: " in result.stderr
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "out").exists()


def test_the_active_environment_imports_it_and_needs_nothing_of_mcpgen(
    mcpgen: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = tmp_path / "venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    bare = f'exec {sys.executable} -S "$@"'  # without what is installed
    python.write_text(f"#!/bin/sh\nOF_VENV=yes {bare}\n")
    python.chmod(0o755)
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / "venv"))
    module(tmp_path, "live", f"import os\nos.environ['OF_VENV']\n{MADE}")
    result = mcpgen("live:app", "-o", "out", cwd=tmp_path)
    assert result.exit_code == 0, result.stderr
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path))
    result = mcpgen("live:app", "-o", "out", cwd=tmp_path)
    assert f"{tmp_path}/bin/python can't be run" in result.stderr


def test_a_document_made_of_sets_is_the_same_each_time(
    mcpgen: Run, tmp_path: Path
) -> None:
    path = '"/items/" + "".join({"a", "b", "c", "d", "e", "f"})'
    module(tmp_path, "live", MADE.replace('"/items"', path))
    texts = set()
    for number in range(3):
        out = tmp_path / str(number)
        mcpgen("live:app", "-o", str(out), cwd=tmp_path)
        texts.add((out / "live_mcp" / "catalog.jsonl").read_text())
    assert len(texts) == 1


def document(item: Any, **more: Any) -> dict[str, Any]:
    """A document with one operation that refers to the schema `Item`."""
    schema = {"$ref": f"{SCHEMAS}Item"}
    operation = {
        "operationId": "add_items_post",
        "requestBody": {"content": {"application/json": {"schema": schema}}},
    }
    components = {
        "schemas": {
            "Item": item,
            "Items": {"type": "array", "items": schema},
            "Same": {"type": "integer"},
        }
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "A"},
        "paths": {"/items": {"post": operation}},
        "components": components,
    } | more


def test_documents_become_one() -> None:
    inner = document(
        {"type": "number"}, security=[{"key": []}], servers=[{"url": "/inner"}]
    )
    inner["components"]["securitySchemes"] = {"key": {"name": "Inner"}}
    outer = document({"type": "string"}, servers=[{"url": "/proxy"}])
    outer["components"]["securitySchemes"] = {"key": {"name": "Outer"}}
    before = json.dumps([outer, inner])
    whole = combined([("", outer), ("/in/{x}", inner)])
    assert json.dumps([outer, inner]) == before
    assert whole["servers"] == [{"url": "/proxy"}]
    assert list(whole["paths"]) == ["/items", "/in/{x}/items"]
    assert whole["paths"]["/items"] == outer["paths"]["/items"]
    moved = whole["paths"]["/in/{x}/items"]["post"]
    assert moved["operationId"] == "add_in__x__items_post"
    assert moved["security"] == [{"in_x_key": []}]
    schema = moved["requestBody"]["content"]["application/json"]["schema"]
    assert schema == {"$ref": f"{SCHEMAS}in_x_Item"}
    assert whole["components"] == {
        "schemas": {
            "Item": {"type": "string"},
            "Items": {"type": "array", "items": {"$ref": f"{SCHEMAS}Item"}},
            "Same": {"type": "integer"},
            "in_x_Item": {"type": "number"},
            "in_x_Items": {"type": "array", "items": {"$ref": f"{SCHEMAS}in_x_Item"}},
        },
        "securitySchemes": {"key": {"name": "Outer"}, "in_x_key": {"name": "Inner"}},
    }
