"""Proxies: how a request goes through one (RFC 9110, 9.3.6 and 7.6).

The rule: plain HTTP is handed to the proxy as it is, HTTPS goes through a tunnel that
the proxy can't look into, and the proxy's own credentials go to the proxy alone.
"""

from __future__ import annotations

import asyncio
from base64 import b64encode
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

from .transport import ProxyFailed

_MAX_HEAD: Final = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """`credentials` is the value of Proxy-Authorization, if there is one."""

    scheme: str
    host: str
    port: int
    credentials: bytes | None

    @classmethod
    def of(cls, url: str) -> Proxy:
        """Raises ProxyFailed for a URL that names no HTTP proxy."""
        parts = urlsplit(url)
        try:
            port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
        except ValueError:
            port = None
        if parts.scheme not in ("http", "https") or not port or not parts.hostname:
            raise ProxyFailed("a proxy's URL begins with http:// or https://")
        credentials = None
        if parts.username is not None:
            pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            credentials = b"Basic " + b64encode(pair.encode())
        return cls(
            scheme=parts.scheme, host=parts.hostname, port=port, credentials=credentials
        )


def proxy_headers(proxy: Proxy) -> bytes:
    """The header lines that are for the proxy."""
    if proxy.credentials is None:
        return b""
    return b"Proxy-Authorization: " + proxy.credentials + b"\r\n"


async def tunnel(
    transport: asyncio.Transport, proxy: Proxy, host: str, port: int
) -> None:
    """Make a connection to a proxy one to a server behind it; `host` is ASCII.

    Raises ProxyFailed when the proxy doesn't.
    """
    name = f"[{host}]" if ":" in host else host
    site = f"{name}:{port}".encode("ascii")
    answered = _Answered()
    transport.set_protocol(answered)
    transport.write(
        b"CONNECT %s HTTP/1.1\r\nHost: %s\r\n%s\r\n"
        % (site, site, proxy_headers(proxy))
    )
    status = await answered.status
    if not status.startswith(b"2"):
        raise ProxyFailed(f"the proxy answered {status.decode('latin-1')}")


class _Answered(asyncio.Protocol):
    """The answer of a proxy to CONNECT: `status` is its code and reason."""

    def __init__(self) -> None:
        self.status: asyncio.Future[bytes]
        self.status = asyncio.get_running_loop().create_future()
        self._received = b""

    def data_received(self, data: bytes) -> None:
        self._received += data
        if self.status.done():
            return
        head, end, _ = self._received.partition(b"\r\n\r\n")
        if end:
            self.status.set_result(head.partition(b"\r\n")[0].partition(b" ")[2])
        elif len(self._received) > _MAX_HEAD:
            self.status.set_exception(ProxyFailed("the proxy's answer is endless"))

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.status.done():
            self.status.set_exception(ProxyFailed("the proxy hung up"))
