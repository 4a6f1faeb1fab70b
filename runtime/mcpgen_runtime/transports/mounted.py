"""A server within another application, which answers its calls.

    from shop_mcp._runtime import mount
    from shop_mcp.server import server

    mount(server, app, "/mcp")

The application runs in the same process and keeps its own lifespan; what the headers of
a client mean for it is its own to say, once SHOP_FORWARD_HEADERS passes them on.
"""

from __future__ import annotations

from typing import Any

from ..application import Asgi
from ..server import Server
from .http import App, app


def mount(server: Server, application: Any, path: str = "/mcp") -> App:
    """Serve MCP at `path` of a FastAPI or Starlette application, and call it there.

    `path` works with and without a final slash. The lifespan of what is given belongs
    into that of the application. Raises SettingsError for a setting that can't be used.
    """
    mounted = within(server, application, path)
    application.add_route(path.rstrip("/"), mounted, include_in_schema=False)
    application.mount(path, mounted)
    return mounted


def within(server: Server, application: Asgi, path: str = "/mcp") -> App:
    """The application to mount at `path` of any ASGI `application`, which it calls."""
    mounted = app(server, path)
    server.api.call_host(application)
    return mounted
