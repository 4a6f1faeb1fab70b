"""HTTP requests to an application in this process, driven by hand, event by event."""

from __future__ import annotations

import asyncio
import json
from typing import Any, NamedTuple

from mcpgen_runtime.transports.http import App

BOTH = "application/json, text/event-stream"


class Event(NamedTuple):
    """One server-sent event; `data` is None where there is none."""

    id: str | None
    data: Any
    retry: int | None


class Driven:
    """One request, and its response as it comes."""

    def __init__(
        self,
        app: App,
        message: Any = None,
        method: str = "POST",
        *,
        path: str = "/mcp",
        query: str = "",
        **headers: str,
    ) -> None:
        self._incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._outgoing: asyncio.Queue[Any] = asyncio.Queue()
        body = b"" if message is None else json.dumps(message).encode()
        self._incoming.put_nowait({"type": "http.request", "body": body})
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {"content-type": "application/json", "accept": BOTH} | named
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": query.encode(),
            "headers": [(k.encode(), v.encode()) for k, v in sent.items()],
        }
        self.task = asyncio.create_task(
            app(scope, self._incoming.get, self._outgoing.put)
        )

    async def _next(self) -> Any:
        async with asyncio.timeout(5):
            return await self._outgoing.get()

    async def start(self) -> tuple[int, dict[str, str]]:
        """The status and the headers."""
        start = await self._next()
        headers = {name.decode(): value.decode() for name, value in start["headers"]}
        return start["status"], headers

    async def body(self) -> Any:
        """The whole body of a response that is JSON; None when it is empty."""
        part = await self._next()
        assert not part.get("more_body")
        return json.loads(part["body"]) if part["body"] else None

    async def text(self) -> str:
        """The next part of the body, as it is."""
        body: bytes = (await self._next())["body"]
        return body.decode()

    async def event(self) -> Event | None:
        """The next event, None at the end of the response."""
        part = await self._next()
        if not part.get("more_body"):
            assert part["body"] == b""
            return None
        text = part["body"].decode()
        assert text.endswith("\r\n\r\n")
        fields = dict(
            line.split(": ", 1) for line in text.split("\r\n") if ": " in line
        )
        data = json.loads(fields["data"]) if fields.get("data") else None
        retry = fields.get("retry")
        return Event(fields.get("id"), data, int(retry) if retry else None)

    async def events(self) -> list[Event]:
        """All events until the end of the response."""
        found = []
        while (event := await self.event()) is not None:
            found.append(event)
        return found

    def disconnect(self) -> None:
        self._incoming.put_nowait({"type": "http.disconnect"})
