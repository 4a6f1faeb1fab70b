"""One call of a tool, a resource or a prompt: through its middleware to what runs it.

Here, and nowhere else, the protocol's side of a server meets forwarding. It is loaded
with the first call, not with the listing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from .components import Component, Tool, is_safe
from .configuration import Configuration
from .content import Result, error
from .context import Context
from .errors import ArgumentsError, ToolError, invalid_params
from .forwarding import Forwarding
from .middleware import Call, Middleware, chain
from .operation import Operation

if TYPE_CHECKING:
    from .functions.threads import Threads
    from .rate import Rate


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

    async def serve(
        self,
        operation: Operation,
        method: str,
        arguments: Mapping[str, Any],
        context: Context,
        uri: str | None = None,
    ) -> Result:
        """The outcome of a client's call, within the rate that the operator allows."""
        wait = 0 if self._rate is None else await self._rate.take()
        if wait:
            return error(f"Too many calls: try again in {wait} s", status=429)
        return await self.perform(operation, method, arguments, context, uri)

    async def perform(
        self,
        operation: Operation,
        method: str,
        arguments: Mapping[str, Any],
        context: Context,
        uri: str | None = None,
    ) -> Result:
        """The outcome of a call; a failure of what it calls is a result, too.

        Raises RequestError, for arguments that don't fit, too, unless the call is of
        a tool.
        """
        call = Call(
            method=method,
            component=operation.component,
            arguments=arguments,
            context=context,
            uri=uri,
        )
        layers = (*self._layers, *operation.wrappers)
        try:
            result = await chain(layers, partial(self._checked, operation))(call)
        except ToolError as problem:
            return error(str(problem), status=problem.status)
        return self._fitted(call.component, result)

    async def once(
        self,
        operation: Operation,
        name: str,
        arguments: Mapping[str, Any],
        context: Context,
    ) -> Result:
        """The outcome of a call that a request makes once in all its rounds."""
        perform = partial(self.perform, operation, "tools/call", arguments, context)
        if context.rounds is None:
            return await perform()
        safe = is_safe(operation.component)
        return await context.rounds.once(name, arguments, perform, safe=safe)

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

    async def _checked(self, operation: Operation, call: Call) -> Result:
        """The outcome of a call whose arguments are still to be checked."""
        try:
            return await self._run(call, operation.check(call.arguments))
        except ArgumentsError as problem:
            if call.method != "tools/call":
                about = None if call.uri is None else {"uri": call.uri}
                raise invalid_params(str(problem), about) from None
            return error(str(problem))

    async def _run(self, call: Call, arguments: Mapping[str, Any]) -> Result:
        component = call.component
        if isinstance(component, Component):

            def told(number: int, latest: str) -> None:
                call.context.progress(number, message=latest)

            return await self._api.call(component, arguments, told)
        return await component.run(arguments, call.context, self.threads)

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
