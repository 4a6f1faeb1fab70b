"""What stands around the code of a package: its image, its workflow, its own tests."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

import pytest
import yaml
from harness import MCPGEN, ROOT, SPECS, generate, new_environment, run

CASES = ROOT / "fixtures" / "cases"
SHAPES = ("bodies", "parameters", "resources", "security", "swagger")
"""Documents of different shapes, whose packages are installed and tested."""
BIN = Path(sys.executable).parent


def test_the_image_is_linted() -> None:
    files = sorted(CASES.glob("*/expected/Dockerfile"))
    assert len(files) > 10
    run(BIN / "hadolint", *files, cwd=ROOT)


def checks(package: Path) -> dict[str, str]:
    """The lines that run `mcpgen check`, by the file that holds them."""
    workflow = yaml.safe_load((package / ".github/workflows/mcpgen.yml").read_text())
    hooks = yaml.safe_load((package / ".pre-commit-config.yaml").read_text())
    (line,) = (
        step["run"]
        for step in workflow["jobs"]["check"]["steps"]
        if step.get("run", "").startswith("mcpgen ")
    )
    return {"workflow": line, "hook": hooks["repos"][0]["hooks"][0]["entry"]}


@pytest.mark.parametrize("file", ["workflow", "hook"])
def test_what_is_to_run_in_ci_runs(file: str, tmp_path: Path) -> None:
    spec = tmp_path / "shop.yaml"
    shutil.copy(SPECS / "shop.yaml", spec)
    options = ("--preset", "tools", "--exclude", "/orders*", "--name", "a 'b': #c")
    package = generate(spec, tmp_path / "out", *options).parent
    shutil.copy(spec, package)
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    line = checks(package)[file]
    run("sh", "-c", line, cwd=package, PATH=path)
    server = next(package.glob("*/server.py"))
    server.write_text(server.read_text() + "# edited\n")
    with pytest.raises(
        AssertionError, match=r"exit status 1(?s:.*)1 file would change"
    ):
        run("sh", "-c", line, cwd=package, PATH=path)


@pytest.mark.parametrize("file", ["workflow", "hook"])
def test_what_is_to_run_in_ci_runs_by_settings(file: str, tmp_path: Path) -> None:
    for name in ("mcpgen.toml", "billing.yaml", "people.json"):
        shutil.copy(CASES / "composed" / name, tmp_path)
    settings = tmp_path / "mcpgen.toml"
    settings.write_text('output = "office-mcp"\n' + settings.read_text())
    run(MCPGEN, "--preset", "tools", cwd=tmp_path)
    line = checks(tmp_path / "office-mcp")[file]
    assert line == "mcpgen check --preset tools"
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    run("sh", "-c", line, cwd=tmp_path, PATH=path)


def test_reviews_fold_what_is_copied_or_derived(
    shop_package: Path, tmp_path: Path
) -> None:
    package = tmp_path / "out"
    shutil.copytree(shop_package.parent, package)
    run("git", "init", "-q", cwd=package)
    files = sorted(
        path.relative_to(package).as_posix()
        for path in package.rglob("*.*")
        if path.is_file() and not {".git", "__pycache__"} & {*path.parts}
    )
    told = run("git", "check-attr", "linguist-generated", *files, cwd=package)
    folded = set(re.findall(r"^(.*): linguist-generated: set$", told, re.MULTILINE))
    assert folded == {
        file
        for file in files
        if "/_runtime/" in file or file.endswith((".jsonl", ".mcpgen.json"))
    }


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    made = {}
    for case in SHAPES:
        (spec,) = (CASES / case).glob("spec.*")
        made[case] = tmp_path_factory.mktemp(case) / "out"
        generate(spec, made[case])
    return made


@pytest.fixture(scope="module")
def alone(packages: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment with these packages, pytest, and nothing else."""
    folder = tmp_path_factory.mktemp("alone") / "venv"
    return new_environment(folder, *packages.values(), "pytest>=8")


@pytest.mark.parametrize("case", SHAPES)
def test_its_own_tests_pass_where_nothing_else_is(
    case: str, packages: dict[str, Path], alone: Path
) -> None:
    done = run(alone, "-m", "pytest", "-p", "no:cacheprovider", cwd=packages[case])
    assert re.search(r"\d passed", done), done
