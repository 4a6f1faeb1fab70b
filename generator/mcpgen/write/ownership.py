"""What a run would do to a folder, and whether all of it is mcpgen's to do.

A file that differs from what the manifest says was edited by hand, one that isn't
listed was never mcpgen's: neither is touched.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from .manifest import MANIFEST, Manifest, digest, unusable
from .swap import PENDING

if TYPE_CHECKING:
    from ..emit import Tree

_MAY_STAND = ("LICENSE", "README", "CHANGELOG", "CONTRIBUTING")
_NAMED_AT_MOST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What a run does to the output folder; paths below it, sorted."""

    created: tuple[str, ...]
    updated: tuple[str, ...]
    deleted: tuple[str, ...]
    unchanged: tuple[str, ...]
    kept: tuple[str, ...]
    outdated: tuple[str, ...]
    """Kept files for which mcpgen would write something else than it last did."""

    @property
    def written(self) -> tuple[str, ...]:
        return (*self.created, *self.updated)


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A folder as it is found: `manifest` and `pending` are what the last run wrote
    and what a killed one was about to write, `present` the digests of their files and
    of those of a tree, None where there is no file."""

    manifest: Manifest
    pending: Manifest
    present: Mapping[str, str | None]

    @classmethod
    def of(cls, folder: Path, tree: Iterable[str]) -> State:
        """Raises InputError when the manifest or a file can't be read."""
        manifest = Manifest.read(folder / MANIFEST)
        pending = Manifest.read(folder / PENDING)
        paths = {*tree, *manifest.owned, *pending.owned}
        return cls(
            manifest=manifest,
            pending=pending,
            present={path: _on_disk(folder / path) for path in paths},
        )

    @property
    def is_new(self) -> bool:
        """Whether mcpgen never wrote here."""
        return Manifest() == self.manifest == self.pending

    def owned(self) -> set[str]:
        return {*self.manifest.owned, *self.pending.owned}

    def settled(self) -> Manifest:
        """The manifest of the files as they are, where a run was killed."""
        taken = {
            path: digest
            for path, digest in self.pending.owned.items()
            if self.present[path] == digest
        }
        owned = dict(sorted({**self.manifest.owned, **taken}.items()))
        return Manifest(owned=owned, offered=self.manifest.offered)

    def is_own(self, path: str) -> bool:
        """Whether a file is as mcpgen left it."""
        return self.present[path] in (
            self.manifest.owned.get(path),
            self.pending.owned.get(path),
        )


def changes(tree: Tree, state: State) -> Changes:
    """What makes a folder that of a tree."""
    wanted, present = Manifest.of(tree), state.present
    return Changes(
        created=tuple(sorted(path for path in tree if present[path] is None)),
        updated=tuple(
            path
            for path, digest in wanted.owned.items()
            if present[path] not in (None, digest)
        ),
        deleted=tuple(
            path
            for path in sorted(state.owned())
            if path not in tree and present[path] is not None
        ),
        unchanged=tuple(
            path for path, digest in wanted.owned.items() if present[path] == digest
        ),
        kept=tuple(path for path in wanted.offered if present[path] is not None),
        outdated=tuple(
            path
            for path, digest in wanted.offered.items()
            if present[path] not in (None, digest)
            and state.manifest.offered.get(path, digest) != digest
        ),
    )


def check_owned(folder: Path, tree: Tree, state: State, found: Changes) -> None:
    """Raises InputError when a file would be touched that isn't mcpgen's to touch."""
    if state.is_new:
        _check_foreign(folder)
    _check_package(folder, tree, state)
    edited = [
        path
        for path in sorted((*found.updated, *found.deleted))
        if not state.is_own(path)
    ]
    if edited:
        raise unusable(
            f"generated files were edited by hand or are not mcpgen's: {_some(edited)}",
            "move the changes to extensions.py, or give --force to lose them",
        )


def package_of(paths: Iterable[str]) -> str | None:
    """The folder that is the package, by the paths of its files."""
    main = (PurePosixPath(path) for path in paths if path.endswith("/__main__.py"))
    return next((path.parts[0] for path in main), None)


def check_folder(folder: Path) -> None:
    """Raises InputError where there can be no such folder."""
    for path in (folder, *folder.parents):
        if path.is_dir():
            return
        if os.path.lexists(path):
            raise unusable(f"the output can't be {folder}: {path} is not a folder")


def _check_foreign(folder: Path) -> None:
    foreign = [
        entry.name
        for entry in (sorted(folder.iterdir()) if folder.is_dir() else ())
        if not entry.name.startswith(".") and not entry.name.startswith(_MAY_STAND)
    ]
    if foreign:
        raise unusable(
            f"the output {folder} holds files that mcpgen did not write: "
            f"{_some(foreign)}",
            "choose an empty folder, or give --force to write among them",
        )


def _check_package(folder: Path, tree: Tree, state: State) -> None:
    """One folder holds one package, whose name its other files repeat."""
    before, now = package_of(sorted(state.owned())), package_of(tree)
    if before not in (None, now):
        raise unusable(
            f"the output {folder} holds the package {before}, and this is {now}",
            f"give --name {str(before).removesuffix('_mcp').replace('_', '-')} to "
            "keep the name, or a new folder",
        )


def _some(names: list[str]) -> str:
    more = len(names) - _NAMED_AT_MOST
    shown = ", ".join(names[:_NAMED_AT_MOST])
    return f"{shown} and {more} more" if more > 0 else shown


def _on_disk(path: Path) -> str | None:
    """The digest of a file, None where there is none."""
    try:
        return digest(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as problem:
        raise unusable(f"can't read {path}: {problem.strerror}") from problem
