"""Parameter styles: how one value becomes text in a URL, a header, a cookie or a form.

The rule: a style splits a value into parts, and each part is encoded on its own. A
delimiter therefore stays bare, and the same character inside a value never does
(OpenAPI 3.1, 4.8.12.2 to 4.8.12.4; RFC 6570). Null is absent: a null parameter, item
or member leaves nothing behind.

Pure: values in, text out. What can't be written raises ValueError, with a message that
completes "the argument …"; `naming` makes it an ArgumentError.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

from ..schemas import shown

_RESERVED = "/?:@!$'()*,="
"""What `allowReserved` leaves as it is in a query or a form: RFC 3986's set without what
ends a value there. `&` begins the next one, as `;` does for many servers; `+` is a
space; `#`, `[` and `]` end the URL or make it invalid."""
_PATH_RESERVED = "/:@!$&'()*+,="
"""The same in a path, where `?` and `#` end it and `;` begins what many servers cut off
before they look at the segment."""

_encode = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), allow_nan=False
).encode
_DELIMITERS = {"spaceDelimited": " ", "pipeDelimited": "|", "tabDelimited": "\t"}
_ENCODED = {"spaceDelimited": "%20", "pipeDelimited": "%7C", "tabDelimited": "%09"}


_SCALARS = (str, int, float)


class ArgumentError(ValueError):
    """An argument can't be sent; the message names it, its value and the rule."""


class naming:
    """Around the writing of a value: makes its ValueError an ArgumentError."""

    __slots__ = ("_argument", "_value")

    def __init__(self, argument: str, value: Any) -> None:
        self._argument = argument
        self._value = value

    def __enter__(self) -> None: ...

    def __exit__(
        self, kind: object, error: BaseException | None, trace: object
    ) -> None:
        if not isinstance(error, ValueError) or isinstance(error, ArgumentError):
            return
        problem = f"{error}: {shown(self._value)} was given"
        if isinstance(error, UnicodeEncodeError):
            problem = "has half of a surrogate pair, which is not text"
        raise ArgumentError(f"{self._argument} {problem}") from None


class Pair(NamedTuple):
    """One `name=value` of a query, form or cookie, before any encoding.

    `delimiter` stands between the parts; it is empty where the value is no list.
    """

    name: str
    parts: tuple[str, ...]
    delimiter: str = ""

    @property
    def value(self) -> str:
        return self.delimiter.join(self.parts)

    def encoded(self, *, allow_reserved: bool = False) -> str:
        """`name=value`, percent-encoded; a space is `%20`."""
        safe = _RESERVED.replace(self.delimiter, "") if allow_reserved else ""
        value = percent_encoded(self.parts[0], safe)
        for part in self.parts[1:]:
            value += quote(self.delimiter, safe=",") + percent_encoded(part, safe)
        return f"{percent_encoded(self.name, '$')}={value}"


def percent_encoded(text: str, safe: str) -> str:
    """Text of which nothing is bare but letters, digits, `-._~` and what is `safe`."""
    return text if text.isalnum() and text.isascii() else quote(text, safe=safe)


def to_json(value: Any) -> str:
    """Compact JSON with its characters as they are."""
    try:
        return _encode(value)
    except ValueError:
        raise ValueError("has an infinite number, which JSON can't hold") from None


def to_text(value: Any) -> str:
    """A string as it is, and anything else as JSON: `true`, `5`, `1.5`, `{"a":1}`."""
    if isinstance(value, str):
        return value
    return str(value) if type(value) is int else to_json(value)


def form(name: str, value: Any, style: str, explode: bool) -> list[Pair]:
    """The pairs of a value in a query, form body or cookie.

    `style` is form, spaceDelimited, pipeDelimited, tabDelimited, deepObject, or cookie,
    which is form but for how it is encoded. Arrays below a deepObject are
    `name[key][]=item`, or `name[key][0][…]` where the items have members themselves.
    Empty arrays and objects give no pair.
    """
    if isinstance(value, _SCALARS):
        return [Pair(name, (to_text(value),))]
    if style == "deepObject" and isinstance(value, Mapping | list):
        return list(_deep(name, value))
    if explode and isinstance(value, Mapping):
        return [Pair(key, (text,)) for key, text in _members(value)]
    parts = _parts(value)
    if explode and isinstance(value, list):
        return [Pair(name, (part,)) for part in parts]
    delimiter = _DELIMITERS.get(style, ",")
    return [Pair(name, tuple(parts), delimiter)] if parts else []


