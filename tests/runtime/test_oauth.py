"""Tokens that an authorization server issues: asked for, shared, renewed, kept secret."""

from __future__ import annotations

import asyncio
import json
import ssl
import subprocess
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from mcpgen_runtime.components import Tool
from mcpgen_runtime.settings import ResolvedSettings, Settings
from mcpgen_runtime.upstream.auth import Credential, Grant, MutualTls, OAuth2
from mcpgen_runtime.upstream.client import Upstream

from .recording import Upstream as Recorded
from .recording import answer, upstream

TOOL = Tool(name="t", method="POST", path="/x", security=(("c",),))
CLIENT = {"SHOP_CLIENT_ID": "an id", "SHOP_CLIENT_SECRET": "a/s3cr3t+v4lue"}
BASIC = "Basic YW4raWQ6YSUyRnMzY3IzdCUyQnY0bHVl"
USER = {"SHOP_USERNAME": "ada", "SHOP_PASSWORD": "lovelace+1815"}


def credential(*grants: Grant, **options: Any) -> OAuth2:
    return OAuth2(
        token="SHOP_TOKEN",
        grants=grants,
        client_id="SHOP_CLIENT_ID",
        client_secret="SHOP_CLIENT_SECRET",
        username="SHOP_USERNAME",
        password="SHOP_PASSWORD",
        refresh_token="SHOP_REFRESH_TOKEN",
        scope="SHOP_SCOPE",
        **{"token_url": "/oauth/token"} | options,
    )


ANY = credential("refresh_token", "password", "client_credentials")
MACHINE = credential("client_credentials")


def settings(
    url: str, one: Credential, environment: dict[str, str]
) -> ResolvedSettings:
    declared = Settings(prefix="SHOP", base_url=f"{url}/v1", credentials={"c": one})
    return declared.resolve(environment)


class AuthorizationServer:
    """Issues `token-1`, `token-2` …, and serves the API that takes them."""

    def __init__(self, **extra: Any) -> None:
        self.extra = extra
        self.issued = 0
        self.forms: list[dict[str, str]] = []
        self.takes: Callable[[str], bool] = lambda token: True
        self.wants_form = False
        self.calls: list[str] = []

    def __call__(self, request: bytes) -> bytes:
        head, _, body = request.partition(b"\r\n\r\n")
        if b"/x " in head:
            token = head.partition(b"Authorization: Bearer ")[2].split(b"\r")[0]
            self.calls.append(token.decode())
            return answer(b"{}") if self.takes(token.decode()) else answer(status=401)
        if b"GET /.well-known" in head:
            url = head.partition(b"Host: ")[2].split(b"\r")[0].decode()
            found = {"token_endpoint": f"http://{url}/oauth/token"}
            return answer(json.dumps(found).encode())
        form: dict[str, str] = dict(parse_qsl(body.decode()))
        self.forms.append(form)
        if self.wants_form and "client_secret" not in self.forms[-1]:
            return answer(b'{"error":"invalid_client"}', status=401)
        self.issued += 1
        issued = {"access_token": f"token-{self.issued}", "token_type": "bearer"}
        return answer(json.dumps(issued | self.extra).encode())


@pytest.fixture
async def served() -> AsyncIterator[tuple[AuthorizationServer, Recorded]]:
    server = AuthorizationServer()
    async with upstream(server) as recorded:
        yield server, recorded


Served = tuple[AuthorizationServer, Recorded]


async def run(
    configured: ResolvedSettings, calls: int = 1, together: bool = False
) -> list[Any]:
    client = Upstream(configured)
    try:
        if together:
            return await asyncio.gather(*(client.call(TOOL, {}) for _ in range(calls)))
        return [await client.call(TOOL, {}) for _ in range(calls)]
    finally:
        await client.aclose()


