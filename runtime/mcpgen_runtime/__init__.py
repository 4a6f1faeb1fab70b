"""The runtime of a generated MCP server: protocol, transports and forwarding.

It is copied into every emitted package, so it imports itself by relative names only.
What is named here is what the package's own modules use.
"""

from __future__ import annotations

from ._version import __version__
from .components import (
    Body,
    Cookie,
    Encoding,
    Field,
    Header,
    Path,
    Query,
    Resource,
    Schema,
    Tool,
)
from .context import Context, Elicited
from .server import Server
from .settings import Settings

__all__ = [
    "Body",
    "Context",
    "Cookie",
    "Elicited",
    "Encoding",
    "Field",
    "Header",
    "Path",
    "Query",
    "Resource",
    "Schema",
    "Server",
    "Settings",
    "Tool",
    "__version__",
]
