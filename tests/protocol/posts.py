"""The wire over streamable HTTP: one server process, a POST for each message."""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx

from .wire import PATIENCE, Answer, Json, Wire, is_modern

BOTH = "application/json, text/event-stream"
NAMED_BY = {
    "tools/call": "name",
    "prompts/get": "name",
    "resources/read": "uri",
    "tasks/get": "taskId",
    "tasks/update": "taskId",
    "tasks/cancel": "taskId",
}
"""The methods that Mcp-Name goes with, and the parameter that it repeats."""


class Posts(Wire):
    transport = "http"

    def __init__(self, version: str, capabilities: Json, url: str) -> None:
        super().__init__(version, capabilities)
        self.url = url
        self.http = httpx.AsyncClient(trust_env=False, timeout=PATIENCE)
        self.session: dict[str, str] = {}
        self._posts: dict[Any, asyncio.Task[Any]] = {}

    async def raw(
        self, data: bytes, headers: Mapping[str, str] | None = None
    ) -> Answer:
        async with self.http.stream(
            "POST", self.url, content=data, headers=self._headers(headers)
        ) as response:
            body = await response.aread()
            message = json.loads(body) if body else None
            return Answer(message, response.status_code, response.headers)

    async def cancel(self, request_id: Any) -> None:
        if self.modern:
            self._posts[request_id].cancel()
            await asyncio.wait([self._posts[request_id]])
        else:
            await self.tell("notifications/cancelled", requestId=request_id)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await self.http.aclose()

    def _send(
        self, message: Json, data: bytes, headers: Mapping[str, str] | None
    ) -> None:
        sent = routing(message) if is_modern(message) else {}
        task = self.run(self._post(data, sent | dict(headers or {})))
        self._posts[message["id"]] = task

    async def _deliver(self, data: bytes) -> Answer | None:
        answer = await self.raw(data)
        assert (answer.status, answer.message) == (202, None), answer
        return answer

    async def _post(self, data: bytes, headers: Mapping[str, str]) -> None:
        async with self.http.stream(
            "POST", self.url, content=data, headers=self._headers(headers)
        ) as response:
            if response.headers.get("content-type") != "text/event-stream":
                body = json.loads(await response.aread(), parse_constant=_refuse)
                if named := response.headers.get("mcp-session-id"):
                    version = body["result"]["protocolVersion"]
                    self.session = {
                        "mcp-session-id": named,
                        "mcp-protocol-version": version,
                    }
                await self.take(body, response.status_code, response.headers)
                return
            async for message in events(response):
                await self.take(message, response.status_code, response.headers)

    def _headers(self, headers: Mapping[str, str] | None) -> dict[str, str]:
        own = {"content-type": "application/json", "accept": BOTH} | self.session
        return own | dict(headers or {})


async def events(response: httpx.Response) -> AsyncIterator[Json]:
    """The messages of a stream of events, as they come."""
    async for line in response.aiter_lines():
        if line.startswith("data:") and line[5:].strip():
            yield json.loads(line[5:], parse_constant=_refuse)


def routing(message: Json) -> dict[str, str]:
    """The headers that repeat a request of the stateless protocol."""
    params = message["params"]
    meta = params["_meta"]
    sent = {
        "mcp-protocol-version": meta["io.modelcontextprotocol/protocolVersion"],
        "mcp-method": message["method"],
    }
    name = params.get(NAMED_BY.get(message["method"], ""))
    if isinstance(name, str):
        plain = name.isascii() and name.isprintable() and name == name.strip()
        sent["mcp-name"] = name if plain else base64_value(name)
    return sent


def base64_value(text: str) -> str:
    encoded = b64encode(text.encode("utf-8", "replace")).decode()
    return f"=?base64?{encoded}?="


def _refuse(constant: str) -> Any:
    raise AssertionError(f"{constant} is not JSON")
