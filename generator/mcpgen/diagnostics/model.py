"""What is wrong with a document: a place, a sentence, a fix.

Every stage reports here and none prints. A diagnostic names its place by JSON
Pointer; the line and the column are looked up only when it is rendered.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, Protocol, TypeAlias

Severity: TypeAlias = Literal["error", "warning", "note"]


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
        self._parts: list[Report] = []

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """All findings, each at the place where what it is about was written."""
        own = (
            (
                replace(found, location=self._written_at(found.location))
                if found.location
                else found
            )
            for found in self._diagnostics
        )
        return (*(found for part in self._parts for found in part.diagnostics), *own)

    def trace(self, written_at: Callable[[Location], Location]) -> None:
        """Says where the values of a document, which may have been changed since it
        was read, come from."""
        self._written_at = written_at

    def part(self) -> Report:
        """A report of its own for one document; what it collects stands here, too."""
        self._parts.append(Report())
        return self._parts[-1]

    @property
    def errors(self) -> int:
        return self._count("error")

    @property
    def warnings(self) -> int:
        return self._count("warning")

    def add(self, diagnostic: Diagnostic) -> None:
        self._diagnostics.setdefault(diagnostic)

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
        self.add(
            Diagnostic(
                severity=severity,
                code=code,
                message=message,
                location=at,
                subject=subject,
                hint=hint,
            )
        )

    def _count(self, severity: Severity) -> int:
        own = sum(found.severity == severity for found in self._diagnostics)
        return own + sum(part._count(severity) for part in self._parts)


class Text(Protocol):
    """What rendering needs of a document."""

    @property
    def text(self) -> str: ...

    @property
    def format(self) -> str:
        """ "json", "yaml" or "toml"."""
        ...


class InputError(Exception):
    """The input can't be used at all.

    `documents` holds the text that was read so far, by source, so that the line can
    be shown; `others` are more reasons of the same kind.
    """

    def __init__(
        self,
        diagnostic: Diagnostic,
        documents: Mapping[str, Text] | None = None,
        others: tuple[Diagnostic, ...] = (),
    ) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic
        self.others = others
        self.documents: Mapping[str, Text] = documents or {}
