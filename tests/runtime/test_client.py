"""Calls against a recording upstream: raw bytes out, and every fault back in."""

from __future__ import annotations

import asyncio
import gzip
import logging
import ssl
import time
import tracemalloc
import zlib
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from mcpgen_runtime.components import Argument, Body, Cookie, Path, Query, Tool
from mcpgen_runtime.content import Result
from mcpgen_runtime.errors import ArgumentsError
from mcpgen_runtime.settings import ResolvedSettings, Settings, SettingsError
from mcpgen_runtime.upstream.auth import ApiKey, Basic, Bearer, Credential
from mcpgen_runtime.upstream.client import Upstream, retry_delay
from mcpgen_runtime.upstream.engine import proxy_of
from mcpgen_runtime.upstream.exchange import origin
from mcpgen_runtime.upstream.httpx_transport import HttpxTransport

from .recording import Pause, answer, upstream

SECRET = "s3cr3t-v4lue"
OK = answer(b'{"ok":true}')
KEY = ApiKey(variable="SHOP_KEY", location="query", name="key")


def settings(
    url: str | None,
    *,
    timeout: float = 5.0,
    limit: int = 1_000_000,
    credentials: dict[str, Credential] | None = None,
    **environment: str,
) -> ResolvedSettings:
    return Settings(
        prefix="SHOP",
        base_url=url,
        credentials=credentials or {},
        timeout=timeout,
        max_response_bytes=limit,
    ).resolve(environment)


def tool(
    method: str = "GET", path: str = "/x", *arguments: Argument, **options: Any
) -> Tool:
    return Tool(name="t", method=method, path=path, arguments=arguments, **options)


async def call(
    configured: ResolvedSettings,
    component: Tool | None = None,
    arguments: dict[str, Any] | None = None,
    transport: HttpxTransport | None = None,
) -> Result:
    client = Upstream(configured, transport)
    try:
        return await client.call(component or tool(), arguments or {})
    finally:
        await client.aclose()


def text(result: Result) -> str:
    return "\n".join(block["text"] for block in result.content)


def mock(handle: Callable[[httpx.Request], Any]) -> HttpxTransport:
    return HttpxTransport(httpx.MockTransport(handle))


async def test_the_bytes_on_the_wire() -> None:
    component = tool(
        "POST",
        "/pets/{id}?v=1",
        Path("id", {}),
        Query("q", {}, allow_reserved=True),
        Query("f", {}, style="pipeDelimited", explode=False),
        Cookie("c", {}),
        Body("body", {}),
        body="application/json",
    )
    given = {"id": "a:b'c|", "q": "/?'(|)", "f": ["a", "b"], "c": "x;", "body": ["é"]}
    async with upstream(lambda _: OK) as api:
        result = await call(settings(f"{api.url}/v1?k=v"), component, given)
    assert result.structured == b'{"ok":true}'
    assert api.targets == ["/v1/pets/a:b%27c%7C?k=v&v=1&q=/?'(%7C)&f=a%7Cb"]
    assert api.requests[0].startswith(b"POST ")
    assert api.header("Host") == api.url.removeprefix("http://")
    assert api.header("Content-Type") == "application/json"
    assert api.header("Content-Length") == "6"
    assert api.header("Accept") == "application/json"
    assert api.header("Accept-Encoding") == "gzip, deflate"
    assert api.header("Cookie") == "c=x%3B"
    assert api.body == '["é"]'.encode()


async def test_connections_are_kept_and_cookies_are_not() -> None:
    with_cookie = answer(b"1", Set_Cookie="sid=1")
    async with upstream(lambda _: with_cookie) as api:
        client = Upstream(settings(api.url))
        for _ in range(3):
            await client.call(tool(), {})
        await client.aclose()
    assert api.connections == 1
    assert api.header("Cookie") is None


