"""A request as the beginning of an HTTP/1.1 message, and the place where it goes.

The rule: a URL goes out as it is, but for the characters that no request line can hold,
which are percent-encoded; a header is one line, or nothing is sent (RFC 9112, 2 to 5).

Pure: values in, values out.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple
from urllib.parse import quote

from .request import RequestParts
from .transport import Unsendable

_URL: Final = re.compile(
    r"(https?)://(?:[^/?#]*@)?(\[[^/?#\]]*\]|[^/?#:]*)(?::(\d*))?([^?#]*)(\?[^#]*)?(?:#.*)?",
    re.IGNORECASE | re.DOTALL,
)
_NOT_IN_PATH: Final = re.compile(r'[^!-~]|["<>^`{}]|%(?![0-9A-Fa-f]{2})')
_NOT_IN_QUERY: Final = re.compile(r'[^!-~]|["<>]|%(?![0-9A-Fa-f]{2})')
_WITH_BODY: Final = frozenset({"POST", "PUT", "PATCH"})
PORTS: Final = {"http": 80, "https": 443}
"""The ports that go unsaid."""

Headers = list[tuple[str, str]]


class Place(NamedTuple):
    """Where connections lead to; `host` is ASCII, an IPv6 address without brackets."""

    scheme: str
    host: str
    port: int

    @property
    def authority(self) -> str:
        """As a URL and the Host header have it, without the port that goes unsaid."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


@lru_cache(maxsize=64)
def _place(scheme: str, host: str, port: str) -> Place:
    scheme = scheme.lower()
    return Place(scheme, _ascii(host), int(port) if port else PORTS[scheme])


def located(url: str) -> tuple[Place, str]:
    """Where a URL leads to, and what is asked for there: `/v1/pets?limit=5`.

    Raises Unsendable for what is no URL of HTTP.
    """
    parts = _URL.fullmatch(url)
    if parts is None:
        raise Unsendable("not a URL of HTTP")
    scheme, host, port, path, query = parts.groups("")
    place = _place(scheme, host, port)
    target = _encoded(_NOT_IN_PATH, path or "/") + _encoded(_NOT_IN_QUERY, query)
    return place, target


def fields(request: RequestParts, place: Place) -> Headers:
    """The header fields of a request, with those that say where it goes and how long
    it is."""
    found = [("Host", place.authority)]
    if request.content is not None:
        found.append(("Content-Length", str(len(request.content))))
    elif request.method in _WITH_BODY:
        found.append(("Content-Length", "0"))
    found += request.headers
    return found


def head(method: str, target: str, fields: Headers, extra: bytes = b"") -> bytes:
    """The request line and the header section; `extra` are whole lines.

    Raises Unsendable for a line that would become two, or isn't Latin-1.
    """
    lines = [f"{method} {target} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in fields]
    text = "\r\n".join(lines)
    ends = len(lines) - 1
    if text.count("\r") != ends or text.count("\n") != ends or "\0" in text:
        raise Unsendable("a header has a control character")
    try:
        return text.encode("latin-1") + b"\r\n" + extra + b"\r\n"
    except UnicodeEncodeError:
        raise Unsendable("a header is not Latin-1") from None


def _ascii(host: str) -> str:
    host = host.strip("[]").lower()
    if host.isascii():
        return host
    import httpx  # its IDNA is that of 2008; few hosts need it

    try:
        return httpx.URL(scheme="http", host=host).raw_host.decode("ascii")
    except httpx.InvalidURL:
        raise Unsendable("not the name of a host") from None


def _encoded(forbidden: re.Pattern[str], text: str) -> str:
    return forbidden.sub(lambda found: quote(found[0], safe=""), text)
