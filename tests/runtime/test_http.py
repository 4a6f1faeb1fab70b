"""Streamable HTTP: the application by itself, and once more behind a real server."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from harness import environment
from mcpgen_runtime import Context, stateless
from mcpgen_runtime.settings import SettingsError
from mcpgen_runtime.transports.http import App
from mcpgen_runtime.transports.http import app as application
from mcpgen_runtime.transports.network import listen

from . import shop
from .asking import asking
from .shop import shop_server, write_package

META = {"_meta": stateless.request_meta("2026-07-28")}
ACCEPT = "application/json, text/event-stream"


def request(method: str, request_id: Any = 1, **params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": request_id, "method": method, "params": params}


def modern(method: str, name: str | None = None, **headers: str) -> dict[str, str]:
    """The headers of a request of the stateless protocol."""
    repeated = {"MCP-Protocol-Version": "2026-07-28", "Mcp-Method": method}
    if name is not None:
        repeated["Mcp-Name"] = name
    return repeated | headers


def client(app: Any, url: str = "http://127.0.0.1:8000") -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=url)


async def post(
    message: Any,
    headers: dict[str, str] | None = None,
    *,
    app: Any = None,
    path: str = "/mcp",
) -> httpx.Response:
    """The response to a message, posted to a new application unless one is given."""
    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    sent = {"content-type": "application/json", "accept": ACCEPT} | (headers or {})
    async with client(app or App(shop_server())) as http:
        return await http.post(path, content=body, headers=sent)


def failure(response: httpx.Response) -> tuple[int, int, Any]:
    """The status, the code and the id of an error."""
    body = response.json()
    assert response.headers["content-type"] == "application/json"
    assert body.get("id", "absent") is not None
    return response.status_code, body["error"]["code"], body.get("id")


@pytest.mark.parametrize(
    "version", ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"]
)
async def test_versions_with_a_handshake(version: str) -> None:
    app = App(shop_server())
    shaken = await post(request("initialize", protocolVersion=version), app=app)
    assert shaken.status_code == 200
    assert shaken.json()["result"]["protocolVersion"] == version
    named = {"mcp-protocol-version": version}
    initialized = {"jsonrpc": "2.0", "method": "notifications/initialized"}
    accepted = await post(initialized, named, app=app)
    assert (accepted.status_code, accepted.content) == (202, b"")
    called = request("tools/call", name="add_item", arguments={"name": "tea"})
    result = (await post(called, named, app=app)).json()["result"]
    assert ("structuredContent" in result) is (version >= "2025-06-18")
    assert "resultType" not in result


async def test_the_stateless_version() -> None:
    called = request("tools/call", name="add_item", arguments={"name": "tea"}, **META)
    response = await post(called, modern("tools/call", "add_item"))
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    result = response.json()["result"]
    assert result["resultType"] == "complete"
    assert result["structuredContent"] == {"id": 1, "name": "tea"}


async def test_without_a_version_header_it_is_2025_03_26() -> None:
    tool = (await post(request("tools/list"))).json()["result"]["tools"][0]
    assert "annotations" in tool
    assert "title" not in tool


@pytest.mark.parametrize(
    ("message", "headers", "expected"),
    [
        (b"{", {}, (400, -32700, None)),
        (7, {}, (400, -32600, None)),
        ([], {}, (400, -32600, None)),
        ({"jsonrpc": "2.0", "id": None, "method": "ping"}, {}, (400, -32600, None)),
        ({"jsonrpc": "1.0", "id": "a", "method": "ping"}, {}, (400, -32600, "a")),
        (request("ping"), {"mcp-protocol-version": "1999-01-01"}, (400, -32022, 1)),
        (
            {"jsonrpc": "2.0", "method": "notifications/initialized"},
            {"mcp-protocol-version": "1999-01-01"},
            (400, -32022, None),
        ),
        (request("server/discover"), {}, (400, -32602, 1)),
        (request("unknown/method"), {}, (200, -32601, 1)),
        (request("tools/call", name="nope"), {}, (200, -32602, 1)),
        (request("tools/list", cursor="nonsense"), {}, (200, -32602, 1)),
        (request("resources/read", uri="a:b"), {}, (200, -32002, 1)),
        (
            [request("ping")],
            {"mcp-protocol-version": "2025-06-18"},
            (400, -32600, None),
        ),
        ([request("ping")], modern("ping"), (400, -32600, None)),
        ([request("ping", n) for n in range(1001)], {}, (400, -32600, None)),
        ({"jsonrpc": "2.0", "id": 1, "result": {}}, modern("x"), (400, -32600, None)),
        # The stateless protocol, and what its headers must say.
        (request("tools/list", **META), {}, (400, -32020, 1)),
        (
            request("tools/list", **META),
            {"mcp-protocol-version": "2025-11-25"},
            (400, -32020, 1),
        ),
        (request("tools/list"), modern("tools/list"), (400, -32602, 1)),
        (request("initialize"), modern("initialize"), (400, -32602, 1)),
        (request("tools/list", **META), modern("tools/call"), (400, -32020, 1)),
        (
            request("tools/call", name="answer", **META),
            modern("tools/call"),
            (400, -32020, 1),
        ),
        (
            request("tools/list", _meta=stateless.request_meta("v999.0.0")),
            modern("tools/list") | {"MCP-Protocol-Version": "v999.0.0"},
            (400, -32022, 1),
        ),
        (
            request("unknown/method", **META),
            modern("unknown/method"),
            (404, -32601, 1),
        ),
        (request("initialize", **META), modern("initialize"), (404, -32601, 1)),
        (request("ping", **META), modern("ping"), (404, -32601, 1)),
        (
            request("tools/call", name="nope", **META),
            modern("tools/call", "nope"),
            (400, -32602, 1),
        ),
        (
            request("resources/read", uri="a:b", **META),
            modern("resources/read", "a:b"),
            (400, -32602, 1),
        ),
    ],
)
async def test_errors(
    message: Any, headers: dict[str, str], expected: tuple[int, int, Any]
) -> None:
    assert failure(await post(message, headers)) == expected


async def test_a_repeated_header_is_refused() -> None:
    body = json.dumps(request("tools/list", **META)).encode()
    headers = [("content-type", "application/json"), *modern("tools/list").items()]
    async with client(App(shop_server())) as http:
        response = await http.post(
            "/mcp", content=body, headers=[*headers, ("Mcp-Method", "tools/list")]
        )
    assert failure(response) == (400, -32020, 1)


@pytest.mark.parametrize("headers", [{}, {"mcp-protocol-version": "2025-03-26"}])
async def test_batches(headers: dict[str, str]) -> None:
    notification = {"jsonrpc": "2.0", "method": "notifications/unknown"}
    batch = [request("ping", 1), notification, request("nope", 2), request("ping", 1)]
    response = await post(batch, headers)
    assert response.status_code == 200
    answers = [(one["id"], one.get("error", {}).get("code")) for one in response.json()]
    assert answers == [(1, None), (2, -32601), (1, -32600)]
    accepted = await post([notification, {"jsonrpc": "2.0", "id": 1, "result": {}}])
    assert (accepted.status_code, accepted.content) == (202, b"")


@pytest.mark.parametrize("path", ["/mcp", "/mcp/"])
async def test_the_path_with_and_without_a_slash(path: str) -> None:
    assert (await post(request("ping"), path=path)).json()["result"] == {}


@pytest.mark.parametrize(
    ("own", "path", "status"),
    [
        ("/mcp", "/", 404),
        ("/mcp", "/mcp/x", 404),
        ("/", "/", 200),
        ("/a/b", "/a/b", 200),
    ],
)
async def test_other_paths(own: str, path: str, status: int) -> None:
    app = App(shop_server(), own)
    assert (await post(request("ping"), app=app, path=path)).status_code == status


@pytest.mark.parametrize("full", [True, False])
@pytest.mark.parametrize("path", ["/below", "/below/", "/below/mcp"])
@pytest.mark.requirement("http-1")
async def test_mounted_below_another_path(path: str, full: bool) -> None:
    app = App(shop_server())

    async def mounted(scope: Any, receive: Any, send: Any) -> None:
        below = scope["path"] if full else scope["path"].removeprefix("/below")
        await app(scope | {"root_path": "/below", "path": below}, receive, send)

    response = await post(request("ping"), app=mounted, path=path)
    assert response.json()["result"] == {}


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT", "OPTIONS"])
async def test_only_post(method: str) -> None:
    async with client(App(shop_server())) as http:
        response = await http.request(method, "/mcp")
    assert failure(response) == (405, -32600, None)
    assert response.headers["allow"] == "POST"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"content-type": "text/plain"}, 415),
        ({"content-type": ""}, 415),
        ({"content-type": "application/json; charset=utf-8"}, 200),
        ({"accept": "text/html"}, 406),
        ({"accept": ""}, 200),
        ({"accept": "*/*"}, 200),
        ({"accept": "Application/JSON;q=0.9"}, 200),
        ({"host": "evil.com"}, 403),
        ({"host": "LocalHost"}, 200),
        ({"origin": "https://evil.com"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://localhost:3000"}, 200),
    ],
)
async def test_what_headers_decide(headers: dict[str, str], status: int) -> None:
    assert (await post(request("ping"), headers)).status_code == status


async def test_allowed_hosts_come_from_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SHOP_ALLOWED_HOSTS", "mcp.example.com")
    response = await post(request("ping"), {"host": "mcp.example.com"})
    assert response.status_code == 200


async def test_a_client_that_takes_only_events_gets_one() -> None:
    response = await post(request("ping"), {"accept": "text/event-stream"})
    assert response.headers["content-type"] == "text/event-stream"
    assert response.text == (
        'event: message\r\ndata: {"jsonrpc":"2.0","id":1,"result":{}}\r\n\r\n'
    )


async def test_a_body_that_is_too_large() -> None:
    text = "x" * (16 * 1024 * 1024)
    assert failure(await post(request("ping", text=text))) == (413, -32600, None)

    async def unannounced() -> AsyncIterator[bytes]:
        for _ in range(17):
            yield b"x" * 1024 * 1024

    headers = {"content-type": "application/json"}
    async with client(App(shop_server())) as http:
        response = await http.post("/mcp", content=unannounced(), headers=headers)
    assert failure(response) == (413, -32600, None)


@pytest.mark.requirement("errors-4", "known-10")
async def test_an_internal_error_says_nothing(caplog: pytest.LogCaptureFixture) -> None:
    async def broken(call: Any, step: Any) -> Any:
        raise ValueError("the password is teapot")

    server = shop_server()
    server.add_middleware(broken)
    called = request("tools/call", name="answer", **META)
    response = await post(called, modern("tools/call", "answer"), app=App(server))
    assert failure(response) == (200, -32603, 1)
    assert "teapot" not in response.text
    assert "teapot" in caplog.text


class Exchange:
    """One request to an application, driven by hand: it can disconnect."""

    def __init__(self, app: App, message: Any, headers: dict[str, str]) -> None:
        self._incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._outgoing: asyncio.Queue[Any] = asyncio.Queue()
        body = json.dumps(message).encode()
        self._incoming.put_nowait({"type": "http.request", "body": body})
        sent = {"content-type": "application/json", "accept": ACCEPT} | headers
        scope = {
            "type": "http",
            "method": "POST",
            "path": "/mcp",
            "headers": [(k.lower().encode(), v.encode()) for k, v in sent.items()],
        }
        self.task = asyncio.create_task(
            app(scope, self._incoming.get, self._outgoing.put)
        )

    async def next(self) -> Any:
        async with asyncio.timeout(5):
            return await self._outgoing.get()

    def disconnect(self) -> None:
        self._incoming.put_nowait({"type": "http.disconnect"})

    async def end(self) -> list[Any]:
        """What was sent until the application was done."""
        async with asyncio.timeout(5):
            await self.task
        return [self._outgoing.get_nowait() for _ in range(self._outgoing.qsize())]


def waiting(seconds: float, **params: Any) -> dict[str, Any]:
    arguments = {"seconds": seconds}
    return request("tools/call", name="wait", arguments=arguments, **params)


@pytest.mark.requirement("http-8")
async def test_a_stateless_request_ends_with_its_client() -> None:
    shop.waiting.clear()
    app = App(shop_server())
    exchange = Exchange(app, waiting(30, **META), modern("tools/call", "wait"))
    await asyncio.sleep(0.3)
    assert shop.waiting
    exchange.disconnect()
    assert await exchange.end() == []
    assert not shop.waiting


async def test_an_older_request_outlives_its_client() -> None:
    exchange = Exchange(App(shop_server()), waiting(0.3), {})
    await asyncio.sleep(0.1)
    exchange.disconnect()
    start, _ = await exchange.end()
    assert start["status"] == 200


@pytest.mark.requirement("known-33")
async def test_a_client_that_leaves_before_its_body_is_complete() -> None:
    incoming: asyncio.Queue[Any] = asyncio.Queue()
    outgoing: asyncio.Queue[Any] = asyncio.Queue()
    body = {"type": "http.request", "body": b"{", "more_body": True}
    incoming.put_nowait(body)
    incoming.put_nowait({"type": "http.disconnect"})
    headers = [(b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/mcp", "headers": headers}
    await App(shop_server())(scope, incoming.get, outgoing.put)
    assert outgoing.empty()


async def test_a_body_that_does_not_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mcpgen_runtime.transports.exchange._PATIENCE", 0.05)
    incoming: asyncio.Queue[Any] = asyncio.Queue()
    outgoing: asyncio.Queue[Any] = asyncio.Queue()
    incoming.put_nowait({"type": "http.request", "body": b"{", "more_body": True})
    headers = [(b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/mcp", "headers": headers}
    await App(shop_server())(scope, incoming.get, outgoing.put)
    start = outgoing.get_nowait()
    assert start["status"] == 408
    assert (b"connection", b"close") in start["headers"]


async def test_who_reads_slowly_holds_up_who_reports() -> None:
    reported = 0

    async def chatty(ctx: Context) -> str:
        nonlocal reported
        for number in range(1000):
            await ctx.log("info", number)
            reported += 1
        return "done"

    taken: asyncio.Queue[Any] = asyncio.Queue(maxsize=1)
    called = json.dumps(request("tools/call", name="ask")).encode()
    incoming: asyncio.Queue[Any] = asyncio.Queue()
    incoming.put_nowait({"type": "http.request", "body": called})
    headers = [(b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/mcp", "headers": headers}
    task = asyncio.create_task(App(asking(chatty))(scope, incoming.get, taken.put))
    seen = -1
    while seen != reported:
        seen = reported
        await asyncio.sleep(0.2)
    assert 0 < reported < 100
    events = 0
    while (await taken.get()).get("body") != b"":
        events += 1
    await task
    assert events == 1 + 1000 + 1


@pytest.mark.requirement("known-35", "http-7")
async def test_a_subscription_streams_until_the_server_closes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("mcpgen_runtime.transports.delivery._KEEP_ALIVE", 0.05)
    app = App(shop_server())
    asked = request("subscriptions/listen", "L", notifications={}, **META)
    exchange = Exchange(app, asked, modern("subscriptions/listen"))
    start = await exchange.next()
    assert start["status"] == 200
    assert (b"content-type", b"text/event-stream") in start["headers"]
    assert (b"x-accel-buffering", b"no") in start["headers"]
    assert (
        b"notifications/subscriptions/acknowledged" in (await exchange.next())["body"]
    )
    assert (await exchange.next())["body"] == b":\r\n\r\n"
    app.close(grace=5)
    *_, result, end = await exchange.end()
    assert b'"resultType":"complete"' in result["body"]
    assert end == {"type": "http.response.body", "body": b""}


async def test_what_outlasts_the_grace_is_told_so() -> None:
    app = App(shop_server())
    exchange = Exchange(app, waiting(30), {})
    await asyncio.sleep(0.1)
    app.close(grace=0.05)
    start, body = await exchange.end()
    assert start["status"] == 503
    assert json.loads(body["body"])["id"] == 1


async def test_the_lifespan_closes_the_connections_to_the_api() -> None:
    server = shop_server()
    app = App(server)
    incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    sent: list[str] = []

    async def send(event: Any) -> None:
        sent.append(event["type"])

    lifespan = asyncio.create_task(app({"type": "lifespan"}, incoming.get, send))
    incoming.put_nowait({"type": "lifespan.startup"})
    await post(request("tools/call", name="answer"), app=app)
    assert server.api._apis[None]._upstream is not None
    incoming.put_nowait({"type": "lifespan.shutdown"})
    await lifespan
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert server.api._apis[None]._upstream is None


async def test_nothing_but_http_is_served() -> None:
    with pytest.raises(ValueError, match="websocket"):
        await App(shop_server())({"type": "websocket"}, asyncio.Queue().get, print)  # type: ignore[arg-type]


async def test_the_application_of_a_server_reads_its_settings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SHOP_RESOURCES_AS_TOOLS", "true")
    there = application(shop_server(), "/here")
    listed = await post(request("tools/list"), app=there, path="/here")
    assert len(listed.json()["result"]["tools"]) == 5
    monkeypatch.setenv("SHOP_PAGE_SIZE", "none")
    with pytest.raises(SettingsError, match="SHOP_PAGE_SIZE"):
        application(shop_server())


@asynccontextmanager
async def process(
    folder: Path, *options: str
) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """A server listening on a free port, and its URL."""
    command = ("-m", "shop_server", "--transport", "http", "--port", "0", *options)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *command,
        cwd=folder,
        env=environment(),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stderr
        async with asyncio.timeout(10):
            line = (await process.stderr.readline()).decode()
        assert line.startswith("shop_server: serving on http://127.0.0.1:"), line
        yield process, line.split()[-1]
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


def test_what_is_sent_does_not_wait_for_the_client() -> None:
    with (
        listen("127.0.0.1", 0) as listener,
        socket.create_connection(listener.getsockname()),
    ):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@pytest.mark.requirement("known-21", "subscriptions-6")
async def test_a_real_server(tmp_path: Path) -> None:
    write_package(tmp_path)
    headers = {"content-type": "application/json"} | modern("subscriptions/listen")
    asked = request("subscriptions/listen", "L", notifications={}, **META)
    async with process(tmp_path) as (server, url), httpx.AsyncClient() as http:
        answer = await http.post(f"{url}/", json=request("tools/list"))
        assert len(answer.json()["result"]["tools"]) == 3
        evil = {"host": "evil.com"}
        assert (await http.post(url, json={}, headers=evil)).status_code == 403
        async with http.stream("POST", url, json=asked, headers=headers) as stream:
            lines = stream.aiter_lines()
            assert await anext(lines) == "event: message"
            slow = asyncio.create_task(http.post(url, json=waiting(0.5)))
            stuck = asyncio.create_task(http.post(url, json=waiting(60)))
            await asyncio.sleep(0.8)
            slow_again = asyncio.create_task(http.post(url, json=waiting(0.5)))
            await asyncio.sleep(0.2)
            start = time.monotonic()
            server.send_signal(signal.SIGTERM)
            rest = [line async for line in lines]
        assert any('"resultType":"complete"' in line for line in rest)
        assert (await slow).json()["result"]["isError"] is False
        assert (await slow_again).json()["result"]["isError"] is False
        assert (await stuck).status_code == 503
        code = await server.wait()
        assert time.monotonic() - start < 4
        assert code == -signal.SIGTERM
        assert server.stdout
        assert server.stderr
        assert await server.stdout.read() == b""
        assert b"Traceback" not in await server.stderr.read()


async def test_an_interrupted_server(tmp_path: Path) -> None:
    write_package(tmp_path)
    async with process(tmp_path) as (server, url):
        async with httpx.AsyncClient(trust_env=False) as client:
            await client.get(url)  # it listens before it serves
        server.send_signal(signal.SIGINT)
        async with asyncio.timeout(5):
            assert await server.wait() == 130
        assert server.stderr
        assert b"Traceback" not in await server.stderr.read()
