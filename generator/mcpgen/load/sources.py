"""Where the text of a document comes from, and the files that it refers to.

What a document names is read only where it lies below one folder (links of the file
system followed), in the same archive, or at the same origin; whatever else it names
is the network's, and read only if the user said so. Sizes and numbers are bounded.
"""

from __future__ import annotations

import os
import re
import zipfile
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Protocol
from zlib import error as ZlibError

from ..references import is_uri
from .disk import Disk
from .network import Network
from .problems import MOST_BYTES, Unreadable

_MOST_ENTRIES = 20_000
_HIDDEN = re.compile(r"(^|/)(\.|__MACOSX/)")


class Source(Protocol):
    """A place that files are read from."""

    def read(self, name: str) -> bytes:
        """The content of a file. Raises Unreadable."""
        ...


@dataclass(frozen=True, slots=True)
class Nowhere:
    """Where no file lies beside the document: on standard input, behind a URL, or in an
    application, which has `modules`."""

    network: Network
    modules: tuple[str, ...] = ()

    def read(self, name: str) -> bytes:
        if is_uri(name):
            return self.network.read(name)
        raise Unreadable("not-found", "has no place beside what is read from a stream")


@dataclass(frozen=True, slots=True)
class Folder:
    """The files below a folder."""

    root: Path
    disk: Disk
    network: Network

    def read(self, name: str) -> bytes:
        if is_uri(name):
            return self.network.read(name)
        try:
            path = self.disk.resolved(Path(name))
            if not path.is_relative_to(self.disk.resolved(self.root)):
                raise Unreadable(
                    "outside",
                    f"lies outside of {_shown(self.root)}, and no file is read there",
                )
            if self.disk.kind(path) == "other":
                raise Unreadable("not-a-file", "is a device or a pipe")
            return self.disk.content(path)
        except (OSError, ValueError, RuntimeError) as problem:
            raise _unreadable(problem) from None


@dataclass(frozen=True, slots=True)
class Archive:
    """The files of a zip archive; their names begin with that of the archive."""

    path: str
    content: bytes = field(repr=False)
    network: Network
    _members: dict[str, zipfile.ZipInfo] = field(default_factory=dict)

    def read(self, name: str) -> bytes:
        if is_uri(name):
            return self.network.read(name)
        try:
            with zipfile.ZipFile(BytesIO(self.content)) as archive:
                member = self._entries(archive).get(name)
                if member is None:
                    raise Unreadable("not-found", "is not in the archive")
                return _unpacked(archive, member)
        except (OSError, zipfile.BadZipFile, ZlibError, EOFError) as problem:
            raise _broken(problem) from None
        except (NotImplementedError, RuntimeError):
            raise Unreadable(
                "unreadable", "can't be unpacked: it is encrypted, or packed unusually"
            ) from None

    def names(self) -> list[str]:
        """The names of all files, without hidden ones. Raises Unreadable."""
        try:
            with zipfile.ZipFile(BytesIO(self.content)) as archive:
                return sorted(
                    name
                    for name, member in self._entries(archive).items()
                    if not _HIDDEN.search(member.filename)
                )
        except (OSError, zipfile.BadZipFile) as problem:
            raise _broken(problem) from None

    def _entries(self, archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
        if len(archive.infolist()) > _MOST_ENTRIES:
            raise Unreadable("too-large", f"holds more than {_MOST_ENTRIES} files")
        if not self._members:
            for member in archive.infolist():
                if not member.is_dir():
                    self._members[str(PurePosixPath(self.path, member.filename))] = (
                        member
                    )
        return self._members


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    with archive.open(member) as packed:
        content = packed.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise Unreadable("too-large", f"is larger than {MOST_BYTES} bytes unpacked")
    return content


def _broken(problem: Exception) -> Unreadable:
    reason = problem.strerror if isinstance(problem, OSError) else str(problem)
    hint = "pack it again, or give the folder or the file itself"
    return Unreadable("unreadable", f"can't be unpacked: {reason}", hint)


def _unreadable(problem: Exception) -> Unreadable:
    if isinstance(problem, FileNotFoundError):
        return Unreadable("not-found", "is not there: no such file")
    if isinstance(problem, IsADirectoryError):
        return Unreadable("not-a-file", "is a folder")
    reason = problem.strerror if isinstance(problem, OSError) else "its name can't be"
    return Unreadable("unreadable", f"can't be read: {reason}")


def _shown(folder: Path) -> str:
    return "the working directory" if folder == Path() else f"`{os.fspath(folder)}`"
