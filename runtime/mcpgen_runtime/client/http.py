"""To a server behind a URL: each message is a POST, and its answers are the response.

With a session there is a stream of its own for what belongs to no request, and a
stream that the server closed early is taken up again where it ended.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Final

import httpx

from .. import stateless
from ..messages import Id, dumps, is_id
from .channel import Channel, Json, Lost

_SESSION: Final = "mcp-session-id"
_JSON: Final = "application/json"
_EVENTS: Final = "text/event-stream"


@dataclass(slots=True)
class _Place:
    """How far a stream was read, and the seconds to wait before it is taken up."""

    event_id: str = ""
    retry: float = 0.0


class HttpChannel(Channel):
    """The server at `url`, which is sent `headers` with every request."""

    routed = True

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        super().__init__()
        self._url = url
        self._http = httpx.AsyncClient(
            headers={"accept": f"{_JSON}, {_EVENTS}", **headers},
            limits=httpx.Limits(max_connections=None),
            timeout=httpx.Timeout(None, connect=10),
            trust_env=False,
        )
        self._settled: dict[str, str] = {}
        self._posts: dict[Id, asyncio.Task[None]] = {}
        self._stream: asyncio.Task[None] | None = None

    async def settled(self, version: str) -> None:
        self._settled[stateless.VERSION_HEADER] = version
        if _SESSION in self._settled:
            self._stream = asyncio.create_task(self._listen())

    async def send(self, message: Json, headers: Mapping[str, str]) -> None:
        headers = {"content-type": _JSON, **self._settled, **headers}
        request = self._http.build_request(
            "POST", self._url, content=dumps(message), headers=headers
        )
        if "method" not in message or "id" not in message:
            try:
                await self._http.send(request)
            except httpx.TransportError as error:
                raise self._unreachable(error) from None
            return
        request_id = message["id"]
        task = asyncio.create_task(self._ask(request, request_id))
        self._posts[request_id] = task
        task.add_done_callback(lambda _: self._posts.pop(request_id))

    def gives_up(self, request_id: Id) -> bool:
        if stateless.VERSION_HEADER in self._settled or request_id not in self._posts:
            return False
        self._posts[request_id].cancel()
        return True

    async def close(self) -> None:
        tasks = [*self._posts.values(), *filter(None, [self._stream])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        try:
            if _SESSION in self._settled:
                await self._http.delete(self._url, headers=self._settled)
        except httpx.TransportError:
            pass  # the server has ended, and its sessions with it
        finally:
            await self._http.aclose()

    async def _ask(self, request: httpx.Request, request_id: Id) -> None:
        """Pass on what answers a request, until its answer is there."""
        place = _Place()
        try:
            while not await self._passed_on(request, request_id, place):
                if not place.event_id:
                    raise Lost("the response ended without an answer")
                await asyncio.sleep(place.retry)
                request = self._get(place)
        except httpx.TransportError as error:
            self.lost(request_id, self._unreachable(error))
        except Lost as lost:
            self.lost(request_id, lost)

    async def _listen(self) -> None:
        """Pass on what belongs to no request, where the server has such a stream."""
        place = _Place()
        refused = False
        try:
            while not refused:
                refused = await self._passed_on(self._get(place), None, place)
                await asyncio.sleep(place.retry)
        except (httpx.TransportError, Lost):
            return

    def _get(self, place: _Place) -> httpx.Request:
        headers = {**self._settled, "accept": _EVENTS}
        if place.event_id:
            headers["last-event-id"] = place.event_id
        return self._http.build_request("GET", self._url, headers=headers)

    async def _passed_on(
        self, request: httpx.Request, request_id: Id | None, place: _Place
    ) -> bool:
        """Send a request and pass on its messages; whether the answer was among them.

        Raises Lost for a response that holds no messages.
        """
        response = await self._http.send(request, stream=True)
        try:
            if _SESSION in response.headers:
                self._settled[_SESSION] = response.headers[_SESSION]
            kind = response.headers.get("content-type", "").partition(";")[0]
            if kind == _EVENTS:
                async for data in _events(response, place):
                    message = _message(data)
                    self.heard(message)
                    if "method" not in message and message.get("id") == request_id:
                        return True
                return False
            message = _message(await response.aread(), response.status_code)
        finally:
            await response.aclose()
        if "error" in message and not is_id(message.get("id")):
            message["id"] = request_id
        self.heard(message)
        return True

    def _unreachable(self, error: httpx.TransportError) -> Lost:
        return Lost(f"{self._url}: {error or type(error).__name__}")


def _message(data: str | bytes, status: int = 200) -> Json:
    try:
        message = json.loads(data)
    except ValueError:
        message = None
    if not isinstance(message, dict) or "jsonrpc" not in message:
        raise Lost(f"the server answered with no message, and status {status}")
    return message


async def _events(response: httpx.Response, place: _Place) -> AsyncIterator[str]:
    """The data of the events of a stream (HTML, server-sent events)."""
    data: list[str] = []
    async for line in response.aiter_lines():
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "data":
            data.append(value)
        elif field == "id":
            place.event_id = value
        elif field == "retry" and value.isdecimal():
            place.retry = int(value) / 1000
        elif not line:
            if any(data):
                yield "\n".join(data)
            data.clear()
