"""`mcpgen check`: whether a package is what would be written, and what would change."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

Run = Callable[..., Result]


def document(**paths: Any) -> str:
    return json.dumps(
        {
            "openapi": "3.1.0",
            "info": {"title": "Shop", "version": "1"},
            "servers": [{"url": "https://shop.example"}],
            "paths": {f"/{name}": item for name, item in paths.items()},
        }
    )


POST = {"post": {"operationId": "addItem", "summary": "Adds.", "responses": {}}}
GET = {"get": {"operationId": "listItems", "responses": {}}}


@pytest.fixture
def shop(mcpgen: Run, tmp_path: Path) -> Path:
    """A folder with a document and the package made of it."""
    (tmp_path / "spec.json").write_text(document(items=POST))
    assert mcpgen("spec.json", "-o", "out", cwd=tmp_path).exit_code == 0
    return tmp_path


def test_what_was_just_written_is_up_to_date(mcpgen: Run, shop: Path) -> None:
    result = mcpgen("check", "spec.json", "-o", "out", cwd=shop)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "out is up to date\n"


def test_the_options_count(mcpgen: Run, shop: Path) -> None:
    other = ("--base-url", "https://test.example")
    result = mcpgen("check", "spec.json", "-o", "out", *other, cwd=shop)
    assert result.exit_code == 1
    assert 'base_url="https://test.example")\n' in result.stdout


def test_a_stale_tree_is_told_as_a_diff_that_makes_it_current(
    mcpgen: Run, shop: Path
) -> None:
    changed = {"post": POST["post"] | {"summary": "Adds an item."}}
    (shop / "spec.json").write_text(document(items=changed, things=GET))
    before = shutil.copytree(shop / "out", shop / "before")
    result = mcpgen("check", "spec.json", "-o", "out", cwd=shop)
    assert result.exit_code == 1
    assert "out is stale: " in result.stderr
    assert "\x1b" not in result.stdout
    assert '-    title="Adds",' in result.stdout
    assert '+    title="Adds an item",' in result.stdout
    assert mcpgen("spec.json", "-o", "out", cwd=shop).exit_code == 0
    subprocess.run(
        ["git", "apply", "-p1"], cwd=before, input=result.stdout, text=True, check=True
    )
    for name in ("operations/default.py", "catalog.jsonl"):
        path = f"shop_mcp/{name}"
        assert (before / path).read_text() == (shop / "out" / path).read_text()


def test_a_file_is_made_edited_or_gone(mcpgen: Run, shop: Path) -> None:
    package = shop / "out" / "shop_mcp"
    (package / "settings.py").unlink()
    (package / "schemas.py").write_text("mine")
    result = mcpgen("check", "spec.json", "-o", "out", cwd=shop)
    assert result.exit_code == 1
    assert "--- /dev/null\n+++ b/shop_mcp/settings.py\n" in result.stdout
    assert "-mine\n\\ No newline at end of file\n" in result.stdout
    assert "edited by hand: shop_mcp/schemas.py\n" in result.stderr
    assert (package / "schemas.py").read_text() == "mine"


def test_your_own_files_do_not_count(mcpgen: Run, shop: Path) -> None:
    (shop / "out" / "shop_mcp" / "extensions.py").write_text("mine")
    (shop / "out" / "shop_mcp" / "more.py").write_text("mine")
    assert mcpgen("check", "spec.json", "-o", "out", cwd=shop).exit_code == 0


def test_yours_that_would_be_different_are_told_once(mcpgen: Run, shop: Path) -> None:
    text = (shop / "spec.json").read_text().replace('"version": "1"', '"version": "2"')
    (shop / "spec.json").write_text(text)
    line = "yours, and not counted: "
    told = mcpgen("check", "spec.json", "-o", "out", cwd=shop).stderr
    assert line in told
    assert "pyproject.toml" in told
    mcpgen("spec.json", "-o", "out", cwd=shop)
    assert line not in mcpgen("check", "spec.json", "-o", "out", cwd=shop).stderr


def test_quiet_says_it_with_the_exit_code(mcpgen: Run, shop: Path) -> None:
    (shop / "spec.json").write_text(document(items=GET))
    result = mcpgen("check", "spec.json", "-o", "out", "-q", cwd=shop)
    assert (result.exit_code, result.output) == (1, "")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("absent.json", "-o", "out"), "absent.json: error[not-found]"),
        (("spec.json", "-o", "elsewhere"), "elsewhere holds no package of mcpgen"),
        (("spec.json",), "name a folder by -o"),
    ],
)
def test_what_cannot_be_checked(
    mcpgen: Run, shop: Path, arguments: tuple[str, ...], said: str
) -> None:
    result = mcpgen("check", *arguments, cwd=shop)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


def test_a_terminal_is_given_colours(shop: Path) -> None:
    (shop / "spec.json").write_text(document(items=GET))
    pty = pytest.importorskip("pty")
    controller, terminal = pty.openpty()
    environment = {**os.environ, "TERM": "xterm"}
    environment.pop("NO_COLOR", None)
    command = [sys.executable, "-m", "mcpgen", "check", "spec.json", "-o", "out"]
    with subprocess.Popen(
        command, cwd=shop, stdout=terminal, stderr=terminal, env=environment
    ) as process:
        os.close(terminal)
        shown = b"".join(_read(controller))
        assert process.wait(60) == 1
    assert b"\x1b[32m\x1b[1m+" in shown
    assert b"\x1b[31m\x1b[1m-" in shown


def _read(controller: int) -> Iterator[bytes]:
    """What a terminal is sent, until all of its other ends are closed."""
    try:
        while piece := os.read(controller, 65536):
            yield piece
    except OSError:
        return
    finally:
        os.close(controller)
