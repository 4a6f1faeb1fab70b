"""The tree onto the disk: only what changed, and only what is mcpgen's to change.

A manifest in the output folder holds the digest of each file that mcpgen owns. A file
that differs from its digest was edited by hand, one that isn't listed was never
mcpgen's: neither is touched. Everything is checked before anything is written.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from .diagnostics import Diagnostic, InputError
from .emit import Tree

MANIFEST = ".mcpgen.json"
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


def write(tree: Tree, folder: Path, *, force: bool, dry_run: bool) -> Changes:
    """Bring a folder to the state of a tree.

    Raises InputError, with nothing written, when it would have to touch a file that
    isn't mcpgen's or was edited by hand; `force` overwrites those.
    """
    _check_folder(folder)
    manifest, yours = _manifest(folder)
    owned = {file.path: file for file in tree.values() if file.owner == "mcpgen"}
    digests = {path: _digest(file.text.encode()) for path, file in owned.items()}
    present = {path: _on_disk(folder / path) for path in {*tree, *manifest}}
    stale = sorted(path for path in manifest if path not in tree and present[path])
    offered = {
        path: _digest(file.text.encode())
        for path, file in tree.items()
        if file.owner == "user"
    }
    if not force:
        if not manifest and not yours:
            _check_foreign(folder)
        _check_package(folder, tree, manifest)
        _check_owned(present, manifest, digests, stale)

    created = [path for path in tree if present[path] is None]
    updated = [path for path in owned if present[path] not in (None, digests[path])]
    changes = Changes(
        created=tuple(sorted(created)),
        updated=tuple(sorted(updated)),
        deleted=tuple(stale),
        unchanged=tuple(sorted(p for p in owned if present[p] == digests[p])),
        kept=tuple(sorted(p for p in offered if present[p] is not None)),
        outdated=tuple(
            path
            for path, digest in sorted(offered.items())
            if present[path] not in (None, digest) and yours.get(path, digest) != digest
        ),
    )
    if not dry_run:
        try:
            for path in changes.written:
                _replace(folder / path, tree[path].text)
            for path in changes.deleted:
                (folder / path).unlink()
                _remove_empty(folder, (folder / path).parent)
            if (digests, offered) != (manifest, yours):
                _replace(folder / MANIFEST, _manifest_text(digests, offered))
        except OSError as problem:
            raise _unusable(
                f"can't write {problem.filename or folder}: {problem.strerror}"
            ) from problem
    return changes


def _check_folder(folder: Path) -> None:
    for path in (folder, *folder.parents):
        if path.is_dir():
            return
        if os.path.lexists(path):
            raise _unusable(f"the output can't be {folder}: {path} is not a folder")


def _check_foreign(folder: Path) -> None:
    foreign = [
        entry.name
        for entry in (sorted(folder.iterdir()) if folder.is_dir() else ())
        if not entry.name.startswith(".") and not entry.name.startswith(_MAY_STAND)
    ]
    if foreign:
        raise _unusable(
            f"the output {folder} holds files that mcpgen did not write: "
            f"{_some(foreign)}",
            "choose an empty folder, or give --force to write among them",
        )


def _check_owned(
    present: Mapping[str, str | None],
    manifest: Mapping[str, str],
    digests: Mapping[str, str],
    stale: Iterable[str],
) -> None:
    edited = [
        path
        for path in sorted({*digests, *stale})
        if present[path] not in (None, manifest.get(path), digests.get(path))
    ]
    if edited:
        raise _unusable(
            f"generated files were edited by hand or are not mcpgen's: {_some(edited)}",
            "move the changes to extensions.py, or give --force to lose them",
        )


def _check_package(folder: Path, tree: Tree, manifest: Mapping[str, str]) -> None:
    """One folder holds one package, whose name its other files repeat."""
    before, now = _package(manifest), _package(tree)
    if before not in (None, now):
        raise _unusable(
            f"the output {folder} holds the package {before}, and this is {now}",
            f"give --name {str(before).removesuffix('_mcp').replace('_', '-')} to "
            "keep the name, or a new folder",
        )


def _package(paths: Iterable[str]) -> str | None:
    main = (PurePosixPath(path) for path in paths if path.endswith("/__main__.py"))
    return next((path.parts[0] for path in main), None)


def _unusable(message: str, hint: str | None = None) -> InputError:
    return InputError(
        Diagnostic(severity="error", code="output", message=message, hint=hint)
    )


def _some(names: list[str]) -> str:
    more = len(names) - _NAMED_AT_MOST
    shown = ", ".join(names[:_NAMED_AT_MOST])
    return f"{shown} and {more} more" if more > 0 else shown


def _manifest(folder: Path) -> tuple[dict[str, str], dict[str, str]]:
    """The digests of what mcpgen owns, and of what it offered for your files."""
    path = folder / MANIFEST
    try:
        recorded = json.loads(path.read_bytes())
        manifest, yours = (
            {str(name): str(digest) for name, digest in recorded[part].items()}
            for part in ("files", "yours")
        )
        for name in map(PurePosixPath, manifest):
            if name.is_absolute() or ".." in name.parts:
                raise ValueError(f"{name} lies outside")
        return manifest, yours
    except FileNotFoundError:
        return {}, {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise _unusable(
            f"{path} is not a manifest of mcpgen", "restore it, or give an empty folder"
        ) from problem


def _manifest_text(digests: Mapping[str, str], offered: Mapping[str, str]) -> str:
    manifest = {
        "note": "Written by mcpgen: SHA-256 of the files that it owns, and of what it "
        "wrote, or would have written, as yours.",
        "files": dict(sorted(digests.items())),
        "yours": dict(sorted(offered.items())),
    }
    return json.dumps(manifest, indent=1) + "\n"


def _on_disk(path: Path) -> str | None:
    """The digest of a file, None where there is none."""
    try:
        return _digest(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as problem:
        raise _unusable(f"can't read {path}: {problem.strerror}") from problem


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _replace(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".mcpgen-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(text.encode())
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(temporary, 0o666 & ~umask)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def _remove_empty(root: Path, folder: Path) -> None:
    while folder != root and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