async def test_an_operation_of_another_server() -> None:
    async with upstream(lambda _: OK) as api:
        component = tool(server=f"{api.url}/other")
        assert not (await call(settings("http://127.0.0.1:9"), component)).is_error
        relative = tool(server="/v2?k=v")
        await call(settings(f"{api.url}/base/v1?key=1"), relative)
    assert api.targets == ["/other/x", "/v2/x?k=v"]


async def test_no_base_url_names_the_setting() -> None:
    result = await call(settings(None))
    assert result.is_error
    assert "SHOP_BASE_URL" in text(result)


@pytest.mark.parametrize("server", ["ftp://a.test", "http://[", "{host}"])
async def test_a_server_that_is_no_url_is_told(server: str) -> None:
    result = await call(settings("http://a.test"), tool(server=server))
    assert result.is_error
    assert repr(server) in text(result)


# Credentials


@pytest.mark.parametrize(
    ("credential", "target", "header", "value"),
    [
        (KEY, "/x?key=s3cr3t-v4lue", "Cookie", None),
        (
            ApiKey(variable="SHOP_KEY", location="header", name="X-Key"),
            "/x",
            "X-Key",
            SECRET,
        ),
        (
            ApiKey(variable="SHOP_KEY", location="cookie", name="sid"),
            "/x",
            "Cookie",
            f"sid={SECRET}",
        ),
        (Bearer(variable="SHOP_KEY"), "/x", "Authorization", f"Bearer {SECRET}"),
        (
            Basic(username="SHOP_USER", password="SHOP_KEY"),
            "/x",
            "Authorization",
            "Basic dTpzM2NyM3QtdjRsdWU=",
        ),
    ],
)
async def test_credentials(
    credential: Credential, target: str, header: str, value: str | None
) -> None:
    async with upstream(lambda _: OK) as api:
        configured = settings(
            api.url, credentials={"c": credential}, SHOP_KEY=SECRET, SHOP_USER="u"
        )
        result = await call(configured, tool(security=(("c",),)))
    assert not result.is_error
    assert api.targets == [target]
    assert api.header(header) == value


async def test_missing_credentials_are_named_and_nothing_is_sent() -> None:
    async with upstream(lambda _: OK) as api:
        configured = settings(api.url, credentials={"c": KEY})
        result = await call(configured, tool(security=(("c",),)))
    assert result.is_error
    assert "SHOP_KEY" in text(result)
    assert api.connections == 0


async def test_a_refused_argument_is_named_and_nothing_is_sent() -> None:
    async with upstream(lambda _: OK) as api:
        component = tool("GET", "/x/{id}", Path("id", {}))
        with pytest.raises(ArgumentsError, match=r"^id "):
            await call(settings(api.url), component, {"id": ".."})
    assert api.connections == 0


