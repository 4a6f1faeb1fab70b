"""Documents behind URLs.

A URL that the user gives is fetched as it is, wherever it is. One that stands in a
document is fetched from the user's own origin, or if the user allowed it from a public
address: the name is resolved once, every address it has must be public, and the
connection is made to that address. Each redirect is judged like a URL of its own.

What was fetched before is asked for conditionally; see `copies`.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from .copies import copy_of, is_anonymous, keep_copy
from .problems import MOST_BYTES, Unreadable

if TYPE_CHECKING:
    import httpx

_TIMEOUT = 30.0
_MOST_REDIRECTS = 5
_MOST_FILES = 200
_MOST_SECONDS = 120.0
_LOGIN = "a page behind a login must be saved to a file first"


@dataclass(slots=True)
class Network:
    """What documents may fetch: from the origin of `address`, which the user gave, and
    with `anywhere` from every public address. Counts what it has done."""

    address: str | None
    anywhere: bool
    _files: int = 0
    _started: float = field(default_factory=time.monotonic)

    def document(self) -> bytes:
        """The content behind the address itself. Raises Unreadable."""
        assert self.address is not None
        return self._fetched(self.address, trusted=True)

    def read(self, url: str) -> bytes:
        """The content behind a URL that a document names. Raises Unreadable."""
        self._files += 1
        if self._files > _MOST_FILES:
            raise Unreadable(
                "too-large", f"is one of more than {_MOST_FILES} that it would fetch"
            )
        self._check_time()
        return self._fetched(url, trusted=False)

    def _fetched(self, url: str, *, trusted: bool) -> bytes:
        import httpx  # most documents are files

        try:
            with httpx.Client(timeout=_TIMEOUT) as client:
                return self._followed(client, url, trusted)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as problem:
            name = type(problem).__name__
            raise Unreadable("unreadable", f"can't be fetched ({name})") from None

    def _followed(self, client: httpx.Client, url: str, trusted: bool) -> bytes:
        came = url
        for _ in range(_MOST_REDIRECTS + 1):
            own = self._is_own(url)
            pinned = None if own or trusted else self._pinned(url)
            request = client.build_request("GET", self._as_user(url) if own else url)
            anonymous, trusts = is_anonymous(request), pinned is None
            copy = copy_of(url, trusted=trusts) if anonymous else None
            if copy is not None:
                request.headers.update(copy.conditions)
            if pinned is not None:
                request.extensions["sni_hostname"] = request.url.host
                request.url = request.url.copy_with(host=pinned)
            answer = client.send(request, stream=True)
            try:
                if copy is not None and answer.status_code == HTTPStatus.NOT_MODIFIED:
                    return copy.content
                if not answer.has_redirect_location:
                    way = "" if url == came else f", after a redirect to {shown(url)}"
                    content = self._content(answer, way)
                    if anonymous:
                        keep_copy(url, answer, content, trusted=trusts)
                    return content
                url = urljoin(url, answer.headers["location"])
            finally:
                answer.close()
        raise Unreadable("unreadable", "can't be fetched: it redirects without end")

    def _is_own(self, url: str) -> bool:
        return self.address is not None and _origin(url) == _origin(self.address)

    def _as_user(self, url: str) -> str:
        """A URL of the user's origin, with the user and the password of the address."""
        user = urlsplit(self.address or "").netloc.rpartition("@")[0]
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
        return parts._replace(netloc=f"{user}@{host}" if user else host).geturl()

    def _pinned(self, url: str) -> str:
        """The address to connect to for a URL that a document names. Raises Unreadable
        where it must not be fetched."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Unreadable("remote", "is neither a file nor an http(s) URL")
        if not self.anywhere:
            raise Unreadable(
                "remote", "is fetched from the network with --allow-remote-refs only"
            )
        addresses = addresses_of(parts.hostname)
        if not all(map(is_public, addresses)):
            raise Unreadable(
                "remote", "is at a private address, which a document can't send us to"
            )
        return addresses[0]

    def _content(self, answer: httpx.Response, way: str) -> bytes:
        if answer.status_code in (401, 403):
            raise Unreadable(
                "unreadable",
                f"can't be fetched: the server asks for a login ({answer.status_code}{way})",
                "save the document to a file first, or give user and password in the URL",
            )
        if answer.is_error or not answer.is_success:
            raise Unreadable(
                "unreadable",
                f"can't be fetched: the server answered {answer.status_code}{way}",
            )
        if "html" in answer.headers.get("content-type", ""):
            raise Unreadable(
                "html",
                f"is an HTML page, not a document{way}",
                f"name the JSON or YAML itself; {_LOGIN}",
            )
        content = bytearray()
        for piece in answer.iter_bytes():
            content += piece
            if len(content) > MOST_BYTES:
                raise Unreadable("too-large", f"is larger than {MOST_BYTES} bytes")
            self._check_time()
        return bytes(content)

    def _check_time(self) -> None:
        if time.monotonic() - self._started > _MOST_SECONDS:
            raise Unreadable(
                "too-large", f"takes longer than {_MOST_SECONDS:.0f} seconds to fetch"
            )


def addresses_of(host: str) -> list[str]:
    """The IP addresses of a host. Raises Unreadable."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unreadable("unreadable", "is at a host that nobody knows") from None
    return [str(one[4][0]).partition("%")[0] for one in found]


def is_public(address: str) -> bool:
    """Whether an address is one of the open internet, those inside of it included."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        if ip in ipaddress.ip_network("64:ff9b::/96"):
            return is_public(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo and ip.teredo[1])
        if inner:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast


def shown(url: str) -> str:
    """A URL as it may be printed: without user, password, query and fragment."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=host, query="", fragment="").geturl()


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    default = {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, parts.hostname, parts.port or default
