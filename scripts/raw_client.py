"""A raw MCP client: JSON-RPC over stdio or HTTP, with nothing but the standard library.

It is for looking at a server from outside: it holds no opinions, hides nothing, and
raises as soon as the server says something that isn't the protocol.
"""

from __future__ import annotations

import json
import os
import queue
import socket
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

PROTOCOL_VERSION = "2025-11-25"


class ProtocolError(Exception):
    """The server stopped, fell silent, or wrote something that isn't the protocol."""


class ErrorReply(Exception):
    """The server answered a request with an error."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(f"{error.get('code')}: {error.get('message')}")
        self.error = error


class Client(ABC):
    """One connection; a context manager that ends it."""

    def __init__(self) -> None:
        self._next_id = 1

    def request(self, method: str, params: Mapping[str, Any] | None = None) -> Any:
        """The result of a request; raises ErrorReply or ProtocolError."""
        message = {"jsonrpc": "2.0", "id": self._next_id, "method": method}
        self._next_id += 1
        reply = self._exchange(message | ({"params": params} if params else {}))
        if reply.get("id") != message["id"]:
            raise ProtocolError(f"{method}: the reply has another id: {reply}")
        if "error" in reply:
            raise ErrorReply(reply["error"])
        return reply["result"]

    def initialize(self, version: str = PROTOCOL_VERSION) -> Any:
        """The handshake; gives the result of `initialize`."""
        client = {"name": "raw-client", "version": "1"}
        params = {"protocolVersion": version, "capabilities": {}, "clientInfo": client}
        result = self.request("initialize", params)
        self._notify({"jsonrpc": "2.0", "method": "notifications/initialized"})
        return result

    def list_all(self, method: str, key: str) -> list[Any]:
        """All pages of a listing: `list_all("tools/list", "tools")`."""
        page = self.request(method)
        entries = list(page[key])
        while "nextCursor" in page:
            page = self.request(method, {"cursor": page["nextCursor"]})
            entries += page[key]
        return entries

    def call(self, name: str, arguments: Mapping[str, Any]) -> Any:
        return self.request("tools/call", {"name": name, "arguments": arguments})

    def read(self, uri: str) -> Any:
        return self.request("resources/read", {"uri": uri})

    @abstractmethod
    def _exchange(self, message: Mapping[str, Any]) -> Any: ...

    @abstractmethod
    def _notify(self, message: Mapping[str, Any]) -> None: ...

    @abstractmethod
    def close(self) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


class StdioClient(Client):
    """Starts a server and speaks to its standard streams; `timeout` in seconds."""

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        timeout: float = 30.0,
    ) -> None:
        super().__init__()
        self.timeout = timeout
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - close() does
        self._said = ""
        self.process = subprocess.Popen(
            command,
            cwd=cwd,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
        )
        assert self.process.stdin
        assert self.process.stdout
        self._stdin = self.process.stdin
        self._stdout = self.process.stdout
        self._lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        for line in self._stdout:
            self._lines.put(line)
        self._lines.put(b"")

    def stderr(self) -> str:
        """What the server has written to standard error so far."""
        if self._stderr.closed:
            return self._said
        descriptor = self._stderr.fileno()
        size = os.fstat(descriptor).st_size
        return os.pread(descriptor, size, 0).decode("utf-8", "replace")

    def _notify(self, message: Mapping[str, Any]) -> None:
        try:
            self._stdin.write(json.dumps(message).encode() + b"\n")
            self._stdin.flush()
        except OSError:
            raise self._stopped(message) from None

    def _exchange(self, message: Mapping[str, Any]) -> Any:
        self._notify(message)
        deadline = time.monotonic() + self.timeout
        while True:
            try:
                line = self._lines.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                error = f"no answer to {message['method']} in {self.timeout:g} s"
                raise ProtocolError(error) from None
            if not line:
                raise self._stopped(message)
            received = _parsed(line)
            if "method" not in received:
                return received

    def _stopped(self, message: Mapping[str, Any]) -> ProtocolError:
        status = self.process.wait(self.timeout)
        return ProtocolError(
            f"the server ended with status {status} at {message['method']}\n"
            + self.stderr().strip()
        )

    def close(self) -> None:
        """Closes the server's input, and waits until it has ended."""
        try:
            self._stdin.close()
            self.process.wait(5)
        except (OSError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        self._reader.join()
        self._stdout.close()
        self._said = self.stderr()
        self._stderr.close()


class HttpClient(Client):
    """Speaks to a streamable HTTP endpoint that is there already."""

    def __init__(self, url: str, *, timeout: float = 30.0) -> None:
        super().__init__()
        self.url = url
        self.timeout = timeout
        self.headers = {
            "Content-Type": "application/json",
            "Accept": "application/json, text/event-stream",
        }

    def initialize(self, version: str = PROTOCOL_VERSION) -> Any:
        result = super().initialize(version)
        self.headers["MCP-Protocol-Version"] = result["protocolVersion"]
        return result

    def _post(self, message: Mapping[str, Any]) -> bytes:
        body = json.dumps(message).encode()
        request = urllib.request.Request(self.url, body, self.headers)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=self.timeout) as response:
                session = response.headers.get("Mcp-Session-Id")
                if session:
                    self.headers["Mcp-Session-Id"] = session
                return bytes(response.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.read()
        except OSError as error:
            raise ProtocolError(f"{self.url}: {error}") from None

    def _notify(self, message: Mapping[str, Any]) -> None:
        self._post(message)

    def _exchange(self, message: Mapping[str, Any]) -> Any:
        for line in _messages(self._post(message)):
            received = _parsed(line)
            if "method" not in received:
                return received
        raise ProtocolError(f"no answer to {message['method']}")

    def close(self) -> None:
        """Nothing is kept open between requests."""


@contextmanager
def http_server(
    command: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    timeout: float = 30.0,
) -> Iterator[str]:
    """Starts a server with `--transport http --port <a free one>`; gives its URL."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            [*command, "--transport", "http", "--port", str(port)],
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            deadline = time.monotonic() + timeout
            while not _accepts(port):
                if process.poll() is not None or time.monotonic() > deadline:
                    output.seek(0)
                    said = output.read().decode("utf-8", "replace").strip()
                    raise ProtocolError(f"the server doesn't listen\n{said}")
                time.sleep(0.02)
            yield f"http://127.0.0.1:{port}/mcp"
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _messages(body: bytes) -> Iterator[bytes]:
    """The messages of a JSON body or of a stream of server-sent events."""
    if body.startswith(b"{"):
        yield body
    else:
        for line in body.splitlines():
            if line.startswith(b"data:") and line[5:].strip():
                yield line[5:]


def _parsed(line: bytes) -> dict[str, Any]:
    try:
        message = json.loads(line)
    except ValueError:
        message = None
    if not isinstance(message, dict) or message.get("jsonrpc") != "2.0":
        raise ProtocolError(f"not a message: {line[:200]!r}")
    return message
