"""An application in this process: its lifespan, its answers, and its bad days."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx
import pytest
from mcpgen_runtime import Server, Settings, Tool, mount
from mcpgen_runtime.application import Application
from mcpgen_runtime.client import connect
from mcpgen_runtime.components import Query
from mcpgen_runtime.settings import ResolvedSettings
from mcpgen_runtime.transports.http import App
from mcpgen_runtime.upstream.client import Upstream
from mcpgen_runtime.upstream.httpx_transport import HttpxTransport
from mcpgen_runtime.upstream.in_process import InProcess

PATIENCE = 30

MODULE = """
seen = []

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        seen.append("start")
        scope["state"]["made"] = ["by the lifespan"]
        await send({"type": "lifespan.startup.complete"})
        await receive()
        seen.append("stop")
        await send({"type": "lifespan.shutdown.complete"})
        return
    seen.append(scope["path"])
    body = scope["state"]["made"][0].encode()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})
"""


class Ready:
    """An application that has started."""

    def __init__(self, application: Any) -> None:
        self.application = application

    async def ready(self) -> tuple[Any, dict[str, Any]]:
        return self.application, {"name": "state"}


def elsewhere(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, text=f"the network: {request.url}")


def resolved(**more: str) -> ResolvedSettings:
    environment = {f"A_{name.upper()}": value for name, value in more.items()}
    return Settings(prefix="A", base_url="http://app").resolve(environment)


@asynccontextmanager
async def calling(
    application: Any, **settings: str
) -> AsyncIterator[Callable[..., Any]]:
    """A function that calls `GET /` of an application, and gives the result."""
    network = HttpxTransport(httpx.MockTransport(elsewhere))
    transport = InProcess(Ready(application), "http://app", network)
    upstream = Upstream(resolved(**settings), transport)

    async def call(path: str = "/", server: str | None = None) -> Any:
        tool = Tool(name="t", method="GET", path=path, server=server)
        async with asyncio.timeout(PATIENCE):
            return await upstream.call(tool, {})

    yield call
    await upstream.aclose()


async def start(send: Any, kind: bytes = b"text/plain") -> None:
    headers = [(b"content-type", kind)]
    await send({"type": "http.response.start", "status": 200, "headers": headers})


def text(result: Any) -> str:
    joined: str = "\n".join(block["text"] for block in result.content)
    return joined


async def test_the_scope_is_that_of_a_request() -> None:
    scopes: list[dict[str, Any]] = []

    class Behind:
        root_path = "/proxy"

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            scopes.append(scope)
            scope["state"]["name"] = "changed"
            await start(send)
            await send({"type": "http.response.body", "body": b"fine"})

    async with calling(Behind()) as call:
        for _ in range(2):
            assert text(await call("/a%2Fb")) == "fine"
    first, second = scopes
    assert (first["path"], first["raw_path"]) == ("/proxy/a/b", b"/proxy/a%2Fb")
    assert (first["root_path"], first["server"]) == ("/proxy", ("app", 80))
    assert (b"host", b"app") in first["headers"]
    assert first["state"] is not second["state"]


async def test_another_origin_takes_the_network() -> None:
    async with calling(None) as call:
        result = await call(server="https://elsewhere.example")
    assert text(result) == "the network: https://elsewhere.example/"


async def test_an_endless_answer_is_left_and_the_application_is_told() -> None:
    told = asyncio.Event()

    async def endless(scope: Any, receive: Any, send: Any) -> None:
        await start(send)
        try:
            while True:
                body = b"x" * 1000
                await send(
                    {"type": "http.response.body", "body": body, "more_body": True}
                )
        except OSError:
            told.set()

    async with calling(endless, max_response_bytes="5000") as call:
        result = await call()
        async with asyncio.timeout(PATIENCE):
            await told.wait()
    assert result.is_error
    assert "more than 5,000 bytes" in text(result)


async def test_a_slow_answer_is_left_and_the_application_is_told() -> None:
    told = asyncio.Event()

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        if (await receive())["type"] == "http.disconnect":
            told.set()

    async with calling(slow, timeout="0.05") as call:
        result = await call()
        async with asyncio.timeout(PATIENCE):
            await told.wait()
    assert "did not answer within 0.05 s" in text(result)


async def test_a_stream_is_collected() -> None:
    async def stream(scope: Any, receive: Any, send: Any) -> None:
        await start(send, b"application/x-ndjson")
        for number in range(3):
            body = b"%d\n" % number
            await send({"type": "http.response.body", "body": body, "more_body": True})
        await send({"type": "http.response.body"})

    async with calling(stream) as call:
        assert "0\n1\n2" in text(await call())


async def raises(scope: Any, receive: Any, send: Any) -> None:
    raise RuntimeError("the password is hunter2")


async def raises_late(scope: Any, receive: Any, send: Any) -> None:
    await start(send)
    await send({"type": "http.response.body", "body": b"half", "more_body": True})
    raise RuntimeError("the password is hunter2")


@pytest.mark.parametrize(
    ("application", "said"),
    [
        (raises, "HTTP 500"),
        (raises_late, "The application behind this server failed in the middle"),
    ],
)
async def test_an_exception_is_logged_and_its_text_stays_here(
    application: Any, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with calling(application) as call:
        result = await call()
    assert result.is_error
    assert said in text(result)
    assert "hunter2" not in repr(result)
    assert "hunter2" in caplog.text


async def test_what_goes_on_after_the_answer_ends_before_the_server() -> None:
    ended: list[str] = []

    async def background(scope: Any, receive: Any, send: Any) -> None:
        await start(send)
        await send({"type": "http.response.body", "body": b"fine"})
        await asyncio.sleep(0.05)
        ended.append("background")

    async with calling(background) as call:
        assert text(await call()) == "fine"
    assert ended == ["background"]


@pytest.fixture
def server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Callable[..., Server]:
    """A server whose application is `app` of a module with this text."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    name = re.sub(r"\W", "_", request.node.name)

    def make(code: str) -> Server:
        (tmp_path / f"{name}.py").write_text(code)
        settings = Settings(prefix="A", application=f"{name}:app")
        server = Server(name="a", version="1", settings=settings)
        server.add(Tool(name="look", method="GET", path="/look"))
        return server

    return make


