"""Python source as black lays it out, without the price of black where it has nothing to do.

What takes the time of a long file is black. A line that fits stands as black would have
it already, but for the quotes of its strings, which are plain to put right where it has
one kind only. One that is too long and has all of it in one pair of brackets is plain
to fold. So only the others go through black: a field of a class by itself, of any other
statement the whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import black
from black.strings import str_width

_WIDTH = 88
_INDENT = 4
_BRACKETS = re.compile(r'([^"()\[\]|=]*)([(\[])(.*)([)\]])([^"()\[\]|=]*)')
"""Text up to the first bracket, what is in it, and the text from the last one on: no
operator is there, by which black would rather break the line."""
_TOKEN = re.compile(r'"[^"]*"|.')


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
    head, *others = lines
    if not statement.startswith("class "):
        folded = _folded(head) if all(map(_fits, others)) else None
        return formatted(statement) if folded is None else "\n".join([folded, *others])
    return "\n".join([_folded(head) or _head(head), *map(_field, others)])


def _quoted(line: str) -> str:
    return line if '"' in line or "\\" in line else line.replace("'", '"')


def _fits(line: str) -> bool:
    return str_width(line) <= _WIDTH and "'" not in line


def _folded(line: str) -> str | None:
    """A field, or the head of a class or a function, as lines that fit; None where
    that takes black. What the one bracket holds has a line, or each of its parts has.
    """
    if _fits(line):
        return line
    found = _BRACKETS.fullmatch(line)
    if found is None or "'" in line or "\\" in line:
        return None
    before, opening, inside, closing, after = found.groups()
    parts = _parts(inside)
    if parts is None or f"{opening}{closing}" not in ("()", "[]"):
        return None
    indent = " " * (len(line) - len(line.lstrip()))
    deeper = indent + " " * _INDENT
    lines = [f"{deeper}{inside}"]
    if not _fits(lines[0]) and len(parts) > 1:
        lines = [f"{deeper}{part}," for part in parts]
    folded = [_folded(one) for one in lines]
    ends = before + opening, indent + closing + after
    if None in folded or not all(map(_fits, ends)):
        return None
    return "\n".join([ends[0], *filter(None, folded), ends[1]])


def _parts(inside: str) -> list[str] | None:
    """What commas part in a bracket; None where it isn't one bracket."""
    parts, depth = [""], 0
    for token in _TOKEN.findall(inside):
        depth += (token in "([") - (token in ")]")
        if depth < 0:
            return None
        if token == "," and not depth:
            parts.append("")
        else:
            parts[-1] += token
    return [part.strip() for part in parts] if not depth else None


def _head(line: str) -> str:
    """The first line of a class."""
    return formatted(f"{line} ...").removesuffix(" ...")


def _field(line: str) -> str:
    return _folded(line) or formatted(f"class _:\n{line}").partition("\n")[2]