@pytest.mark.parametrize(
    "error", [httpx.ConnectError, httpx.ReadTimeout, httpx.ProxyError, ValueError]
)
async def test_no_failure_shows_a_credential(
    error: type[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        assert SECRET in str(request.url)
        raise error(f"failed: {request.url}")

    caplog.set_level(logging.DEBUG)
    configured = settings("http://a.test", credentials={"c": KEY}, SHOP_KEY=SECRET)
    result = await call(configured, tool(security=(("c",),)), None, mock(fail))
    assert result.is_error
    assert SECRET not in text(result)
    assert SECRET not in caplog.text


async def test_an_error_that_repeats_a_credential_is_masked() -> None:
    body = f'{{"message":"key {SECRET} is unknown"}}'.encode()
    link = f"<http://a.test/x?key={SECRET}&page=2>; rel=next"
    configured = settings("http://a.test", credentials={"c": KEY}, SHOP_KEY=SECRET)
    component = tool(security=(("c",),))
    for status in (400, 200):
        reply = httpx.Response(status, content=body, headers={"Link": link})
        result = await call(configured, component, None, mock(lambda _, r=reply: r))  # type: ignore[misc]
        shown = text(result) if status == 400 else result.content[1]["text"]
        assert "***" in shown
        assert SECRET not in shown


# Redirects


@pytest.mark.parametrize(
    ("status", "method", "sent"),
    [
        (301, "GET", "GET"),
        (302, "POST", "GET"),
        (301, "POST", "GET"),
        (301, "DELETE", "DELETE"),
        (303, "POST", "GET"),
        (303, "PUT", "GET"),
        (302, "PUT", "PUT"),
        (307, "POST", "POST"),
        (308, "PUT", "PUT"),
    ],
)
async def test_redirects_on_the_same_origin(
    status: int, method: str, sent: str
) -> None:
    def script(request: bytes) -> bytes:
        there = b" /v1/x?" in request
        return answer(status=status, Location="../y?z=1#f") if there else OK

    component = tool(
        method,
        "/x",
        Body("body", {}),
        body="application/json",
        security=(("c",),),
    )
    async with upstream(script) as api:
        configured = settings(f"{api.url}/v1", credentials={"c": KEY}, SHOP_KEY=SECRET)
        result = await call(configured, component, {"body": 1})
    assert result.structured == b'{"ok":true}'
    assert api.targets[1] == f"/y?z=1&key={SECRET}"
    assert api.requests[1].startswith(sent.encode())
    assert api.body == (b"1" if sent == method else b"")
    if sent != method:
        assert api.header("Content-Type") is None
    told = f"POST {api.url}/v1/x answered with a redirect ({status})"
    assert (told in text(result)) is (sent != method and status != 303)
    assert SECRET not in text(result)


@pytest.mark.parametrize(
    ("location", "named"),
    [
        ("https://evil.test/x", "https://evil.test"),
        ("//evil.test:8443/x", "http://evil.test:8443"),
        ("https://a.test/x", "https://a.test"),
        ("http://a.test:81/x", "http://a.test:81"),
        ("http://u:p@evil.test/", "http://evil.test"),
        ("file:///etc/passwd", "an invalid URL"),
        ("http://[", "an invalid URL"),
    ],
)
async def test_redirects_to_another_origin_are_refused(
    location: str, named: str
) -> None:
    requests: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(302, headers={"Location": location})

    result = await call(settings("http://a.test"), transport=mock(handle))
    assert result.is_error
    assert named in text(result)
    assert len(requests) == 1


async def test_a_redirect_loop_ends() -> None:
    async with upstream(lambda _: answer(status=302, Location="/x")) as api:
        result = await call(settings(api.url))
    assert result.is_error
    assert "redirects more than 5 times" in text(result)
    assert len(api.requests) == 6


# Busy


@pytest.mark.parametrize(
    ("method", "requests", "is_error"),
    [("GET", 3, False), ("PUT", 3, False), ("POST", 1, True), ("PATCH", 1, True)],
)
async def test_busy_is_asked_again(method: str, requests: int, is_error: bool) -> None:
    replies = [answer(status=429, Retry_After="0"), answer(status=503, Retry_After="0")]
    async with upstream(lambda _: replies.pop(0) if replies else OK) as api:
        result = await call(settings(api.url), tool(method))
    assert len(api.requests) == requests
    assert result.is_error is is_error


async def test_busy_for_too_long_is_told() -> None:
    async with upstream(lambda _: answer(status=503, Retry_After="0")) as api:
        result = await call(settings(api.url))
    assert len(api.requests) == 3
    assert text(result).startswith("HTTP 503 Service Unavailable")


async def test_a_wait_beyond_the_deadline_is_not_waited_for() -> None:
    async with upstream(lambda _: answer(status=429, Retry_After="60")) as api:
        result = await call(settings(api.url))
    assert len(api.requests) == 1
    assert "Retry after: 60 s" in text(result)


def test_retry_delay() -> None:
    assert retry_delay("7", 0) == 7
    assert retry_delay(None, 0) == 0.5
    assert retry_delay("soon", 1) == 1
    assert retry_delay("Wed, 21 Oct 2015 07:28:00 GMT", 0) == 0
    assert retry_delay("Wed, 21 Oct 2099 07:28:00 GMT", 0) > 1e9


# Faults


async def test_refused() -> None:
    async with upstream(lambda _: OK) as api:
        pass
    result = await call(settings(api.url))
    assert result.is_error
    assert text(result).startswith(f"Cannot connect to {api.url}")


DRIPS: list[bytes | Pause] = [Pause(0.1), b" "] * 99
FAULTS: dict[str, tuple[list[bytes | Pause], str]] = {
    "no answer": ([b""], "broke before"),
    "half a head": ([b"HTTP/1.1 200 OK\r\nConte", b""], "broke before"),
    "no HTTP": ([b"SSH-2.0-OpenSSH\r\n\r\n", b""], "broke before"),
    "reset in the body": ([OK[:-4], b""], "broke before"),
    "slow to answer": ([Pause(30)], "did not answer within 1 s"),
    "slow in the body": ([OK[:-4], Pause(30)], "did not answer within 1 s"),
    "endless drip": ([answer(b" " * 99)[:-99], *DRIPS], "did not answer within 1 s"),
    "truncated gzip": (
        [answer(gzip.compress(b"[1]" * 99)[:-9], Content_Encoding="gzip")],
        "ends in the middle of its gzip data",
    ),
    "wrong gzip": ([answer(b"[1]", Content_Encoding="gzip")], "is not valid gzip"),
    "coding not asked for": (
        [answer(b"[1]", Content_Encoding="br")],
        "compressed as 'br', which was not asked for",
    ),
    "too large": ([answer(b" " * 1_000_001)], "more than 1,000,000 bytes"),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.requirement("timeouts-1")
async def test_faults(fault: str) -> None:
    pieces, told = FAULTS[fault]
    faulty = True
    async with upstream(lambda _: pieces if faulty else OK) as api:
        patience = 1 if "did not answer" in told else 20
        client = Upstream(settings(api.url, timeout=patience))
        result = await client.call(tool("POST"), {})
        assert result.is_error
        assert told in text(result)
        assert len(api.requests) == 1
        faulty = False
        assert not (await client.call(tool("POST"), {})).is_error
        await client.aclose()


async def test_malformed_json_is_delivered_as_text() -> None:
    async with upstream(lambda _: answer(b'{"a":')) as api:
        result = await call(settings(api.url))
    assert not result.is_error
    assert result.content[0]["text"] == '{"a":'


@pytest.mark.parametrize("layers", [1, 2])
async def test_a_gzip_bomb_costs_no_more_than_the_limit(layers: int) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    zeros = bytes(1_000_000)
    bomb = b"".join(packer.compress(zeros) for _ in range(200)) + packer.flush()
    codings = "gzip" if layers == 1 else "gzip, gzip"
    async with upstream(lambda _: answer(bomb, Content_Encoding=codings)) as api:
        client = Upstream(settings(api.url))
        await client.call(tool(), {})
        tracemalloc.start()
        try:
            result = await client.call(tool(), {})
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        await client.aclose()
    assert result.is_error
    assert peak < 4_000_000


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(b"[1,2]")),
        ("x-gzip", gzip.compress(b"[1,2]")),
        ("gzip", gzip.compress(b"[1,") + gzip.compress(b"2]")),
        ("deflate", zlib.compress(b"[1,2]")),
        ("deflate", zlib.compress(b"[1,2]")[2:-4]),
        ("identity", b"[1,2]"),
        ("", b"[1,2]"),
    ],
    ids=["gzip", "x-gzip", "members", "zlib", "deflate", "identity", "none"],
)
async def test_content_codings(encoding: str, body: bytes) -> None:
    async with upstream(lambda _: answer(body, Content_Encoding=encoding)) as api:
        result = await call(settings(api.url))
    assert result.structured == b"[1,2]"