def module(server: Server) -> Any:
    name = (server.settings.application or "").partition(":")[0]
    return import_module(name)


async def test_the_lifespan_runs_once_for_all_calls(
    server: Callable[..., Server],
) -> None:
    live = server(MODULE)
    for round in (1, 2):  # a server may run again
        async with connect(live) as one, connect(live) as two:
            for client in (one, two):
                result = await client.call_tool("look")
                assert result["content"][0]["text"] == "by the lifespan"
        expected = ["start", "/look", "/look", "stop"] * round
        assert module(live).seen == expected


async def test_a_listing_does_not_wait_for_the_application(
    server: Callable[..., Server],
) -> None:
    never = "import threading\nthreading.Event().wait(0.5)\n"
    async with connect(server(never + MODULE)) as client:
        (tool,) = await client.list_tools()
        assert tool["name"] == "look"
        result = await client.call_tool("look")
        assert not result["isError"]


ASGI = "async def app(scope, receive, send):\n"
FAILED = {"type": "lifespan.startup.failed"}
BROKEN = {
    "import": ("raise ValueError('no such database')", "ValueError: no such database"),
    "dependency": ("import sqlalchemist", "No module named 'sqlalchemist'"),
    "syntax": ("def app(:", "invalid syntax"),
    "exit": ("import sys\nsys.exit('set DATABASE_URL')", "set DATABASE_URL"),
    "attribute": ("application = None", "has no 'app'"),
    "kind": ("app = 1", "is no ASGI application"),
    "factory": ("def app():\n    return 1", "call it"),
    "startup": (
        f"{ASGI}    await send({FAILED} | {{'message': 'x\\nno disk'}})",
        "its startup fails: no disk",
    ),
    "startup that raises": (
        f"{ASGI}    await send({FAILED})\n    raise OSError('no disk')",
        "its startup fails: OSError: no disk",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
async def test_a_broken_application_is_told_at_the_start_and_by_each_call(
    server: Callable[..., Server], name: str, caplog: pytest.LogCaptureFixture
) -> None:
    code, said = BROKEN[name]
    live = server(code)
    async with connect(live) as client:
        assert len(await client.list_tools()) == 1
        assert not await live.api.started()
        result = await client.call_tool("look")
    assert said in caplog.text
    assert result["isError"]
    assert "could not be started" in result["content"][0]["text"]
    assert said not in result["content"][0]["text"]


async def test_an_application_without_a_lifespan_runs(
    server: Callable[..., Server],
) -> None:
    code = (
        "async def app(scope, receive, send):\n"
        "    assert scope['type'] == 'http'\n"
        "    await send({'type': 'http.response.start', 'status': 204})\n"
        "    await send({'type': 'http.response.body'})\n"
    )
    async with connect(server(code)) as client:
        assert not (await client.call_tool("look"))["isError"]


async def test_a_start_that_failed_is_tried_again(
    server: Callable[..., Server],
) -> None:
    code = MODULE.replace('append("start")', 'append("start"); 1 / (len(seen) - 1)')
    code += (
        "\ninner = app\n"
        "async def app(scope, receive, send):\n"
        "    try:\n"
        "        await inner(scope, receive, send)\n"
        "    except ZeroDivisionError:\n"
        "        await send({'type': 'lifespan.startup.failed'})\n"
    )
    live = server(code)
    async with connect(live) as client:
        assert not await live.api.started()
        assert not (await client.call_tool("look"))["isError"]


async def test_over_http_a_broken_application_stops_the_start(
    server: Callable[..., Server],
) -> None:
    incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    incoming.put_nowait({"type": "lifespan.startup"})
    sent: list[Any] = []

    async def send(event: Any) -> None:
        sent.append(event["type"])

    await App(server("app = 1"))({"type": "lifespan"}, incoming.get, send)
    assert sent == ["lifespan.startup.failed"]


async def test_an_import_that_is_not_over_does_not_hold_up_the_end() -> None:
    application = Application("nothing_of_this_name:app")
    application.start()
    await application.stop()


def test_the_log_shows_no_value_of_a_validation_error() -> None:
    from mcpgen_runtime.application import cause
    from pydantic import BaseModel, ValidationError

    class Config(BaseModel):
        url: str
        port: int

    with pytest.raises(ValidationError) as caught:
        Config.model_validate({"port": "hunter2"})
    said = cause(caught.value)
    assert "url Field required" in said
    assert "hunter2" not in said


class Within:
    """What a FastAPI or Starlette application has for others in it."""

    def __init__(self) -> None:
        self.routes: dict[str, Any] = {}

    def add_route(self, path: str, route: Any, *, include_in_schema: bool) -> None:
        self.routes[path] = route

    def mount(self, path: str, app: Any) -> None:
        self.routes[f"{path}/*"] = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await start(send)
        headers = dict(scope["headers"])
        said = f"{scope['state']} {headers.get(b'x-user', b'nobody').decode()}"
        await send({"type": "http.response.body", "body": said.encode()})


@pytest.mark.parametrize(
    ("allowed", "said"), [("", "nobody"), ("x-user, authorization", "ada")]
)
async def test_mounted_it_calls_its_host_for_the_caller(
    allowed: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("A_FORWARD_HEADERS", allowed)
    settings = Settings(prefix="A", application="nothing_of_this_name:app")
    server = Server(name="a", version="1", settings=settings)
    query = Query("q", {"type": "string"})
    server.add(Tool(name="look", method="GET", path="/look", arguments=(query,)))
    host = Within()
    mount(server, host, "/agents/mcp")
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call"}
    message |= {"params": {"name": "look", "arguments": {}}}

    async def with_state(scope: Any, receive: Any, send: Any) -> None:
        scope["state"] = {"pool": 1}
        await host.routes["/agents/mcp"](scope, receive, send)

    async with (
        server.running(),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(with_state), base_url="http://localhost"
        ) as client,
    ):
        answer = await client.post(
            "/agents/mcp",
            json=message,
            headers={"Accept": "application/json", "X-User": "ada"},
        )
    result = answer.json()["result"]
    assert result["content"][0]["text"] == f"{{'pool': 1}} {said}"
