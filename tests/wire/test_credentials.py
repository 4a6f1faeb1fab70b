"""Security schemes through the front door: what the environment holds, what is sent."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from harness import generate
from runtime.recording import answer, upstream

SCHEMES = {
    "header_key": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "query_key": {"type": "apiKey", "in": "query", "name": "key"},
    "cookie_key": {"type": "apiKey", "in": "cookie", "name": "sid"},
    "basic": {"type": "http", "scheme": "basic"},
    "bearer": {"type": "http", "scheme": "bearer"},
    "digest": {"type": "http", "scheme": "digest"},
    "machine": {
        "type": "oauth2",
        "flows": {"clientCredentials": {"tokenUrl": "token", "scopes": {}}},
    },
    "person": {
        "type": "oauth2",
        "flows": {"password": {"tokenUrl": "token", "scopes": {}}},
    },
    "scoped": {
        "type": "oauth2",
        "flows": {"clientCredentials": {"tokenUrl": "token", "scopes": {}}},
    },
    "connect": {"type": "openIdConnect", "openIdConnectUrl": "/.well-known/openid"},
}
ALTERNATIVES: dict[str, list[dict[str, list[str]]]] = {
    **{name: [{name: []}] for name in SCHEMES},
    "scoped": [{"scoped": ["read:x", "write:x"]}],
    "either": [{"header_key": []}, {"bearer": []}],
    "both": [{"cookie_key": [], "basic": []}],
    "maybe": [{}, {"bearer": []}],
    "open": [],
}
DECLARED = [
    {"name": "X-Key", "in": "header", "schema": {"type": "string"}},
    {"name": "theme", "in": "cookie", "schema": {"type": "string"}},
]
"""Parameters of every operation; the first one is a credential of some."""
KEY = {"LOCKED_HEADER_KEY": "k"}
MACHINE = {"LOCKED_MACHINE_CLIENT_ID": "me", "LOCKED_MACHINE_CLIENT_SECRET": "s"}
PERSON = {"LOCKED_PERSON_USERNAME": "ada", "LOCKED_PERSON_PASSWORD": "l"}
CONNECT = {"LOCKED_CONNECT_CLIENT_ID": "me", "LOCKED_CONNECT_CLIENT_SECRET": "s"}
BASIC = {"LOCKED_BASIC_USERNAME": "ada", "LOCKED_BASIC_PASSWORD": "l"}
COOKIE = {"LOCKED_COOKIE_KEY": "c;"}


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    paths = {
        f"/{name}": {
            "parameters": DECLARED,
            "post": {"operationId": name, "security": security, "responses": {}},
        }
        for name, security in ALTERNATIVES.items()
    }
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Locked", "version": "1"},
        "components": {"securitySchemes": SCHEMES},
        "paths": paths,
    }
    folder = tmp_path_factory.mktemp("locked")
    (folder / "locked.json").write_text(json.dumps(document))
    return generate(folder / "locked.json", folder / "out", "--preset", "tools")


@pytest.fixture
def fresh(package: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The package's name; its modules see the environment of one test."""
    monkeypatch.syspath_prepend(package.parent)
    for name in [name for name in os.environ if name.startswith("LOCKED_")]:
        monkeypatch.delenv(name)
    yield package.name
    for module in [m for m in sys.modules if m.partition(".")[0] == package.name]:
        del sys.modules[module]


def api(request: bytes) -> bytes:
    if b" /base/token " in request:
        return answer(b'{"access_token":"issued"}')
    if b" /.well-known/openid " in request:
        host = request.partition(b"Host: ")[2].partition(b"\r")[0].decode()
        found = {"token_endpoint": f"http://{host}/base/token"}
        return answer(json.dumps(found).encode())
    if b" /base/digest " in request and b"Authorization: Digest " not in request:
        return answer(status=401, WWW_Authenticate='Digest realm="r", nonce="n"')
    return answer(status=204)