async def test_a_chunked_answer() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked"
    chunks = b"\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"
    async with upstream(lambda _: head + chunks) as api:
        assert text(await call(settings(api.url))) == "abc"


@pytest.mark.parametrize(
    ("method", "requests"), [("GET", 3), ("DELETE", 3), ("POST", 2)]
)
async def test_a_dropped_connection_is_tried_once_more(
    method: str, requests: int
) -> None:
    count = 0

    def script(_: bytes) -> bytes:
        nonlocal count
        count += 1
        return b"" if count == 2 else OK

    async with upstream(script) as api:
        client = Upstream(settings(api.url))
        await client.call(tool(), {})
        result = await client.call(tool(method), {})
        await client.aclose()
    assert len(api.requests) == requests
    assert result.is_error is (method == "POST")


async def test_a_certificate_that_is_not_trusted_is_told() -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("x") from ssl.SSLCertVerificationError("bad")

    result = await call(settings("https://a.test"), transport=mock(fail))
    assert "No secure connection to https://a.test" in text(result)


async def test_cancelling_a_call_cancels_it() -> None:
    arrived = asyncio.Event()

    def script(_: bytes) -> list[bytes | Pause]:
        arrived.set()
        return [Pause(30)]

    async with upstream(script) as api:
        task = asyncio.create_task(call(settings(api.url)))
        await arrived.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


