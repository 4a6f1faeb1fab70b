"""What is asked of the disk, so that a later run can tell that it would read the same.

`load` asks nothing of the file system but here. Each answer is remembered by its digest,
a refusal like any other; asked again, the same questions have the same answers exactly
as long as the same documents are read.
"""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeAlias, TypeVar

from .entry import files_below
from .problems import MOST_BYTES, Unreadable

T = TypeVar("T")
Answers: TypeAlias = Mapping[str, str]
"""The digest of each answer, by the question and the path that it is about."""
_REFUSALS = (OSError, ValueError, RuntimeError, Unreadable)


class Disk:
    """The file system, with a memory of what it was asked."""

    def __init__(self) -> None:
        self._answers: dict[str, str] = {}
        self._alone = True

    def content(self, path: Path) -> bytes:
        """The content of a file. Raises OSError and Unreadable."""
        if self.kind(path) == "other":  # a pipe, which can be read once
            self.leave()
        return self._asked(_content, path)

    def names(self, folder: Path) -> list[str]:
        """The files below a folder. Raises Unreadable."""
        return self._asked(_names, folder)

    def kind(self, path: Path) -> str | None:
        """`file`, `folder` or `other`, None where nothing is. Raises OSError,
        ValueError."""
        return self._asked(_kind, path)

    def resolved(self, path: Path) -> Path:
        """Where a path leads. Raises OSError, ValueError, RuntimeError."""
        return self._asked(_resolved, path)

    def leave(self) -> None:
        """Says that what is read depends on more than the disk."""
        self._alone = False

    @property
    def answers(self) -> Answers | None:
        """What was asked so far; None where that isn't all."""
        return MappingProxyType(self._answers) if self._alone else None

    def _asked(self, question: Callable[[Path], T], path: Path) -> T:
        key = f"{question.__name__} {path}"
        try:
            answer = question(path)
        except _REFUSALS as problem:
            self._remember(key, problem)
            raise
        self._remember(key, answer)
        return answer

    def _remember(self, key: str, answer: object) -> None:
        if self._answers.setdefault(key, _digest(answer)) != _digest(answer):
            self._answers[key] = "changed meanwhile"


def are_same(answers: Answers) -> bool:
    """Whether all questions still have these answers, asked in the same order."""
    return all(_answer(key) == digest for key, digest in answers.items())


def _answer(key: str) -> str:
    name, _, path = key.partition(" ")
    try:
        return _digest(_QUESTIONS[name](Path(path)))
    except _REFUSALS as problem:
        return _digest(problem)


def _digest(answer: object) -> str:
    content = answer if isinstance(answer, bytes) else repr(answer).encode()
    return hashlib.sha256(content).hexdigest()


def _content(path: Path) -> bytes:
    status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError
    if status.st_size > MOST_BYTES:
        raise Unreadable("too-large", f"is larger than {MOST_BYTES} bytes")
    with path.open("rb") as opened:
        content = opened.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise Unreadable("too-large", f"is larger than {MOST_BYTES} bytes")
    return content


def _names(folder: Path) -> list[str]:
    return files_below(folder)


def _kind(path: Path) -> str | None:
    if path.is_dir():
        return "folder"
    if path.is_file():
        return "file"
    return "other" if path.exists() else None


def _resolved(path: Path) -> Path:
    return path.resolve()


_QUESTIONS: Mapping[str, Callable[[Path], Any]] = {
    question.__name__: question for question in (_content, _names, _kind, _resolved)
}
