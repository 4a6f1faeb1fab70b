"""One folder of `fixtures/cases` is one case: a document, its tree, its findings.

`expected/` is the emitted tree without the copy of the runtime, `report.txt` what is
printed, `arguments.txt` (optional) more arguments, a line each; without a document,
`mcpgen.toml` names them. After a deliberate
change: `pytest tests/generator/test_golden.py --update-golden`, and read the diff.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

CASES = Path(__file__).parents[2] / "fixtures" / "cases"
RUNTIME = Path(__file__).parents[2] / "runtime" / "mcpgen_runtime"
NAMES = sorted(path.name for path in CASES.iterdir())


def generate(mcpgen: Callable[..., Result], name: str, output: Path) -> Result:
    case = CASES / name
    spec = [path.name for path in case.glob("spec.*")]
    more = case / "arguments.txt"
    arguments = more.read_text().splitlines() if more.exists() else []
    return mcpgen(*spec, "-o", str(output), "-v", *arguments, cwd=case)


def tree(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "_runtime" not in path.parts
    }


@pytest.mark.parametrize("name", NAMES)
def test_a_document_becomes_its_tree(
    name: str,
    mcpgen: Callable[..., Result],
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    result = generate(mcpgen, name, tmp_path)
    assert result.exit_code == 0, result.output
    report = re.sub(
        f"wrote [0-9]+ files to {re.escape(str(tmp_path))}",
        "wrote all files to out",  # their number is that of the runtime's modules
        result.stderr,
    )
    expected = CASES / name / "expected"
    emitted = tree(tmp_path)
    del emitted[".mcpgen.json"]  # holds the digests of the runtime's copy
    if request.config.getoption("--update-golden"):
        shutil.rmtree(expected, ignore_errors=True)
        for path, text in emitted.items():
            (expected / path).parent.mkdir(parents=True, exist_ok=True)
            (expected / path).write_text(text)
        (CASES / name / "report.txt").write_text(report)
    assert report == (CASES / name / "report.txt").read_text()
    assert emitted == tree(expected)


@pytest.mark.parametrize("name", NAMES)
def test_the_runtime_is_copied_byte_for_byte(
    name: str, mcpgen: Callable[..., Result], tmp_path: Path
) -> None:
    generate(mcpgen, name, tmp_path)
    (copy,) = tmp_path.glob("*/_runtime")
    copied = {
        path.relative_to(copy): path.read_bytes()
        for path in copy.rglob("*")
        if path.is_file()
    }
    assert copied == {
        path.relative_to(RUNTIME): path.read_bytes()
        for path in RUNTIME.rglob("*")
        if path.suffix in (".py", ".typed") or path.name == "LICENSE"
    }


def test_the_runtime_comes_with_its_licence() -> None:
    """Section 4a of the licence: whoever is given the code is given a copy of it."""
    ours = (RUNTIME.parents[1] / "LICENSE").read_bytes()
    assert (RUNTIME / "LICENSE").read_bytes() == ours


@pytest.fixture(scope="module")
def trees(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """All golden trees with their runtimes, as a user would have them."""
    folders = []
    for name in NAMES:
        folder = tmp_path_factory.mktemp("tree") / name
        shutil.copytree(CASES / name / "expected", folder)
        (package,) = folder.glob("*_mcp")
        shutil.copytree(
            RUNTIME,
            package / "_runtime",
            ignore=shutil.ignore_patterns("__pycache__"),
        )
        folders.append(folder)
    return folders


def check(*command: str | Path, cwd: Path | None = None) -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-m", *map(str, command)],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_emitted_code_is_formatted_and_linted(trees: list[Path]) -> None:
    check("black", "--check", "--quiet", *trees)
    check("ruff", "check", "--isolated", "--quiet", *trees)


def test_emitted_code_is_typed(trees: list[Path], tmp_path: Path) -> None:
    packages = [package for folder in trees for package in folder.glob("*_mcp")]
    search_path = tmp_path / "packages"
    search_path.mkdir()
    for package in packages:
        (search_path / package.name).symlink_to(package)
    check("mypy", "--strict", search_path, cwd=search_path)
    check("mypy", "--strict", *trees[0].rglob("test_*.py"), cwd=search_path)
    check("pyright", "--pythonpath", sys.executable, *trees, cwd=search_path)


def test_emitted_tests_pass(trees: list[Path]) -> None:
    for folder in trees:
        check(
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "-p",
            "no:asyncio",
            folder,
            cwd=folder,
        )
