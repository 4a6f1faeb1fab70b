"""The engine that carries requests by default: one place to choose it.

The rule: whichever engine it is, TLS certificates are verified, the environment's
proxies (HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY) are honoured, connections are
pooled and kept alive, and nothing is stored between calls.
"""

from __future__ import annotations

import ipaddress
import ssl
from urllib.request import getproxies, proxy_bypass

import httpx

from .auth import Certificate, CredentialError

_LIMITS = httpx.Limits(
    max_connections=100, max_keepalive_connections=64, keepalive_expiry=15.0
)


def default_transport(
    certificate: Certificate | None = None,
) -> httpx.AsyncBaseTransport:
    """httpx's own engine behind the environment's proxies.

    `certificate` is shown to a server that asks for one. A request raises
    CredentialError when its files can't be used.
    """
    return _Proxied(certificate)


def proxy_of(scheme: str, host: str) -> str | None:
    """The environment's proxy for a host; a loopback address never has one."""
    if _is_loopback(host) or proxy_bypass(host):
        return None
    proxies = getproxies()
    proxy = proxies.get(scheme) or proxies.get("all")
    return proxy if not proxy or "://" in proxy else f"http://{proxy}"


class _Proxied(httpx.AsyncBaseTransport):
    """One pool for direct connections and one for each proxy, made when needed."""

    def __init__(self, certificate: Certificate | None) -> None:
        self._certificate = certificate
        self._proxies: dict[tuple[str, str], str | None] = {}
        self._pools: dict[str | None, httpx.AsyncHTTPTransport] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        site = request.url.scheme, request.url.host
        if site not in self._proxies:
            self._proxies[site] = proxy_of(*site)
        proxy = self._proxies[site]
        if proxy not in self._pools:
            self._pools[proxy] = httpx.AsyncHTTPTransport(
                verify=_tls(self._certificate), proxy=proxy, limits=_LIMITS
            )
        return await self._pools[proxy].handle_async_request(request)

    async def aclose(self) -> None:
        pools = list(self._pools.values())
        self._pools.clear()
        for pool in pools:
            await pool.aclose()


def _tls(certificate: Certificate | None) -> ssl.SSLContext:
    context = httpx.create_ssl_context()
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
