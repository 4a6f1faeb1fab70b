"""The rules of requirements.md as values, and the tests that are marked with them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
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
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            for decorator in node.decorator_list:
                for part in ast.walk(decorator):
                    for id_ in _ids(part):
                        place = f"{path.relative_to(folder)}::{node.name}"
                        if not node.name.startswith("test_"):
                            raise ValueError(f"{place} is marked, but is no test")
                        yield id_, place


def _ids(node: ast.AST) -> tuple[str, ...]:
    """The ids of `pytest.mark.requirement(...)`."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return ()
    if node.func.attr != "requirement":
        return ()
    return tuple(str(ast.literal_eval(argument)) for argument in node.args)