# Limits


async def test_a_request_that_is_too_large_is_told_and_not_sent() -> None:
    component = tool("POST", "/x", Body("body", {}), body="application/json")
    async with upstream(lambda _: OK) as api:
        configured = settings(api.url, SHOP_MAX_REQUEST_BYTES="10")
        assert not (await call(configured, component, {"body": "x" * 8})).is_error
        with pytest.raises(ArgumentsError, match="would have 11 bytes"):
            await call(configured, component, {"body": "x" * 9})
    assert len(api.requests) == 1


async def test_no_more_requests_at_once_than_allowed() -> None:
    running: set[object] = set()
    most = 0

    async def handle(request: httpx.Request) -> httpx.Response:
        nonlocal most
        token = object()
        running.add(token)
        most = max(most, len(running))
        await asyncio.sleep(0.01)
        running.discard(token)
        return httpx.Response(204)

    configured = settings("http://a.test", SHOP_MAX_CONCURRENCY="3")
    client = Upstream(configured, mock(handle))
    results = await asyncio.gather(*(client.call(tool(), {}) for _ in range(10)))
    assert not any(result.is_error for result in results)
    assert most == 3


async def test_those_that_wait_have_a_deadline_too() -> None:
    configured = settings("http://a.test", timeout=0.2, SHOP_MAX_CONCURRENCY="1")

    async def never(request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(30)
        raise AssertionError

    client = Upstream(configured, mock(never))
    results = await asyncio.gather(*(client.call(tool(), {}) for _ in range(3)))
    assert all("did not answer within 0.2 s" in text(result) for result in results)


async def test_redirects_can_be_forbidden() -> None:
    async with upstream(lambda _: answer(status=302, Location="/x")) as api:
        result = await call(settings(api.url, SHOP_MAX_REDIRECTS="0"))
    assert "redirects more than 0 times" in text(result)
    assert len(api.requests) == 1


async def test_a_connection_has_its_own_limit() -> None:
    limits: list[dict[str, float]] = []

    def handle(request: httpx.Request) -> httpx.Response:
        limits.append(request.extensions["timeout"])
        return httpx.Response(204)

    for connect in ("0.5", "60"):
        configured = settings("http://a.test", SHOP_CONNECT_TIMEOUT=connect)
        await call(configured, transport=mock(handle))
    assert [one["connect"] for one in limits] == [0.5, 5.0]


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SHOP_MAX_RESULT_BYTES", "0"),
        ("SHOP_MAX_REQUEST_BYTES", "1e6"),
        ("SHOP_MAX_CONCURRENCY", "many"),
        ("SHOP_MAX_REDIRECTS", "-1"),
        ("SHOP_CONNECT_TIMEOUT", "0"),
    ],
)
def test_a_limit_that_is_none_is_named(variable: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"{variable} is '{value}'"):
        settings("http://a.test", **{variable: value})  # type: ignore[arg-type]


