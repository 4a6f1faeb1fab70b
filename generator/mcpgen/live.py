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

from mcpgen_runtime import Server
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
    """The server of one API, `server`, as its document is now.

    With `mock`, answers come from the examples of the document. Raises SettingsError
    for a variable of the environment that can't be used.
    """

    def __init__(self, package: Package, *, mock: bool) -> None:
        self._mock = _Mock() if mock else None
        self.server = Server(
            name=package.slug,
            version=package.version,
            settings=package.settings,
        )
        if self._mock is not None:
            self.server.api.answer_with(self._mock)
            secrets = stand_ins(package.settings)
            self.server.environment = {**self.server.environment, **secrets}
        self.server.read_settings(BASE_URL if mock else None)
        self.server.announce("tools", "resources", "prompts")
        self.show(package)

    def show(self, package: Package) -> bool:
        """Serve another state of the API, from any thread; False where it has settings
        that ask for a new start."""
        server = self.server
        server.title, server.version = package.title, package.version
        server.icons = [{"src": package.logo}] if package.logo else []
        server.instructions = instructions(package)
        if self._mock is not None:
            known = (Mocked(**asdict(one)) for one in package.mocks)
            self._mock.api = MockApi(known)
        components = (one for module in package.modules for one in module.components)
        server.serve_only((*components, *package.prompts), package.schemas)
        return self._mock is not None or package.settings == server.settings

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
