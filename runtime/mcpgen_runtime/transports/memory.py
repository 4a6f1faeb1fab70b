"""A client in the same process, for tests: every message is real bytes.

    async with connect(server) as client:
        await client.call_tool("add_pet", {"name": "Rex"})

The client speaks `protocol_version`: the handshake of that version, or, for the
stateless one, the metadata with each request. The questions of the server are answered
by `elicit`, `sample` and `roots`: each takes the parameters of the server's request
and gives its result. What has no function isn't declared as a capability.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from itertools import count
from typing import Any, Final, TypeAlias

from .. import protocol, stateless
from ..dispatch import Connection
from ..errors import RequestError
from ..messages import dumps, parse
from ..server import Server

Answerer: TypeAlias = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]

_DECLARED: Final[Mapping[str, tuple[str, Mapping[str, Any]]]] = {
    "elicitation/create": ("elicitation", {"form": {}, "url": {}}),
    "sampling/createMessage": ("sampling", {"tools": {}}),
    "roots/list": ("roots", {}),
}
"""The capability that says that a client answers a request of the server."""
_MOST_ROUNDS: Final = 10


@asynccontextmanager
async def connect(
    server: Server,
    protocol_version: str = protocol.LATEST,
    *,
    elicit: Answerer | None = None,
    sample: Answerer | None = None,
    roots: Answerer | None = None,
) -> AsyncIterator[Client]:
    """A client that has shaken hands, where its version asks for it."""
    given = zip(_DECLARED, (elicit, sample, roots), strict=True)
    answerers = {method: answerer for method, answerer in given if answerer}
    async with server.running():
        client = Client(server, protocol_version, answerers)
        try:
            await client.start()
            yield client
        finally:
            await client.close()


class Client:
    """The requests of one client. Results are those of MCP, as plain JSON values."""

    def __init__(
        self,
        server: Server,
        protocol_version: str,
        answerers: Mapping[str, Answerer],
    ) -> None:
        self._connection = Connection(server, self._receive)
        self._version = protocol_version
        self._answerers = answerers
        self._answering: set[asyncio.Task[None]] = set()
        self._capabilities: dict[str, Any] = dict(
            _DECLARED[method] for method in answerers
        )
        self._ids = count(1)
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self.notifications: list[dict[str, Any]] = []
        """What the server notified of, in order."""

    async def start(self) -> None:
        if self._version in stateless.VERSIONS:
            return
        await self.request(
            "initialize",
            {
                "protocolVersion": self._version,
                "capabilities": self._capabilities,
                "clientInfo": {"name": "memory", "version": "1"},
            },
        )
        self.notify("notifications/initialized")

    async def close(self) -> None:
        await self._connection.close(grace=0)

    async def request(
        self, method: str, params: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """The result of a request; raises RequestError when it is answered by one.

        A result that asks for more is answered, until there is one that doesn't.
        """
        params = dict(params or {})
        for _ in range(_MOST_ROUNDS):
            result = await self._request(method, params)
            if result.get("resultType") != "input_required":
                return result
            params["requestState"] = result["requestState"]
            params["inputResponses"] = {
                key: await self._answerers[question["method"]](question["params"])
                for key, question in result["inputRequests"].items()
            }
        raise RuntimeError(f"{method} asks for more, {_MOST_ROUNDS} times")

    async def _request(self, method: str, params: Mapping[str, Any]) -> dict[str, Any]:
        request_id = next(self._ids)
        message = {"jsonrpc": "2.0", "id": request_id, "method": method}
        message["params"] = self._with_meta(params)
        future = asyncio.get_running_loop().create_future()
        self._waiting[request_id] = future
        try:
            self._connection.receive(parse(dumps(message)))
            result: dict[str, Any] = await future
            return result
        except asyncio.CancelledError:
            self.notify("notifications/cancelled", {"requestId": request_id})
            raise
        finally:
            del self._waiting[request_id]

    def notify(self, method: str, params: Mapping[str, Any] | None = None) -> None:
        message = {"jsonrpc": "2.0", "method": method, "params": params or {}}
        self._connection.receive(parse(dumps(message)))

    async def list_tools(self) -> list[dict[str, Any]]:
        return await self._list("tools/list", "tools")

    async def list_resources(self) -> list[dict[str, Any]]:
        return await self._list("resources/list", "resources")

    async def list_resource_templates(self) -> list[dict[str, Any]]:
        return await self._list("resources/templates/list", "resourceTemplates")

    async def call_tool(
        self, name: str, arguments: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        params = {"name": name, "arguments": arguments or {}}
        return await self.request("tools/call", params)

    async def read_resource(self, uri: str) -> dict[str, Any]:
        return await self.request("resources/read", {"uri": uri})

    async def _list(self, method: str, member: str) -> list[dict[str, Any]]:
        """All pages of a listing."""
        entries: list[dict[str, Any]] = []
        params: dict[str, Any] = {}
        while True:
            result = await self.request(method, params)
            entries += result[member]
            if "nextCursor" not in result:
                return entries
            params = {"cursor": result["nextCursor"]}

    async def _answer(self, question: Mapping[str, Any]) -> None:
        result = await self._answerers[question["method"]](question["params"])
        answer = {"jsonrpc": "2.0", "id": question["id"], "result": result}
        self._connection.receive(parse(dumps(answer)))

    def _with_meta(self, params: Mapping[str, Any]) -> Mapping[str, Any]:
        if self._version not in stateless.VERSIONS:
            return params
        meta = stateless.request_meta(self._version, self._capabilities)
        meta |= params.get("_meta", {})
        return {**params, "_meta": meta}

    def _receive(self, data: bytes) -> None:
        message = json.loads(data)
        if "method" in message:
            if "id" in message:
                task = asyncio.create_task(self._answer(message))
                self._answering.add(task)
                task.add_done_callback(self._answering.discard)
            else:
                self.notifications.append(message)
            return
        future = self._waiting.get(message.get("id"))
        if future is None or future.done():
            return
        if "error" in message:
            future.set_exception(RequestError(**message["error"]))
        else:
            future.set_result(message["result"])