# Streams

EVENTS = b"event: tick\ndata: 1\n\ndata: 2\n\n"
STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
LINES = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\n\r\n"
CUT_STREAMS: dict[str, tuple[list[bytes | Pause], bytes, str | None]] = {
    "it ends": ([STREAM, EVENTS, b""], EVENTS, None),
    "it goes on": (
        [STREAM, EVENTS, b"data: 3\n", Pause(30)],
        EVENTS,
        "The stream went on after 2 s",
    ),
    "it goes on and on": (
        [LINES, *[b'{"a":1}\n'] * 999],
        b'{"a":1}\n' * 125,
        "The stream went on after 1,000 bytes",
    ),
    "it says nothing": (
        [STREAM, Pause(30)],
        b"200 OK, with an empty body",
        "The stream went on after 2 s",
    ),
    "it breaks": (
        [
            STREAM.replace(b"\r\n\r\n", b"\r\nContent-Length: 99\r\n\r\n"),
            EVENTS + b"da",
            b"",
        ],
        EVENTS,
        "The stream broke",
    ),
}


@pytest.mark.parametrize("case", CUT_STREAMS)
async def test_streams_are_collected_within_their_bounds(case: str) -> None:
    pieces, collected, note = CUT_STREAMS[case]
    async with upstream(lambda _: pieces) as api:
        configured = settings(api.url, timeout=2, SHOP_MAX_RESULT_BYTES="1000")
        begun = time.monotonic()
        result = await call(configured)
        assert time.monotonic() - begun < 10
    assert not result.is_error
    first, *notes = (block["text"] for block in result.content)
    assert first == collected.decode()
    assert len(notes) == (note is not None)
    assert all(one.startswith(str(note)) for one in notes)


# Proxies


@pytest.mark.parametrize(
    ("environment", "scheme", "host", "proxy"),
    [
        ({}, "http", "a.test", None),
        ({"HTTP_PROXY": "http://p:1"}, "http", "a.test", "http://p:1"),
        ({"HTTP_PROXY": "p:1"}, "http", "a.test", "http://p:1"),
        ({"HTTP_PROXY": "http://p:1"}, "https", "a.test", None),
        ({"HTTPS_PROXY": "http://p:1"}, "https", "a.test", "http://p:1"),
        ({"ALL_PROXY": "http://p:1"}, "https", "a.test", "http://p:1"),
        ({"HTTP_PROXY": "http://p:1"}, "http", "127.0.0.1", None),
        ({"HTTP_PROXY": "http://p:1"}, "http", "localhost", None),
        ({"HTTP_PROXY": "http://p:1"}, "http", "::1", None),
        ({"HTTP_PROXY": "http://p:1", "NO_PROXY": "a.test"}, "http", "a.test", None),
        ({"HTTP_PROXY": "http://p:1", "NO_PROXY": ".test"}, "http", "a.test", None),
        ({"HTTP_PROXY": "http://p:1", "NO_PROXY": "*"}, "http", "a.test", None),
    ],
)
def test_proxy_of(
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str],
    scheme: str,
    host: str,
    proxy: str | None,
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert proxy_of(scheme, host) == proxy


async def test_a_proxy_of_the_environment_is_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with upstream(lambda _: OK) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        result = await call(settings("http://shop.test/v1"))
    assert not result.is_error
    assert proxy.targets == ["http://shop.test/v1/x"]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://a.test/x?y", "http://a.test"),
        ("HTTP://A.test:80/", "http://a.test"),
        ("https://a.test:443", "https://a.test"),
        ("https://u:p@a.test:8443/x", "https://a.test:8443"),
        ("http://[::1]:8080/x", "http://[::1]:8080"),
    ],
)
def test_origin(url: str, expected: str) -> None:
    assert origin(url) == expected
