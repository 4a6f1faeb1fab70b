"""Findings for people: a place, a sentence, the line it is about, what to do.

Text that comes from the document is never printed raw, so it can't move a terminal's
cursor or colour what follows it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

from .groups import Group, names
from .model import Diagnostic, Location, Text
from .place import Place, place

Paint: TypeAlias = Callable[[str, str], str]
"""Gives a text the colour of its role: a severity, `place`, `mark` or `help`."""

_WIDTH = 100
"""Characters of a source line that are shown; a minified document is one line."""


def plain(role: str, text: str) -> str:
    """No colour for any role."""
    return text


def render(
    diagnostic: Diagnostic, documents: Mapping[str, Text], *, paint: Paint = plain
) -> str:
    """A diagnostic as text, without a line end after it:

        pets.yaml:7:5: error[unresolved-reference]: GET /pets: sentence
           7 |     get:
             |     ^~~
          help: what to do

    `documents` holds the texts by source; without the text there is no line to show.
    """
    return render_group(Group(findings=(diagnostic,)), documents, paint=paint)


def render_group(
    group: Group,
    documents: Mapping[str, Text],
    *,
    most: int | None = None,
    paint: Paint = plain,
) -> str:
    """A group as text: its first finding in full, then the places of the others.

    Of the others, `most` are shown; None for all of them.
    """
    return "\n".join(_lines(group, documents, most, paint))


def _lines(
    group: Group, documents: Mapping[str, Text], most: int | None, paint: Paint
) -> Iterator[str]:
    first = group.first
    at, found = "", None
    if first.location is not None:
        found = place(first.location, documents)
        at = paint("place", printable(f"{_at(first.location, found)}:")) + " "
    head = paint(first.severity, f"{first.severity}[{first.code}]:")
    subject = f"{first.subject}: " if first.subject else ""
    yield f"{at}{head} {printable(f'{subject}{first.message}')}"
    if found is not None and found.source.strip():
        yield from _excerpt(found, paint)
    if group.others:
        yield f"  and {len(group.others)} more like it:"
        for other in group.others[:most]:
            yield f"    {brief(other, group, documents)}"
        if group.others[len(group.others[:most]) :]:
            yield "    …"
    if first.hint:
        yield f"  {paint('help', 'help:')} {printable(first.hint)}"


def brief(diagnostic: Diagnostic, group: Group, documents: Mapping[str, Text]) -> str:
    """A finding of a group on one line: its place, and what is different there.

    `pets.yaml:7:5: GET /pets: `limit``; of the first one the whole message.
    """
    location = diagnostic.location
    said = diagnostic.message
    if diagnostic is not group.first:
        quoted = names(diagnostic)
        said = quoted if quoted != names(group.first) else ""
    parts = (
        where(location, documents) if location else "",
        diagnostic.subject or "",
        said,
    )
    return printable(": ".join(filter(None, parts)) or diagnostic.message)


def where(location: Location, documents: Mapping[str, Text]) -> str:
    """`pets.yaml:7:5`, or where its text isn't known `pets.yaml#/paths`."""
    return _at(location, place(location, documents))


def _at(location: Location, found: Place | None) -> str:
    if found is not None:
        return f"{location.source}:{found.line}:{found.column}"
    pointer = f"#{location.pointer}" if location.pointer else ""
    return f"{location.source}{pointer}"


def _excerpt(found: Place, paint: Paint) -> Iterator[str]:
    """The source line, cut to a window around the column, and its part underlined."""
    source, at = found.source, found.column - 1
    start = max(0, at - _WIDTH // 2) if len(source) > _WIDTH else 0
    before = printable(source[start:at])
    after = printable(source[at : start + _WIDTH].rstrip())
    about = printable(source[at : min(at + found.width, start + _WIDTH)].rstrip())
    cut = "…" if start else ""
    more = "…" if len(source) > start + _WIDTH else ""
    number = f"{found.line:>6}"
    line = "^".ljust(_columns(about), "~")
    yield f"{number} | {cut}{before}{after}{more}"
    yield f"{' ' * len(number)} | {' ' * _columns(cut + before)}{paint('mark', line)}"


def _columns(text: str) -> int:
    """The columns of a terminal that a text takes (UAX #11)."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return len(text) + wide - sum(map(bool, map(unicodedata.combining, text)))


def count(number: int, noun: str) -> str:
    """`1 warning`, `2 warnings`, `1,200 warnings`"""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


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
