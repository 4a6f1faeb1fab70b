"""The output folder: what mcpgen owns is kept current, what is yours is left alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from mcpgen.diagnostics import InputError
from mcpgen.emit import File, Owner, Tree
from mcpgen.write import MANIFEST, Changes, write


def tree(owned: Mapping[str, str], yours: Mapping[str, str] | None = None) -> Tree:
    owners: list[tuple[Owner, Mapping[str, str]]] = [
        ("mcpgen", owned),
        ("user", yours or {}),
    ]
    return {
        path: File(path=path, text=text, owner=owner)
        for owner, files in owners
        for path, text in files.items()
    }


def run(made: Tree, folder: Path, *, force: bool = False) -> Changes:
    return write(made, folder, force=force, dry_run=False)


def on_disk(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in folder.rglob("*")
        if path.is_file() and path.name != MANIFEST
    }


def test_a_first_run_writes_everything(tmp_path: Path) -> None:
    out = tmp_path / "new" / "out"
    changes = run(tree({"a/b.py": "B"}, {"README.md": "R"}), out)
    assert on_disk(out) == {"a/b.py": "B", "README.md": "R"}
    assert changes.created == ("README.md", "a/b.py")


def test_a_second_run_writes_nothing(tmp_path: Path) -> None:
    made = tree({"a.py": "A"}, {"README.md": "R"})
    run(made, tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    changes = run(made, tmp_path)
    assert changes.written == ()
    assert changes.unchanged == ("a.py",)
    assert before == {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}


def test_owned_files_follow_the_tree(tmp_path: Path) -> None:
    run(tree({"a.py": "1", "gone/b.py": "B"}), tmp_path)
    changes = run(tree({"a.py": "2"}), tmp_path)
    assert on_disk(tmp_path) == {"a.py": "2"}
    assert (changes.updated, changes.deleted) == (("a.py",), ("gone/b.py",))
    assert not (tmp_path / "gone").exists()


def test_your_files_are_made_once(tmp_path: Path) -> None:
    run(tree({"a.py": "A"}, {"extensions.py": "template"}), tmp_path)
    (tmp_path / "extensions.py").write_text("mine")
    changes = run(tree({"a.py": "A"}, {"extensions.py": "new template"}), tmp_path)
    assert on_disk(tmp_path)["extensions.py"] == "mine"
    assert changes.kept == ("extensions.py",)


@pytest.mark.parametrize("new", [{"a.py": "A2", "b.py": "B"}, {"b.py": "B"}])
def test_a_file_edited_by_hand_is_not_touched(
    tmp_path: Path, new: dict[str, str]
) -> None:
    run(tree({"a.py": "A", "b.py": "B"}), tmp_path)
    (tmp_path / "a.py").write_text("edited")
    with pytest.raises(InputError, match=r"edited by hand.*: a\.py$") as refused:
        run(tree(new | {"c.py": "C"}), tmp_path)
    assert "extensions.py" in (refused.value.diagnostic.hint or "")
    assert on_disk(tmp_path) == {"a.py": "edited", "b.py": "B"}


def test_force_overwrites_what_was_edited(tmp_path: Path) -> None:
    run(tree({"a.py": "A"}), tmp_path)
    (tmp_path / "a.py").write_text("edited")
    run(tree({"a.py": "A2"}), tmp_path, force=True)
    assert on_disk(tmp_path) == {"a.py": "A2"}


def test_a_folder_with_foreign_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(InputError, match=r"did not write: thesis\.txt"):
        run(tree({"a.py": "A"}), tmp_path)
    assert on_disk(tmp_path) == {"thesis.txt": "mine"}


def test_a_fresh_repository_is_a_place_to_write_to(tmp_path: Path) -> None:
    for name in (".git", "LICENSE", "README.md"):
        (tmp_path / name).write_text("mine")
    run(tree({"a.py": "A"}, {"README.md": "template"}), tmp_path)
    assert on_disk(tmp_path)["README.md"] == "mine"


def test_a_foreign_file_in_the_way_is_refused(tmp_path: Path) -> None:
    run(tree({"a.py": "A"}), tmp_path)
    (tmp_path / "b.py").write_text("mine")
    with pytest.raises(InputError, match=r"b\.py"):
        run(tree({"a.py": "A", "b.py": "B"}), tmp_path)


def test_an_output_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(InputError, match="out is not a folder"):
        run(tree({"a.py": "A"}), tmp_path / "out")


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    changes = write(tree({"a.py": "A"}), tmp_path / "out", force=False, dry_run=True)
    assert changes.created == ("a.py",)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("path", ["../outside.txt", "/etc/hostname", "a/../../x"])
def test_a_manifest_reaches_nothing_outside(tmp_path: Path, path: str) -> None:
    (tmp_path / MANIFEST).write_text(json.dumps({"files": {path: "0"}, "yours": {}}))
    with pytest.raises(InputError, match="is not a manifest of mcpgen"):
        run(tree({"a.py": "A"}), tmp_path)


def test_a_broken_manifest_is_refused(tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_text("<<<<<<< HEAD")
    with pytest.raises(InputError, match="is not a manifest of mcpgen"):
        run(tree({"a.py": "A"}), tmp_path)


def test_an_output_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(InputError, match="file is not a folder"):
        run(tree({"a.py": "A"}), tmp_path / "file" / "out")


def test_a_package_is_not_renamed_in_its_folder(tmp_path: Path) -> None:
    run(tree({"pet_shop_mcp/__main__.py": ""}), tmp_path)
    renamed = tree({"store_mcp/__main__.py": ""})
    with pytest.raises(InputError, match="holds the package pet_shop_mcp") as refused:
        run(renamed, tmp_path)
    assert "--name pet-shop" in (refused.value.diagnostic.hint or "")
    assert on_disk(tmp_path) == {"pet_shop_mcp/__main__.py": ""}


def test_yours_that_would_be_written_differently_are_told_once(tmp_path: Path) -> None:
    run(tree({}, {"a.toml": "1", "b.md": "1"}), tmp_path)
    assert run(tree({}, {"a.toml": "2", "b.md": "1"}), tmp_path).outdated == ("a.toml",)
    assert run(tree({}, {"a.toml": "2", "b.md": "1"}), tmp_path).outdated == ()
    (tmp_path / "b.md").write_text("2")
    assert run(tree({}, {"a.toml": "2", "b.md": "2"}), tmp_path).outdated == ()
