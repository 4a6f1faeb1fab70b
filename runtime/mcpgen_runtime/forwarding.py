"""The way from a server to its API: opened with the first call, closed at the end.

The API is behind the network, or an application in this process: one that the settings
name and that runs for as long as the server does, or the one that hosts the server.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

    from .application import Application, Asgi
    from .components import Component
    from .configuration import Configuration
    from .content import Result
    from .upstream.client import Upstream
    from .upstream.in_process import Running
    from .upstream.streams import Told
    from .upstream.transport import Transport

_ORIGIN = "http://localhost"
"""Where an application in this process is, if nothing says more."""


class Forwarding:
    """Calls of operations; a transport of httpx takes the place of the network."""

    def __init__(
        self, configuration: Configuration, transport: httpx.AsyncBaseTransport | None
    ) -> None:
        self._configuration = configuration
        self._transport: Transport | None = None
        if transport is not None:
            from .upstream.httpx_transport import HttpxTransport

            self._transport = HttpxTransport(transport)
        self._upstream: Upstream | None = None
        self._host: Asgi | None = None
        self._application: Application | None = None
        path = configuration.settings.application
        if path is not None and transport is None:
            from .application import Application

            self._application = Application(path)

    def call_host(self, application: Asgi) -> None:
        """From here on the API is the application that hosts this server."""
        self._host = application
        self._application = None

    def answer_with(self, transport: Transport) -> None:
        """From here on answers come from a transport, and no application is run."""
        self._transport = transport
        self._host = self._application = None

    def start(self) -> None:
        """Begin to start the application, in the background."""
        if self._application is not None:
            self._application.start()

    async def started(self) -> bool:
        """Whether the application has started, once that is known."""
        if self._application is None:
            return True
        from .application import ApplicationError

        try:
            await self._application.ready()
        except ApplicationError:
            return False
        return True

    async def call(
        self, component: Component, arguments: Mapping[str, Any], told: Told | None
    ) -> Result:
        """The outcome of one operation; see `Upstream.call`."""
        if self._upstream is None:
            self._upstream = self._opened()
        return await self._upstream.call(component, arguments, told)

    async def close(self) -> None:
        """Close the connections, and have the application shut down."""
        upstream, self._upstream = self._upstream, None
        if upstream is not None:
            await upstream.aclose()
        if self._application is not None:
            await self._application.stop()

    def _opened(self) -> Upstream:
        from .upstream.client import Upstream, network

        settings = self._configuration.resolved
        store = self._configuration.store
        if self._transport is not None or not (self._host or self._application):
            return Upstream(settings, self._transport, store)
        from .upstream import in_process

        running: Running | None = self._application
        if self._host is not None:
            running = in_process.Hosted(self._host)
        assert running
        # The paths are the application's own: no proxy in front of it adds to them.
        url = in_process.origin(settings.base_url or _ORIGIN)
        transport = in_process.InProcess(running, url, network(settings))
        return Upstream(settings._replace(base_url=url), transport, store)
