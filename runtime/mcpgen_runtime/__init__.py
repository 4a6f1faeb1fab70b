"""The runtime of a generated MCP server: protocol, transports and forwarding.

It is copied into every emitted package, so it imports itself by relative names only.
What is named here is what the package's own modules use; it is loaded when it is asked
for, so that a start takes no more than it needs.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ._version import __version__

if TYPE_CHECKING:
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
    from .functions.values import Audio, File, Image, Link, Message
    from .server import Server
    from .settings import Settings
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

_HOMES = {
    "context": {"Context", "Elicited"},
    "errors": {"NotFoundError", "ToolError"},
    "functions.values": {"Audio", "File", "Image", "Link", "Message"},
    "server": {"Server"},
    "settings": {"Settings"},
    "transports.mounted": {"mount"},
}
"""The modules that names come from; those of no other are in `components`."""


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = next((home for home, names in _HOMES.items() if name in names), "components")
    return getattr(import_module(f".{home}", __name__), name)
