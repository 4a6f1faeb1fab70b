"""One run onto the disk: everything is checked before anything is written.

Runs for one folder wait for each other.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from .manifest import MANIFEST, Manifest, unusable
from .ownership import (
    Changes,
    State,
    changes,
    check_folder,
    check_owned,
    package_of,
)
from .swap import STAGING, put, recover, settle

if TYPE_CHECKING:
    from ..emit import Tree


def write(tree: Tree, folder: Path, *, force: bool, dry_run: bool) -> Changes:
    """Bring a folder to the state of a tree.

    Raises InputError, with nothing written, when it would have to touch a file that
    isn't mcpgen's or was edited by hand; `force` overwrites those.
    """
    check_folder(folder)
    if dry_run:
        return _checked(tree, folder, State.of(folder, tree), force=force)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _locked(folder):
            recover(folder)
            state = State.of(folder, tree)
            found = _checked(tree, folder, state, force=force)
            if (folder / STAGING).exists():
                settle(folder, {MANIFEST: state.settled().text})
            wanted = Manifest.of(tree)
            if found.written or found.deleted or wanted != state.manifest:
                texts = {path: tree[path].text for path in found.written}
                package = package_of(tree)
                put(folder, package, texts, found.deleted, {MANIFEST: wanted.text})
            return found
    except OSError as problem:
        raise unusable(
            f"can't write {problem.filename or folder}: {problem.strerror}"
        ) from problem


def _checked(tree: Tree, folder: Path, state: State, *, force: bool) -> Changes:
    found = changes(tree, state)
    if not force:
        check_owned(folder, tree, state, found)
    return found


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Holds the folder for one run (flock(2), which ends with the process).

    A system or a file system without such locks is written to without one.
    """
    if sys.platform == "win32":
        yield
        return
    import fcntl

    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
