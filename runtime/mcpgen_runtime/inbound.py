"""What came with the HTTP request that a call belongs to, and what of it goes on.

The rule: a header of a client reaches the API only when the operator names it, in
`<PREFIX>_FORWARD_HEADERS`; and what belongs to one connection, or describes one body,
never does (RFC 9110, 7.6.1).

Pure: values in, values out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Final

_NAME: Final = re.compile(r"[a-z0-9!#$%&'*+.^_`|~-]+")
_NEVER: Final = re.compile(
    "host|content-.*|transfer-encoding|connection|keep-alive|te|trailer|upgrade|expect"
    "|proxy-.*|accept|accept-.*|mcp-.*|last-event-id|sec-.*"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbound:
    """An HTTP request: its headers by lower-case names, and its ASGI scope."""

    headers: Mapping[str, Sequence[str]] = field(repr=False)
    scope: Mapping[str, Any] = field(repr=False)

    def passed_on(self, names: Iterable[str]) -> tuple[tuple[str, str], ...]:
        """The headers of these names; several of one name as one (RFC 9110, 5.3)."""
        return tuple(
            (name, ("; " if name == "cookie" else ", ").join(self.headers[name]))
            for name in names
            if name in self.headers
        )


inbound: Final[ContextVar[Inbound | None]] = ContextVar("inbound", default=None)
"""The request that is being served; None where the transport isn't HTTP."""


@contextmanager
def serving(
    headers: Mapping[str, Sequence[str]], scope: Mapping[str, Any]
) -> Iterator[None]:
    """While within, and in tasks begun there, calls belong to this request."""
    token = inbound.set(Inbound(headers=headers, scope=scope))
    try:
        yield
    finally:
        inbound.reset(token)


def header_names(text: str) -> tuple[str, ...]:
    """Names separated by commas, in lower case.

    Raises ValueError for one that can't be passed on; the message says why.
    """
    names = [name.strip().lower() for name in text.split(",") if name.strip()]
    for name in names:
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name of a header")
        if _NEVER.fullmatch(name):
            raise ValueError(f"{name!r} belongs to one connection, or to one body")
    return tuple(dict.fromkeys(names))
