"""Which Host and Origin an HTTP request may name.

A page that a browser shows can reach a server on the same machine by way of a name
that resolves to it (DNS rebinding), so over the loopback interface only the names of
this machine are taken, and those of `<PREFIX>_ALLOWED_HOSTS`: names separated by
commas, `*` for any. Once that is set, it holds on every interface. An Origin must name
an allowed host or the one that the request is sent to.

Pure: values in, values out; no I/O, no asyncio.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from ..errors import shortened

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Hosts:
    """The hosts that one server may be called by; `variable` is where more are set."""

    def __init__(self, allowed: str, variable: str) -> None:
        names = [name.strip() for name in allowed.split(",")]
        self._allowed = frozenset(_hostname(name) for name in names if name)
        self._variable = variable

    def problem(
        self, *, local_address: str | None, host: str, origin: str | None
    ) -> str | None:
        """Why a request is refused, None when it isn't.

        `local_address` is where it arrived, `host` and `origin` are its headers.
        """
        if "*" in self._allowed:
            return None
        name = _hostname(host)
        known = self._allowed | _LOOPBACK
        if (self._allowed or is_loopback(local_address)) and name not in known:
            return self._refusal("Host", host)
        if origin is not None and _origin_host(origin) not in known | {name}:
            return self._refusal("Origin", origin)
        return None

    def _refusal(self, header: str, value: str) -> str:
        return (
            f"{header} {shortened(value)!r} is not allowed: "
            f"add its host to {self._variable}"
        )


def is_loopback(address: str | None) -> bool:
    return address is not None and (
        address in _LOOPBACK or address.startswith(("127.", "::ffff:127."))
    )


def _hostname(authority: str) -> str:
    """The host of `host:port` in lower case, without the brackets of IPv6."""
    if authority.startswith("["):
        return authority[1:].partition("]")[0].lower()
    return authority.partition(":")[0].lower()


def _origin_host(origin: str) -> str | None:
    try:
        return urlsplit(origin).hostname
    except ValueError:
        return None
