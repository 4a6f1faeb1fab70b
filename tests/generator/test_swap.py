"""A run that is killed leaves a whole package, and runs at the same time don't mix."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from generator.writers import LATER, NEW, OLD
from mcpgen.emit import Tree
from mcpgen.write import MANIFEST, STAGING, stale, write

WRITERS = Path(__file__).with_name("writers.py")
YOURS = {"shop_mcp/extensions.py": "mine", "shop_mcp/operations/mine.py": "mine"}

pytestmark = pytest.mark.skipif(not hasattr(sys, "abiflags"), reason="needs fork(2)")


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


def test_a_run_killed_at_any_step_leaves_a_whole_package(tmp_path: Path) -> None:
    run("killed", tmp_path)
    found = {
        folder.name: package(on_disk(folder)) for folder in sorted(tmp_path.iterdir())
    }
    old, new = (package(files(tree) | YOURS) for tree in (OLD, NEW))
    assert len(found) > 30
    assert [name for name, one in found.items() if one not in (old, new)] == []
    assert found["0"] == old
    assert found[str(len(found) - 1)] == new


@pytest.mark.parametrize("mode", ["killed", "unswapped"])
@pytest.mark.parametrize("tree", [OLD, NEW, LATER], ids=["back", "on", "elsewhere"])
def test_the_next_run_takes_up_what_a_killed_one_left(
    mode: str, tree: Tree, tmp_path: Path
) -> None:
    run(mode, tmp_path)
    for folder in tmp_path.iterdir():
        write(tree, folder, force=False, dry_run=False)
        assert on_disk(folder) == files(tree) | YOURS
        assert not (folder / STAGING).exists()
        assert stale(tree, folder).paths == ()


def test_what_was_killed_twice_is_taken_up_too(tmp_path: Path) -> None:
    run("killed", tmp_path)
    for folder in tmp_path.iterdir():
        (folder / "shop_mcp" / "server.py").write_text("edited")
        with pytest.raises(Exception, match=r"edited by hand.*: shop_mcp/server\.py$"):
            write(LATER, folder, force=False, dry_run=False)
        assert (folder / "shop_mcp" / "server.py").read_text() == "edited"


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