@pytest.mark.parametrize(
    ("one", "environment", "form", "authorization"),
    [
        (MACHINE, CLIENT, {"grant_type": "client_credentials"}, BASIC),
        (
            MACHINE,
            CLIENT | {"SHOP_SCOPE": "read write"},
            {"grant_type": "client_credentials", "scope": "read write"},
            BASIC,
        ),
        (
            ANY,
            USER,
            {"grant_type": "password", "username": "ada", "password": "lovelace+1815"},
            None,
        ),
        (
            ANY,
            CLIENT | USER,
            {"grant_type": "password", "username": "ada", "password": "lovelace+1815"},
            BASIC,
        ),
        (
            ANY,
            USER | {"SHOP_REFRESH_TOKEN": "r", "SHOP_CLIENT_ID": "public"},
            {
                "grant_type": "refresh_token",
                "refresh_token": "r",
                "client_id": "public",
            },
            None,
        ),
        (
            credential(
                "client_credentials",
                token_url=None,
                discovery_url="/.well-known/openid-configuration",
            ),
            CLIENT,
            {"grant_type": "client_credentials"},
            BASIC,
        ),
    ],
)
async def test_grants(
    served: Served,
    one: OAuth2,
    environment: dict[str, str],
    form: dict[str, str],
    authorization: str | None,
) -> None:
    server, recorded = served
    (result,) = await run(settings(recorded.url, one, environment))
    assert not result.is_error
    assert server.forms == [form]
    asked = recorded.targets.index("/oauth/token")
    assert recorded.header("Authorization", asked) == authorization
    assert server.calls == ["token-1"]


async def test_a_token_that_is_given_wins(served: Served) -> None:
    server, recorded = served
    environment = CLIENT | USER | {"SHOP_TOKEN": "given"}
    (result,) = await run(settings(recorded.url, ANY, environment))
    assert not result.is_error
    assert server.calls == ["given"]
    assert server.issued == 0


async def test_the_secret_goes_into_the_form_where_the_server_wants_it(
    served: Served,
) -> None:
    server, recorded = served
    server.wants_form = True
    server.takes = lambda token: len(server.calls) != 2
    await run(settings(recorded.url, MACHINE, CLIENT), calls=2)
    assert ["client_secret" in form for form in server.forms] == [False, True, True]


@pytest.mark.parametrize("together", [True, False])
async def test_calls_share_a_token(served: Served, together: bool) -> None:
    server, recorded = served
    results = await run(settings(recorded.url, MACHINE, CLIENT), 8, together)
    assert not any(result.is_error for result in results)
    assert server.issued == 1
    assert server.calls == ["token-1"] * 8


async def test_a_token_that_has_run_out_is_renewed(served: Served) -> None:
    server, recorded = served
    server.extra = {"expires_in": "0", "refresh_token": "rotated"}
    environment = {"SHOP_REFRESH_TOKEN": "first"}
    await run(settings(recorded.url, ANY, environment), 2)
    assert server.calls == ["token-1", "token-2"]
    assert [form["refresh_token"] for form in server.forms] == ["first", "rotated"]


async def test_a_refused_token_is_renewed_once_by_all_calls(served: Served) -> None:
    server, recorded = served
    server.takes = lambda token: token != "token-1"
    results = await run(settings(recorded.url, MACHINE, CLIENT), 6, together=True)
    assert not any(result.is_error for result in results)
    assert server.issued == 2


async def test_an_error_that_repeats_a_token_is_masked() -> None:
    def script(request: bytes) -> bytes:
        if b"/oauth/token" in request:
            return answer(b'{"access_token":"t0ken-v4lue"}')
        return answer(b'{"message":"t0ken-v4lue is unknown"}', status=400)

    async with upstream(script) as recorded:
        (result,) = await run(settings(recorded.url, MACHINE, CLIENT))
    assert result.content[0]["text"] == "HTTP 400 Bad Request: *** is unknown"


