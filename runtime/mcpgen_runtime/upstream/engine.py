"""The engine that carries requests by default: a transport of HTTP/1.1.

The rule: TLS certificates are verified, the environment's proxies (HTTP_PROXY,
HTTPS_PROXY, ALL_PROXY, NO_PROXY) are honoured, connections are kept alive for a while,
and nothing else is stored between calls. Time is the caller's to bound, except for the
time to connect.

It takes httpx's place because a call through httpx's client costs several times more,
and httpx itself as much memory as the rest of a small server; see benchmarks/.
"""

from __future__ import annotations

import asyncio
import ipaddress
import os
import ssl
import sys
from collections import defaultdict
from functools import partial
from typing import Final

from .auth import Certificate, CredentialError
from .connection import Connection
from .head import Place, fields, head, located
from .proxy import Proxy, proxy_headers, tunnel
from .request import RequestParts
from .transport import ConnectFailed, Dropped, Incoming, Unanswered

_KEPT: Final = 64
"""Idle connections to one place, at most."""
_KEPT_FOR: Final = 15.0
"""Seconds that a connection may be idle: servers drop theirs after 5 to 75."""


def proxy_of(scheme: str, host: str) -> str | None:
    """The environment's proxy for a host; a loopback address never has one."""
    if _is_loopback(host) or not _may_have_proxies():
        return None
    from urllib.request import getproxies, proxy_bypass  # with 2 MB of others

    if proxy_bypass(host):
        return None
    proxies = getproxies()
    proxy = proxies.get(scheme) or proxies.get("all")
    return proxy if not proxy or "://" in proxy else f"http://{proxy}"


class Engine:
    """The engine; `certificate` is shown to a server that asks for one.

    A request raises CredentialError when the files of the certificate can't be used.
    """

    def __init__(self, certificate: Certificate | None = None) -> None:
        self._certificate = certificate
        self._context: ssl.SSLContext | None = None
        self._proxies: dict[Place, Proxy | None] = {}
        self._idle: defaultdict[Place, list[tuple[float, Connection]]]
        self._idle = defaultdict(list)
        self._open: set[Connection] = set()

    async def send(self, request: RequestParts, connect_timeout: float) -> Incoming:
        """See Transport."""
        place, target = located(request.url)
        if place not in self._proxies:
            named = proxy_of(place.scheme, place.host)
            self._proxies[place] = Proxy.of(named) if named else None
        proxy = self._proxies[place]
        more = b""
        if proxy is not None and place.scheme == "http":
            target = f"http://{place.authority}{target}"
            more = proxy_headers(proxy)
        data = head(request.method, target, fields(request, place), more)
        kept = self._kept(place)
        connection = kept or await self._connect(place, proxy, connect_timeout)
        self._open.add(connection)
        try:
            return await connection.exchange(
                data + (request.content or b""),
                partial(self._done, place, connection),
                bodiless=request.method == "HEAD",
            )
        except BaseException as error:
            self._drop(connection)
            if kept is not None and isinstance(error, Unanswered):
                self._drop_kept(place)
                raise Dropped(str(error)) from error
            raise

    async def aclose(self) -> None:
        """See Transport."""
        for connection in self._open:
            connection.close()
        self._open.clear()
        self._idle.clear()

    def _kept(self, place: Place) -> Connection | None:
        """The connection that was used last, as the least likely to be dropped."""
        oldest = asyncio.get_running_loop().time() - _KEPT_FOR
        kept = self._idle[place]
        while kept:
            since, connection = kept.pop()
            if since > oldest and connection.idle:
                return connection
            self._drop(connection)
        return None

    def _drop_kept(self, place: Place) -> None:
        """Those that wait: the server has likely dropped them, too."""
        for _, connection in self._idle.pop(place, ()):
            self._drop(connection)

    def _done(self, place: Place, connection: Connection) -> None:
        kept = self._idle[place]
        if connection.idle and len(kept) < _KEPT:
            kept.append((asyncio.get_running_loop().time(), connection))
        else:
            self._drop(connection)

    def _drop(self, connection: Connection) -> None:
        self._open.discard(connection)
        connection.close()

    async def _connect(
        self, place: Place, proxy: Proxy | None, seconds: float
    ) -> Connection:
        try:
            async with asyncio.timeout(seconds):
                return await self._opened(place, proxy)
        except TimeoutError as error:
            raise ConnectFailed(f"not within {seconds} s") from error
        except OSError as error:  # ssl.SSLError is one
            raise ConnectFailed(type(error).__name__) from error

    async def _opened(self, place: Place, proxy: Proxy | None) -> Connection:
        loop = asyncio.get_running_loop()
        secure = place.scheme == "https"
        near = place if proxy is None else Place(proxy.scheme, proxy.host, proxy.port)
        transport, connection = await loop.create_connection(
            Connection,
            near.host,
            near.port,
            ssl=self._tls() if near.scheme == "https" else None,
            happy_eyeballs_delay=0.25,
        )
        if proxy is not None and secure:
            try:
                await tunnel(transport, proxy, place.host, place.port)
                transport.set_protocol(connection)
                over = await loop.start_tls(
                    transport, connection, self._tls(), server_hostname=place.host
                )
            except BaseException:
                transport.abort()
                raise
            assert over is not None
            connection.opened(over)
        return connection

    def _tls(self) -> ssl.SSLContext:
        if self._context is None:
            self._context = _tls(self._certificate)
        return self._context


def _tls(certificate: Certificate | None) -> ssl.SSLContext:
    file, folder = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    if not file and not folder:
        import certifi

        file = certifi.where()
    context = ssl.create_default_context(cafile=file, capath=folder)
    context.set_alpn_protocols(["http/1.1"])
    if certificate is not None:
        try:
            context.load_cert_chain(certificate.path, certificate.key)
        except OSError:  # ssl.SSLError is one
            raise CredentialError(
                f"The client certificate that {certificate.variable} names can't be "
                "used: it must be a PEM file, with its key inside or in a file of its "
                "own. Nothing was sent."
            ) from None
    return context


def _may_have_proxies() -> bool:
    """Whether there are any: macOS and Windows keep them elsewhere, too."""
    if sys.platform in ("darwin", "win32"):
        return True
    return any(name.lower().endswith("_proxy") for name in os.environ)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