def refuse_taken(own: str, sent: Iterable[str], taken: Iterable[str]) -> None:
    """Raises ValueError where names that an object brings along are those of others.

    `own` is the name of the argument itself. Servers differ in whether case counts, and
    many read `a[b]` as a part of `a`.
    """
    others = {name.casefold() for name in taken} - {own.casefold()}
    refused = dict.fromkeys(
        name
        for name in sent
        if not others.isdisjoint((name.casefold(), name.partition("[")[0].casefold()))
    )
    if refused:
        raise ValueError(
            "has members that the API would take for other parameters, leave them out: "
            + ", ".join(refused)
        )


def header(value: Any, style: str, explode: bool) -> str:
    """A value in a header, simple or delimited; nothing is percent-encoded."""
    if explode and isinstance(value, Mapping):
        return ",".join(f"{key}={text}" for key, text in _members(value))
    return _DELIMITERS.get(style, ",").join(_parts(value))


def path(
    name: str, value: Any, style: str, explode: bool, *, allow_reserved: bool = False
) -> str:
    """A value in a path, percent-encoded so that it can't leave its segment.

    With `allow_reserved` its slashes divide segments (RFC 6570, 3.2.3). Raises
    ValueError for what no encoding makes safe.
    """
    prefix = {"label": ".", "matrix": ";"}.get(style, "")
    delimiter = _ENCODED.get(style, ",")
    separator = prefix if explode and prefix else delimiter
    safe = ":@"
    if allow_reserved:
        divides = "" if isinstance(value, _SCALARS) else f"={separator}"
        safe = "".join(one for one in _PATH_RESERVED if one not in divides)

    def encode(text: str) -> str:
        _refuse_dots(text)
        encoded = percent_encoded(text, safe)
        return encoded.replace(".", "%2E") if separator == "." else encoded

    named = f"{percent_encoded(name, '')}=" if style == "matrix" else ""
    if explode and isinstance(value, Mapping):
        items = [f"{encode(key)}={encode(text)}" for key, text in _members(value)]
        named = ""
    else:
        items = [encode(part) for part in _parts(value)]
    if not any(items):
        raise ValueError("is empty, and a path needs a value")
    joint = separator + named if explode else separator
    return prefix + named + joint.join(items)


def is_dot_segment(segment: str) -> bool:
    """Whether a server could read a segment as `.` or `..`, however it is encoded."""
    return _decoded(segment) in (".", "..")


def _refuse_dots(text: str) -> None:
    if text.isalnum():
        return
    decoded = _decoded(text).replace("\\", "/")
    if "\0" in decoded:
        raise ValueError("has a NUL character, which no path can hold")
    if not {".", ".."}.isdisjoint(decoded.split("/")):
        raise ValueError("has '.' or '..' as a path segment, which is not allowed")


def _decoded(text: str) -> str:
    """Text without percent-encoding, as seen behind a few servers that decode it."""
    for _ in range(4):
        if "%" not in text:
            break
        text = unquote(text)
    return text


def _deep(name: str, value: Any) -> Iterator[Pair]:
    if isinstance(value, Mapping):
        for key, member in value.items():
            yield from _deep(f"{name}[{key}]", member)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            nested = isinstance(item, Mapping | list)
            yield from _deep(f"{name}[{index if nested else ''}]", item)
    elif value is not None:
        yield Pair(name, (to_text(value),))


def _parts(value: Any) -> list[str]:
    if isinstance(value, _SCALARS):
        return [to_text(value)]
    if isinstance(value, Mapping):
        return [part for member in _members(value) for part in member]
    items = value if isinstance(value, list) else [value]
    return [to_text(item) for item in items if item is not None]


def _members(value: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, member in value.items():
        items = member if isinstance(member, list) else [member]
        for item in items:
            if item is not None:
                yield key, to_text(item)
