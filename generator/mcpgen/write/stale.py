"""How a folder differs from a tree, for people: nothing is written, nothing refused."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .manifest import unusable
from .ownership import State, changes

if TYPE_CHECKING:
    from ..emit import Tree


@dataclass(frozen=True, slots=True, kw_only=True)
class Stale:
    """The owned files that a run would write or delete, sorted.

    `edited` are those of them that aren't as mcpgen left them, `outdated` your files
    for which it would write something else than it last did.
    """

    paths: tuple[str, ...]
    edited: tuple[str, ...]
    outdated: tuple[str, ...]


def stale(tree: Tree, folder: Path) -> Stale:
    """Raises InputError where mcpgen never wrote a package."""
    state = State.of(folder, tree)
    if state.is_new:
        raise unusable(
            f"{folder} holds no package of mcpgen", f"mcpgen SPEC -o {folder} writes it"
        )
    found = changes(tree, state)
    owned = (path for path in found.created if tree[path].owner == "mcpgen")
    return Stale(
        paths=tuple(sorted((*owned, *found.updated, *found.deleted))),
        edited=tuple(
            path for path in (*found.updated, *found.deleted) if not state.is_own(path)
        ),
        outdated=found.outdated,
    )


def unified_diff(tree: Tree, folder: Path, path: str) -> Iterator[str]:
    """The lines that make a file on disk that of the tree, each with its line end."""
    try:
        before = (folder / path).read_bytes().decode(errors="replace")
        old = f"a/{path}"
    except (FileNotFoundError, NotADirectoryError):
        before, old = "", "/dev/null"
    after, new = (tree[path].text, f"b/{path}") if path in tree else ("", "/dev/null")
    for line in difflib.unified_diff(_lines(before), _lines(after), old, new):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _lines(text: str) -> list[str]:
    """Lines as files have them: other separators of Unicode don't end one."""
    return [f"{line}\n" for line in text.split("\n")[:-1]] + (
        [last] if (last := text.rpartition("\n")[2]) else []
    )
