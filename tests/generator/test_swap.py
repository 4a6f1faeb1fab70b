"""A run that is killed leaves a whole package, and runs at the same time don't mix."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from generator.writers import LATER, NEW, OLD
from mcpgen.diagnostics import InputError
from mcpgen.emit import Tree
from mcpgen.write import MANIFEST, STAGING, stale, write

WRITERS = Path(__file__).with_name("writers.py")
YOURS = {"shop_mcp/extensions.py": "mine", "shop_mcp/operations/mine.py": "mine"}

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs fork(2)")


def on_disk(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in folder.rglob("*")
        if path.is_file() and path.name != MANIFEST and STAGING not in path.parts
    }


def files(tree: Tree) -> dict[str, str]:
    return {path: file.text for path, file in tree.items()}


def package(files: dict[str, str]) -> dict[str, str]:
    return {path: text for path, text in files.items() if path.startswith("shop_mcp")}


def run(mode: str, path: Path) -> None:
    subprocess.run([sys.executable, WRITERS, mode, path], check=True, timeout=300)


@pytest.fixture(scope="module", params=["killed", "unswapped"])
def left(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """What runs leave that were killed at each of their steps, folder by folder."""
    root = tmp_path_factory.mktemp("left")
    run(request.param, root)
    return root


@pytest.mark.parametrize("left", ["killed"], indirect=True)
def test_a_run_killed_at_any_step_leaves_a_whole_package(left: Path) -> None:
    found = {one.name: package(on_disk(one)) for one in left.iterdir()}
    old, new = (package(files(tree) | YOURS) for tree in (OLD, NEW))
    assert len(found) > 30
    assert [name for name, one in found.items() if one not in (old, new)] == []
    assert found["0"] == old
    assert found[str(len(found) - 1)] == new


@pytest.mark.parametrize("tree", [OLD, NEW, LATER], ids=["back", "on", "elsewhere"])
def test_the_next_run_takes_up_what_a_killed_one_left(
    left: Path, tree: Tree, tmp_path: Path
) -> None:
    for folder in shutil.copytree(left, tmp_path / "left").iterdir():
        write(tree, folder, force=False, dry_run=False)
        assert on_disk(folder) == files(tree) | YOURS
        assert not (folder / STAGING).exists()
        assert stale(tree, folder).paths == ()


def test_an_edit_after_a_killed_run_is_seen(left: Path, tmp_path: Path) -> None:
    for folder in shutil.copytree(left, tmp_path / "left").iterdir():
        server = folder / "shop_mcp" / "server.py"
        if not server.exists():  # moved away, until the next run
            continue
        server.write_text("edited")
        with pytest.raises(InputError, match=r"edited by hand.*: shop_mcp/server\.py$"):
            write(LATER, folder, force=False, dry_run=False)
        assert server.read_text() == "edited"


def test_runs_at_the_same_time_leave_the_tree_of_the_last(tmp_path: Path) -> None:
    run("together", tmp_path)
    assert on_disk(tmp_path) in [files(tree) for tree in (OLD, NEW, LATER)]
    assert not (tmp_path / STAGING).exists()
    write(LATER, tmp_path, force=False, dry_run=False)
    assert on_disk(tmp_path) == files(LATER)


def test_two_commands_for_one_folder_wait_for_each_other(
    mcpgen: Callable[..., Result], tmp_path: Path
) -> None:
    for name in ("one", "two"):
        operation = {"operationId": f"do_{name}", "responses": {}}
        document = {
            "openapi": "3.1.0",
            "info": {"title": "Shop", "version": "1"},
            "servers": [{"url": "https://shop.example"}],
            "paths": {f"/{name}": {"post": operation}},
        }
        (tmp_path / f"{name}.json").write_text(json.dumps(document))
    command = [sys.executable, "-m", "mcpgen"]
    runs = [
        subprocess.Popen(
            [*command, f"{name}.json", "-o", "out"],
            cwd=tmp_path,
            stderr=subprocess.DEVNULL,
        )
        for name in ("one", "two", "one", "two")
    ]
    assert [one.wait(300) for one in runs] == [0, 0, 0, 0]
    codes = {
        mcpgen("check", f"{name}.json", "-o", "out", cwd=tmp_path).exit_code
        for name in ("one", "two")
    }
    assert codes == {0, 1}
