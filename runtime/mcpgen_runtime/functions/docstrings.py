"""Docstrings: what they say of a function, and of each of its arguments.

The styles of Google, NumPy and Sphinx are read; a docstring in none of them is all
description. Where a section starts, the description has ended.

Pure: text in, values out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from inspect import cleandoc
from typing import Final, NamedTuple

_SECTIONS: Final = (
    "Args|Arguments|Attributes|Parameters|Other Parameters|Keyword Args|Returns?"
    "|Raises|Yields?|Examples?|Notes?|See Also|Warnings?|Warns|References|Todo"
)
_GOOGLE: Final = re.compile(rf"(?:{_SECTIONS}):")
_NUMPY: Final = re.compile(rf"(?:{_SECTIONS})")
_SPHINX: Final = re.compile(r":(\w+)(?: +([^:]*))?: *(.*)")
_ITEM: Final = re.compile(r"\*{0,2}(\w+) *(?:\([^)]*\))? *: *(.*)")
_NAMES: Final = re.compile(r"\*{0,2}\w+(?: *, *\*{0,2}\w+)* *(?::.*)?")
_OF_ARGUMENTS: Final = frozenset(
    {"args", "arguments", "attributes", "parameters", "other parameters"}
    | {"keyword args"}
)


class Docstring(NamedTuple):
    description: str
    arguments: Mapping[str, str]


def parse(text: str | None) -> Docstring:
    """The description, and the text of each argument that has one."""
    lines = cleandoc(text or "").splitlines()
    start = next(
        (i for i in range(len(lines)) if _starts_section(lines, i)), len(lines)
    )
    arguments: dict[str, str] = {}
    section: str | None = None
    block: list[str] = []
    for i in range(start, len(lines)):
        if _heading(lines, i):
            arguments |= _arguments(section, block)
            section, block = lines[i].rstrip(":").lower(), []
        else:
            block.append(lines[i])
    arguments |= _arguments(section, block) | _fields(lines[start:])
    return Docstring("\n".join(lines[:start]).strip(), arguments)


def _starts_section(lines: list[str], i: int) -> bool:
    return _heading(lines, i) or _SPHINX.match(lines[i]) is not None


def _heading(lines: list[str], i: int) -> bool:
    if _GOOGLE.fullmatch(lines[i]):
        return True
    underlined = i + 1 < len(lines) and re.fullmatch("-{3,}", lines[i + 1])
    return bool(underlined and _NUMPY.fullmatch(lines[i]))


def _arguments(section: str | None, block: list[str]) -> dict[str, str]:
    if section not in _OF_ARGUMENTS:
        return {}
    if block and re.fullmatch("-{3,}", block[0]):
        return _numpy(block[1:])
    found: dict[str, list[str]] = {}
    items = [line for line in block if line.strip()]
    margin = min((_indentation(line) for line in items), default=0)
    texts: list[str] = []
    for line in items:
        item = _ITEM.fullmatch(line.strip()) if _indentation(line) == margin else None
        if item:
            texts = found[item[1]] = [item[2]]
        else:
            texts.append(line)
    return {name: _joined(lines) for name, lines in found.items()}


def _numpy(block: list[str]) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    texts: list[str] = []
    for line in block:
        if line[:1].strip() and _NAMES.fullmatch(line):
            texts = []
            for name in line.partition(":")[0].split(","):
                found[name.strip().lstrip("*")] = texts
        else:
            texts.append(line)
    return {name: _joined(lines) for name, lines in found.items()}


def _fields(lines: Iterable[str]) -> dict[str, str]:
    """The texts of `:param name: text` and `:param type name: text`."""
    found: dict[str, list[str]] = {}
    texts: list[str] = []
    for line in lines:
        field = _SPHINX.match(line)
        if field:
            texts = [field[3]]
            if field[1] in ("param", "parameter", "arg", "argument") and field[2]:
                found[field[2].split()[-1]] = texts
        else:
            texts.append(line)
    return {name: _joined(lines) for name, lines in found.items()}


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip())


def _joined(lines: Iterable[str]) -> str:
    return " ".join(line.strip() for line in lines if line.strip())
