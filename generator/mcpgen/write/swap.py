"""Files put in place so that a run killed at any moment leaves a whole package.

All is written beside, into a folder of its own. Then the package is swapped in one
step of the file system, and each file outside of it replaced in one; the manifest
comes last. What is yours in the package is linked, not copied, into its new folder.

A killed run leaves its folder. The next one clears it away; the manifest in it tells
which of the files in place are already the new ones. Where a file system can't swap
two folders, there is a moment between two renames without a package: a run killed
just there is put right by the next.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path, PurePosixPath

STAGING = ".mcpgen-new"
PENDING = f"{STAGING}/manifest.json"
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


def put(
    folder: Path,
    package: str | None,
    written: Mapping[str, str],
    deleted: Iterable[str],
    manifest: Mapping[str, str],
) -> None:
    """Write and delete files of a folder; `manifest` is the text of one, by its path.

    Of `package`, the name of a folder in it, all changes are seen at once. Raises
    OSError.
    """
    staged, gone = folder / STAGING / "files", set(deleted)
    inside = {path for path in (*written, *gone) if _is_in(package, path)}
    try:
        _write(folder / STAGING / ".gitignore", "*\n")
        for text in manifest.values():
            _put_manifest(folder, PENDING, text)
        if package and inside:
            _stage(folder, package, inside)
        for path, text in written.items():
            _write(staged / path, text)
        _remove_empty(staged, inside & gone)
    except BaseException:
        clear(folder)
        raise
    for path in sorted(written.keys() - inside):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        os.replace(staged / path, folder / path)
    if package and inside:
        previous = folder / STAGING / "previous" / package
        _swap(staged / package, folder / package, previous)
    for path in gone - inside:
        (folder / path).unlink()
    _remove_empty(folder, gone - inside)
    for path, text in manifest.items():
        _put_manifest(folder, path, text)
    clear(folder)


def recover(folder: Path) -> None:
    """Puts a package back that a killed run had moved away. Raises OSError."""
    previous = folder / STAGING / "previous"
    for package in previous.iterdir() if previous.is_dir() else ():
        if not (folder / package.name).exists():
            os.rename(package, folder / package.name)


def settle(folder: Path, manifest: Mapping[str, str]) -> None:
    """Ends a killed run: a manifest of the files as they are, and nothing beside.
    Raises OSError."""
    for path, text in manifest.items():
        _put_manifest(folder, path, text)
    clear(folder)


def clear(folder: Path) -> None:
    shutil.rmtree(folder / STAGING, ignore_errors=True)


def _put_manifest(folder: Path, path: str, text: str) -> None:
    part = folder / STAGING / "manifest.part"
    _write(part, text)
    os.replace(part, folder / path)


def _is_in(package: str | None, path: str) -> bool:
    return PurePosixPath(path).parts[0] == package


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())


def _stage(folder: Path, package: str, changed: set[str]) -> None:
    """Links into the staging folder what stays as it is of a package."""
    if not (folder / package).is_dir():
        return

    def left_out(parent: str, names: list[str]) -> list[str]:
        below = Path(parent).relative_to(folder)
        return [name for name in names if (below / name).as_posix() in changed]

    shutil.copytree(
        folder / package,
        folder / STAGING / "files" / package,
        symlinks=True,
        ignore=left_out,
        copy_function=_link,
    )


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target, follow_symlinks=False)


def _swap(new: Path, place: Path, previous: Path) -> None:
    if not place.exists():
        os.rename(new, place)
        return
    exchange = _exchange_of_the_system()
    if exchange is None or not exchange(new, place):
        previous.parent.mkdir()
        os.rename(place, previous)
        os.rename(new, place)


def _exchange_of_the_system() -> Callable[[Path, Path], bool] | None:
    """renameat2(2) with RENAME_EXCHANGE, which not every system has."""
    if sys.platform != "linux":
        return None
    renameat2 = getattr(ctypes.CDLL(None), "renameat2", None)
    if renameat2 is None:
        return None

    def exchange(one: Path, other: Path) -> bool:
        paths = (os.fsencode(one), os.fsencode(other))
        done: int = renameat2(
            _AT_FDCWD, paths[0], _AT_FDCWD, paths[1], _RENAME_EXCHANGE
        )
        return done == 0

    return exchange


def _remove_empty(root: Path, paths: Iterable[str]) -> None:
    """Removes the folders that the deletion of files has left empty."""
    for path in paths:
        folder = (root / path).parent
        while folder != root and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
            folder = folder.parent
