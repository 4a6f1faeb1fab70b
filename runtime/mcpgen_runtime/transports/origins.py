"""Which pages of other origins may use the server from a browser (CORS).

None may, unless `<PREFIX>_ALLOWED_ORIGINS` names their origins, separated by commas:
`https://app.example.com, http://localhost:6274`, or `*` for any. A browser asks first,
with OPTIONS; then it shows a page the headers that a client of MCP has to read (Fetch
standard, CORS protocol). Cookies play no part in it.
"""

from __future__ import annotations

from typing import Final, TypeAlias
from urllib.parse import urlsplit

from ..settings import SettingsError

Fields: TypeAlias = tuple[tuple[bytes, bytes], ...]

_EXPOSED: Final = b"mcp-session-id, www-authenticate"
_METHODS: Final = b"GET, POST, DELETE"
_MAX_AGE: Final = b"7200"
"""Seconds that a browser need not ask again; more than this none of them takes."""


class Origins:
    """The origins that are allowed; `variable` is where they are set.

    Raises SettingsError for what isn't an origin.
    """

    def __init__(self, allowed: str, variable: str) -> None:
        names = [name.strip() for name in allowed.split(",")]
        self._allowed = frozenset(name.lower() for name in names if name)
        for name in self._allowed - {"*"}:
            if not _is_origin(name):
                raise SettingsError(
                    f"{variable} names {name!r}, which is not an origin: give "
                    "scheme://host or scheme://host:port, without a path"
                )

    def allow(self, origin: str) -> bool:
        return bool(origin) and not self._allowed.isdisjoint({"*", origin.lower()})

    def fields(self, origin: str) -> Fields:
        """The header fields of any response to an origin; `""` for a request of none."""
        if not self._allowed:
            return ()
        vary = (b"vary", b"origin")
        if not self.allow(origin):
            return (vary,)
        return (
            vary,
            (b"access-control-allow-origin", origin.encode("latin-1")),
            (b"access-control-expose-headers", _EXPOSED),
        )


def preflight(wanted: str) -> Fields:
    """What is answered to OPTIONS, which says the headers that a page wants to send."""
    return (
        (b"access-control-allow-methods", _METHODS),
        (b"access-control-allow-headers", wanted.encode("latin-1")),
        (b"access-control-max-age", _MAX_AGE),
    )


def _is_origin(text: str) -> bool:
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    return bool(parts.scheme and host) and text == f"{parts.scheme}://{parts.netloc}"
