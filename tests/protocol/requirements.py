"""The rules of requirements.md as values, and the tests that are marked with them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
_MARK_OR_DEFINITION: Final = re.compile(
    r"^@pytest\.mark\.requirement\(([^)]*)\)|^(?:async )?def (\w+)", re.MULTILINE
)
_ID: Final = re.compile(r'"([^"]+)"')
LEVELS: Final = frozenset({"MUST", "MUST NOT", "SHOULD", "SHOULD NOT", "MAY"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One rule; `why_not` is empty for those that the server keeps."""

    id: str
    where: str
    level: str
    sentence: str
    why_not: str = ""


def read(text: str) -> tuple[Requirement, ...]:
    """The rows of all tables; raises ValueError, with the line, for a broken one."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.startswith("|") or line.startswith(("| id |", "| --- |")):
            continue
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if len(cells) not in (4, 5) or not all(cells) or cells[2] not in LEVELS:
            raise ValueError(f"line {number} is not a requirement: {line}")
        id_, where, level, sentence, *rest = cells
        found.append(
            Requirement(
                id=id_,
                where=where,
                level=level,
                sentence=sentence,
                why_not=rest[0] if rest else "",
            )
        )
    return tuple(found)


def marks(folder: Path) -> Iterator[tuple[str, str]]:
    """Each id that a test of a folder is marked with, and the test.

    Read from the source, so that no choice of tests to run changes it. Raises
    ValueError for a mark on what isn't a test.
    """
    for path in sorted(folder.rglob("*.py")):
        marked: list[str] = []
        for found in _MARK_OR_DEFINITION.finditer(path.read_text()):
            ids, name = found.groups()
            if name is None:
                marked += _ID.findall(ids)
                continue
            place = f"{path.relative_to(folder)}::{name}"
            if marked and not name.startswith("test_"):
                raise ValueError(f"{place} is marked, but is no test")
            yield from ((id_, place) for id_ in marked)
            marked = []
