"""The manifest: what mcpgen wrote into a folder, so that it knows its files again.

It holds the digest of each file that mcpgen owns, and of what it offered for yours. A
run that was killed leaves the manifest that it was about to write; what either of the
two lists is mcpgen's.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from ..diagnostics import Diagnostic, InputError

if TYPE_CHECKING:
    from ..emit import Tree

MANIFEST = ".mcpgen.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """SHA-256 digests by path: of owned files, of the text offered for yours, and of
    what a file was made of where that takes long."""

    owned: Mapping[str, str] = field(default_factory=dict)
    offered: Mapping[str, str] = field(default_factory=dict)
    made_of: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, tree: Tree) -> Manifest:
        """What is recorded once a tree is written."""
        digests = {
            path: (file.owner, digest(file.text.encode()))
            for path, file in sorted(tree.items())
        }
        return cls(
            owned={path: one for path, (who, one) in digests.items() if who != "user"},
            offered={
                path: one for path, (who, one) in digests.items() if who == "user"
            },
            made_of={
                path: file.made_of
                for path, file in sorted(tree.items())
                if file.made_of
            },
        )

    @classmethod
    def read(cls, path: Path) -> Manifest:
        """The manifest in a file, empty where there is none.

        Raises InputError for anything else, and for one that names a file outside.
        """
        try:
            recorded = json.loads(path.read_bytes())
            owned, offered, made_of = (
                {str(name): str(digest) for name, digest in part.items()}
                for part in (
                    recorded["files"],
                    recorded["yours"],
                    recorded.get("made_of", {}),
                )
            )
            for name in map(PurePosixPath, owned):
                if name.is_absolute() or ".." in name.parts:
                    raise ValueError(f"{name} lies outside")
            return cls(owned=owned, offered=offered, made_of=made_of)
        except (FileNotFoundError, NotADirectoryError):
            return cls()
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
            raise unusable(
                f"{path} is not a manifest of mcpgen",
                "restore it, or give an empty folder",
            ) from problem

    @property
    def text(self) -> str:
        recorded = {
            "note": "Written by mcpgen: SHA-256 of the files that it owns, and of what "
            "it wrote, or would have written, as yours; and of what a file was made of.",
            "files": dict(self.owned),
            "yours": dict(self.offered),
            "made_of": dict(self.made_of),
        }
        return json.dumps(recorded, indent=1) + "\n"


def known(folder: Path, path: str, made_of: str) -> str | None:
    """The text of an owned file in a folder, if it is as it was made of the same."""
    try:
        manifest = Manifest.read(folder / MANIFEST)
        content = (folder / path).read_bytes()
    except (InputError, OSError):
        return None
    if manifest.made_of.get(path) != made_of:
        return None
    return content.decode() if manifest.owned.get(path) == digest(content) else None


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def unusable(message: str, hint: str | None = None) -> InputError:
    """The output folder can't be used."""
    return InputError(
        Diagnostic(severity="error", code="output", message=message, hint=hint)
    )
