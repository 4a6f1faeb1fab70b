"""The engine under answers of every form: whole, odd, broken, hostile, through proxies."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import pytest
from mcpgen_runtime.upstream.engine import Engine
from mcpgen_runtime.upstream.request import RequestParts
from mcpgen_runtime.upstream.transport import (
    ConnectFailed,
    ConnectionBroken,
    ProxyFailed,
    Unsendable,
)

from .recording import Pause, Piece, upstream

PATIENCE = 20
PLAIN = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
OK = PLAIN + b"Content-Length: 2\r\n\r\nok"


@asynccontextmanager
async def engine() -> AsyncIterator[Engine]:
    async with aclosing(Engine()) as transport:
        yield transport


async def fetch(
    transport: Engine, url: str, method: str = "GET", content: bytes | None = None
) -> tuple[int, bytes]:
    request = RequestParts(method, url, content=content)
    async with aclosing(await transport.send(request, PATIENCE)) as answer:
        return answer.status, b"".join([piece async for piece in answer])


WHOLE: dict[str, tuple[str, list[Piece], tuple[int, bytes], int]] = {
    "a length": ("GET", [OK], (200, b"ok"), 1),
    "in single bytes": ("GET", [bytes([b]) for b in OK], (200, b"ok"), 1),
    "chunks": (
        "GET",
        [
            PLAIN + b"Transfer-Encoding: chunked\r\n\r\n1\r\no\r\n",
            b"1\r\nk\r\n0\r\n\r\n",
        ],
        (200, b"ok"),
        1,
    ),
    "chunks with trailers": (
        "GET",
        [PLAIN + b"Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nA: b\r\n\r\n"],
        (200, b"ok"),
        1,
    ),
    "no length, closed": ("GET", [PLAIN + b"\r\nok", b""], (200, b"ok"), 2),
    "Connection: close": (
        "GET",
        [PLAIN + b"Connection: close\r\nContent-Length: 2\r\n\r\nok"],
        (200, b"ok"),
        2,
    ),
    "HTTP/1.0": (
        "GET",
        [b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok"],
        (200, b"ok"),
        2,
    ),
    "HEAD": ("HEAD", [PLAIN + b"Content-Length: 2\r\n\r\n"], (200, b""), 1),
    "204": ("GET", [b"HTTP/1.1 204 No Content\r\n\r\n"], (204, b""), 1),
    "304": (
        "GET",
        [b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n"],
        (304, b""),
        1,
    ),
    "interim responses": (
        "POST",
        [
            b"HTTP/1.1 100 Continue\r\n\r\n",
            b"HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n" + OK,
        ],
        (200, b"ok"),
        1,
    ),
}


@pytest.mark.parametrize("case", WHOLE)
async def test_whole_answers(case: str) -> None:
    """Each is read twice; a connection that can be kept is used for both."""
    method, pieces, expected, connections = WHOLE[case]
    async with upstream(lambda _: pieces) as api, engine() as transport:
        for _ in range(2):
            assert await fetch(transport, api.url, method) == expected
    assert api.connections == connections


BROKEN: dict[str, list[Piece]] = {
    "nothing": [b""],
    "not HTTP": [b"220 smtp.test ESMTP\r\n"],
    "half a head": [PLAIN, b""],
    "half a body": [PLAIN + b"Content-Length: 9\r\n\r\nok", b""],
    "half a chunk": [PLAIN + b"Transfer-Encoding: chunked\r\n\r\n9\r\nok", b""],
    "no last chunk": [PLAIN + b"Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n", b""],
    "a length that is none": [PLAIN + b"Content-Length: two\r\n\r\nok"],
    "two lengths": [PLAIN + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nok!"],
    "a length and chunks": [
        PLAIN + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    ],
    "a chunk size that is none": [
        PLAIN + b"Transfer-Encoding: chunked\r\n\r\nx\r\nok\r\n"
    ],
    "a head without end": [PLAIN + b"A: " + b"a" * 300_000],
    "a NUL in a header": [PLAIN + b"A: \x00\r\nContent-Length: 0\r\n\r\n"],
}


@pytest.mark.parametrize("case", BROKEN)
async def test_broken_answers(case: str) -> None:
    """Each is an error, and the next request has a connection of its own."""
    answers: Iterator[list[Piece]] = iter([BROKEN[case], [OK]])
    async with upstream(lambda _: next(answers)) as api, engine() as transport:
        with pytest.raises(ConnectionBroken):
            await fetch(transport, api.url)
        assert await fetch(transport, api.url) == (200, b"ok")
    assert api.connections == 2


async def test_what_was_not_asked_for_is_never_an_answer() -> None:
    async with (
        upstream(lambda _: OK + OK.replace(b"ok", b"no")) as api,
        engine() as transport,
    ):
        for _ in range(3):
            assert await fetch(transport, api.url) == (200, b"ok")
    assert api.connections == 3


async def test_a_body_that_nobody_reads_waits_at_the_server() -> None:
    """What is held in memory is bounded, and all of it arrives in the end."""
    size, written = 64_000_000, 0

    def pieces() -> Iterator[bytes]:
        nonlocal written
        yield PLAIN + b"Content-Length: %d\r\n\r\n" % size
        while written < size:
            written += 100_000
            yield b"x" * 100_000

    async with upstream(lambda _: pieces()) as api, engine() as transport:
        answer = await transport.send(RequestParts("GET", api.url), PATIENCE)
        body = aiter(answer)
        received = len(await anext(body))
        before = -1
        while before < written:
            before = written
            await asyncio.sleep(0.2)
        assert written < size // 2
        async for piece in body:
            received += len(piece)
        assert received == size
        await answer.aclose()
    assert api.connections == 1


async def test_a_body_that_is_left_costs_its_connection() -> None:
    async with (
        upstream(lambda _: [PLAIN + b"\r\nok", Pause(60)]) as api,
        engine() as transport,
    ):
        for _ in range(2):
            answer = await transport.send(RequestParts("GET", api.url), PATIENCE)
            await answer.aclose()
    assert api.connections == 2


async def test_a_large_upload_may_be_answered_early() -> None:
    """The answer counts, though the server reads no more of what is sent."""

    answered = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig")
        await answered.wait()
        writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server, engine() as transport:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        sent = await fetch(transport, url, "POST", b"x" * 30_000_000)
        answered.set()
    assert sent == (413, b"big")


async def test_requests_at_once_have_connections_of_their_own() -> None:
    async with upstream(lambda _: [Pause(0.05), OK]) as api, engine() as transport:
        for _ in range(2):
            answers = await asyncio.gather(
                *(fetch(transport, api.url) for _ in range(20))
            )
            assert answers == [(200, b"ok")] * 20
    assert api.connections == 20


async def test_a_header_of_two_lines_is_never_sent() -> None:
    async with upstream(lambda _: OK) as api, engine() as transport:
        request = RequestParts("GET", api.url, (("X-A", "a\r\nX-B: b"),))
        with pytest.raises(Unsendable):
            await transport.send(request, PATIENCE)
    assert not api.requests


async def test_no_connection() -> None:
    async with upstream(lambda _: OK) as api:
        pass
    async with engine() as transport:
        with pytest.raises(ConnectFailed):
            await fetch(transport, api.url)
        with pytest.raises(ConnectFailed):
            await fetch(transport, "http://nowhere.invalid/")


# TLS and proxies


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for `shop.test` and 127.0.0.1, with its key in the same file."""
    file = tmp_path_factory.mktemp("tls") / "shop.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
    command += f" -keyout {file}.key -out {file}.crt -days 2 -subj /CN=shop.test"
    command += " -addext subjectAltName=DNS:shop.test,IP:127.0.0.1"
    subprocess.run(command.split(), check=True, capture_output=True)
    file.write_bytes(
        Path(f"{file}.key").read_bytes() + Path(f"{file}.crt").read_bytes()
    )
    return file


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    return context


