"""What was read: one document, and the files that it refers to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from ..diagnostics import Location
from ..references import Links
from .disk import Answers

Version: TypeAlias = Literal["2.0", "3.0", "3.1", "3.2"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One file; `source` is as the user gave it, but for a URL's secrets.

    `version` is that of OpenAPI, None for a file that holds parts only. `repeated` has
    the JSON Pointers of keys that a mapping has twice, `next` the line and the column
    of another document in the same file.
    """

    source: str
    text: str
    format: Literal["json", "yaml"]
    value: Any
    version: Version | None = None
    repeated: tuple[str, ...] = ()
    next: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Documents:
    """The document (`root`, whose value is a mapping) and `others`, by their sources.

    `unreadable` says of each file that can't be used why, in words that go on after
    "which". `overlays` are the files that changed the root, and `overlaid` the places
    in them that values of the root come from, by their pointers. `modules` are the files
    of the application that made the root. `answers` are those of the disk that all of it
    depends on; None where it depends on more.
    """

    root: Document
    others: Mapping[str, Document] = field(default_factory=dict)
    unreadable: Mapping[str, str] = field(default_factory=dict)
    links: Links = field(default_factory=Links)
    overlays: tuple[Document, ...] = ()
    overlaid: Mapping[str, Location] = field(default_factory=dict)
    modules: tuple[str, ...] = ()
    answers: Answers | None = None

    def __iter__(self) -> Iterator[Document]:
        yield self.root
        yield from self.others.values()

    @property
    def texts(self) -> Mapping[str, Document]:
        """Every file that a finding may lie in, by its source."""
        return {one.source: one for one in (*self.overlays, *self)}

    def written_at(self, at: Location) -> Location:
        """Where a value was written: in its document, or in an overlay of it."""
        if at.source == self.root.source:
            return at.written_at(self.overlaid)
        return at
