"""Streamable HTTP: one endpoint, statuses, streams, and sessions for older versions."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from .conftest import Connect
from .posts import BOTH, events, routing
from .schemas import LEGACY, MODERN

JSON_ONLY = {"accept": "application/json"}
PING = b'{"jsonrpc":"2.0","id":1,"method":"ping"}'


@pytest.mark.requirement("http-1")
@pytest.mark.requirement("known-20")
async def test_one_endpoint_without_redirects(posts: Connect) -> None:
    async with posts(MODERN) as client:
        headers = {"content-type": "application/json"}
        for path, status in (("", 200), ("/", 200), ("/x", 404)):
            response = await client.http.post(
                client.url + path, content=PING, headers=headers
            )
            assert response.status_code == status, path


@pytest.mark.requirement("http-2", "http-3")
@pytest.mark.requirement("known-17")
async def test_hosts_and_origins(posts: Connect) -> None:
    async with posts(MODERN) as client:
        port = client.url.split(":")[2].partition("/")[0]
        cases = [
            ({}, 200),
            ({"host": "localhost"}, 200),
            ({"host": f"LOCALHOST:{port}"}, 200),
            ({"host": "[::1]"}, 200),
            ({"host": "127.0.0.1"}, 200),
            ({"host": "evil.example.com"}, 403),
            ({"host": "localhost.evil.example.com"}, 403),
            ({"origin": "http://localhost:3000"}, 200),
            ({"origin": f"http://127.0.0.1:{port}"}, 200),
            ({"origin": "https://evil.example.com"}, 403),
            ({"origin": "null"}, 403),
            ({"origin": "http://localhost.evil.example.com"}, 403),
        ]
        for headers, status in cases:
            answer = await client.raw(PING, headers)
            assert answer.status == status, headers
            if status == 403:
                assert "id" not in answer.message
        refused = {"origin": "https://evil.example.com"}
        for method in ("GET", "DELETE", "OPTIONS"):
            response = await client.http.request(method, client.url, headers=refused)
            assert response.status_code in (403, 405)


@pytest.mark.requirement("http-4", "http-17", "json-rpc-5")
@pytest.mark.requirement("known-23")
async def test_what_is_sent_and_what_is_accepted(posts: Connect) -> None:
    large = b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":"%b"}}'
    async with posts(MODERN) as client:
        cases: list[tuple[bytes, dict[str, str], int, str]] = [
            (PING, {"accept": BOTH}, 200, "application/json"),
            (PING, {"accept": ""}, 200, "application/json"),
            (PING, {"accept": "*/*"}, 200, "application/json"),
            (PING, JSON_ONLY, 200, "application/json"),
            (PING, {"accept": "text/event-stream"}, 200, "text/event-stream"),
            (PING, {"accept": "text/html"}, 406, "application/json"),
            (PING, {"content-type": "text/plain"}, 415, "application/json"),
            (
                PING,
                {"content-type": "application/json; charset=utf-8"},
                200,
                "application/json",
            ),
            (large % (b"x" * 17_000_000), {}, 413, "application/json"),
        ]
        for data, headers, status, kind in cases:
            own = {"content-type": "application/json", "accept": BOTH} | headers
            response = await client.http.post(client.url, content=data, headers=own)
            assert response.status_code == status, headers
            assert response.headers["content-type"] == kind, headers
            if status != 200:
                assert response.json()["error"]["code"] == -32600
                assert "id" not in response.json()


@pytest.mark.requirement("http-6", "http-7", "json-rpc-2")
async def test_a_stream_ends_with_its_answer(posts: Connect) -> None:
    async with posts(MODERN, elicitation={}, sampling={}, roots={}) as client:
        message = client.message(
            "tools/call", name="steps", _meta={"progressToken": "t"}
        )
        headers = client._headers(routing(message))
        async with client.http.stream(
            "POST", client.url, json=message, headers=headers
        ) as response:
            assert response.headers["content-type"] == "text/event-stream"
            assert response.headers["x-accel-buffering"] == "no"
            assert "no-cache" in response.headers["cache-control"]
            received = [one async for one in events(response)]
    *before, last = received
    assert [one["method"] for one in before] == ["notifications/progress"] * 3
    assert all("id" not in one for one in before)
    assert last["id"] == message["id"]


@pytest.mark.requirement("http-16")
async def test_get_and_delete_are_of_older_versions(posts: Connect) -> None:
    async with posts(MODERN) as client:
        for method in ("GET", "DELETE", "PUT", "HEAD"):
            for headers in (
                {},
                {"mcp-protocol-version": MODERN, "mcp-session-id": "x"},
            ):
                response = await client.http.request(
                    method, client.url, headers={"accept": BOTH} | headers
                )
                assert response.status_code == 405, (method, headers)
                assert "POST" in response.headers["allow"]
        message = client.message("tools/list")
        answer = await client.raw(
            json.dumps(message).encode(), routing(message) | {"mcp-session-id": "x"}
        )
        assert answer.status == 200
        assert "mcp-session-id" not in answer.headers


@pytest.mark.parametrize("version", LEGACY)
@pytest.mark.requirement("sessions-1", "sessions-2", "sessions-3")
@pytest.mark.requirement("known-32")
async def test_a_session_begins_and_ends(posts: Connect, version: str) -> None:
    async with posts(version) as client, posts(version) as other:
        named = client.session["mcp-session-id"]
        assert all(0x21 <= ord(character) <= 0x7E for character in named)
        assert len(named) > 20
        assert named != other.session["mcp-session-id"]
        headers = client._headers({})
        ended = await client.http.delete(client.url, headers=headers)
        assert 200 <= ended.status_code < 300
        for _ in range(2):
            assert (await client.request("tools/list")).status == 404
        for method in ("GET", "DELETE"):
            gone = await client.http.request(method, client.url, headers=headers)
            assert gone.status_code == 404, method
        batch = f"[{PING.decode()}]".encode()
        for data in (b'{"jsonrpc":"2.0","method":"notifications/initialized"}', batch):
            headers = client._headers({"mcp-protocol-version": "2025-03-26"})
            gone = await client.http.post(client.url, content=data, headers=headers)
            assert gone.status_code == 404
        assert (await other.request("ping")).result == {}


@pytest.mark.requirement("sessions-2")
async def test_a_session_that_never_was(posts: Connect) -> None:
    async with posts(MODERN) as client:
        for named in ("nope", "a" * 5000, "WyIyMDI1LTExLTI1Il0", "{}", "null"):
            answer = await client.raw(PING, {"mcp-session-id": named})
            assert answer.status == 404, named


@pytest.mark.parametrize("version", LEGACY)
@pytest.mark.requirement("sessions-4", "sessions-8")
async def test_the_version_of_a_session(posts: Connect, version: str) -> None:
    async with posts(version) as client:
        named = {"mcp-session-id": client.session["mcp-session-id"]}
        call = client.message("tools/call", name="add", arguments={"a": 1, "b": 2})
        client.session = named
        answer = await client.raw(json.dumps(call).encode())
        assert ("structuredContent" in answer.result) is (version >= "2025-06-18")
        for unsupported in ("2099-01-01", "nonsense"):
            wrong = {"mcp-protocol-version": unsupported}
            assert (await client.raw(PING, wrong)).status == 400
            for method in ("GET", "DELETE"):
                refused = await client.http.request(
                    method, client.url, headers={"accept": BOTH} | named | wrong
                )
                assert refused.status_code == 400, method
        error = await client.raw(PING.replace(b"ping", b"unknown"))
        assert (error.status, error.code) == (200, -32601)
        if version != "2025-03-26":
            assert (await client.raw(b"[" + PING + b"]")).status == 400


@pytest.mark.requirement("sessions-5", "legacy-8")
@pytest.mark.requirement("known-19")
async def test_streams_that_belong_to_no_request(posts: Connect) -> None:
    async with posts("2025-11-25") as client:
        await client.request("resources/subscribe", uri="notes://today")
        headers = client._headers({"accept": "text/event-stream"})
        opened: list[list[Any]] = [[], []]

        async def read(into: list[Any], ready: asyncio.Event) -> None:
            async with client.http.stream(
                "GET", client.url, headers=headers
            ) as response:
                assert response.status_code == 200
                ready.set()
                async for message in events(response):
                    into.append(message)
                    await client.take(message)

        for into in opened:
            ready = asyncio.Event()
            client.run(read(into, ready))
            await ready.wait()
        for uri in ("notes://bytes", "notes://today"):
            await client.call("touch", {"uri": uri})
        await client.hears("notifications/resources/updated")
        received = [message["params"] for into in opened for message in into]
        assert received == [{"uri": "notes://today"}]


@pytest.mark.requirement("http-8", "cancellation-1")
@pytest.mark.requirement("known-24")
async def test_who_leaves_has_cancelled(posts: Connect) -> None:
    async with posts(MODERN) as client:
        message = client.message(
            "tools/call",
            name="hold",
            arguments={"name": "leaver"},
            _meta={"progressToken": 1},
        )
        client.begin(message)
        await client.hears("notifications/progress")
        await client.cancel(message["id"])
        await client.cancelled("leaver")


@pytest.mark.parametrize("version", LEGACY)
@pytest.mark.requirement("legacy-6")
@pytest.mark.requirement("known-24", "known-33")
async def test_who_leaves_an_older_call_has_not(posts: Connect, version: str) -> None:
    async with posts(version) as client:
        name = f"stays-{version}"
        message = client.message(
            "tools/call",
            name="hold",
            arguments={"name": name},
            _meta={"progressToken": 1},
        )
        client.begin(message)
        await client.hears("notifications/progress")
        client._posts[message["id"]].cancel()
        await asyncio.wait([client._posts[message["id"]]])
        await client.settle()
        assert name not in await client.release()