async def test_a_refused_new_token_is_told(served: Served) -> None:
    server, recorded = served
    server.takes = lambda token: False
    (result,) = await run(settings(recorded.url, MACHINE, CLIENT))
    assert result.is_error
    assert result.content[0]["text"].startswith("HTTP 401")
    assert "SHOP_CLIENT_ID" in result.content[0]["text"]
    assert server.calls == ["token-1", "token-2"]


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (answer(b'{"error":"invalid_grant"}', status=400), "400, invalid_grant"),
        (answer(b'{"error":"key a/s3cr3t"}', status=400), "issued no token (400)"),
        (answer(b"<html>", status=500), "issued no token (500)"),
        (answer(b'{"token":"x"}'), "issued no token (200)"),
        (answer(status=302, Location="http://evil.test/"), "issued no token (302)"),
        (b"", "broke before the answer"),
    ],
)
async def test_a_token_that_is_not_issued_is_told(reply: bytes, told: str) -> None:
    async with upstream(lambda _: reply) as recorded:
        (result,) = await run(settings(recorded.url, MACHINE, CLIENT))
    assert result.is_error
    text = result.content[0]["text"]
    assert told in text
    assert "s3cr3t" not in text
    assert set(recorded.targets) == {"/oauth/token"}


@pytest.mark.parametrize("environment", [{}, {"SHOP_CLIENT_ID": "x"}])
async def test_what_is_missing_is_named(environment: dict[str, str]) -> None:
    (result,) = await run(settings("http://127.0.0.1:9", MACHINE, environment))
    assert (
        "Set SHOP_TOKEN, or SHOP_CLIENT_ID and SHOP_CLIENT_SECRET in the environment"
        in result.content[0]["text"]
    )


@pytest.mark.parametrize("url", ["urn:tokens", "https://{region}.test/token"])
async def test_a_token_url_that_is_none_is_told(url: str) -> None:
    one = credential("client_credentials", token_url=url)
    (result,) = await run(settings("http://127.0.0.1:9", one, CLIENT))
    assert f"{url!r}, which is no URL" in result.content[0]["text"]


# Mutual TLS

CERTIFICATE = MutualTls(certificate="SHOP_CERTIFICATE", key="SHOP_CERTIFICATE_KEY")


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate and its key, for the server and its client alike."""
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = folder / "cert.pem", folder / "key.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
    names = "-subj /CN=shop -addext subjectAltName=IP:127.0.0.1 -days 1"
    subprocess.run(
        [*f"{command} {names}".split(), "-keyout", key, "-out", certificate],
        check=True,
        capture_output=True,
    )
    return certificate, key


@pytest.mark.parametrize("shown", [True, False])
async def test_a_client_certificate_is_shown(
    pem: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, shown: bool
) -> None:
    certificate, key = pem
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=certificate)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(certificate, key)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    environment = {
        "SHOP_CERTIFICATE": str(certificate),
        "SHOP_CERTIFICATE_KEY": str(key),
    }
    async with upstream(lambda _: answer(b"{}"), tls=context) as recorded:
        one: Credential = CERTIFICATE if shown else MACHINE
        given = environment if shown else {"SHOP_TOKEN": "x"}
        (result,) = await run(settings(recorded.url, one, given))
    assert result.is_error is not shown
    assert len(recorded.requests) == shown


async def test_a_certificate_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    (tmp_path / "cert.pem").write_text("no certificate")
    for name in ("cert.pem", "missing.pem"):
        environment = {"SHOP_CERTIFICATE": str(tmp_path / name)}
        configured = settings("https://127.0.0.1:9", CERTIFICATE, environment)
        (result,) = await run(configured)
        assert "SHOP_CERTIFICATE" in result.content[0]["text"]
        assert str(tmp_path) not in result.content[0]["text"]


async def test_a_token_is_shared_by_the_operations_of_its_scopes(
    served: Served,
) -> None:
    server, recorded = served
    client = Upstream(settings(recorded.url, MACHINE, CLIENT))
    for scopes in (("read",), ("write",), ("read",)):
        await client.call(replace(TOOL, scopes={"c": scopes}), {})
    await client.aclose()
    assert [form["scope"] for form in server.forms] == ["read", "write"]
    assert server.calls == ["token-1", "token-2", "token-1"]


async def test_a_refresh_asks_for_what_was_granted(served: Served) -> None:
    server, recorded = served
    client = Upstream(settings(recorded.url, ANY, {"SHOP_REFRESH_TOKEN": "r"}))
    await client.call(replace(TOOL, scopes={"c": ("read",)}), {})
    await client.aclose()
    assert [form.get("scope") for form in server.forms] == [None]
