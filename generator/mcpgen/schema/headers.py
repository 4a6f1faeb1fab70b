"""Which headers of an answer are told beside its body.

The rule: those that the document declares for a success, so that an agent can give an
`ETag` back or follow an address, and of a HEAD what it is asked for. What only software
on the way reads isn't told, nor what the server tells in words of its own.
"""

from __future__ import annotations

import re

from ..operations import Operation

_MOST = 10
_UNTOLD = re.compile(
    "set-cookie2?|.*-authenticate|.*authorization|content-(type|length|encoding)|date"
    "|server|connection|keep-alive|transfer-encoding|cache-control|vary|age|via|trailer"
    "|link"
    "|x-(request|correlation)-id|access-control-.*|strict-transport-security"
    "|(x-)?rate-?limit.*|x-(frame-options|content-type-options|powered-by|xss.*)",
    re.IGNORECASE,
)
_OF_HEAD = ("Content-Type", "Content-Length", "Last-Modified", "ETag", "Accept-Ranges")


def told_headers(operation: Operation) -> tuple[str, ...]:
    """The names, as the document writes them, each once."""
    declared = [
        name
        for response in operation.responses
        if response.status.startswith("2") or response.status == "default"
        for name in response.headers
        if name.isascii() and name.isprintable() and not _UNTOLD.fullmatch(name)
    ]
    if operation.method.upper() == "HEAD":
        declared = [*_OF_HEAD, *declared]
    found: dict[str, str] = {}
    for name in declared:
        found.setdefault(name.lower(), name)
    return tuple(found.values())[:_MOST]
