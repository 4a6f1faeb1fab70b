"""A server of a package that was never written: what `understand` found, served by the
runtime itself.

It is what the emitted package would be without extensions: the same values, listed by
the same functions. What is served can change while it runs; its clients are told.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import NoReturn

from mcpgen_runtime import Resource, Server
from mcpgen_runtime.components import Component
from mcpgen_runtime.mock import BASE_URL, MockApi, Mocked, stand_ins
from mcpgen_runtime.transports import network, stdio
from mcpgen_runtime.transports.http import App
from mcpgen_runtime.transports.stdio import Streams, claim
from mcpgen_runtime.upstream.request import RequestParts
from mcpgen_runtime.upstream.transport import Incoming

from .emit import instructions
from .schema import Package

__all__ = ["Live", "claim"]

_PATH = "/mcp"


class _Mock:
    """A transport: the mock API of the package that is served now."""

    def __init__(self) -> None:
        self.api = MockApi(())

    async def send(self, request: RequestParts, connect_timeout: float) -> Incoming:
        return await self.api.send(request, connect_timeout)

    async def aclose(self) -> None:
        await self.api.aclose()


class Live:
    """The server of a package, `server`, as its documents are now.

    With `mock`, answers come from the examples of the document. Raises SettingsError
    for a variable of the environment that can't be used.
    """

    def __init__(self, package: Package, *, mock: bool) -> None:
        self.server = Server(
            name=package.slug,
            version=package.version,
            settings=package.settings,
            apis={one.name: one.settings for one in package.apis},
        )
        self._mocks = {name: _Mock() for name in self.server.apis} if mock else {}
        if mock:
            self.server.api.answer_with(self._mocks, BASE_URL)
            secrets = stand_ins(self.server.apis.values())
            self.server.environment = {**self.server.environment, **secrets}
        self.server.api.read_settings(None)
        self.server.read_settings()
        self.server.announce("tools", "resources", "prompts")
        self.show(package)

    def show(self, package: Package) -> bool:
        """Serve another state of the package, from any thread; False where it has settings
        that ask for a new start."""
        server = self.server
        server.title, server.version = package.title, package.version
        server.icons = [{"src": package.logo}] if package.logo else []
        server.instructions = instructions(package)
        known = [Mocked(**asdict(one)) for one in package.mocks]
        for name, mock in self._mocks.items():
            mock.api = MockApi(one for one in known if one.api == name)
        components = sorted(
            (
                one
                for module in package.modules
                for one in module.components
                if one.api in server.apis
            ),
            key=_listed_by,
        )
        server.serve_only((*components, *package.prompts), package.schemas)
        before = [server.settings, *server.apis.values()]
        return bool(self._mocks) or before == [package.settings, *package.upstreams]

    def over_stdio(self, streams: Streams) -> NoReturn:
        """Serve until the client closes its end, and end the process."""
        code = asyncio.run(stdio.serve(self.server, streams))
        sys.stderr.flush()
        os._exit(code)  # a thread still waits for standard input

    def over_http(self, host: str, port: int, ready: Callable[[str], None]) -> bool:
        """Serve until interrupted; False where that can't be started.

        `ready` is given the URL. Raises OSError for an address that can't be had.
        """
        listener = network.listen(host, port)
        shown = f"[{host}]" if ":" in host else host
        ready(f"http://{shown}:{listener.getsockname()[1]}{_PATH}")
        return network.serve(App(self.server, _PATH), listener)


def _listed_by(component: Component) -> str:
    """What the catalog of a package is sorted by."""
    return component.uri if isinstance(component, Resource) else component.name
