"""An MCPB bundle of a package: one file that desktop clients install by opening it.

A bundle is a zip of the manifest, the project and its code, and of nothing else, so
that no secret, test or leftover of the folder comes along. The same folder gives the
same bytes.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .diagnostics import Diagnostic, InputError

MANIFEST = "manifest.json"
_PROJECT = ("pyproject.toml", "uv.lock")
_TEXTS = ("README*", "LICENSE*")
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time of every entry: zip has none before it."""


def bundle(folder: Path, target: Path | None = None) -> Path:
    """Write the bundle of the package in a folder; gives its path.

    By default that is `<name>.mcpb` in the folder. Raises InputError when the folder
    holds no package with a usable manifest, or the bundle can't be written.
    """
    manifest = _manifest(folder)
    path = target or folder / f"{manifest['name']}.mcpb"
    try:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in _files(folder, manifest):
                entry = zipfile.ZipInfo(file.relative_to(folder).as_posix(), _EPOCH)
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, file.read_bytes())
    except OSError as problem:
        raise _unusable(
            f"can't write {problem.filename or path}: {problem.strerror}"
        ) from None
    return path


def _manifest(folder: Path) -> Mapping[str, Any]:
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_bytes())
        name, entry = manifest["name"], manifest["server"]["entry_point"]
    except OSError as problem:
        raise _unusable(
            f"{path} can't be read: {problem.strerror}",
            "give the folder that mcpgen wrote, the one with its pyproject.toml",
        ) from None
    except (ValueError, KeyError, TypeError):
        raise _unusable(
            f"{path} is not the manifest of a bundle",
            "it needs name and server.entry_point; delete it, and mcpgen writes it anew",
        ) from None
    if not isinstance(name, str) or not name or Path(name).name != name:
        raise _unusable(f"{path}: {name!r} can't be the name of a file", "change name")
    if not isinstance(entry, str) or not (folder / entry).is_file():
        raise _unusable(
            f"{path}: there is no file {entry!r}, its server.entry_point",
            "name the __main__.py of the package",
        )
    found: Mapping[str, Any] = manifest
    return found


def _files(folder: Path, manifest: Mapping[str, Any]) -> Iterator[Path]:
    """What is in the bundle, in order."""
    code = folder / Path(manifest["server"]["entry_point"]).parts[0]
    found = {folder / MANIFEST, *(folder / name for name in _PROJECT)}
    for pattern in _TEXTS:
        found.update(folder.glob(pattern))
    if isinstance(manifest.get("icon"), str):
        found.add(folder / manifest["icon"])
    found.update(
        path
        for path in code.rglob("*")
        if "__pycache__" not in path.parts and not path.name.startswith(".")
    )
    root = folder.resolve()
    for path in sorted(found):
        if path.is_file() and path.resolve().is_relative_to(root):
            yield path


def _unusable(message: str, hint: str | None = None) -> InputError:
    return InputError(
        Diagnostic(severity="error", code="bundle", message=message, hint=hint)
    )
