"""One client of the server under test, over either transport, byte by byte.

A test says what is sent; this only carries it, over the pipes of a process or as POSTs
to one. What comes back is sorted: the answer to a request, what the server says beside
it, and answers that nobody waits for. Every message is checked by the schema of its
version.
"""

from __future__ import annotations

import asyncio
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from itertools import count
from typing import Any, Final, NamedTuple

from mcpgen_runtime import stateless

from .schemas import LEGACY, MODERN, problems

PATIENCE: Final = 30.0
"""Seconds that anything may take on a busy machine."""

Json = dict[str, Any]


class Answer(NamedTuple):
    """A response, and over HTTP its status and headers."""

    message: Any
    status: int | None = None
    headers: Mapping[str, str] = {}

    @property
    def result(self) -> Any:
        assert "result" in self.message, self.message
        return self.message["result"]

    @property
    def error(self) -> Any:
        assert "error" in self.message, self.message
        return self.message["error"]

    @property
    def code(self) -> int:
        code: int = self.error["code"]
        return code


class _Pending(NamedTuple):
    answer: asyncio.Future[Answer]
    method: str
    version: str


class Wire(ABC):
    """A client that speaks `version`, once `start` has shaken hands where it must.

    `replies` gives its results of the server's requests, by method; `heard` is what the
    server said that was no answer, in order.
    """

    transport: str

    def __init__(self, version: str, capabilities: Json) -> None:
        self.version = version
        self.capabilities = capabilities
        self.replies: dict[str, Callable[[Json], Json]] = {}
        self.heard: list[Json] = []
        self.strange: list[Any] = []
        """Answers that nobody waits for."""
        self.received: list[Any] = []
        """All that came, in order."""
        self.problems: list[str] = []
        self._ids = count(1)
        self._pending: dict[tuple[type, Any], _Pending] = {}
        self._news = asyncio.Condition()
        self._tasks: set[asyncio.Task[Any]] = set()

    @property
    def modern(self) -> bool:
        return self.version == MODERN

    async def start(self) -> Answer | None:
        """Shake hands, in the versions that do."""
        if self.modern:
            return None
        params = {
            "protocolVersion": self.version,
            "capabilities": self.capabilities,
            "clientInfo": {"name": "wire", "version": "1"},
        }
        answer = await self.ask({"method": "initialize", "params": params})
        await self.tell("notifications/initialized")
        return answer

    def message(self, method: str, /, _id: Any = None, **params: Any) -> Json:
        """A request of this client's version, with the next id unless one is given."""
        if self.modern:
            meta = stateless.request_meta(self.version, self.capabilities)
            params["_meta"] = meta | params.get("_meta", {})
        return {
            "jsonrpc": "2.0",
            "id": next(self._ids) if _id is None else _id,
            "method": method,
            "params": params,
        }

    async def request(self, method: str, /, **params: Any) -> Answer:
        return await self.ask(self.message(method, **params))

    async def call(
        self, tool: str, arguments: Json | None = None, /, **meta: Any
    ) -> Answer:
        """The answer to a tool call; `meta` goes into `_meta`."""
        params = {"name": tool, "arguments": arguments or {}, "_meta": meta}
        return await self.request("tools/call", **params)

    async def ask(
        self, message: Json, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """The answer to a request, made whole where it lacks id or version."""
        pending = self.begin(message, headers)
        async with asyncio.timeout(PATIENCE):
            return await pending

    def begin(
        self, message: Json, headers: Mapping[str, str] | None = None
    ) -> asyncio.Future[Answer]:
        """Send a request; its answer comes later."""
        whole: Json = {"jsonrpc": "2.0", "id": next(self._ids)} | message
        return self._begin(whole, json.dumps(whole).encode(), headers)

    async def odd(self, data: bytes) -> Answer:
        """The answer to a request that is written by hand."""
        async with asyncio.timeout(PATIENCE):
            return await self._begin(json.loads(data), data, None)

    def _begin(
        self, message: Json, data: bytes, headers: Mapping[str, str] | None
    ) -> asyncio.Future[Answer]:
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        key = (type(message["id"]), message["id"])
        version = self._version_of(message)
        self._pending[key] = _Pending(future, message["method"], version)
        self._send(message, data, headers)
        return future

    def _version_of(self, message: Json) -> str:
        """The version that a request is answered in."""
        if is_modern(message) or message["method"] == "server/discover":
            return MODERN
        if message["method"] == "initialize":
            asked: Any = message["params"]["protocolVersion"]
            return asked if asked in LEGACY else LEGACY[-1]
        return LEGACY[-1] if self.modern else self.version

    async def tell(self, method: str, /, **params: Any) -> Answer | None:
        """Send a notification; over HTTP there is an empty answer to it."""
        return await self._deliver(
            json.dumps({"jsonrpc": "2.0", "method": method, "params": params}).encode()
        )

    async def until(self, found: Callable[[], Any]) -> Any:
        """Wait until something is true of what was received."""
        async with asyncio.timeout(PATIENCE), self._news:
            await self._news.wait_for(found)

    def said(self, method: str) -> list[Json]:
        """The params of what the server said by a method."""
        return [m.get("params", {}) for m in self.heard if m.get("method") == method]

    async def hears(self, method: str, times: int = 1) -> list[Json]:
        """Wait until the server has said it; gives the params each time."""
        await self.until(lambda: len(self.said(method)) >= times)
        return self.said(method)

    async def settle(self) -> None:
        """Return when what was sent so far has arrived and been taken up."""
        method = "server/discover" if self.modern else "ping"
        assert (await self.request(method)).result is not None

    async def cancelled(self, name: str) -> None:
        """Wait until the server has cancelled the held call of this name."""
        answer = await self.call("wait_for_cancellation", {"name": name})
        assert answer.result["content"][0]["text"] == name

    async def release(self) -> list[str]:
        """End what is held, and give the names of calls that were cancelled so far."""
        found: list[str] = json.loads(
            (await self.call("release")).result["content"][0]["text"]
        )
        return found

    def run(self, work: Any) -> asyncio.Task[Any]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def take(
        self, message: Any, status: int | None = None, headers: Mapping[str, str] = {}
    ) -> None:
        """Sort what has come from the server."""
        async with self._news:
            self.received.append(message)
            self._sort(message, status, headers)
            self._news.notify_all()

    def _sort(
        self, message: Any, status: int | None, headers: Mapping[str, str]
    ) -> None:
        if isinstance(message, list):
            self.problems += problems(self.version, message)
            self.strange.append(Answer(message, status, headers))
        elif "method" in message:
            self.problems += problems(self.version, message)
            self.heard.append(message)
            if "id" in message and message["method"] in self.replies:
                result = self.replies[message["method"]](message.get("params", {}))
                answer = {"jsonrpc": "2.0", "id": message["id"], "result": result}
                self.run(self._deliver(json.dumps(answer).encode()))
        else:
            key = (type(message.get("id")), message.get("id"))
            pending = self._pending.pop(key, None)
            version = pending.version if pending else LEGACY[-1]
            method = pending.method if pending else None
            self.problems += problems(version, message, method)
            answered = Answer(message, status, headers)
            if pending is None or pending.answer.done():
                self.strange.append(answered)
            else:
                pending.answer.set_result(answered)

    @abstractmethod
    async def raw(
        self, data: bytes, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """What comes back for bytes that may be no message."""

    @abstractmethod
    async def cancel(self, request_id: Any) -> None:
        """Give a request up, as the transport and the version do."""

    @abstractmethod
    def _send(
        self, message: Json, data: bytes, headers: Mapping[str, str] | None
    ) -> None: ...

    @abstractmethod
    async def _deliver(self, data: bytes) -> Answer | None:
        """Send what has no answer."""

    @abstractmethod
    async def close(self) -> None: ...


def is_modern(message: Json) -> bool:
    meta = message.get("params", {}).get("_meta")
    return isinstance(meta, dict) and "io.modelcontextprotocol/protocolVersion" in meta
