"""What is wrong with a document: a place, a sentence, a fix.

Every stage reports here and none prints. A diagnostic names its place by JSON
Pointer; the line and the column are looked up only when it is rendered. Text that
comes from the document is never printed raw, so it can't move a terminal's cursor.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal, Protocol, TypeAlias

from . import position

Severity: TypeAlias = Literal["error", "warning", "note"]

_WIDTH = 100
"""Characters of a source line that are shown; a minified document is one line."""


@dataclass(frozen=True, slots=True)
class Location:
    """A value of a document: JSON Pointer `""` (the whole) or `"/paths/~1pets/get"`.

    `mark` (line and column from 1) stands in for the pointer where the text can't be
    parsed and so has no values to point at.
    """

    source: str
    pointer: str = ""
    mark: tuple[int, int] | None = None

    @property
    def name(self) -> str:
        """What a value is called: its key, or where it is a file the file's name."""
        if self.pointer:
            token = self.pointer.rpartition("/")[2]
            return token.replace("~1", "/").replace("~0", "~")
        return self.source.rpartition("/")[2].partition(".")[0]

    def child(self, *tokens: str | int) -> Location:
        """The location of a member, by its unescaped keys and indexes."""
        steps = (str(token).replace("~", "~0").replace("/", "~1") for token in tokens)
        return Location(self.source, "/".join((self.pointer, *steps)))

    def written_at(self, origins: Mapping[str, Location]) -> Location:
        """The place that this one has come from, by that of its nearest ancestor in
        `origins`, which has pointers of this source."""
        pointer, rest = self.pointer, ""
        while pointer not in origins:
            if not pointer:
                return self
            pointer, _, token = pointer.rpartition("/")
            rest = f"/{token}{rest}"
        origin = origins[pointer]
        return Location(origin.source, origin.pointer + rest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One finding. `error`: something is left out. `warning`: something was assumed.
    `note`: something that a user may want to know."""

    severity: Severity
    code: str
    message: str
    location: Location | None = None
    subject: str | None = None
    hint: str | None = None


class Report:
    """Collects diagnostics, each once, in the order in which they are found."""

    def __init__(self) -> None:
        self._diagnostics: dict[Diagnostic, None] = {}
        self._written_at: Callable[[Location], Location] = lambda at: at

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """All findings, each at the place where what it is about was written."""
        return tuple(
            (
                replace(found, location=self._written_at(found.location))
                if found.location
                else found
            )
            for found in self._diagnostics
        )

    def trace(self, written_at: Callable[[Location], Location]) -> None:
        """Says where the values of a document, which may have been changed since it
        was read, come from."""
        self._written_at = written_at

    @property
    def errors(self) -> int:
        return self._count("error")

    @property
    def warnings(self) -> int:
        return self._count("warning")

    def error(
        self,
        code: str,
        message: str,
        *,
        at: Location | None = None,
        subject: str | None = None,
        hint: str | None = None,
    ) -> None:
        self._add("error", code, message, at, subject, hint)

    def warning(
        self,
        code: str,
        message: str,
        *,
        at: Location | None = None,
        subject: str | None = None,
        hint: str | None = None,
    ) -> None:
        self._add("warning", code, message, at, subject, hint)

    def note(
        self,
        code: str,
        message: str,
        *,
        at: Location | None = None,
        subject: str | None = None,
        hint: str | None = None,
    ) -> None:
        self._add("note", code, message, at, subject, hint)

    def _add(
        self,
        severity: Severity,
        code: str,
        message: str,
        at: Location | None,
        subject: str | None,
        hint: str | None,
    ) -> None:
        found = Diagnostic(
            severity=severity,
            code=code,
            message=message,
            location=at,
            subject=subject,
            hint=hint,
        )
        self._diagnostics.setdefault(found)

    def _count(self, severity: Severity) -> int:
        return sum(found.severity == severity for found in self._diagnostics)


class Text(Protocol):
    """What rendering needs of a document."""

    @property
    def text(self) -> str: ...

    @property
    def format(self) -> str:
        """ "json" or "yaml"."""
        ...


class InputError(Exception):
    """The input can't be used at all.

    `documents` holds the text that was read so far, by source, so that the line can
    be shown.
    """

    def __init__(
        self, diagnostic: Diagnostic, documents: Mapping[str, Text] | None = None
    ) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic
        self.documents: Mapping[str, Text] = documents or {}


def render(diagnostic: Diagnostic, documents: Mapping[str, Text]) -> str:
    """A diagnostic as text, without a line end after it:

        pets.yaml:7:5: error[unresolved-reference]: GET /pets: sentence
           7 |     get:
             |     ^
          help: what to do

    `documents` holds the texts by source; without the text there is no line to show.
    """
    return "\n".join(_lines(diagnostic, documents))


def _lines(diagnostic: Diagnostic, documents: Mapping[str, Text]) -> Iterator[str]:
    location = diagnostic.location
    place = ""
    shown: tuple[str, ...] = ()
    if location is not None:
        place = location.source
        document = documents.get(location.source)
        mark = location.mark
        if mark is None and document is not None:
            mark = position.locate(document.text, document.format, location.pointer)
        if mark is not None:
            place += f":{mark[0]}:{mark[1]}"
        elif location.pointer:
            place += f"#{location.pointer}"
        if mark is not None and document is not None:
            shown = _excerpt(document.text, *mark)
        place += ": "
    subject = f"{diagnostic.subject}: " if diagnostic.subject else ""
    head = f"{diagnostic.severity}[{diagnostic.code}]"
    yield printable(f"{place}{head}: {subject}{diagnostic.message}")
    yield from shown
    if diagnostic.hint:
        yield printable(f"  help: {diagnostic.hint}")


def _excerpt(text: str, line: int, column: int) -> tuple[str, ...]:
    """The source line, cut to a window around the column, and the caret below it."""
    lines = text.split("\n", line)
    if line > len(lines):
        return ()
    source = lines[line - 1]
    if not source.strip():
        return ()
    start = max(0, column - 1 - _WIDTH // 2) if len(source) > _WIDTH else 0
    before = printable(source[start : column - 1])
    after = printable(source[column - 1 : start + _WIDTH].rstrip())
    cut = "…" if start else ""
    more = "…" if len(source) > start + _WIDTH else ""
    number = f"{line:>6}"
    return (
        f"{number} | {cut}{before}{after}{more}",
        f"{' ' * len(number)} | {' ' * len(cut + before)}^",
    )


def printable(text: str) -> str:
    """`text` on one line, with its control and format characters escaped."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_printable, text))


def _printable(character: str) -> str:
    if character == "\t":
        return " "
    if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"):
        return character.encode("unicode_escape", "surrogatepass").decode("ascii")
    return character
