"""The server: what a package serves, and the answer to each request, in any version.

`Server` is what the package's own modules hold. It knows nothing of connections: a
request comes with a `Context`, and its result leaves as JSON text. What can be served
by stored bytes is; the API is reached through `upstream`, which is imported and opened
with the first call.
"""

from __future__ import annotations

from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Mapping,
)
from contextlib import asynccontextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from . import protocol, stateless
from .changes import Change, ChangeKind, Changes, ListKind
from .components import Component, Kind, Schema
from .context import Context
from .errors import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    RESOURCE_NOT_FOUND,
    RequestError,
    invalid_params,
    method_not_found,
    shortened,
)
from .inventory import Inventory, Operation
from .messages import Request
from .middleware import Call, Middleware, chain
from .pagination import page
from .settings import ResolvedSettings, Settings, SettingsError, environment

if TYPE_CHECKING:
    import httpx

    from .catalog import Catalog
    from .content import Result
    from .tasks import Tasks
    from .upstream.client import Upstream

Handler: TypeAlias = Callable[[Request, Context], Awaitable[bytes]]

_LISTINGS: Final[Mapping[str, tuple[Kind, str]]] = {
    "tools/list": ("tool", "tools"),
    "resources/list": ("resource", "resources"),
    "resources/templates/list": ("template", "resourceTemplates"),
}
"""The kind of component that a method lists, and the member of its result."""

_YES: Final = frozenset({"1", "true", "yes", "on"})
_NO: Final = frozenset({"", "0", "false", "no", "off"})
_CAPABILITIES: Final[Mapping[str, Any]] = {"tools": {}, "resources": {}, "logging": {}}
"""Declared even where a listing is empty: many clients ask for either."""

_GONE: Final = frozenset({404, 410})


