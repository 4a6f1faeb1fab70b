"""The command line, as a user meets it: what is printed, what is written, exit codes."""

from __future__ import annotations

import json
import math
import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import Result

Run = Callable[..., Result]

SPEC: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Shop", "version": "1"},
    "servers": [{"url": "https://shop.example"}],
    "paths": {
        "/items": {
            "get": {"tags": ["items"], "operationId": "listItems", "responses": {}},
            "post": {"tags": ["items"], "operationId": "addItem", "responses": {}},
        },
        "/items/{id}": {
            "parameters": [
                {"name": "id", "in": "path", "required": True, "schema": {}}
            ],
            "get": {"tags": ["items"], "operationId": "getItem", "responses": {}},
            "delete": {"tags": ["admin"], "operationId": "dropItem", "responses": {}},
        },
    },
    "components": {"schemas": {"A": {"type": "string"}, "B": {"type": "integer"}}},
}


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    (tmp_path / "spec.json").write_text(json.dumps(SPEC))
    return tmp_path


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def listed(folder: Path) -> list[tuple[str, str]]:
    lines = (folder / "shop_mcp" / "catalog.jsonl").read_text().splitlines()
    return [(line["kind"], line["key"]) for line in map(json.loads, lines)]


def test_the_closing_line_counts(mcpgen: Run, spec: Path) -> None:
    result = mcpgen("spec.json", "-o", "out", cwd=spec)
    assert result.exit_code == 0
    assert result.stdout == ""
    number = len(files(spec / "out")) - 1  # the manifest is no file of the package
    catalog = (spec / "out" / "shop_mcp" / "catalog.jsonl").read_text().splitlines()
    entries = [line["entry"] for line in map(json.loads, catalog[:2])]
    tokens = sum(
        math.ceil(len(json.dumps(one, separators=(",", ":"))) / 4) for one in entries
    )
    assert result.stderr.splitlines()[-1] == (
        f"wrote {number} files to out: 2 tools (about {tokens} tokens), "
        "1 resource, 1 template; 0 warnings"
    )


def test_get_is_read_and_the_rest_is_called(mcpgen: Run, spec: Path) -> None:
    mcpgen("spec.json", "-o", "out", cwd=spec)
    assert listed(spec / "out") == [
        ("tool", "add_item"),
        ("tool", "drop_item"),
        ("resource", "api://shop/items"),
        ("template", "api://shop/items/{id}"),
    ]


def test_the_tools_preset_makes_tools_of_all(mcpgen: Run, spec: Path) -> None:
    mcpgen("spec.json", "-o", "out", "--preset", "tools", cwd=spec)
    kinds = {kind for kind, _ in listed(spec / "out")}
    assert kinds == {"tool"}


@pytest.mark.parametrize(
    ("options", "left"),
    [
        (["--include", "admin"], ["drop_item"]),
        (["--include", "/items"], ["add_item", "api://shop/items"]),
        (["--exclude", "admin", "--exclude", "/items/*"], ["add_item"]),
        (["--include", "items", "--exclude", "/items/*"], ["add_item"]),
    ],
)
def test_operations_are_selected_by_tag_and_path(
    mcpgen: Run, spec: Path, options: list[str], left: list[str]
) -> None:
    result = mcpgen("spec.json", "-o", "out", *options, cwd=spec)
    assert result.exit_code == 0, result.output
    assert (
        {*left}
        <= {key for _, key in listed(spec / "out")}
        <= {
            *left,
            "api://shop/items",
        }
    )


def test_a_second_run_changes_no_byte(mcpgen: Run, spec: Path) -> None:
    mcpgen("spec.json", "-o", "out", cwd=spec)
    before = files(spec / "out")
    result = mcpgen("spec.json", "-o", "out", cwd=spec)
    assert files(spec / "out") == before
    assert result.stderr.startswith("wrote 0 files")


def test_the_order_of_a_document_changes_no_byte(mcpgen: Run, spec: Path) -> None:
    mcpgen("spec.json", "-o", "out", cwd=spec)
    shuffled = json.loads(json.dumps(SPEC))
    for owner, key in (
        (shuffled, "paths"),
        (shuffled["components"], "schemas"),
        (shuffled["paths"], "/items"),
        (shuffled, "components"),
    ):
        members = list(owner[key].items())
        random.Random(7).shuffle(members)
        owner[key] = dict(reversed(members))
    other = spec / "other"
    other.mkdir()
    text = yaml.safe_dump(shuffled, sort_keys=False)  # of which JSON is a part
    (other / "spec.json").write_text(text)
    mcpgen("other/spec.json", "-o", "again", cwd=spec)
    assert files(spec / "again") == files(spec / "out")


def test_standard_input_is_a_source(mcpgen: Run, spec: Path) -> None:
    text = (spec / "spec.json").read_bytes()
    result = mcpgen("-", "-o", "out", cwd=spec, input=text)
    assert result.exit_code == 0, result.output


def test_name_and_base_url_are_taken(mcpgen: Run, spec: Path) -> None:
    options = ["--name", "My Store", "--base-url", "http://localhost:8080/api/"]
    mcpgen("spec.json", "-o", "out", *options, cwd=spec)
    settings = (spec / "out" / "my_store_mcp" / "settings.py").read_text()
    assert 'base_url="http://localhost:8080/api"' in settings
    assert 'prefix="MY_STORE"' in settings


def test_a_dry_run_says_what_would_change(mcpgen: Run, spec: Path) -> None:
    result = mcpgen("spec.json", "-o", "out", "--dry-run", cwd=spec)
    assert "created shop_mcp/server.py\n" in result.stdout
    assert result.stderr.startswith("would write ")
    assert not (spec / "out").exists()


