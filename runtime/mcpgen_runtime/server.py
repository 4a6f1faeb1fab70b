"""The server: what a package serves, and the answer to each request, in any version.

`Server` is what the package's own modules hold. It knows nothing of connections: a
request comes with a `Context`, and its result leaves as JSON text. What can be served
by stored bytes is; a call goes the way of calls.py.
"""

from __future__ import annotations

from asyncio import get_running_loop
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from functools import cached_property
from importlib import import_module
from threading import Thread
from typing import TYPE_CHECKING, Any, Final

from . import protocol, stateless
from .composition import Composition
from .configuration import Configuration
from .context import Context
from .errors import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    RESOURCE_NOT_FOUND,
    RequestError,
    invalid_params,
    method_not_found,
    nearest,
    shortened,
)
from .forwarding import Forwarding
from .loop import Loop
from .messages import Request
from .pagination import page
from .settings import Settings

if TYPE_CHECKING:
    import httpx

    from .calls import Calls
    from .catalog import Catalog
    from .components import Kind
    from .content import Result
    from .middleware import Handler
    from .tasks import Tasks

_LISTINGS: Final[Mapping[str, tuple[Kind, str]]] = {
    "tools/list": ("tool", "tools"),
    "resources/list": ("resource", "resources"),
    "resources/templates/list": ("template", "resourceTemplates"),
    "prompts/list": ("prompt", "prompts"),
}
"""The kind of component that a method lists, and the member of its result."""

_CAPABILITIES: Final[Mapping[str, Any]] = {
    "tools": {},
    "resources": {},
    "prompts": {},
    "completions": {},
    "logging": {},
}
"""All are declared even where a listing is empty: many clients ask for each."""

_request: ContextVar[Context] = ContextVar("_request")
"""The context of the request that is being answered."""

_GONE: Final = frozenset({404, 410})
_ANSWERED: Final = 0.05
"""Seconds after which an answer that is ready has been written."""


