"""Values as XML, as an `Xml` says (OpenAPI 3.1, 4.8.26).

The rule: a member is an element of its name, or an attribute; an array is one element
for each item, in an element of its own where it is wrapped; null is absent. Names that
XML doesn't allow, and characters that it can't hold, are refused.

Pure: values in, text out. What can't be written raises ValueError, with a message that
completes "the argument …".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..components import Xml
from .serialization import to_text

_NAME = re.compile(r"[^\W\d][\w.-]*")
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PLAIN = Xml()
_ESCAPES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
_IN_TEXT: Final = str.maketrans(_ESCAPES)
_IN_ATTRIBUTE: Final = str.maketrans(
    _ESCAPES | {'"': "&quot;", "\n": "&#10;", "\t": "&#9;"}
)


def document(value: Any, root: Xml) -> str:
    """An XML document with the value as its root element."""
    name = root.name or "root"
    if isinstance(value, list):
        content = "".join(_items(name, value, root))
        text = _wrapped(name, "", content, root)
    else:
        text = _element(name, value, root)
    return f'<?xml version="1.0" encoding="UTF-8"?>{text}'


def _element(name: str, value: Any, xml: Xml) -> str:
    if not isinstance(value, Mapping):
        return _wrapped(name, "", _text(value), xml)
    attributes = ""
    content = ""
    for key, member in value.items():
        known = (xml.members or {}).get(key, _PLAIN)
        if member is None:
            continue
        if known.attribute:
            attribute = _qualified(known.name or key, known)
            attributes += f" {attribute}={_quoted(to_text(member))}"
        else:
            content += "".join(_member(key, member, known))
    return _wrapped(name, attributes, content, xml)


def _member(key: str, value: Any, xml: Xml) -> Iterator[str]:
    if not isinstance(value, list):
        yield _element(xml.name or key, value, xml)
    elif xml.wrapped:
        name = xml.name or key
        yield _wrapped(name, "", "".join(_items(name, value, xml)), xml)
    else:
        yield from _items(key, value, xml)


def _items(name: str, items: list[Any], xml: Xml) -> Iterator[str]:
    each = xml.items or _PLAIN
    for item in items:
        yield _element(each.name or name, "" if item is None else item, each)


def _wrapped(name: str, attributes: str, content: str, xml: Xml) -> str:
    tag = _qualified(name, xml)
    if xml.namespace:
        prefix = f":{xml.prefix}" if xml.prefix else ""
        attributes = f" xmlns{prefix}={_quoted(xml.namespace)}{attributes}"
    return (
        f"<{tag}{attributes}>{content}</{tag}>"
        if content
        else (f"<{tag}{attributes}/>")
    )


def _qualified(name: str, xml: Xml) -> str:
    for part in (name, xml.prefix or name):
        if not _NAME.fullmatch(part):
            raise ValueError(f"has a member {part!r}, which can't be a name in XML")
    return f"{xml.prefix}:{name}" if xml.prefix else name


def _text(value: Any) -> str:
    return _checked("" if value is None else to_text(value)).translate(_IN_TEXT)


def _quoted(text: str) -> str:
    return f'"{_checked(text).translate(_IN_ATTRIBUTE)}"'


def _checked(text: str) -> str:
    if _FORBIDDEN.search(text):
        raise ValueError("has a character that XML can't hold")
    return text
