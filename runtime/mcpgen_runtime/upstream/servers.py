"""Where an operation is sent: to the API, or to the server that it has of its own.

An operator who moves the API (`<PREFIX>_BASE_URL`) moves what is on its origin. Servers
elsewhere don't move along, and what is meant for one place, with its credentials, must
not reach another: such a server is one that `<PREFIX>_SERVERS` names, or isn't called.

Pure: values in, values out.
"""

from __future__ import annotations

from urllib.parse import urljoin

from ..components import Component
from ..settings import ResolvedSettings


class NoServer(Exception):
    """It isn't known where an operation is; the message is for the model and operator."""


def base_url(component: Component, settings: ResolvedSettings) -> str:
    """The base URL of an operation, which may not be one yet; raises NoServer."""
    base, own = settings.base_url or "", component.server
    if own is None:
        return base
    if own.startswith("/"):
        return urljoin(base.partition("?")[0], own)
    for before, now in settings.servers.items():
        if f"{own}/".startswith(f"{before}/"):
            return now + own.removeprefix(before)
    if settings.is_moved:
        raise NoServer(
            f"This operation is at {own}, which {settings.base_url_variable} doesn't "
            f"move. Say where it is now: set {settings.servers_variable} to "
            f"{own}=https://host/path, or to {own}={own} if it has not moved. Nothing "
            "was sent."
        )
    return own