class Server(Composition, Configuration):
    """One MCP server.

    `package` is the package whose `catalog.jsonl` and `operations/` are served;
    `catalog` takes the place of the file, and any httpx `transport` that of the network
    to the API. `apis` has the settings of each API, where there are several.
    """

    def __init__(
        self,
        *,
        name: str,
        version: str,
        settings: Settings,
        apis: Mapping[str, Settings] | None = None,
        title: str | None = None,
        icons: Sequence[Mapping[str, Any]] = (),
        instructions: str | None = None,
        package: str | None = None,
        catalog: Catalog | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        Configuration.__init__(self, settings, apis)
        Composition.__init__(self, package, catalog, self.apis)
        self.name = name
        self.version = version
        self.title = title
        self.icons = icons
        self.instructions = instructions
        self.tasks: Tasks | None = None
        self.api = Forwarding(self, transport)
        self._running = 0
        self._warm = False
        common: dict[str, Handler] = {
            "tools/list": self._list,
            "tools/call": self._call_tool,
            "resources/list": self._list,
            "resources/templates/list": self._list,
            "resources/read": self._read_resource,
            "prompts/list": self._list,
            "prompts/get": self._get_prompt,
            "completion/complete": self._complete,
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
            "skills/list": self._about_skills,
            "skills/get": self._about_skills,
            "resources/directory/read": self._about_skills,
        }

    def enable_tasks(self) -> None:
        """Declare that there are handlers which go on as tasks (`ctx.as_task`)."""
        from .tasks import Tasks

        self.tasks = Tasks()
        self._stateless |= dict.fromkeys(Tasks.METHODS, self.tasks.handle)

    def configure(
        self,
        *,
        base_url: str | None = None,
        resources_as_tools: bool = False,
        mock: bool = False,
    ) -> None:
        """Apply what the command line and the environment say, before serving.

        `base_url` is where the API is; with `resources_as_tools`, each resource is
        served as a tool of the same name and arguments, too; with `mock`, answers come
        from the examples of the document. Raises SettingsError for a setting that
        can't be used.
        """
        if mock:
            self._mock()
        self.api.read_settings(base_url)
        self.read_settings()
        if resources_as_tools or self.flag("resources_as_tools"):
            self._inventory.add_resources_as_tools()

    def _mock(self) -> None:
        """Put the mock in the place of each API."""
        from .mock import BASE_URL, apis, stand_ins

        self.api.answer_with(apis(self._package, self.apis), BASE_URL)
        self.environment = {**self.environment, **stand_ins(self.apis.values())}

    def info(self, version: str, pictured: bool = False) -> Any:
        """How this server introduces itself in a protocol version, or signs a result."""
        icons = self.icons if pictured else ()
        return protocol.server_info(version, self.name, self.version, self.title, icons)

    def initialize(self, params: Mapping[str, Any]) -> tuple[str, bytes]:
        """The version for the client that sent `initialize`, and the result for it."""
        version = protocol.negotiate(params)
        info = self.info(version, pictured=True)
        known = protocol.capabilities(version, self._capabilities)
        words = self.instructions
        return version, protocol.initialize_result(version, info, known, words)

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
        if not self._running:
            self._loop = Loop()
        token = _request.set(context)
        try:
            if self._request_middleware:
                from .middleware import through

                layers = self._request_middleware
                result = await through(layers, handler, request, context)
            else:
                result = await handler(request, context)
        finally:
            _request.reset(token)
        if modern and request.method != stateless.LISTEN:
            info = self.info(context.version, request.method == "server/discover")
            return stateless.complete(request.method, result, info)
        return result

    async def call(self, name: str, arguments: Mapping[str, Any]) -> Result:
        """What a tool or resource gives, for extension code that answers a request.

        A failure is a result, too, with `is_error`. A request that goes on in rounds
        (rounds.py) makes no call twice. Raises CompositionError, which
        names the nearest name, when there is none.
        """
        context = _request.get(None)
        if context is None:
            raise RuntimeError("server.call is for functions that answer a request")
        operation = self._inventory.named(name)
        return await self._calls.once(operation, name, arguments, context)

    def entries(self, kind: Kind) -> tuple[bytes, ...]:
        """A listing in the latest version: one JSON text for each entry."""
        return tuple(self._inventory.listing(kind, stateless.VERSION))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """While any transport is within, the connections to the API stay open."""
        self._running += 1
        if self._running == 1:
            self.api.start()
        self._loop = Loop()
        try:
            yield
        finally:
            self._running -= 1
            if not self._running and self.tasks is not None:
                self.tasks.close()
            if not self._running:
                self._loop = None
                await self.api.close()
                if self.store is not None:
                    await self.store.aclose()

    @cached_property
    def _calls(self) -> Calls:
        from .calls import Calls

        return Calls(self, self._middleware, self.api)

    async def _ping(self, request: Request, context: Context) -> bytes:
        return b"{}"

    async def _set_log_level(self, request: Request, context: Context) -> bytes:
        context.session.set_log_level(request.params.get("level"))
        return b"{}"

    async def _discover(self, request: Request, context: Context) -> bytes:
        capabilities = self._capabilities
        extensions: dict[str, Any] = {}
        if self.tasks is not None:
            extensions[stateless.TASKS] = {}
        if self._skills:
            extensions[stateless.SKILLS] = {"directoryRead": True}
        if extensions:
            capabilities = {**capabilities, "extensions": extensions}
        return stateless.discover_result(capabilities, self.instructions)

    async def _about_skills(self, request: Request, context: Context) -> bytes:
        if not self._skills:
            raise method_not_found(request.method)
        from .skills import answer

        listed = self._inventory.keys("resource")
        served = [skill for skill in self._skills if skill.uri in listed]
        return answer(served, request, self.page_size)

    async def _listen(self, request: Request, context: Context) -> bytes:
        from .subscriptions import listen

        await listen(self.changes, self.tasks, self._has_resource, request, context)
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

    async def _list(self, request: Request, context: Context) -> bytes:
        kind, member = _LISTINGS[request.method]
        entries, following = page(
            self._inventory.listing(kind, context.version),
            self._inventory.keys(kind),
            request.params.get("cursor"),
            self.page_size,
        )
        if not self._warm:
            self._warm = True
            get_running_loop().call_later(_ANSWERED, _warm_up)
        return protocol.listing(member, entries, following)

    async def _call_tool(self, request: Request, context: Context) -> bytes:
        name = request.params.get("name")
        if not isinstance(name, str):
            raise invalid_params("Invalid params: name must be a string")
        arguments = _arguments(request)
        operation = self._inventory.find("tool", name)
        if operation is None:
            hint = nearest(name, self._inventory.keys("tool"))
            raise invalid_params(f"Unknown tool: {shortened(name)}{hint}")
        result = await self._calls.serve(operation, request.method, arguments, context)
        return protocol.call_result(context.version, result)

    async def _read_resource(self, request: Request, context: Context) -> bytes:
        from .content import resource_contents

        uri = request.params.get("uri")
        if not isinstance(uri, str):
            raise invalid_params("Invalid params: uri must be a string")
        unfilled = self._inventory.unfilled(uri)
        if unfilled:
            sentence = f"Invalid params: the URI still has {unfilled}: give its value"
            raise invalid_params(sentence, {"uri": uri})
        match = self._inventory.resource(uri)
        if match is None:
            reason = self._inventory.unknown_variables(uri)
            raise _not_found(context.version, uri, reason)
        operation = match.operation
        arguments = operation.arguments(match.variables)
        result = await self._calls.serve(
            operation, request.method, arguments, context, uri
        )
        if result.status in _GONE:
            raise _not_found(context.version, uri, _reason(result))
        if result.is_error:
            raise RequestError(INTERNAL_ERROR, _reason(result), {"uri": uri})
        return protocol.read_result(resource_contents(uri, result))

    async def _get_prompt(self, request: Request, context: Context) -> bytes:
        name = request.params.get("name")
        if not isinstance(name, str):
            raise invalid_params("Invalid params: name must be a string")
        operation = self._inventory.find("prompt", name)
        if operation is None:
            raise invalid_params(f"Unknown prompt: {shortened(name)}")
        texts = _arguments(request)
        if not all(isinstance(text, str) for text in texts.values()):
            raise invalid_params("Invalid params: arguments of prompts are strings")
        result = await self._calls.serve(
            operation, request.method, operation.arguments(texts), context
        )
        if result.is_error:
            raise RequestError(INTERNAL_ERROR, _reason(result))
        about = operation.component.description
        return protocol.prompt_result(context.version, about, result)

    async def _complete(self, request: Request, context: Context) -> bytes:
        from .completion import complete

        return await complete(self._inventory, request.params, self._calls.threads)


def _warm_up() -> None:
    """Load what calls need, in the background."""
    Thread(target=import_module, args=(".warm_up", __package__), daemon=True).start()


def _arguments(request: Request) -> dict[str, Any]:
    arguments = request.params.get("arguments")
    if arguments is None:
        return {}
    if not isinstance(arguments, dict):
        raise invalid_params("Invalid params: arguments must be an object")
    return arguments


def _not_found(version: str, uri: str, reason: str) -> RequestError:
    modern = version in stateless.VERSIONS
    code = INVALID_PARAMS if modern else RESOURCE_NOT_FOUND
    sentence = f"Resource not found: {reason}" if reason else "Resource not found"
    return RequestError(code, sentence, {"uri": uri})


def _reason(result: Result) -> str:
    texts = (block["text"] for block in result.content if block["type"] == "text")
    return shortened(next(texts, "The API answered with an error"), 500)
