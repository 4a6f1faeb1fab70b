"""Python source as black lays it out, without the price of black where it has nothing to do.

What takes the time of a long file is black. A line that fits stands as black would have
it already, but for the quotes of its strings, which are plain to put right where it has
one kind only. So the others go through black: a field of a class by itself, of any
other statement the whole.
"""

from __future__ import annotations

from collections.abc import Iterable

import black

_WIDTH = 88


def laid_out(statements: Iterable[str]) -> str:
    """The statements of a module, two blank lines apart.

    A class holds fields only, each on a line, and comes in black's own style but for
    their length and their quotes.
    """
    return "\n\n\n".join(map(_fitted, statements)) + "\n"


def formatted(source: str) -> str:
    """Source in black's style, without the line break at its end."""
    return black.format_str(source, mode=black.Mode()).rstrip("\n")


def _fitted(statement: str) -> str:
    lines = [_quoted(line) for line in statement.split("\n")]
    if all(map(_fits, lines)):
        return "\n".join(lines)
    if not statement.startswith("class "):
        return formatted(statement)
    opening, *fields = lines
    if not _fits(opening):
        opening = formatted(f"{opening} ...").removesuffix(" ...")
    return "\n".join([opening, *(one if _fits(one) else _field(one) for one in fields)])


def _quoted(line: str) -> str:
    return line if '"' in line or "\\" in line else line.replace("'", '"')


def _fits(line: str) -> bool:
    return len(line) <= _WIDTH and "'" not in line


def _field(line: str) -> str:
    return formatted(f"class _:\n{line}").partition("\n")[2]
