"""One call of a tool, a resource or a prompt: through its middleware to what runs it.

Here, and nowhere else, the protocol's side of a server meets forwarding.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property
from threading import Thread
from typing import TYPE_CHECKING, Final

from .components import Component, Tool
from .configuration import Configuration
from .errors import ArgumentsError, ToolError, invalid_params
from .forwarding import Forwarding
from .middleware import Call, Middleware, chain

if TYPE_CHECKING:
    from .content import Result
    from .functions.threads import Threads
    from .operation import Operation
    from .rate import Rate


_ANSWERED: Final = 0.05
"""Seconds after which an answer that is ready has been written."""


class Calls:
    """The calls of one server; `layers` are around each of them, `api` is behind."""

    def __init__(
        self,
        configuration: Configuration,
        layers: Iterable[Middleware],
        api: Forwarding,
    ) -> None:
        self._configuration = configuration
        self._layers = layers
        self._api = api
        self._warm = False

    def warm_up(self) -> None:
        """Load what calls need, in the background, when the answer at hand is out."""
        if not self._warm:
            self._warm = True
            asyncio.get_running_loop().call_later(_ANSWERED, _load_in_background)

    async def serve(self, operation: Operation, call: Call) -> Result:
        """The outcome of a client's call, within the rate that the operator allows."""
        wait = 0 if self._rate is None else await self._rate.take()
        if wait:
            from .content import error

            return error(f"Too many calls: try again in {wait} s", status=429)
        return await self.perform(operation, call)

    async def perform(self, operation: Operation, call: Call) -> Result:
        """The outcome of a call; a failure of what it calls is a result, too.

        Raises RequestError, for arguments that don't fit, too, unless the call is of
        a tool.
        """

        async def endpoint(call: Call) -> Result:
            try:
                checked = operation.check(call.arguments)
                return await self._run(replace(call, arguments=checked))
            except ArgumentsError as problem:
                if call.method != "tools/call":
                    about = None if call.uri is None else {"uri": call.uri}
                    raise invalid_params(str(problem), about) from None
                from .content import error

                return error(str(problem))

        try:
            result = await chain((*self._layers, *operation.wrappers), endpoint)(call)
        except ToolError as problem:
            from .content import error

            return error(str(problem), status=problem.status)
        return self._fitted(call.component, result)

    @cached_property
    def threads(self) -> Threads:
        """Where plain functions run."""
        from .functions.threads import Threads

        return Threads()

    @cached_property
    def _rate(self) -> Rate | None:
        if self._configuration.calls_per_minute is None:
            return None
        from .rate import Rate

        most = self._configuration.calls_per_minute
        return Rate(most, store=self._configuration.store)

    def _fitted(self, component: object, result: Result) -> Result:
        """A result of the API within the limit, and an object where one is promised.

        What a function returns is its author's to bound.
        """
        if not isinstance(component, Component):
            return result
        settings = self._api.settings_of(component)
        limit = settings.max_result_bytes
        # At most 4 bytes a character, and JSON stands in a result twice.
        if result.characters * 8 > limit:
            from .excerpt import excerpt

            variable = settings.max_result_bytes_variable
            result = excerpt(result, component, limit, variable)
        if isinstance(component, Tool) and component.output is not None:
            result = result.as_object(limit)
        return result

    async def _run(self, call: Call) -> Result:
        component = call.component
        if isinstance(component, Component):

            def told(number: int, latest: str) -> None:
                call.context.progress(number, message=latest)

            return await self._api.call(component, call.arguments, told)
        return await component.run(call.arguments, call.context, self.threads)


def _load_in_background() -> None:
    def load() -> None:
        from . import warm_up  # noqa: F401

    Thread(target=load, name="warm-up", daemon=True).start()
