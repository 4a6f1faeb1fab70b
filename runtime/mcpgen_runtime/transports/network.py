"""Serving an application on an address, with uvicorn."""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import Final

from .http import DRAIN, App

_BACKLOG: Final = 2048
"""Connections that wait to be accepted."""


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; raises OSError when the address can't be had."""
    family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
    listener = socket.create_server((host, port), family=family, backlog=_BACKLOG)
    # Connections inherit it. asyncio sets it on sockets that it made itself only, and
    # without it the second half of each response waits for an acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def serve(app: App, listener: socket.socket) -> bool:
    """Serve until a signal, raised again when all is closed; False if it can't start."""
    import uvicorn

    config = uvicorn.Config(
        app,
        access_log=False,
        lifespan="on",
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=int(DRAIN) + 1,
        ws="none",
    )
    server = uvicorn.Server(config)
    with suppress(SystemExit):  # how some of its releases say that they can't start
        server.run(sockets=[listener])
    return server.started