async def test_certificates_are_verified(
    tls: ssl.SSLContext, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with upstream(lambda _: OK, tls=tls) as api:
        url = api.url.replace("http:", "https:")
        async with engine() as transport:
            with pytest.raises(ConnectFailed) as raised:
                await fetch(transport, url)
            assert isinstance(raised.value.__cause__, ssl.SSLCertVerificationError)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        async with engine() as transport:
            for _ in range(2):
                assert await fetch(transport, url) == (200, b"ok")
            with pytest.raises(ConnectFailed):  # another name
                await fetch(transport, url.replace("127.0.0.1", "localhost"))


@asynccontextmanager
async def tunnelling(target: str) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A proxy that joins each CONNECT with `target`: its URL, and what it was asked."""
    asked: list[bytes] = []
    tasks: set[asyncio.Task[None]] = set()
    host, _, port = target.partition("//")[2].partition(":")

    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                writer.write(data)
        finally:
            writer.transport.abort()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        if b"refused.test" in asked[-1]:
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
            writer.close()
            return
        there, back = await asyncio.open_connection(host, int(port))
        writer.write(b"HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n")
        tasks.add(asyncio.create_task(copy(reader, back)))
        tasks.add(asyncio.create_task(copy(there, writer)))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}", asked
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_https_goes_through_a_tunnel(
    tls: ssl.SSLContext, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    async with (
        upstream(lambda _: OK, tls=tls) as api,
        tunnelling(api.url) as (proxy, asked),
    ):
        monkeypatch.setenv("https_proxy", f"http://user:p%40ss@{proxy}")
        async with engine() as transport:
            for _ in range(2):
                assert await fetch(transport, "https://shop.test/v1/x") == (200, b"ok")
            with pytest.raises(ProxyFailed, match="407"):
                await fetch(transport, "https://refused.test/")
    assert asked[0].splitlines() == [
        b"CONNECT shop.test:443 HTTP/1.1",
        b"Host: shop.test:443",
        b"Proxy-Authorization: Basic dXNlcjpwQHNz",
        b"",
    ]
    assert len(asked) == 2
    assert api.header("Proxy-Authorization") is None
    assert api.targets == ["/v1/x"] * 2


async def test_a_proxy_that_is_none_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "socks5://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    async with engine() as transport:
        with pytest.raises(ProxyFailed):
            await fetch(transport, "http://shop.test/")
