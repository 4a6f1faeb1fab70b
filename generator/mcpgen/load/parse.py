"""From bytes to a document: JSON as JSON, YAML as YAML.

YAML is read by the core schema of YAML 1.2, as OpenAPI asks (3.1, 4.3): `no` and `on`
are text, a date is text, and a key is text as it is written.
"""

from __future__ import annotations

import json
import re
from typing import Any

from .. import rfc8259, yaml12
from .documents import Document
from .problems import Unreadable
from .slips import slip_in_json, slip_in_yaml
from .version import declared

_MOST_VALUES = 5_000_000
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_UTF_8 = "give a JSON or YAML document in UTF-8"
_MEANT = "name the file that holds the OpenAPI document"
_PACKED = (
    (b"\x1f\x8b", "packed with gzip", "unpack it first (`gunzip`)"),
    (b"%PDF-", "a PDF", _MEANT),
)
_MARKUP = re.compile(r"\s*<[!?a-zA-Z]")


class Unparsable(Unreadable):
    """A text that is no document, and can be shown at the place where it stops to be."""

    def __init__(
        self, problem: str, text: str, mark: tuple[int, int], hint: str
    ) -> None:
        super().__init__("syntax", problem, hint, mark=mark)
        self.text = text


def parse(source: str, content: bytes) -> Document:
    """The document that a file holds, whatever kind of value that is.

    Raises Unreadable.
    """
    text = _decoded(content)
    start = text.lstrip()[:1]
    if _MARKUP.match(text):
        raise Unreadable(
            "html",
            "is an HTML or XML page, not a document",
            "name the JSON or YAML itself",
        )
    if text.lstrip().startswith(("//", "/*")):
        at = text.index("/")
        mark = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
        said = "is not JSON: it begins with a comment"
        raise Unparsable(said, text, mark, slip_in_json(text, at))
    try:
        if start not in ("{", "["):
            return _yaml(source, text)
        try:
            return _json(source, text)
        except json.JSONDecodeError as problem:
            unread = Unparsable(
                f"is not JSON: {problem.msg}",
                text,
                (problem.lineno, problem.colno),
                slip_in_json(text, problem.pos),
            )
            if start == "[" or source.lower().endswith(".json"):
                raise unread from None
            return _yaml_or(source, text, unread)
    except RecursionError:
        raise Unreadable("too-deep", "is nested too deeply") from None
    except ValueError:
        raise Unreadable("syntax", "holds a number of too many digits") from None


def _decoded(content: bytes) -> str:
    if not content.strip():
        raise Unreadable("empty", "is empty", _MEANT)
    for start, what, hint in _PACKED:
        if content.startswith(start):
            raise Unreadable("binary", f"is {what}", hint)
    encoding = json.detect_encoding(content)
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as problem:
        place = f"byte {problem.start} is not {encoding.upper()}"
        raise Unreadable("binary", f"is not text ({place})", _UTF_8) from None
    if "\0" in text:
        raise Unreadable("binary", "is not text", _UTF_8)
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _json(source: str, text: str) -> Document:
    found = rfc8259.read(text)
    value = found.value
    if _SURROGATE.search(text):
        value = _without_surrogates(value)
    return Document(
        source=source,
        text=text,
        format="json",
        value=value,
        version=declared(value),
        repeated=found.repeated,
    )


def _without_surrogates(value: Any) -> Any:
    """The value with its halves of characters, which no file can hold, replaced."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_without_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {
            _without_surrogates(key): _without_surrogates(member)
            for key, member in value.items()
        }
    return value


def _yaml_or(source: str, text: str, problem: Unreadable) -> Document:
    """What starts like JSON may still be YAML in flow style."""
    try:
        return _yaml(source, text)
    except Unreadable:
        raise problem from None


def _yaml(source: str, text: str) -> Document:
    try:
        found = yaml12.read(text)
    except yaml12.YamlError as problem:
        mark = (problem.line, problem.column)
        hint = slip_in_yaml(text, str(problem), *mark)
        raise Unparsable(f"is not YAML: {problem}", text, mark, hint) from None
    _check_aliases(found.value, {})
    return Document(
        source=source,
        text=text,
        format="yaml",
        value=found.value,
        version=declared(found.value),
        repeated=found.repeated,
        next=found.next,
    )


def _check_aliases(value: Any, sizes: dict[int, int]) -> int:
    """The number of values, each alias counted as what it stands for."""
    if not isinstance(value, dict | list):
        return 1
    key = id(value)
    if key not in sizes:
        members = value.values() if isinstance(value, dict) else value
        sizes[key] = 1 + sum(_check_aliases(member, sizes) for member in members)
        if sizes[key] > _MOST_VALUES:
            raise Unreadable(
                "alias", f"has YAML aliases for over {_MOST_VALUES} values"
            )
    return sizes[key]
