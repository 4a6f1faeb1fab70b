"""Copies of documents from URLs, so that a server need not send again what it sent before.

A copy is never used by itself: the server is asked whether it still has the same
(RFC 9110, 13.1: If-None-Match, If-Modified-Since), and the copy is taken on its 304.
What was asked for as somebody is not kept, nor what must not be stored (RFC 9111, 3).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urldefrag

from .. import cache

if TYPE_CHECKING:
    import httpx

_CREDENTIALS = ("authorization", "cookie")
_CONDITIONS = {"etag": "If-None-Match", "last-modified": "If-Modified-Since"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A document as it was sent, and the headers that ask whether it has changed."""

    content: bytes
    conditions: Mapping[str, str]


def is_anonymous(request: httpx.Request) -> bool:
    """Whether a request is made as nobody, so that its answer may be kept."""
    known = any(name in request.headers for name in _CREDENTIALS)
    return not (known or request.url.userinfo)


def copy_of(url: str, *, trusted: bool) -> Copy | None:
    """The copy of a document, of one that the user named (`trusted`) or a document did:
    what the one has fetched is not shown to the other."""
    entry = cache.recall(_key(url, trusted))
    if entry is None:
        return None
    head, _, content = entry.partition(b"\n")
    return Copy(content=content, conditions=json.loads(head))


def keep_copy(
    url: str, answer: httpx.Response, content: bytes, *, trusted: bool
) -> None:
    """Keeps a document, where its answer has what to ask by and forbids nothing."""
    found = {
        condition: answer.headers.get(validator, "")
        for validator, condition in _CONDITIONS.items()
    }
    conditions = {name: one for name, one in found.items() if one and one.isascii()}
    stored = "no-store" not in answer.headers.get("cache-control", "").lower()
    varies = "*" in answer.headers.get("vary", "")
    if answer.status_code == HTTPStatus.OK and conditions and stored and not varies:
        head = json.dumps(conditions).encode()
        cache.keep(_key(url, trusted), head + b"\n" + content)


def _key(url: str, trusted: bool) -> str:
    return f"{'named' if trusted else 'referred to'} {urldefrag(url).url}"
