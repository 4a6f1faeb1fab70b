"""The requests of a client, the same in every protocol version.

Results are those of MCP, as plain JSON values. An error of the protocol is raised; a
call that failed is a result with `isError`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from itertools import count
from typing import Any, Final, TypeAlias

from .. import param_headers, stateless
from ..errors import INTERNAL_ERROR, METHOD_NOT_FOUND, RequestError
from ..messages import Id
from .channel import Channel, Json, Lost

Answerer: TypeAlias = Callable[[Json], Awaitable[Json]]
Progress: TypeAlias = Callable[[float, float | None, str | None], None]
"""Takes the progress, the total and the message of a notification."""

_DECLARED: Final[Mapping[str, tuple[str, Mapping[str, Any]]]] = {
    "elicitation/create": ("elicitation", {"form": {}, "url": {}}),
    "sampling/createMessage": ("sampling", {"tools": {}}),
    "roots/list": ("roots", {}),
}
"""The capability that says that a client answers a request of the server."""
_MOST_ROUNDS: Final = 10


class Client:
    """What `connect` gives."""

    def __init__(
        self,
        channel: Channel,
        protocol_version: str,
        answerers: Mapping[str, Answerer],
        on_log: Callable[[Json], None] | None,
    ) -> None:
        self._channel = channel
        channel.heard = self._hear
        channel.lost = self._lose
        self._version = protocol_version
        self._modern = protocol_version in stateless.VERSIONS
        self._answerers = answerers
        self._on_log = on_log
        self._log_level = "info" if on_log else None
        self._capabilities: Json = dict(_DECLARED[method] for method in answerers)
        self._ids = count(1)
        self._waiting: dict[Id, asyncio.Future[Any]] = {}
        self._progress: dict[Id, Progress] = {}
        self._schemas: dict[str, Any] = {}
        self._listing = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self.server: Json = {}
        """What the server said of itself: the result of initialize or discover."""
        self.notifications: list[Json] = []
        """What the server notified of, in order."""

    async def start(self) -> None:
        """Open the channel, and get to know the server."""
        await self._channel.open()
        if self._modern:
            self.server = await self.request("server/discover")
            return
        self.server = await self.request(
            "initialize",
            {
                "protocolVersion": self._version,
                "capabilities": self._capabilities,
                "clientInfo": {"name": "test-client", "version": "1"},
            },
        )
        await self._channel.settled(self.server["protocolVersion"])
        await self.notify("notifications/initialized")

    async def close(self) -> None:
        """End the connection; what is open then raises Lost."""
        await self._channel.close()
        self._lose(None, Lost("the client was closed"))
        for task in self._tasks:
            task.cancel()

    async def request(
        self,
        method: str,
        params: Mapping[str, Any] | None = None,
        *,
        on_progress: Progress | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Json:
        """The result of a request; raises RequestError when it is answered by one.

        A result that asks for more is answered, until there is one that doesn't.
        Raises Lost when no answer will come. A request that is cancelled, by a timeout
        say, is cancelled at the server, too.
        """
        params = dict(params or {})
        headers = headers or {}
        for _ in range(_MOST_ROUNDS):
            result = await self._request(method, params, on_progress, headers)
            if result.get("resultType") != "input_required":
                return result
            if "requestState" in result:
                params["requestState"] = result["requestState"]
            params["inputResponses"] = {
                key: await self._answerers[question["method"]](question["params"])
                for key, question in result.get("inputRequests", {}).items()
            }
        raise RuntimeError(f"{method} asks for more, {_MOST_ROUNDS} times")

    async def notify(
        self, method: str, params: Mapping[str, Any] | None = None
    ) -> None:
        message = {"jsonrpc": "2.0", "method": method, "params": params or {}}
        headers = {} if not self._modern else stateless.routing_headers(method, {})
        await self._channel.send(message, headers)

    async def list_tools(self) -> list[Json]:
        tools = await self._list("tools/list", "tools")
        self._schemas = {tool["name"]: tool["inputSchema"] for tool in tools}
        return tools

    async def list_resources(self) -> list[Json]:
        return await self._list("resources/list", "resources")

    async def list_resource_templates(self) -> list[Json]:
        return await self._list("resources/templates/list", "resourceTemplates")

    async def list_prompts(self) -> list[Json]:
        return await self._list("prompts/list", "prompts")

    async def call_tool(
        self,
        name: str,
        arguments: Mapping[str, Any] | None = None,
        *,
        on_progress: Progress | None = None,
    ) -> Json:
        """`{"content": [...], "structuredContent": …, "isError": …}`"""
        headers: Mapping[str, str] = {}
        if self._modern and self._channel.routed:
            schema = await self._schema(name)
            headers = param_headers.headers(schema, arguments)
        params = {"name": name, "arguments": arguments or {}}
        return await self.request(
            "tools/call", params, on_progress=on_progress, headers=headers
        )

    async def read_resource(self, uri: str) -> Json:
        """`{"contents": [{"uri": …, "text" or "blob": …}]}`"""
        return await self.request("resources/read", {"uri": uri})

    async def get_prompt(
        self, name: str, arguments: Mapping[str, str] | None = None
    ) -> Json:
        """`{"messages": [{"role": …, "content": …}]}`"""
        params = {"name": name, "arguments": arguments or {}}
        return await self.request("prompts/get", params)

    async def complete(
        self,
        ref: Mapping[str, str],
        argument: Mapping[str, str],
        arguments: Mapping[str, str] | None = None,
    ) -> list[str]:
        """The values that begin so, for `{"name": …, "value": …}` of what `ref` names.

        `ref` is `{"type": "ref/prompt", "name": …}` or `{"type": "ref/resource", "uri":
        …}`; `arguments` are those that were filled in before.
        """
        params: Json = {"ref": ref, "argument": argument}
        if arguments is not None:
            params["context"] = {"arguments": arguments}
        result = await self.request("completion/complete", params)
        values: list[str] = result["completion"]["values"]
        return values

    async def set_log_level(self, level: str) -> None:
        """From now on, have log messages of this level and above."""
        self._log_level = level
        if not self._modern:
            await self.request("logging/setLevel", {"level": level})

    async def _request(
        self,
        method: str,
        params: Json,
        on_progress: Progress | None,
        headers: Mapping[str, str],
    ) -> Json:
        request_id = next(self._ids)
        params = self._with_meta(params, request_id if on_progress else None)
        if self._modern:
            headers = {**stateless.routing_headers(method, params), **headers}
        message = {"jsonrpc": "2.0", "id": request_id, "method": method}
        future = asyncio.get_running_loop().create_future()
        self._waiting[request_id] = future
        if on_progress is not None:
            self._progress[request_id] = on_progress
        try:
            await self._channel.send({**message, "params": params}, headers)
            result: Json = await future
            return result
        except asyncio.CancelledError:
            if not self._channel.gives_up(request_id):
                cancelled = {"requestId": request_id}
                self._start(self.notify("notifications/cancelled", cancelled))
            raise
        finally:
            del self._waiting[request_id]
            self._progress.pop(request_id, None)

    async def _schema(self, tool: str) -> Mapping[str, Any]:
        async with self._listing:
            if tool not in self._schemas:
                await self.list_tools()
        schema: Mapping[str, Any] = self._schemas.get(tool, {})
        return schema

    async def _list(self, method: str, member: str) -> list[Json]:
        """All pages of a listing."""
        entries: list[Json] = []
        params: Json = {}
        while True:
            result = await self.request(method, params)
            entries += result[member]
            if "nextCursor" not in result:
                return entries
            params = {"cursor": result["nextCursor"]}

    def _with_meta(self, params: Json, progress_token: Id | None) -> Json:
        meta: Json = {}
        if self._modern:
            meta = stateless.request_meta(
                self._version, self._capabilities, self._log_level
            )
        if progress_token is not None:
            meta["progressToken"] = progress_token
        meta |= params.get("_meta", {})
        return {**params, "_meta": meta} if meta else params

    def _start(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _hear(self, message: Json) -> None:
        if "method" not in message:
            self._settle(message)
        elif "id" in message:
            self._start(self._answer(message))
        else:
            self._note(message)

    def _settle(self, message: Json) -> None:
        future = self._waiting.get(message.get("id", ""))
        if future is None or future.done():
            return
        if "error" in message:
            future.set_exception(RequestError(**message["error"]))
        else:
            future.set_result(message["result"])

    def _lose(self, request_id: Id | None, why: Lost) -> None:
        ids = [*self._waiting] if request_id is None else [request_id]
        for lost in ids:
            future = self._waiting.get(lost)
            if future is not None and not future.done():
                future.set_exception(why)

    def _note(self, message: Json) -> None:
        self.notifications.append(message)
        params = message.get("params", {})
        if message["method"] == "notifications/message" and self._on_log:
            self._on_log(params)
        if message["method"] == "notifications/progress":
            told = self._progress.get(params["progressToken"])
            if told is not None:
                told(params["progress"], params.get("total"), params.get("message"))

    async def _answer(self, question: Json) -> None:
        answer: Json = {"jsonrpc": "2.0", "id": question["id"]}
        answerer = self._answerers.get(question["method"])
        if question["method"] == "ping":
            answer["result"] = {}
        elif answerer is None:
            sentence = f"Method not found: {question['method']}"
            answer["error"] = {"code": METHOD_NOT_FOUND, "message": sentence}
        else:
            try:
                answer["result"] = await answerer(question.get("params", {}))
            except RequestError as error:
                answer["error"] = {"code": error.code, "message": error.message}
            except Exception as error:  # noqa: BLE001 - the server must not wait for it
                answer["error"] = {"code": INTERNAL_ERROR, "message": str(error)}
        await self._channel.send(answer, {})
