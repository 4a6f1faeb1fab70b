"""Whether a folder still is what a run has made of it, told without making it again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .manifest import MANIFEST, Manifest, digest
from .ownership import Changes, State
from .swap import STAGING

if TYPE_CHECKING:
    from ..emit import Tree


def identity(tree: Tree) -> str:
    """What tells a tree from all others: the digest of its manifest, which has those of
    its files."""
    return digest(Manifest.of(tree).text.encode())


def unchanged(folder: Path, identified: str) -> Changes | None:
    """What a run that gives the tree of an identity changes in a folder: nothing.

    None where something isn't as that tree has it. Raises InputError when a file can't
    be read.
    """
    try:
        found = digest((folder / MANIFEST).read_bytes())
    except OSError:
        return None
    if found != identified or (folder / STAGING).exists():
        return None
    manifest = Manifest.read(folder / MANIFEST)
    state = State.of(folder, manifest.offered)
    if any(state.present[path] != one for path, one in manifest.owned.items()):
        return None
    if any(state.present[path] is None for path in manifest.offered):
        return None
    return Changes(
        created=(),
        updated=(),
        deleted=(),
        unchanged=tuple(manifest.owned),
        kept=tuple(manifest.offered),
        outdated=(),
    )
