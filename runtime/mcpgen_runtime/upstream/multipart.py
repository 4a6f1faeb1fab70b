"""Answers of several parts: a multipart body, taken apart (RFC 2046, 5.1).

The rule: what stands between two boundaries is one part, whatever it holds; a body that
is cut short gives the parts that are there.

Pure: bytes in, values out.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import NamedTuple

_BOUNDARY = re.compile(r'boundary\s*=\s*(?:"([^"]+)"|([^\s;]+))', re.IGNORECASE)
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")


class Part(NamedTuple):
    """One part; the names of its headers are in lower case."""

    headers: dict[str, str]
    body: bytes


def parts(body: bytes, content_type: str) -> tuple[Part, ...]:
    """The parts of a body; none when its boundary isn't declared, or isn't there."""
    declared = _BOUNDARY.search(content_type)
    if declared is None:
        return ()
    boundary = (declared[1] or declared[2]).encode("latin-1", "replace")
    return tuple(_parts(body, boundary))


def _parts(body: bytes, boundary: bytes) -> Iterator[Part]:
    line = re.compile(rb"(?:^|\r?\n)--%b(--)?[ \t]*(?:\r?\n|$)" % re.escape(boundary))
    opened: int | None = None
    position = 0
    while (found := line.search(body, position)) is not None:
        if opened is not None:
            yield _part(body[opened : found.start()])
        if found[1]:
            return
        opened = found.end()
        # The line break that ends this boundary may begin the next one.
        position = max(found.end() - 2, found.start() + 1)
    if opened is not None:
        yield _part(body[opened:])


def _part(raw: bytes) -> Part:
    if raw[:1] == b"\n" or raw[:2] == b"\r\n":
        return Part({}, raw.partition(b"\n")[2])
    end = _END_OF_HEAD.search(raw)
    head, content = (raw[: end.start()], raw[end.end() :]) if end else (raw, b"")
    headers: dict[str, str] = {}
    for text in re.sub(rb"\r?\n[ \t]+", b" ", head).decode("latin-1").splitlines():
        name, _, value = text.partition(":")
        headers[name.strip().lower()] = value.strip()
    coding = headers.get("content-transfer-encoding", "").lower()
    return Part(headers, _decoded(content, coding))


def _decoded(content: bytes, coding: str) -> bytes:
    try:
        if coding == "base64":
            return base64.b64decode(content)
        if coding == "quoted-printable":
            return binascii.a2b_qp(content)
    except ValueError:
        return content
    return content
