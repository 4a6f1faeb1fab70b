"""The handshake, and both eras on one wire: which message is served in which."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Connect
from .schemas import LEGACY, MODERN, VERSIONS

INFO = {"clientInfo": {"name": "wire", "version": "1"}}


def initialize(version: Any) -> dict[str, Any]:
    params = {"protocolVersion": version, "capabilities": {}, **INFO}
    return {"method": "initialize", "params": params}


@pytest.mark.requirement("legacy-1", "eras-2")
async def test_the_version_asked_for_or_the_latest_with_a_handshake(
    connect: Connect,
) -> None:
    async with connect(MODERN) as client:
        for asked, given in [
            *((version, version) for version in LEGACY),
            (MODERN, LEGACY[-1]),
            ("1999-01-01", LEGACY[-1]),
            ("2099-01-01", LEGACY[-1]),
        ]:
            result = (await client.ask(initialize(asked))).result
            assert result["protocolVersion"] == given
        for wrong in (7, None):
            assert (await client.ask(initialize(wrong))).code == -32602


@pytest.mark.parametrize("version", LEGACY)
@pytest.mark.requirement("legacy-2", "fields-1", "schema-1")
async def test_what_a_handshake_declares(connect: Connect, version: str) -> None:
    async with connect(version) as client:
        result = (await client.ask(initialize(version))).result
    assert set(result) == {
        "protocolVersion",
        "capabilities",
        "serverInfo",
        "instructions",
    }
    assert ("title" in result["serverInfo"]) is (version >= "2025-06-18")
    assert ("completions" in result["capabilities"]) is (version >= "2025-03-26")
    assert "extensions" not in result["capabilities"]
    assert "tasks" not in result["capabilities"]


@pytest.mark.parametrize("version", LEGACY)
@pytest.mark.requirement("legacy-3", "caching-4", "tasks-1")
async def test_results_have_nothing_of_the_stateless_protocol(
    connect: Connect, version: str
) -> None:
    requests: list[tuple[str, dict[str, Any]]] = [
        ("tools/list", {}),
        ("resources/list", {}),
        ("resources/templates/list", {}),
        ("prompts/list", {}),
        ("resources/read", {"uri": "notes://today"}),
        ("prompts/get", {"name": "gallery"}),
        ("tools/call", {"name": "media"}),
        ("tools/call", {"name": "job"}),
    ]
    async with connect(version) as client:
        for method, params in requests:
            result = (await client.request(method, **params)).result
            assert result.keys().isdisjoint(
                {"resultType", "ttlMs", "cacheScope", "_meta", "taskId"}
            ), method
        for method, params in [
            ("ping", {}),
            ("logging/setLevel", {"level": "debug"}),
            ("resources/subscribe", {"uri": "notes://today"}),
            ("resources/unsubscribe", {"uri": "notes://today"}),
        ]:
            assert (await client.request(method, **params)).result == {}, method


@pytest.mark.parametrize("version", LEGACY)
@pytest.mark.requirement("legacy-9", "legacy-14", "sessions-8", "tools-8", "pages-2")
@pytest.mark.requirement("known-9", "known-16")
async def test_errors_of_older_versions(connect: Connect, version: str) -> None:
    errors: list[tuple[str, dict[str, Any], int]] = [
        ("subscriptions/listen", {"notifications": {}}, -32601),
        ("tasks/get", {"taskId": "x"}, -32601),
        ("unknown/method", {}, -32601),
        ("tools/call", {"name": "nope"}, -32602),
        ("prompts/get", {"name": "nope"}, -32602),
        ("prompts/get", {"name": "plan"}, -32602),
        ("tools/list", {"cursor": "nope"}, -32602),
        ("tools/list", {"cursor": ""}, -32602),
        ("logging/setLevel", {"level": "loud"}, -32602),
        ("logging/setLevel", {}, -32602),
        ("resources/read", {"uri": "notes://nope"}, -32002),
        ("resources/read", {"uri": "api://served/items/404"}, -32002),
        ("resources/subscribe", {"uri": "notes://nope"}, -32002),
        ("resources/read", {"uri": "notes://crash"}, -32603),
    ]
    async with connect(version) as client:
        for method, params, code in errors:
            answer = await client.request(method, **params)
            assert answer.code == code, (method, params)
            assert answer.status in (None, 200)
            if code == -32002:
                assert answer.error["data"]["uri"] == params["uri"]


@pytest.mark.requirement("eras-1", "eras-2", "eras-3")
@pytest.mark.requirement("known-4")
async def test_both_eras_side_by_side(connect: Connect) -> None:
    async with connect("2025-06-18") as client:
        modern = await client.ask(_modern("server/discover"))
        assert modern.result["supportedVersions"] == [MODERN]
        legacy = await client.request("tools/list")
        assert "resultType" not in legacy.result
        modern = await client.ask(_modern("tools/list"))
        assert modern.result["resultType"] == "complete"
        assert (await client.request("ping")).result == {}


def _modern(method: str) -> dict[str, Any]:
    from mcpgen_runtime import stateless

    return {"method": method, "params": {"_meta": stateless.request_meta(MODERN)}}


@pytest.mark.requirement("eras-1", "eras-2", "legacy-4")
async def test_before_any_handshake(pipes: Connect) -> None:
    async with pipes(MODERN) as client:
        assert (await client.ask({"method": "ping"})).result == {}
        for method in ("tools/list", "server/discover", "unknown"):
            refused = await client.ask({"method": method})
            assert refused.code == -32602
            assert "_meta" in refused.error["message"]


@pytest.mark.requirement("legacy-5", "json-rpc-2")
async def test_before_initialized_there_are_only_answers(connect: Connect) -> None:
    async with connect(MODERN) as client:
        await client.ask(initialize(LEGACY[-1]))
        await client.call("echo", {"text": "tea"})
        assert client.heard == []


@pytest.mark.parametrize("version", LEGACY)
@pytest.mark.requirement("legacy-13", "tasks-8")
async def test_a_task_parameter_is_ignored(connect: Connect, version: str) -> None:
    async with connect(version) as client:
        answer = await client.request(
            "tools/call", name="echo", arguments={"text": "tea"}, task={"ttl": 1000}
        )
        assert answer.result["content"] == [{"type": "text", "text": "tea"}]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.requirement("tools-1", "tools-2")
async def test_every_connection_has_the_same_list(
    connect: Connect, version: str
) -> None:
    lists = []
    for _ in range(2):
        async with connect(version) as client:
            lists += [(await client.request("tools/list")).result for _ in range(2)]
    assert all(one == lists[0] for one in lists)
