"""The settings of a folder hold for every command, as they do for `mcpgen` itself."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]
CASE = Path(__file__).parents[2] / "fixtures" / "cases" / "curated"


@pytest.fixture
def curated(mcpgen: Run, tmp_path: Path) -> Path:
    """A folder with a document, its settings, and the package that they give."""
    for name in ("spec.yaml", "mcpgen.toml", "rules.py"):
        shutil.copy(CASE / name, tmp_path)
    assert mcpgen("-q", cwd=tmp_path).exit_code == 0
    return tmp_path


def test_check_needs_no_arguments(mcpgen: Run, curated: Path) -> None:
    result = mcpgen("check", cwd=curated)
    assert (result.exit_code, result.stderr) == (0, "out is up to date\n")
    with (curated / "mcpgen.toml").open("a") as file:
        file.write("max_concurrency = 3\n")
    assert mcpgen("check", cwd=curated).exit_code == 1


def test_diff_of_a_document_and_its_package(mcpgen: Run, curated: Path) -> None:
    assert mcpgen("diff", "spec.yaml", "out", cwd=curated).stdout == "no changes\n"
    told = mcpgen("diff", "out", "spec.yaml", "--preset", "tools", cwd=curated)
    assert "is gone" in told.stdout


def test_doctor_takes_the_document_from_them(mcpgen: Run, curated: Path) -> None:
    told = mcpgen("doctor", "--format", "json", cwd=curated)
    assert (told.exit_code, json.loads(told.stdout)["server"]) == (0, "orders")


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("OrderController_index", "name       from mcpgen.toml"),
        ("OrderController_show", "name       from rules.py"),
        ("metrics", "note       rules.py:19:1: is changed by `component` [plugin]"),
        ("GET /metrics", "name       from x-mcp"),
        ("GET /health", "because    x-mcp: exclude"),
    ],
)
def test_explain_tells_of_them(
    asked: str, expected: str, mcpgen: Run, curated: Path
) -> None:
    lines = mcpgen("explain", asked, cwd=curated).stdout.splitlines()
    assert expected in lines
    fixed = 'arguments  tenant: path `tenant`, always "acme", and not shown' in lines
    assert fixed == (asked == "OrderController_index")


@pytest.mark.parametrize(
    "command", [("check",), ("diff", "spec.yaml", "out"), ("explain", "search")]
)
def test_a_slip_is_refused(
    command: tuple[str, ...], mcpgen: Run, curated: Path
) -> None:
    (curated / "mcpgen.toml").write_text("sauce = 'spec.yaml'\n")
    result = mcpgen(*command, cwd=curated)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "mcpgen.toml:1" in result.stderr
    assert "did you mean source?" in result.stderr
