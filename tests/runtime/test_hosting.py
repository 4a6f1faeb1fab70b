"""The application where others serve it: mounted, in several workers, told to stop."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import fastapi
import httpx
import pytest
from harness import environment
from mcpgen_runtime.settings import SettingsError
from mcpgen_runtime.transports.http import App, app
from starlette.applications import Starlette
from starlette.routing import Mount

from .shop import shop_server, write_package
from .test_http import META, modern, request, waiting

HEADERS = {"accept": "application/json, text/event-stream"}


def fastapi_host(mcp: App, at: str) -> Any:
    host = fastapi.FastAPI(lifespan=mcp.lifespan)

    @host.get("/own")
    def own() -> str:
        return "own"

    host.mount(at, mcp)
    return host


def starlette_host(mcp: App, at: str) -> Any:
    return Starlette(routes=[Mount(at, mcp)], lifespan=mcp.lifespan)


@asynccontextmanager
async def running(host: Any) -> AsyncIterator[None]:
    """The lifespan of an application, as a server goes through it."""
    incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    outgoing: asyncio.Queue[Any] = asyncio.Queue()
    task = asyncio.create_task(
        host({"type": "lifespan", "state": {}}, incoming.get, outgoing.put)
    )
    incoming.put_nowait({"type": "lifespan.startup"})
    assert (await outgoing.get())["type"] == "lifespan.startup.complete"
    yield
    incoming.put_nowait({"type": "lifespan.shutdown"})
    assert (await outgoing.get())["type"] == "lifespan.shutdown.complete"
    await task


@pytest.mark.parametrize("host", [fastapi_host, starlette_host])
@pytest.mark.parametrize(
    ("at", "path", "url"),
    [
        ("/", "/mcp", "/mcp"),
        ("/", "/mcp", "/mcp/"),
        ("/tools", "/mcp", "/tools/mcp"),
        ("/tools", "/mcp", "/tools/mcp/"),
        ("/a/b", "/c/d", "/a/b/c/d"),
        ("/tools", "/", "/tools/"),
    ],
)
async def test_mounted_anywhere(host: Any, at: str, path: str, url: str) -> None:
    server = shop_server()
    mounted = host(App(server, path), at)
    called = request("tools/call", name="answer", **META)
    headers = HEADERS | modern("tools/call", "answer")
    async with (
        running(mounted),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(mounted), base_url="http://localhost"
        ) as http,
    ):
        response = await http.post(url, json=called, headers=headers)
        assert response.status_code == 200
        assert response.json()["result"]["resultType"] == "complete"
        if host is fastapi_host and at != "/":
            assert (await http.get("/own")).json() == "own"
        assert server.api._apis[None]._upstream is not None
    assert server.api._apis[None]._upstream is None


async def test_the_path_comes_from_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SHOP_PATH", "/from/here")
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app(shop_server())), base_url="http://localhost"
    ) as http:
        response = await http.post("/from/here", json=request("ping"))
    assert response.json()["result"] == {}
    monkeypatch.setenv("SHOP_PATH", "here")
    with pytest.raises(SettingsError, match="SHOP_PATH is 'here'"):
        app(shop_server())


@asynccontextmanager
async def uvicorn(
    folder: Path, *options: str
) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """The package in `folder` behind the uvicorn command, and its URL."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "uvicorn", "shop_server.server:app", "--port", str(port), *options),
        cwd=folder,
        env=environment(),
        stderr=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
    )
    assert process.stderr
    line = b""
    async with asyncio.timeout(60):
        while b" running on " not in line:
            line = await process.stderr.readline()
            assert line, "uvicorn has ended"
    rest = asyncio.create_task(process.stderr.read())
    try:
        yield process, f"http://127.0.0.1:{port}/mcp"
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
        assert b"Traceback" not in await rest


async def test_several_workers(tmp_path: Path) -> None:
    """A session begun in one process goes on in whichever takes the next request."""
    write_package(tmp_path)
    params = {"protocolVersion": "2025-11-25", "capabilities": {}}

    def client() -> httpx.AsyncClient:
        """One whose first connection may be early: workers start one by one."""
        transport = httpx.AsyncHTTPTransport(retries=10)
        return httpx.AsyncClient(transport=transport, headers=HEADERS, timeout=30)

    async with uvicorn(tmp_path, "--workers", "2") as (_, url):
        async with client() as http:
            shaken = await http.post(url, json=request("initialize", **params))
            session = {"mcp-session-id": shaken.headers["mcp-session-id"]}
        for number in range(20):
            async with client() as http:
                called = request("tools/call", number, name="answer")
                response = await http.post(url, json=called, headers=session)
                assert response.json()["id"] == number


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_told_to_stop_with_streams_open(
    tmp_path: Path, number: signal.Signals
) -> None:
    """Subscriptions get their result, calls theirs, and what takes longer an error."""
    write_package(tmp_path)
    asked = request("subscriptions/listen", "L", notifications={}, **META)
    headers = HEADERS | modern("subscriptions/listen")
    async with (
        uvicorn(tmp_path) as (process, url),
        httpx.AsyncClient(trust_env=False, timeout=30) as http,
        http.stream("POST", url, json=asked, headers=headers) as stream,
    ):
        lines = stream.aiter_lines()
        assert await anext(lines) == "event: message"
        short = asyncio.create_task(http.post(url, json=waiting(1)))
        long = asyncio.create_task(http.post(url, json=waiting(600)))
        await http.post(url, json=request("tools/call", name="answer"))
        process.send_signal(number)
        rest = [json.loads(line[5:]) async for line in lines if line[:5] == "data:"]
        assert rest[-1]["result"]["resultType"] == "complete"
        assert (await short).json()["result"]["isError"] is False
        assert (await long).status_code == 503
        async with asyncio.timeout(10):
            await process.wait()