class Server:
    """One MCP server.

    `package` is the package whose `catalog.jsonl` and `operations/` are served;
    `catalog` takes the place of the file. `transport` takes the place of the network
    between the server and the API: any httpx transport.
    """

    def __init__(
        self,
        *,
        name: str,
        version: str,
        settings: Settings,
        title: str | None = None,
        instructions: str | None = None,
        package: str | None = None,
        catalog: Catalog | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.name = name
        self.version = version
        self.title = title
        self.instructions = instructions
        self.settings = settings
        self._base_url: str | None = None
        self.changes = Changes()
        self.tasks: Tasks | None = None
        self._inventory = Inventory(package, catalog)
        self._middleware: list[Middleware] = []
        self._transport = transport
        self._upstream: Upstream | None = None
        self._running = 0
        common: dict[str, Handler] = {
            "tools/list": self._list,
            "tools/call": self._call_tool,
            "resources/list": self._list,
            "resources/templates/list": self._list,
            "resources/read": self._read_resource,
        }
        self._legacy = common | {
            "ping": self._ping,
            "logging/setLevel": self._set_log_level,
            "resources/subscribe": self._subscribe,
            "resources/unsubscribe": self._subscribe,
        }
        self._stateless = common | {
            "server/discover": self._discover,
            stateless.LISTEN: self._listen,
        }

    def add(
        self, component: Component, schemas: Mapping[str, Schema] | None = None
    ) -> None:
        """Serve one more tool or resource; its `$ref`s name members of `schemas`.

        Raises CompositionError when its name or URI is served already.
        """
        with self.changes.between(self._lists):
            self._inventory.add(component, schemas or {})

    def remove(self, name: str) -> None:
        """Stop serving a tool or a resource.

        Raises CompositionError, which names the nearest name, when there is none.
        """
        with self.changes.between(self._lists):
            self._inventory.remove(name)

    def announce(self, *kinds: ChangeKind) -> None:
        """Declare, before serving, what changes while the server runs.

        `tools`, `prompts` and `resources` are the lists; `updates` are the resources
        themselves (`resource_updated`). Raises CompositionError for any other kind.
        """
        self.changes.announce(*kinds)

    def enable_tasks(self) -> None:
        """Declare that there are handlers which go on as tasks (`ctx.as_task`)."""
        from .tasks import Tasks

        self.tasks = Tasks()
        self._stateless |= dict.fromkeys(Tasks.METHODS, self.tasks.handle)

    def resource_updated(self, uri: str) -> None:
        """Tell the clients that subscribed to a resource that it is another now."""
        self.changes.tell(Change("updates", uri))

    def add_middleware(self, middleware: Middleware) -> None:
        """Put code around every tool call and resource read (middleware.py)."""
        self._middleware.append(middleware)

    def configure(
        self, *, base_url: str | None = None, resources_as_tools: bool = False
    ) -> None:
        """Apply what the command line and the environment say, before serving.

        `base_url` is where the API is; with `resources_as_tools`, each resource is
        served as a tool of the same name and arguments, too. Raises SettingsError for
        a setting that can't be used.
        """
        self._base_url = base_url
        _ = self._resolved, self._page_size
        if resources_as_tools or self.flag("resources_as_tools"):
            self._inventory.add_resources_as_tools()

    def flag(self, setting: str) -> bool:
        """A setting that is on or off; raises SettingsError when it is neither."""
        variable = self.settings.variable(setting)
        return _flag(variable, self.environment.get(variable, ""))

    @property
    def knows_its_api(self) -> bool:
        """Whether there is a base URL to send requests to."""
        return self._resolved.base_url is not None

    def info(self, version: str) -> Any:
        """How this server introduces itself in a protocol version."""
        return protocol.server_info(version, self.name, self.version, self.title)

    def initialize(self, params: Mapping[str, Any]) -> tuple[str, bytes]:
        """The version for the client that sent `initialize`, and the result for it."""
        version = protocol.negotiate(params)
        return version, protocol.initialize_result(
            version, self.info(version), self._capabilities, self.instructions
        )

    def check_headers(self, request: Request, headers: stateless.Headers) -> None:
        """Raise RequestError unless headers repeat what they must of a tool call."""
        name = request.params.get("name")
        if request.method != "tools/call" or not isinstance(name, str):
            return
        schema = self._inventory.annotated_schema(name)
        if schema is not None:
            from .param_headers import check

            check(schema, request.params.get("arguments"), headers)

    async def handle(self, request: Request, context: Context) -> bytes:
        """The result of a request, as JSON text; raises RequestError."""
        modern = context.version in stateless.VERSIONS
        handlers = self._stateless if modern else self._legacy
        handler = handlers.get(request.method)
        if handler is None:
            raise method_not_found(request.method)
        result = await handler(request, context)
        if modern and request.method != stateless.LISTEN:
            return stateless.complete(
                request.method, result, self.info(context.version)
            )
        return result

    def entries(self, kind: Kind) -> tuple[bytes, ...]:
        """A listing in the latest version: one JSON text for each entry."""
        return tuple(self._inventory.listing(kind, stateless.VERSION))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """While any transport is within, the connections to the API stay open."""
        self._running += 1
        try:
            yield
        finally:
            self._running -= 1
            if not self._running and self.tasks is not None:
                self.tasks.close()
            if not self._running and self._upstream is not None:
                upstream, self._upstream = self._upstream, None
                await upstream.aclose()

    @cached_property
    def environment(self) -> Mapping[str, str]:
        """The variables that settings are read from, as they were at the first use."""
        return environment()

    @cached_property
    def state_secret(self) -> bytes:
        """What signs the state of requests of several rounds.

        <PREFIX>_STATE_SECRET, for processes that share the requests of one client;
        without it, a secret of this process.
        """
        given = self.environment.get(self.settings.variable("state_secret"), "")
        if given:
            return given.encode()
        from secrets import token_bytes

        return token_bytes(32)

    @property
    def _resolved(self) -> ResolvedSettings:
        return self.settings.resolve(self.environment, base_url=self._base_url)

    @cached_property
    def _page_size(self) -> int | None:
        variable = self.settings.variable("page_size")
        text = self.environment.get(variable, "").strip()
        if not text:
            return None
        if not text.isascii() or not text.isdigit() or int(text) == 0:
            raise SettingsError(f"{variable} is {text!r}: give a whole number above 0")
        return int(text)

    async def _ping(self, request: Request, context: Context) -> bytes:
        return b"{}"

    async def _set_log_level(self, request: Request, context: Context) -> bytes:
        context.session.set_log_level(request.params.get("level"))
        return b"{}"

    async def _discover(self, request: Request, context: Context) -> bytes:
        capabilities = self._capabilities
        if self.tasks is not None:
            capabilities = {**capabilities, "extensions": {stateless.TASKS: {}}}
        return stateless.discover_result(capabilities, self.instructions)

    async def _listen(self, request: Request, context: Context) -> bytes:
        from .subscriptions import listen

        await listen(self.changes, self._has_resource, request, context)
        return stateless.subscription_ended(request.id, self.info(context.version))

    async def _subscribe(self, request: Request, context: Context) -> bytes:
        from .subscriptions import subscribe

        await subscribe(self.changes, self._has_resource, request, context)
        return b"{}"

    def _has_resource(self, uri: str) -> bool:
        return self._inventory.resource(uri) is not None

    @property
    def _capabilities(self) -> Mapping[str, Any]:
        return self.changes.capabilities(_CAPABILITIES)

    def _lists(self) -> Mapping[ListKind, object]:
        listing = self._inventory.listing
        resources: tuple[Kind, ...] = ("resource", "template")
        return {
            "tools": [listing("tool", stateless.VERSION)],
            "resources": [listing(kind, stateless.VERSION) for kind in resources],
        }

    async def _list(self, request: Request, context: Context) -> bytes:
        kind, member = _LISTINGS[request.method]
        entries, following = page(
            self._inventory.listing(kind, context.version),
            self._inventory.keys(kind),
            request.params.get("cursor"),
            self._page_size,
        )
        return protocol.listing(member, entries, following)

    async def _call_tool(self, request: Request, context: Context) -> bytes:
        name = request.params.get("name")
        if not isinstance(name, str):
            raise invalid_params("Invalid params: name must be a string")
        arguments = request.params.get("arguments")
        if arguments is None:
            arguments = {}
        if not isinstance(arguments, dict):
            raise invalid_params("Invalid params: arguments must be an object")
        operation = self._inventory.tool(name)
        if operation is None:
            raise invalid_params(f"Unknown tool: {shortened(name)}")
        call = Call(component=operation.component, arguments=arguments, context=context)
        result = await self._perform(operation, call)
        return protocol.call_result(context.version, result)

    async def _read_resource(self, request: Request, context: Context) -> bytes:
        from .content import resource_contents

        uri = request.params.get("uri")
        if not isinstance(uri, str):
            raise invalid_params("Invalid params: uri must be a string")
        match = self._inventory.resource(uri)
        if match is None:
            raise _not_found(context.version, uri)
        operation = match.operation
        arguments = operation.arguments(match.variables)
        call = Call(
            component=operation.component,
            arguments=arguments,
            context=context,
            uri=uri,
        )
        result = await self._perform(operation, call)
        if result.status in _GONE:
            raise _not_found(context.version, uri)
        if result.is_error:
            raise RequestError(INTERNAL_ERROR, _reason(result), {"uri": uri})
        return protocol.read_result(resource_contents(uri, result))

    async def _perform(self, operation: Operation, call: Call) -> Result:
        async def endpoint(call: Call) -> Result:
            return await self._checked_call(operation, call)

        return await chain(self._middleware, endpoint)(call)

    async def _checked_call(self, operation: Operation, call: Call) -> Result:
        problems = operation.errors(call.arguments)
        if not problems:
            return await self._connected().call(call.component, call.arguments)
        explanation = "\n".join(problems)
        if call.uri is not None:
            raise invalid_params(explanation, {"uri": call.uri})
        from .content import error

        return error(explanation)

    def _connected(self) -> Upstream:
        if self._upstream is None:
            from .upstream.client import Upstream

            self._upstream = Upstream(self._resolved, self._transport)
        return self._upstream


def _not_found(version: str, uri: str) -> RequestError:
    modern = version in stateless.VERSIONS
    code = INVALID_PARAMS if modern else RESOURCE_NOT_FOUND
    return RequestError(code, "Resource not found", {"uri": uri})


def _reason(result: Result) -> str:
    texts = (block["text"] for block in result.content if block["type"] == "text")
    return shortened(next(texts, "The API answered with an error"), 500)


def _flag(variable: str, text: str) -> bool:
    word = text.strip().lower()
    if word not in _YES | _NO:
        raise SettingsError(f"{variable} is {text!r}: give true or false")
    return word in _YES