def test_strict_turns_findings_into_a_failure(mcpgen: Run, spec: Path) -> None:
    (spec / "no-server.json").write_text(json.dumps(SPEC | {"servers": []}))
    result = mcpgen("no-server.json", "-o", "out", "--strict", cwd=spec)
    assert result.exit_code == 1
    assert "SHOP_BASE_URL" in result.stderr
    assert result.stderr.endswith("nothing written: 1 warning under --strict\n")
    assert not (spec / "out").exists()


def test_quiet_prints_nothing_when_all_is_well(mcpgen: Run, spec: Path) -> None:
    (spec / "no-server.json").write_text(json.dumps(SPEC | {"servers": []}))
    result = mcpgen("no-server.json", "-o", "out", "-q", cwd=spec)
    assert (result.exit_code, result.output) == (0, "")


BAD_INPUT: list[tuple[bytes | None, str]] = [
    (None, "error[not-found]"),
    (b"", "empty"),
    (b"\x00\x01\x02\xff\xfe\xfd" * 50, "error["),
    (b"just some words", "error["),
    (b"[1, 2]", "error["),
    (b'{"openapi": "3.1.0", ', "spec:1:"),
    (b"a: b: c\n", "spec:1:"),
    (b"name: petstore\nversion: 2\n", "error["),
    (b'{"swagger": "1.2", "paths": {}}', "Swagger 1.2"),
    (b'{"openapi": "5.0.0"}', "OpenAPI 5.0.0, which is not understood"),
    (b'{"openapi": "3.1.0", "info": {"title": "T", "version": "1"}}', "operation"),
    (b"<html><body>Sign in</body></html>", "error["),
]


@pytest.mark.parametrize(("content", "said"), BAD_INPUT)
def test_unusable_input_is_refused(
    mcpgen: Run, tmp_path: Path, content: bytes | None, said: str
) -> None:
    if content is not None:
        (tmp_path / "spec").write_bytes(content)
    result = mcpgen("spec", "-o", "out", cwd=tmp_path)
    assert result.exit_code == 2, result.output
    assert isinstance(result.exception, SystemExit)
    assert said in result.stderr
    assert "Traceback" not in result.stderr
    assert str(tmp_path) not in result.stderr
    assert not (tmp_path / "out").exists()


def test_an_output_with_foreign_files_is_refused(mcpgen: Run, spec: Path) -> None:
    (spec / "out").mkdir()
    (spec / "out" / "thesis.txt").write_text("mine")
    result = mcpgen("spec.json", "-o", "out", cwd=spec)
    assert result.exit_code == 2
    assert "thesis.txt" in result.stderr
    assert "--force" in result.stderr
    assert list(files(spec / "out")) == ["thesis.txt"]


@pytest.mark.parametrize(
    "arguments",
    [["spec.json"], ["spec.json", "-o", "out", "--nope"], ["-o", "out"]],
)
def test_wrong_usage_is_said(mcpgen: Run, spec: Path, arguments: list[str]) -> None:
    result = mcpgen(*arguments, cwd=spec)
    assert result.exit_code == 2
    assert result.stderr.startswith("Usage: ")


@pytest.mark.parametrize("url", ["shop.example", "ftp://shop.example", "http://"])
def test_a_base_url_that_is_none_is_wrong_usage(
    mcpgen: Run, spec: Path, url: str
) -> None:
    result = mcpgen("spec.json", "-o", "out", "--base-url", url, cwd=spec)
    assert result.exit_code == 2
    assert "--base-url" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["spec.json", "-o", "out"],
        ["-o", "out", "spec.json"],
        ["generate", "spec.json", "-o", "out"],
        ["./doctor", "-o", "out"],
    ],
)
def test_a_line_without_a_command_generates(
    mcpgen: Run, spec: Path, arguments: list[str]
) -> None:
    (spec / "doctor").write_text(json.dumps(SPEC))
    result = mcpgen(*arguments, cwd=spec)
    assert result.exit_code == 0, result.output
    assert (spec / "out" / "pyproject.toml").exists()


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["doctor", "-h"]])
def test_what_is_asked_for_is_printed(
    mcpgen: Run, tmp_path: Path, arguments: list[str]
) -> None:
    result = mcpgen(*arguments, cwd=tmp_path)
    assert result.exit_code == 0
    assert "mcpgen" in result.stdout
    assert result.stderr == ""


@pytest.mark.skipif(sys.platform == "win32", reason="has no pseudo terminals")
@pytest.mark.parametrize(("no_color", "coloured"), [("", True), ("1", False)])
def test_a_terminal_has_colours_unless_told_otherwise(
    tmp_path: Path, no_color: str, coloured: bool
) -> None:
    master, terminal = os.openpty()
    subprocess.run(
        [sys.executable, "-m", "mcpgen", "missing.yaml", "-o", "out", "-q"],
        stderr=terminal,
        cwd=tmp_path,
        env={**os.environ, "NO_COLOR": no_color},
        check=False,
    )
    os.close(terminal)
    printed = os.read(master, 4096).decode()
    os.close(master)
    assert "error[not-found]:" in printed
    assert ("\x1b[" in printed) == coloured


def test_help_documents_the_exit_codes() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mcpgen", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Exit codes: 0 done; 1 findings under --strict; 2 wrong" in done.stdout


def test_a_command_that_is_misspelt(mcpgen: Run, tmp_path: Path) -> None:
    told = mcpgen("chek", "spec.yaml", cwd=tmp_path)
    assert told.exit_code == 2
    assert "there is no command or document 'chek'; did you mean check?" in told.stderr
    (tmp_path / "chek").mkdir()
    assert "did you mean check" not in mcpgen("chek", cwd=tmp_path).stderr
