"""The engine that carries requests by default: an httpx transport of HTTP/1.1.

The rule: TLS certificates are verified, the environment's proxies (HTTP_PROXY,
HTTPS_PROXY, ALL_PROXY, NO_PROXY) are honoured, connections are kept alive for a while,
and nothing else is stored between calls. Time is the caller's to bound, except for the
time to connect, which is `timeout["connect"]` of a request's extensions, in seconds.

It takes httpx's place because a call through httpx's own pool costs several times more.
"""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from collections import defaultdict
from functools import partial
from typing import Final, NamedTuple
from urllib.request import getproxies, proxy_bypass

import httpx

from .auth import Certificate, CredentialError
from .connection import Connection, head
from .proxy import Proxy, proxy_headers, tunnel

_KEPT: Final = 64
"""Idle connections to one place, at most."""
_KEPT_FOR: Final = 15.0
"""Seconds that a connection may be idle: servers drop theirs after 5 to 75."""


def default_transport(
    certificate: Certificate | None = None,
) -> httpx.AsyncBaseTransport:
    """The engine; `certificate` is shown to a server that asks for one.

    A request raises CredentialError when the files of the certificate can't be used.
    """
    return _Engine(certificate)


def proxy_of(scheme: str, host: str) -> str | None:
    """The environment's proxy for a host; a loopback address never has one."""
    if _is_loopback(host) or proxy_bypass(host):
        return None
    proxies = getproxies()
    proxy = proxies.get(scheme) or proxies.get("all")
    return proxy if not proxy or "://" in proxy else f"http://{proxy}"


class _Place(NamedTuple):
    """Where connections lead to."""

    scheme: str
    host: str
    port: int


class _Engine(httpx.AsyncBaseTransport):
    def __init__(self, certificate: Certificate | None) -> None:
        self._certificate = certificate
        self._context: ssl.SSLContext | None = None
        self._proxies: dict[_Place, Proxy | None] = {}
        self._idle: defaultdict[_Place, list[tuple[float, Connection]]]
        self._idle = defaultdict(list)
        self._open: set[Connection] = set()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        port = url.port or (443 if url.scheme == "https" else 80)
        place = _Place(url.scheme, url.raw_host.decode("ascii"), port)
        if place not in self._proxies:
            named = proxy_of(url.scheme, url.host)
            self._proxies[place] = Proxy.of(named) if named else None
        proxy = self._proxies[place]
        forwarded = proxy is not None and url.scheme == "http"
        lines = head(
            request,
            str(url).partition("#")[0].encode("ascii") if forwarded else url.raw_path,
            proxy_headers(proxy) if proxy is not None and forwarded else b"",
        )
        connection = self._kept(place)
        if connection is None:
            seconds = request.extensions.get("timeout", {}).get("connect")
            connection = await self._connect(place, proxy, seconds)
        self._open.add(connection)
        try:
            return await connection.exchange(
                request, lines, partial(self._done, place, connection)
            )
        except BaseException:
            self._drop(connection)
            raise

    async def aclose(self) -> None:
        for connection in self._open:
            connection.close()
        self._open.clear()
        self._idle.clear()

    def _kept(self, place: _Place) -> Connection | None:
        """The connection that was used last, as the least likely to be dropped."""
        oldest = asyncio.get_running_loop().time() - _KEPT_FOR
        kept = self._idle[place]
        while kept:
            since, connection = kept.pop()
            if since > oldest and connection.idle:
                return connection
            self._drop(connection)
        return None

    def _done(self, place: _Place, connection: Connection) -> None:
        kept = self._idle[place]
        if connection.idle and len(kept) < _KEPT:
            kept.append((asyncio.get_running_loop().time(), connection))
        else:
            self._drop(connection)

    def _drop(self, connection: Connection) -> None:
        self._open.discard(connection)
        connection.close()

    async def _connect(
        self, place: _Place, proxy: Proxy | None, seconds: float | None
    ) -> Connection:
        try:
            async with asyncio.timeout(seconds):
                return await self._opened(place, proxy)
        except TimeoutError as error:
            raise httpx.ConnectTimeout(f"after {seconds} s") from error
        except OSError as error:  # ssl.SSLError is one
            raise httpx.ConnectError(type(error).__name__) from error

    async def _opened(self, place: _Place, proxy: Proxy | None) -> Connection:
        loop = asyncio.get_running_loop()
        secure = place.scheme == "https"
        near = place if proxy is None else _Place(proxy.scheme, proxy.host, proxy.port)
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
    context = httpx.create_ssl_context()
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


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
