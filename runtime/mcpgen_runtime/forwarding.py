"""The way from a server to its API, or APIs: opened with the first call, closed at the end.

An API is behind the network, or an application in this process: one that the settings
name and that runs for as long as the server does, or the one that hosts the server.
Each API has settings, credentials and connections of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from .settings import ResolvedSettings, Settings, SettingsError

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
    """Calls of operations, each of the API that it names.

    A transport of httpx takes the place of the network.
    """

    def __init__(
        self, configuration: Configuration, transport: httpx.AsyncBaseTransport | None
    ) -> None:
        self._apis = {
            name: _Api(settings, configuration, transport)
            for name, settings in configuration.apis.items()
        }

    def settings_of(self, component: Component) -> ResolvedSettings:
        """The settings of the API of an operation, in their environment."""
        return self._apis[component.api].resolved

    def read_settings(self, base_url: str | None) -> None:
        """Read all settings now; `base_url` wins over the one of the environment.

        Raises SettingsError for a value that can't be used.
        """
        if base_url is not None and len(self._apis) > 1:
            variables = (one.variable for one in self._apis.values())
            raise SettingsError(
                f"--base-url is for one API: set {', '.join(variables)}"
            )
        for api in self._apis.values():
            api.read_settings(base_url)

    @property
    def unknown(self) -> Sequence[str]:
        """The variables of those APIs of which it isn't known where they are."""
        return [one.variable for one in self._apis.values() if one.is_unknown]

    def call_host(self, application: Asgi) -> None:
        """From here on the API is the application that hosts this server.

        Raises SettingsError where there are several APIs.
        """
        if len(self._apis) > 1:
            raise SettingsError(
                "a server of several APIs can't be within one of them: serve it by "
                "itself, or mount the package of one API"
            )
        for api in self._apis.values():
            api.call_host(application)

    def answer_with(
        self, transports: Mapping[str | None, Transport], base_url: str
    ) -> None:
        """From here on answers come from a transport for each API, which seems to be at
        `base_url`, and no application is run."""
        for name, transport in transports.items():
            self._apis[name].answer_with(transport, base_url)

    def start(self) -> None:
        """Begin to start the application, in the background."""
        for api in self._apis.values():
            api.start()

    async def started(self) -> bool:
        """Whether the application has started, once that is known."""
        return all([await api.started() for api in self._apis.values()])

    async def call(
        self, component: Component, arguments: Mapping[str, Any], told: Told | None
    ) -> Result:
        """The outcome of one operation; see `Upstream.call`."""
        return await self._apis[component.api].call(component, arguments, told)

    async def close(self) -> None:
        """Close the connections, and have the application shut down."""
        for api in self._apis.values():
            await api.close()


class _Api:
    """One API and the way to it."""

    def __init__(
        self,
        settings: Settings,
        configuration: Configuration,
        transport: httpx.AsyncBaseTransport | None,
    ) -> None:
        self.settings = settings
        self._configuration = configuration
        self._base_url: str | None = None
        self._is_mocked = False
        self._transport: Transport | None = None
        if transport is not None:
            from .upstream.httpx_transport import HttpxTransport

            self._transport = HttpxTransport(transport)
        self._upstream: Upstream | None = None
        self._host: Asgi | None = None
        self._application: Application | None = None
        if settings.application is not None and transport is None:
            from .application import Application

            self._application = Application(settings.application)

    @cached_property
    def resolved(self) -> ResolvedSettings:
        environment = self._configuration.environment
        found = self.settings.resolve(environment, base_url=self._base_url)
        return found._replace(is_moved=False) if self._is_mocked else found

    def read_settings(self, base_url: str | None) -> None:
        self._base_url = self._base_url if base_url is None else base_url
        self.__dict__.pop("resolved", None)
        _ = self.resolved

    @property
    def variable(self) -> str:
        """The variable that says where it is."""
        return self.settings.variable("base_url")

    @property
    def is_unknown(self) -> bool:
        """Whether there is neither a base URL nor an application to call."""
        return self.resolved.base_url is None and self.settings.application is None

    def call_host(self, application: Asgi) -> None:
        self._host = application
        self._application = None

    def answer_with(self, transport: Transport, base_url: str) -> None:
        self._transport = transport
        self._base_url = base_url
        self._is_mocked = True
        self._host = self._application = None

    def start(self) -> None:
        if self._application is not None:
            self._application.start()

    async def started(self) -> bool:
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
        if self._upstream is None:
            self._upstream = self._opened()
        return await self._upstream.call(component, arguments, told)

    async def close(self) -> None:
        upstream, self._upstream = self._upstream, None
        if upstream is not None:
            await upstream.aclose()
        if self._application is not None:
            await self._application.stop()

    def _opened(self) -> Upstream:
        from .upstream.client import Upstream, network

        settings = self.resolved
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
