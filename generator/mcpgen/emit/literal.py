"""Values as Python source, laid out as black would.

`literal` is the only way by which a value of the document reaches emitted code:
evaluating its text gives the value back, whatever the value holds. A value that fits
the line stands on it; otherwise each member has a line of its own, and a long text is
cut at line ends and between words into adjoining pieces.
"""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass
from typing import Any

from black.strings import str_width

WIDTH = 88
_INDENT = 4
_NARROWEST = 40
_LINES = re.compile(r"[^\n]*\n|[^\n]+")
_WORDS = re.compile(r"\S+\s?|\s")


def literal(value: Any, *, column: int = 0, before: int = 0, after: int = 0) -> str:
    """The source of a value.

    `column` is the indentation of the line on which the text starts, `before` and
    `after` the characters that stand before and behind it on that line. Mappings
    with text keys, lists, tuples, values of dataclasses and named tuples (as calls of
    their class) and scalars are known; anything else raises TypeError.
    """
    empty = isinstance(value, Mapping | list | tuple) and not value
    flat = _flat(value, 2 if empty else WIDTH - column - before - after)
    if flat is not None:
        return flat
    if isinstance(value, str):
        return _long_text(value, column)
    if _is_record(value):
        call = _arguments(value, column + _INDENT)
        return _block(f"{type(value).__name__}(", call, ")", column)
    if isinstance(value, Mapping):
        return _block("{", _members(value, column + _INDENT), "}", column)
    if isinstance(value, list):
        return _block("[", _items(value, column + _INDENT), "]", column)
    if isinstance(value, tuple):
        return _block("(", _items(value, column + _INDENT), ")", column)
    return _scalar(value)


def quoted(text: str) -> str:
    """A string literal on one line, with the quotes that black prefers."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    if text.isprintable() and "\\" not in text and quote not in text:
        return f"{quote}{text}{quote}"
    body = "".join(
        "\\" + character if character == quote else repr(character)[1:-1]
        for character in text
    )
    return f"{quote}{body}{quote}"


def docstring(text: str) -> str:
    """A triple-quoted docstring, its paragraphs wrapped to the width."""
    paragraphs = [
        textwrap.fill(" ".join(paragraph.split()), WIDTH - 3, break_on_hyphens=False)
        for paragraph in re.split(r"\n\s*\n", text.strip())
    ]
    wrapped = "\n\n".join(paragraphs)
    quote = r"\"" if '""' in wrapped or wrapped.endswith('"') else '"'
    plain = {"\n": "\n", "'": "'", '"': quote}
    body = "".join(plain.get(c) or repr(c)[1:-1] for c in wrapped)
    return f'"""{body}\n"""' if "\n" in body else f'"""{body}"""'


def _flat(value: Any, width: int) -> str | None:
    pieces: list[str] = []
    for piece in _pieces(value):
        width -= str_width(piece)
        if width < 0:
            return None
        pieces.append(piece)
    return "".join(pieces)


def _pieces(value: Any) -> Iterator[str]:
    if _is_record(value):
        yield f"{type(value).__name__}("
        for number, (name, member) in enumerate(_set_fields(value)):
            yield ", " if number else ""
            yield name
            yield from _pieces(member)
        yield ")"
    elif isinstance(value, Mapping):
        yield "{"
        for number, (key, member) in enumerate(value.items()):
            yield ", " if number else ""
            yield f"{quoted(key)}: "
            yield from _pieces(member)
        yield "}"
    elif isinstance(value, list | tuple):
        yield "[" if isinstance(value, list) else "("
        for number, item in enumerate(value):
            yield ", " if number else ""
            yield from _pieces(item)
        if isinstance(value, list):
            yield "]"
        else:
            yield ",)" if len(value) == 1 else ")"
    else:
        yield _scalar(value)


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return quoted(value)
    if value is None or isinstance(value, bool | int):
        return repr(value)
    if isinstance(value, float):
        return (
            repr(value).replace("e+", "e")
            if math.isfinite(value)
            else f'float("{value}")'
        )
    raise TypeError(f"no literal for a value of type {type(value).__name__}")


def _members(value: Mapping[str, Any], column: int) -> Iterator[str]:
    for key, member in value.items():
        name = f"{quoted(key)}: "
        yield name + literal(member, column=column, before=str_width(name), after=1)


def _items(value: Iterable[Any], column: int) -> Iterator[str]:
    return (literal(item, column=column, after=1) for item in value)


def _arguments(value: Any, column: int) -> Iterator[str]:
    for name, member in _set_fields(value):
        yield name + literal(member, column=column, before=str_width(name), after=1)


def _is_record(value: Any) -> bool:
    return is_dataclass(value) or hasattr(value, "_fields")


def _set_fields(value: Any) -> Iterator[tuple[str, Any]]:
    """The arguments of the call that makes a record, defaults left out."""
    if not is_dataclass(value):
        for name, member in value._asdict().items():
            if member != value._field_defaults.get(name, MISSING):
                yield f"{name}=", member
        return
    for field in fields(value):
        member = getattr(value, field.name)
        default = field.default
        if field.default_factory is not MISSING:
            default = field.default_factory()
        if default is MISSING:
            yield f"{field.name}=" if field.kw_only else "", member
        elif member != default:
            yield f"{field.name}=", member


def _block(opening: str, lines: Iterable[str], closing: str, column: int) -> str:
    indent = " " * (column + _INDENT)
    body = "".join(f"{indent}{line},\n" for line in lines)
    return f"{opening}\n{body}{' ' * column}{closing}"


def _long_text(text: str, column: int) -> str:
    width = max(WIDTH - column - _INDENT, _NARROWEST)
    pieces = list(_text_pieces(text, width))
    if len(pieces) == 1 or sum(map(str_width, pieces)) + len(pieces) - 1 <= width:
        return quoted(text)
    indent = " " * (column + _INDENT)
    body = "".join(f"{indent}{piece}\n" for piece in pieces)
    return f"(\n{body}{' ' * column})"


def _text_pieces(text: str, width: int) -> Iterator[str]:
    for line in _LINES.findall(text):
        piece = ""
        for word in _WORDS.findall(line):
            if piece and str_width(quoted(piece + word)) > width:
                yield quoted(piece)
                piece = ""
            piece += word
        yield quoted(piece)
