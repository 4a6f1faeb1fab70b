"""The runtime of a generated MCP server: protocol, transports and forwarding.

It is copied into every emitted package, so it imports itself by relative names only.
What is named here is what the package's own modules use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._version import __version__
from .components import (
    Body,
    Cookie,
    Encoding,
    Field,
    Header,
    Path,
    Query,
    QueryString,
    Resource,
    Schema,
    Tool,
    Xml,
)
from .context import Context, Elicited
from .errors import NotFoundError, ToolError
from .server import Server
from .settings import Settings

if TYPE_CHECKING:
    from .functions.values import Audio, File, Image, Link, Message
    from .transports.mounted import mount

__all__ = [
    "Audio",
    "Body",
    "Context",
    "Cookie",
    "Elicited",
    "Encoding",
    "Field",
    "File",
    "Header",
    "Image",
    "Link",
    "Message",
    "NotFoundError",
    "Path",
    "Query",
    "QueryString",
    "Resource",
    "Schema",
    "Server",
    "Settings",
    "Tool",
    "ToolError",
    "Xml",
    "__version__",
    "mount",
]


def __getattr__(name: str) -> Any:
    """What only extension code or the application around a server needs."""
    if name in ("Audio", "File", "Image", "Link", "Message"):
        from .functions import values

        return getattr(values, name)
    if name == "mount":
        from .transports.mounted import mount

        return mount
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