@pytest.mark.parametrize(
    ("tool", "variables", "target", "headers"),
    [
        ("header_key", KEY, "", {"X-Key": "k"}),
        ("query_key", {"LOCKED_QUERY_KEY": "a b"}, "?key=a%20b", {}),
        ("cookie_key", COOKIE, "", {"Cookie": "sid=c%3B"}),
        ("basic", BASIC, "", {"Authorization": "Basic YWRhOmw="}),
        ("bearer", {"LOCKED_BEARER_TOKEN": "t"}, "", {"Authorization": "Bearer t"}),
        ("machine", MACHINE, "", {"Authorization": "Bearer issued"}),
        ("machine", {"LOCKED_MACHINE_TOKEN": "t"}, "", {"Authorization": "Bearer t"}),
        ("person", PERSON, "", {"Authorization": "Bearer issued"}),
        ("connect", CONNECT, "", {"Authorization": "Bearer issued"}),
        ("either", KEY, "", {"X-Key": "k", "Authorization": None}),
        (
            "either",
            {"LOCKED_BEARER_TOKEN": "t"},
            "",
            {"Authorization": "Bearer t", "X-Key": None},
        ),
        (
            "both",
            COOKIE | BASIC,
            "",
            {"Cookie": "sid=c%3B", "Authorization": "Basic YWRhOmw="},
        ),
        ("maybe", {}, "", {"Authorization": None}),
        ("maybe", {"LOCKED_BEARER_TOKEN": "t"}, "", {"Authorization": "Bearer t"}),
        ("open", KEY, "", {"X-Key": None}),
    ],
)
async def test_credentials(
    fresh: str,
    monkeypatch: pytest.MonkeyPatch,
    tool: str,
    variables: dict[str, str],
    target: str,
    headers: dict[str, str | None],
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    result, recorded = await call(fresh, tool)
    assert not result["isError"]
    assert recorded.targets[-1] == f"/base/{tool}{target}"
    assert {name: recorded.header(name) for name in headers} == headers


@pytest.mark.parametrize(
    ("tool", "variables", "is_argument"),
    [
        ("header_key", KEY, False),
        ("either", KEY, False),
        ("bearer", {"LOCKED_BEARER_TOKEN": "t"}, True),
        ("open", KEY, True),
    ],
)
async def test_a_parameter_of_a_credential_is_an_argument_where_that_is_not_used(
    fresh: str,
    monkeypatch: pytest.MonkeyPatch,
    tool: str,
    variables: dict[str, str],
    is_argument: bool,
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    result, recorded = await call(fresh, tool, {"X-Key": "of the model"})
    assert result["isError"] is not is_argument
    assert len(recorded.requests) == is_argument
    if is_argument:
        assert recorded.header("X-Key") == "of the model"


async def test_a_challenge_is_answered(
    fresh: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOCKED_DIGEST_USERNAME", "ada")
    result, recorded = await call(fresh, "digest")
    assert not result["isError"]
    assert [recorded.header("Authorization", 0) is None, len(recorded.requests)] == [
        True,
        2,
    ]
    assert 'Digest username="ada"' in recorded.header("Authorization")


@pytest.mark.parametrize(
    ("own", "asked"), [({}, "read%3Ax+write%3Ax"), ({"LOCKED_SCOPED_SCOPE": "a"}, "a")]
)
async def test_scopes(
    fresh: str, monkeypatch: pytest.MonkeyPatch, own: dict[str, str], asked: str
) -> None:
    client = {"LOCKED_SCOPED_CLIENT_ID": "me", "LOCKED_SCOPED_CLIENT_SECRET": "s"}
    for name, value in (client | own).items():
        monkeypatch.setenv(name, value)
    result, recorded = await call(fresh, "scoped")
    assert not result["isError"]
    form = recorded.requests[0].partition(b"\r\n\r\n")[2].decode()
    assert form == f"grant_type=client_credentials&scope={asked}"


@pytest.mark.parametrize(
    ("tool", "variables", "named"),
    [
        ("bearer", {}, "Set LOCKED_BEARER_TOKEN in"),
        ("both", BASIC, "Set LOCKED_COOKIE_KEY and LOCKED_BASIC_USERNAME"),
        ("either", {}, "Set LOCKED_HEADER_KEY or LOCKED_BEARER_TOKEN in"),
        (
            "machine",
            {},
            "LOCKED_MACHINE_CLIENT_ID and LOCKED_MACHINE_CLIENT_SECRET in",
        ),
    ],
)
async def test_missing_credentials(
    fresh: str,
    monkeypatch: pytest.MonkeyPatch,
    tool: str,
    variables: dict[str, str],
    named: str,
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    result, recorded = await call(fresh, tool)
    assert result["isError"]
    assert named in result["content"][0]["text"]
    assert recorded.requests == []


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (401, "The API did not accept the credentials; they come from"),
        (403, "The credentials may lack a permission; they come from"),
    ],
)
async def test_credentials_that_are_refused(
    fresh: str, monkeypatch: pytest.MonkeyPatch, status: int, told: str
) -> None:
    monkeypatch.setenv("LOCKED_BEARER_TOKEN", "0penSesame")
    refusal = answer(b'{"title":"Not you, 0penSesame"}', status=status)
    result, recorded = await call(fresh, "bearer", script=lambda _: refusal)
    text = result["content"][0]["text"]
    assert f"{told} LOCKED_BEARER_TOKEN." in text
    assert "0penSesame" not in text
    assert len(recorded.requests) == 1


async def test_a_cookie_beside_a_credential(
    fresh: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOCKED_COOKIE_KEY", "c;")
    _, recorded = await call(fresh, "cookie_key", {"theme": "a b"})
    assert recorded.header("Cookie") == "theme=a%20b; sid=c%3B"


async def call(
    package: str, tool: str, arguments: dict[str, Any] | None = None, script: Any = api
) -> tuple[dict[str, Any], Any]:
    memory = import_module(f"{package}._runtime.client")
    server = import_module(f"{package}.server").server
    async with upstream(script) as recorded:
        server.configure(base_url=f"{recorded.url}/base")
        async with memory.connect(server) as client:
            return await client.call_tool(tool, arguments or {}), recorded
