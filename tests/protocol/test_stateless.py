"""2026-07-28: each request by itself, what results carry, and errors, over both wires."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Connect
from .schemas import LEGACY, MODERN

PREFIX = "io.modelcontextprotocol/"
VERSION = f"{PREFIX}protocolVersion"
CAPABILITIES = f"{PREFIX}clientCapabilities"
SERVER = f"{PREFIX}serverInfo"

INCOMPLETE: list[Any] = [
    {},
    None,
    {VERSION: MODERN},
    {CAPABILITIES: {}},
    {VERSION: 7, CAPABILITIES: {}},
    {VERSION: MODERN, CAPABILITIES: []},
    {VERSION: MODERN, CAPABILITIES: None},
]


@pytest.mark.requirement("meta-1", "errors-1")
async def test_incomplete_metadata(connect: Connect) -> None:
    headers = {"mcp-protocol-version": MODERN, "mcp-method": "tools/list"}
    async with connect(MODERN) as client:
        for meta in INCOMPLETE:
            message = {"method": "tools/list", "params": {"_meta": meta}}
            answer = await client.ask(message, headers)
            assert answer.code == -32602, meta
            assert answer.status in (None, 400), meta


@pytest.mark.requirement("meta-2", "meta-5")
async def test_who_the_client_is_changes_nothing(connect: Connect) -> None:
    named: list[Any] = [{}, {f"{PREFIX}clientInfo": {"name": "x", "version": "0"}}]
    async with connect(MODERN) as client:
        listed = [
            (await client.request("tools/list", _meta=meta)).result["tools"]
            for meta in named
        ]
        assert listed[0] == listed[1] != []


@pytest.mark.requirement("versions-2")
async def test_an_unsupported_version(connect: Connect) -> None:
    async with connect(MODERN) as client:
        discovered = (await client.request("server/discover")).result
        for requested in ("1900-01-01", "v999.0.0", "2025-11-25", ""):
            meta: Any = {VERSION: requested, CAPABILITIES: {}}
            answer = await client.request("tools/list", _meta=meta)
            assert answer.code == -32022, requested
            assert answer.status in (None, 400)
            data = answer.error["data"]
            assert data["requested"] == requested
            assert data["supported"] == discovered["supportedVersions"] == [MODERN]


@pytest.mark.requirement("versions-1", "versions-5", "meta-4", "caching-1", "logging-1")
@pytest.mark.requirement("tools-1", "resources-1", "prompts-1", "completion-1")
@pytest.mark.requirement("tasks-1")
async def test_discovery(connect: Connect) -> None:
    async with connect(MODERN) as client:
        result = (await client.request("server/discover")).result
    info = result.pop("_meta")[SERVER]
    assert info == {"name": "served", "title": "The served", "version": "1.2.3"}
    extensions = result["capabilities"].pop("extensions")
    assert extensions[f"{PREFIX}tasks"] == {}
    assert all("/" in extension for extension in extensions)
    assert result == {
        "resultType": "complete",
        "supportedVersions": [MODERN],
        "capabilities": {
            "tools": {"listChanged": True},
            "resources": {"subscribe": True},
            "prompts": {},
            "completions": {},
            "logging": {},
        },
        "instructions": "Ask it anything.",
        "ttlMs": result["ttlMs"],
        "cacheScope": "public",
    }
    assert type(result["ttlMs"]) is int


SERVED: list[tuple[str, dict[str, Any], str | None]] = [
    ("tools/list", {}, "public"),
    ("prompts/list", {}, "public"),
    ("resources/list", {}, "public"),
    ("resources/templates/list", {}, "public"),
    ("resources/read", {"uri": "notes://today"}, "private"),
    ("resources/read", {"uri": "api://served/items/7"}, "private"),
    ("tools/call", {"name": "echo", "arguments": {"text": "tea"}}, None),
    ("tools/call", {"name": "echo", "arguments": {}}, None),
    ("tools/call", {"name": "failing"}, None),
    ("prompts/get", {"name": "plan", "arguments": {"city": "Oslo"}}, None),
    (
        "completion/complete",
        {
            "ref": {"type": "ref/prompt", "name": "plan"},
            "argument": {"name": "city", "value": ""},
        },
        None,
    ),
]


@pytest.mark.requirement("meta-4", "caching-1", "caching-3", "caching-4", "versions-3")
@pytest.mark.requirement("versions-4", "json-rpc-4", "schema-1")
async def test_what_results_carry(connect: Connect) -> None:
    async with connect(MODERN) as client:
        for method, params, scope in SERVED:
            result = (await client.request(method, **params)).result
            assert result["resultType"] == "complete", method
            assert result["_meta"][SERVER]["name"] == "served", method
            assert result.get("cacheScope") == scope, method
            ttl = result.get("ttlMs")
            assert (ttl is None) if scope is None else (type(ttl) is int and ttl >= 0)


GONE = (
    "initialize",
    "ping",
    "logging/setLevel",
    "resources/subscribe",
    "resources/unsubscribe",
    "notifications/initialized",
    "tasks/list",
    "tasks/result",
    "sampling/createMessage",
    "roots/list",
    "unknown/method",
    "",
)


@pytest.mark.requirement("http-10", "errors-2", "legacy-14", "tasks-8", "versions-4")
async def test_methods_that_there_are_not(connect: Connect) -> None:
    async with connect(MODERN) as client:
        for method in GONE:
            answer = await client.request(method)
            assert answer.code == -32601, method
            assert answer.status in (None, 404), method


ERRORS: list[tuple[str, dict[str, Any], int]] = [
    ("tools/call", {"name": "nope"}, -32602),
    ("tools/call", {}, -32602),
    ("tools/call", {"name": 7}, -32602),
    ("tools/call", {"name": "echo", "arguments": []}, -32602),
    ("prompts/get", {"name": "nope"}, -32602),
    ("prompts/get", {}, -32602),
    ("prompts/get", {"name": "plan"}, -32602),
    ("prompts/get", {"name": "plan", "arguments": {"city": 7}}, -32602),
    ("resources/read", {"uri": "notes://nope"}, -32602),
    ("resources/read", {"uri": "not a uri"}, -32602),
    ("resources/read", {"uri": ""}, -32602),
    ("resources/read", {}, -32602),
    ("resources/read", {"uri": "api://served/items/404"}, -32602),
    ("resources/read", {"uri": "api://served/items/500"}, -32603),
    ("resources/read", {"uri": "notes://crash"}, -32603),
    ("tools/list", {"cursor": "nope"}, -32602),
    ("tools/list", {"cursor": ""}, -32602),
    ("tools/list", {"cursor": 7}, -32602),
    ("prompts/list", {"cursor": "1-00000000"}, -32602),
    ("resources/list", {"cursor": "nope"}, -32602),
    ("resources/templates/list", {"cursor": "nope"}, -32602),
    ("tools/list", {"_meta": {f"{PREFIX}logLevel": "loud"}}, -32602),
    ("tasks/get", {"taskId": "nope"}, -32021),
    ("subscriptions/listen", {}, -32602),
    ("subscriptions/listen", {"notifications": []}, -32602),
]


@pytest.mark.requirement(
    "errors-3", "errors-4", "tools-8", "resources-3", "resources-4"
)
@pytest.mark.requirement("prompts-2", "pages-2", "logging-4", "subscriptions-8")
@pytest.mark.requirement("schema-1")
@pytest.mark.requirement("known-9", "known-16")
async def test_errors(connect: Connect) -> None:
    async with connect(MODERN) as client:
        for method, params, code in ERRORS:
            answer = await client.request(method, **params)
            assert answer.code == code, (method, params)
            assert answer.status in (None, 200 if code == -32603 else 400)
            if method == "resources/read" and params.get("uri"):
                assert answer.error["data"]["uri"] == params["uri"]
            message = answer.error["message"]
            assert len(message) < 300
            assert "\n" not in message
            assert "sesame" not in message


@pytest.mark.requirement("meta-3", "questions-5")
async def test_what_needs_a_capability(connect: Connect) -> None:
    needed: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
        ("ask_form", {}, {"elicitation": {"form": {}}}),
        ("ask_page", {}, {"elicitation": {"url": {}}}),
        ("ask_model", {}, {"sampling": {}}),
        ("ask_model", {"tools": True}, {"sampling": {"tools": {}}}),
        ("ask_roots", {}, {"roots": {}}),
        (
            "job_required",
            {},
            {"extensions": {f"{PREFIX}tasks": {}}},
        ),
    ]
    async with connect(MODERN) as client:
        for tool, arguments, capabilities in needed:
            answer = await client.call(tool, arguments)
            assert answer.code == -32021, tool
            assert answer.status in (None, 400)
            assert answer.error["data"] == {"requiredCapabilities": capabilities}


@pytest.mark.requirement("stateless-1", "eras-1")
@pytest.mark.requirement("known-3")
async def test_nothing_of_earlier_requests_counts(connect: Connect) -> None:
    async with connect(MODERN, elicitation={}) as client:
        asked = (await client.call("ask_form")).result
        assert asked["resultType"] == "input_required"
        client.capabilities = {}
        assert (await client.call("ask_form")).code == -32021
        shaken = await client.ask(
            {
                "method": "initialize",
                "params": {
                    "protocolVersion": LEGACY[-1],
                    "capabilities": {"roots": {}},
                },
            }
        )
        assert shaken.result["protocolVersion"] == LEGACY[-1]
        assert (await client.call("ask_roots")).code == -32021
        assert (await client.request("tools/list")).result["resultType"] == "complete"


@pytest.mark.requirement("stateless-2")
async def test_a_slow_request_holds_up_no_other(connect: Connect) -> None:
    async with connect(MODERN) as client:
        params = {"name": "hold", "arguments": {}, "_meta": {"progressToken": 1}}
        held = client.begin(client.message("tools/call", **params))
        await client.hears("notifications/progress")
        for number in range(5):
            answer = await client.call("echo", {"text": str(number)})
            assert answer.result["content"][0]["text"] == str(number)
        assert not held.done()
        await client.call("release")
        assert (await held).result["content"][0]["text"] == "held"
