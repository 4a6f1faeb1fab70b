"""What a parameter says on the wire, by OpenAPI's table of styles (3.1, 4.8.12.4).

Each function answers whether a text, as it was sent, is how a value reads: delimiters
divide first, and the percent-encoding goes last.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from nodes import Node

_DELIMITERS = {
    "spaceDelimited": r"%20|\+| ",
    "pipeDelimited": r"%7C|\|",
    "tabDelimited": "%09",
}


def style_of(parameter: Node, default: str) -> tuple[str, bool]:
    style = parameter.get("style", default)
    if style not in (
        *("simple", "label", "matrix", "form"),
        *("spaceDelimited", "pipeDelimited", "tabDelimited", "deepObject"),
    ):
        style = default
    return style, parameter.get("explode", style == "form") in (True, "true")


def reads(text: str, value: Any) -> bool:
    """Whether a decoded text is how a value reads."""
    if isinstance(value, str):
        return text == value
    try:
        read = json.loads(text)
    except ValueError:
        return False
    return same(read, value)


def same(one: Any, other: Any) -> bool:
    """Equality that tells true from 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(one[k], other[k]) for k in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def all_read(raw: list[str], values: list[Any]) -> bool:
    values = [value for value in values if value is not None]
    return len(raw) == len(values) and all(
        reads(unquote(text), value) for text, value in zip(raw, values, strict=True)
    )


def _flat(value: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [
        (key, item)
        for key, member in value.items()
        for item in (member if isinstance(member, list) else [member])
        if item is not None
    ]


def in_path(parameter: Node, raw: str, value: Any) -> bool:
    if parameter.get("content"):
        return reads(unquote(raw), value)
    style, explode = style_of(parameter, "simple")
    name = str(parameter.get("name"))
    separator = ","
    if style == "label":
        if not raw.startswith("."):
            return False
        raw, separator = raw[1:], "." if explode else ","
    if style == "matrix":
        if not raw.startswith(";"):
            return False
        raw = raw[1:]
        if explode and isinstance(value, list):
            return all_read([p.removeprefix(f"{name}=") for p in raw.split(";")], value)
        if not (explode and isinstance(value, Mapping)):
            raw = raw.removeprefix(f"{name}=")
        separator = ";" if explode else ","
    if isinstance(value, list):
        return all_read(raw.split(separator), value)
    if isinstance(value, Mapping):
        return _members_read(raw, separator, explode, value)
    return reads(unquote(raw), value)


def _members_read(
    raw: str, separator: str, explode: bool, value: Mapping[str, Any]
) -> bool:
    flat = _flat(value)
    parts = raw.split(separator) if raw else []
    if explode:
        parts = [piece for part in parts for piece in part.partition("=")[::2]]
    return all_read(parts, [one for pair in flat for one in pair])


def in_query(
    parameter: Node, raw: list[tuple[str, str]], value: Any
) -> tuple[list[str], bool]:
    """The names of the pairs that a value has, and whether they read as it."""
    name = str(parameter.get("name"))
    mine = [text for key, text in raw if key == name]
    if parameter.get("content"):
        return [name], len(mine) == 1 and reads(unquote(mine[0]), value)
    style, explode = style_of(parameter, "form")
    return in_pairs(name, style, explode, raw, value)


def in_pairs(
    name: str, style: str, explode: bool, raw: list[tuple[str, str]], value: Any
) -> tuple[list[str], bool]:
    mine = [text for key, text in raw if key == name]
    if style == "deepObject" and isinstance(value, Mapping | list):
        expected = list(_deep(name, value))
        texts: dict[str, list[str]] = {}
        for key, text in raw:
            texts.setdefault(re.sub(r"\[\d+\]$", "[]", key), []).append(text)
        wanted: dict[str, list[Any]] = {}
        for key, one in expected:
            wanted.setdefault(key, []).append(one)
        good = all(all_read(texts.get(key, []), ones) for key, ones in wanted.items())
        return [key for key, _ in raw if key.startswith(f"{name}[")], good
    if isinstance(value, Mapping) and explode:
        wanted = {}
        for key, one in _flat(value):
            wanted.setdefault(key, []).append(one)
        # Another parameter may have members of the same name.
        good = all(
            any(reads(unquote(text), one) for found, text in raw if found == key)
            for key, ones in wanted.items()
            for one in ones
        )
        return list(wanted), good
    if isinstance(value, list) and explode:
        return [name], all_read(mine, value)
    if isinstance(value, list | Mapping):
        if not value:
            return [name], not mine
        if len(mine) != 1:
            return [name], False
        parts = re.split(_DELIMITERS.get(style, ","), mine[0])
        flat: list[Any] = (
            value
            if isinstance(value, list)
            else [one for pair in _flat(value) for one in pair]
        )
        return [name], all_read(parts, flat)
    return [name], all_read(mine, [value])


def _deep(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, member in value.items():
            yield from _deep(f"{name}[{key}]", member)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            nested = isinstance(item, Mapping | list)
            yield from _deep(f"{name}[{index if nested else ''}]", item)
    elif value is not None:
        yield name, value


def in_header(parameter: Node, text: str, value: Any) -> bool:
    if parameter.get("content"):
        return reads(text, value)
    explode = parameter.get("explode") in (True, "true")
    if isinstance(value, list):
        values = [one for one in value if one is not None]
        return text == ",".join(map(shown, values))
    if isinstance(value, Mapping):
        joint = "=" if explode else ","
        return text == ",".join(f"{k}{joint}{shown(v)}" for k, v in _flat(value))
    return reads(text, value)


def shown(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
