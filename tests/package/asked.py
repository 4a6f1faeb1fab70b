"""Raw clients that are asked: they answer a server's questions and keep what it tells.

`version` is that of the handshake, or 2026-07-28, where each request says what the
client can do and an answer goes with the same request once more.
"""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from raw_client import Client, HttpClient, StdioClient, http_server

MODERN = "2026-07-28"
TASKS = "io.modelcontextprotocol/tasks"
META = "io.modelcontextprotocol/"
CAPABILITIES: dict[str, Any] = {"elicitation": {}, "sampling": {}, "roots": {}}
ANSWERS: dict[str, Any] = {
    "elicitation/create": {"action": "accept", "content": {"name": "octocat"}},
    "sampling/createMessage": {
        "role": "assistant",
        "model": "m",
        "content": {"type": "text", "text": "hello"},
    },
    "roots/list": {"roots": [{"uri": "file:///home"}]},
}


class Asked(Client):
    """What both transports share."""

    version: str
    told: list[Any]
    """The notifications, in their order."""

    def begin(self, version: str) -> None:
        self.version = version
        self.told = []
        if version != MODERN:
            client = {"name": "asked", "version": "1"}
            params = {"protocolVersion": version, "clientInfo": client}
            self.request("initialize", params | {"capabilities": CAPABILITIES})
            self._notify({"jsonrpc": "2.0", "method": "notifications/initialized"})

    def ask(self, method: str, **params: Any) -> Any:
        """The result of a request, after as many rounds as it takes."""
        meta: dict[str, Any] = {"progressToken": "t"}
        if self.version == MODERN:
            capabilities = CAPABILITIES | {"extensions": {TASKS: {}}}
            meta |= {
                f"{META}protocolVersion": MODERN,
                f"{META}clientCapabilities": capabilities,
                f"{META}logLevel": "info",
            }
        for _ in range(10):
            result = self.request(method, {**params, "_meta": meta})
            if result.get("resultType") != "input_required":
                return result
            params["requestState"] = result["requestState"]
            params["inputResponses"] = {
                key: ANSWERS[question["method"]]
                for key, question in result["inputRequests"].items()
            }
        raise AssertionError("it asks for ever")

    def take(self, message: Any) -> bool:
        """Whether a message is the answer; takes note of any other, and answers it."""
        if "method" not in message:
            return True
        if "id" in message:
            answer = {"jsonrpc": "2.0", "id": message["id"]}
            self._notify(answer | {"result": ANSWERS[message["method"]]})
        else:
            self.told.append(message)
        return False


class AskedStdio(Asked, StdioClient):
    def next(self) -> Any:
        return json.loads(self._lines.get(timeout=self.timeout))

    def _exchange(self, message: Mapping[str, Any]) -> Any:
        self._notify(message)
        while True:
            received = self.next()
            if self.take(received):
                return received


class AskedHttp(Asked, HttpClient):
    def _exchange(self, message: Mapping[str, Any]) -> Any:
        headers = dict(self.headers)
        if self.version == MODERN:
            params = message["params"]
            headers |= {"MCP-Protocol-Version": MODERN, "Mcp-Method": message["method"]}
            if name := params.get("name") or params.get("taskId"):
                headers["Mcp-Name"] = name
        body = json.dumps(message).encode()
        request = urllib.request.Request(self.url, body, headers)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=self.timeout) as response:
            if session := response.headers.get("Mcp-Session-Id"):
                self.headers["Mcp-Session-Id"] = session
            if response.headers["Content-Type"] == "application/json":
                return json.load(response)
            for line in response:
                data = line.removeprefix(b"data:").strip()
                if line.startswith(b"data:") and data:
                    received = json.loads(data)
                    if self.take(received):
                        return received
        raise AssertionError(f"no answer to {message['method']}")


@contextmanager
def asked(
    transport: str, version: str, command: list[str | Path], folder: Path
) -> Iterator[Asked]:
    """A client of a server that is started for it."""
    from harness import environment

    if transport == "stdio":
        with AskedStdio(command, cwd=folder, env=environment()) as client:
            client.begin(version)
            yield client
        return
    with http_server(command, cwd=folder, env=environment()) as url:
        over_http = AskedHttp(url)
        over_http.begin(version)
        yield over_http
