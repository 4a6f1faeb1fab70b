"""`plugin` in `mcpgen.toml`: what it decides, and what is said where it can't."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

Run = Callable[..., Result]
CASE = Path(__file__).parents[2] / "fixtures" / "cases" / "curated"
SPEC: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Shop", "version": "1"},
    "servers": [{"url": "https://shop.example"}],
    "paths": {
        "/items": {"get": {"operationId": "listItems", "responses": {}}},
        "/items/{id}": {
            "get": {
                "operationId": "getItem",
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": {}}
                ],
                "responses": {},
            }
        },
    },
}
REPLACE = "from dataclasses import replace\n"


def made(
    mcpgen: Run, folder: Path, code: str, named: str = "rules.py", more: str = ""
) -> tuple[dict[str, Any], Result]:
    """The lines of the catalog by name, and what was printed."""
    (folder / "spec.json").write_text(json.dumps(SPEC))
    (folder / "rules.py").write_text(code)
    (folder / "mcpgen.toml").write_text(f'plugin = "{named}"\n{more}')
    result = mcpgen("spec.json", "-o", "out", cwd=folder)
    if result.exit_code:
        return {}, result
    (catalog,) = folder.glob("out/*/catalog.jsonl")
    lines = map(json.loads, catalog.read_text().splitlines())
    return {line["entry"]["name"]: line for line in lines}, result


@pytest.mark.parametrize("named", ["rules.py", "./rules.py", "rules"])
def test_each_function_has_its_say(named: str, mcpgen: Run, tmp_path: Path) -> None:
    code = REPLACE + (
        "print('loaded')\n"
        "def route(operation, default):\n"
        "    print(operation.subject, default)\n"
        "    return 'tool' if '{' in operation.path else None\n"
        "def name(operation, default):\n"
        "    return f'{default}_{operation.method}'\n"
        "def component(component):\n"
        "    return replace(component, title=component.name.upper())\n"
    )
    sys.modules.pop("rules", None)
    found, result = made(mcpgen, tmp_path, code, named)
    assert {name: line["kind"] for name, line in found.items()} == {
        "list_items_get": "resource",
        "get_item_get": "tool",
    }
    assert found["get_item_get"]["entry"]["title"] == "GET_ITEM_GET"
    assert result.stdout == ""
    assert result.stderr.startswith("loaded\nGET /items resource\n")


def test_it_is_told_what_was_decided_and_decides(mcpgen: Run, tmp_path: Path) -> None:
    """Its defaults are those of the settings, over which it has the last word."""
    code = (
        "def route(operation, default):\n"
        "    assert default == 'tool'\n"
        "    return 'resource'\n"
        "def name(operation, default):\n"
        "    assert default in ('all_items', 'get_item'), default\n"
        "    return default.replace('all', 'many')\n"
    )
    more = 'preset = "tools"\n[names]\nlistItems = "all_items"\n'
    found, result = made(mcpgen, tmp_path, code, more=more)
    assert {name: line["kind"] for name, line in found.items()} == {
        "many_items": "resource",
        "get_item": "template",
    }, result.stderr


HOOK = "def {0}(*given):\n    return {1}\n"


@pytest.mark.parametrize(
    ("code", "place", "message", "hint"),
    [
        (
            HOOK.format("route", "'tols'"),
            "1:1",
            "`route` gave for GET /items 'tols'",
            "",
        ),
        (HOOK.format("name", "'An item'"), "1:1", "`name` gave for GET /items", "a-z"),
        (HOOK.format("name", "'same'"), "1:1", "is that of another operation", "a-z"),
        (
            HOOK.format("component", "1"),
            "1:1",
            "`component` gave for GET /items a value of type int",
            "give the Resource back",
        ),
        (
            REPLACE + HOOK.format("component", "replace(given[0], name='x')"),
            "2:1",
            "another name: 'x', which was 'list_items'",
            "mcpgen.toml",
        ),
        (
            REPLACE + HOOK.format("component", "replace(given[0], title={1})"),
            "2:1",
            "what can't be listed",
            "JSON",
        ),
        (
            HOOK.format("route", "given[7]"),
            "2:1",
            "`route` fails for GET /items: Ind",
            "",
        ),
        (HOOK.format("name", "exit('stop')"), "2:1", "SystemExit: stop", ""),
        ("def route():\n    pass\n", "1:1", "`route` fails for GET /items: Type", ""),
        (
            "x = 1\nimport nowhere\n",
            "2:1",
            "can't be imported: ModuleNotFoundError",
            "",
        ),
        ("x = 1\ndef (\n", "2:1", "can't be imported: SyntaxError", ""),
        (
            "routes = 1\n",
            "1:1",
            "has none of the functions route, name",
            "route by routes?",
        ),
        ("route = 1\n", "1:1", "`route` is no function", "write it as def route"),
    ],
)
def test_what_it_cannot_do_is_told_with_its_line(
    code: str, place: str, message: str, hint: str, mcpgen: Run, tmp_path: Path
) -> None:
    found, result = made(mcpgen, tmp_path, code)
    assert (found, result.exit_code) == ({}, 2)
    assert f"rules.py:{place}: error[plugin]: " in result.stderr
    assert message in result.stderr
    assert hint in result.stderr
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("named", ["absent.py", "absent", "absent.rules"])
def test_one_that_is_not_there(named: str, mcpgen: Run, tmp_path: Path) -> None:
    _, result = made(mcpgen, tmp_path, "", named)
    assert result.exit_code == 2
    assert f"{named}: error[plugin]: " in result.stderr


def test_its_types_are_there_for_a_type_checker(tmp_path: Path) -> None:
    rules = tmp_path / "rules.py"
    rules.write_text((CASE / "rules.py").read_text())
    command = [sys.executable, "-m", "mypy", "--strict", "--no-incremental", "rules.py"]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
