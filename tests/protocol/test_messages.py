"""JSON-RPC: what is a message, and that every request has one answer, over both wires."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .conftest import Connect
from .schemas import LEGACY, MODERN, VERSIONS

BROKEN: list[tuple[bytes, int, Any]] = [
    (b"{", -32700, None),
    (b'{"jsonrpc":"2.0","id":1,"method":"ping"', -32700, None),
    (b"\xff\xfe\xfd", -32700, None),
    (b'{"jsonrpc":"2.0","id":NaN,"method":"ping"}', -32700, None),
    (b"7", -32600, None),
    (b'"text"', -32600, None),
    (b"null", -32600, None),
    (b"[]", -32600, None),
    (b"{}", -32600, None),
    (b'{"id":1,"method":"ping"}', -32600, 1),
    (b'{"jsonrpc":"1.0","id":"a","method":"ping"}', -32600, "a"),
    (b'{"jsonrpc":"2.0","id":null,"method":"ping"}', -32600, None),
    (b'{"jsonrpc":"2.0","id":1.5,"method":"ping"}', -32600, None),
    (b'{"jsonrpc":"2.0","id":true,"method":"ping"}', -32600, None),
    (b'{"jsonrpc":"2.0","id":[1],"method":"ping"}', -32600, None),
    (b'{"jsonrpc":"2.0","id":{},"method":"ping"}', -32600, None),
    (b'{"jsonrpc":"2.0","id":2,"method":7}', -32600, 2),
    (b'{"jsonrpc":"2.0","id":2}', -32600, 2),
    (b'{"jsonrpc":"2.0","id":3,"method":"ping","params":[1]}', -32600, 3),
    (b'{"jsonrpc":"2.0","id":3,"method":"ping","params":"x"}', -32600, 3),
]


@pytest.mark.parametrize("version", [LEGACY[-1], MODERN])
@pytest.mark.requirement("json-rpc-1", "json-rpc-3", "json-rpc-5", "errors-1")
@pytest.mark.requirement("known-1", "known-14", "known-15", "known-26")
async def test_what_is_no_message_is_answered(connect: Connect, version: str) -> None:
    async with connect(version) as client:
        for data, code, request_id in BROKEN:
            answer = await client.raw(data)
            assert answer.code == code, data
            assert answer.message.get("id") == request_id, data
            assert ("id" in answer.message) is (request_id is not None), data
            assert answer.status in (None, 400), data


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.requirement("json-rpc-3", "json-rpc-4")
async def test_an_answer_has_the_id_of_its_request(
    connect: Connect, version: str
) -> None:
    async with connect(version) as client:
        for request_id in (0, 1, "1", "", -7, 2**53 + 1, "ü\u2028\n"):
            answer = await client.ask(client.message("tools/list", request_id))
            assert answer.message["id"] == request_id
            assert type(answer.message["id"]) is type(request_id)
            assert isinstance(answer.result, dict)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.requirement("json-rpc-3")
@pytest.mark.requirement("known-31")
async def test_1_and_its_text_are_two_requests(connect: Connect, version: str) -> None:
    async with connect(version) as client:
        held = client.begin(held_call(client, 1, "as a number"))
        await client.hears("notifications/progress")
        other = await client.ask(client.message("tools/list", "1"))
        assert "result" in other.message
        assert not held.done()
        await client.call("release")
        assert (await held).message["id"] == 1


def held_call(client: Any, request_id: Any, name: str) -> dict[str, Any]:
    arguments = {"name": name}
    meta = {"progressToken": name}
    message: dict[str, Any] = client.message(
        "tools/call", request_id, name="hold", arguments=arguments, _meta=meta
    )
    return message


@pytest.mark.parametrize("version", LEGACY)
@pytest.mark.requirement("json-rpc-9")
@pytest.mark.requirement("known-8")
async def test_an_id_in_use_is_refused(connect: Connect, version: str) -> None:
    async with connect(version) as client:
        first = client.begin(held_call(client, 7, "first"))
        await client.hears("notifications/progress")
        again = json.dumps(client.message("tools/list", 7)).encode()
        if client.transport == "http":
            refused = await client.raw(again)
            await client.call("release")
            answered = await first
        else:
            await client._deliver(again)
            refused = await first
            await client.call("release")
            await client.until(lambda: client.strange)
            answered = client.strange[0]
        assert refused.code == -32600
        assert answered.result["content"][0]["text"] == "held"


NO_REQUESTS = [
    b'{"jsonrpc":"2.0","method":"notifications/initialized"}',
    b'{"jsonrpc":"2.0","method":"notifications/unknown","params":{}}',
    b'{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":99}}',
    b'{"jsonrpc":"2.0","method":"notifications/cancelled","params":{}}',
    b'{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":[]}}',
    b'{"jsonrpc":"2.0","method":"notifications/cancelled","params":[7]}',
    b'{"jsonrpc":"2.0","method":"notifications/cancelled"}',
    b'{"jsonrpc":"2.0","method":"tools/list"}',
]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.requirement("json-rpc-6", "http-5", "cancellation-4")
async def test_notifications_have_no_answer(connect: Connect, version: str) -> None:
    async with connect(version) as client:
        for data in NO_REQUESTS:
            await client._deliver(data)
        await client.settle()
        assert client.strange == []


@pytest.mark.parametrize("version", LEGACY)
@pytest.mark.requirement("json-rpc-6")
async def test_answers_that_nobody_waits_for_are_ignored(
    connect: Connect, version: str
) -> None:
    async with connect(version) as client:
        await client._deliver(b'{"jsonrpc":"2.0","id":"server-9","result":{}}')
        error = b'{"jsonrpc":"2.0","id":null,"error":{"code":1,"message":"?"}}'
        await client._deliver(error)
        await client.settle()
        assert client.strange == []


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.requirement("json-rpc-1")
async def test_text_of_every_kind_survives(connect: Connect, version: str) -> None:
    texts = ["ü € 😀", "\u2028\u2029\x85", 'a"b\\c\n\r\t\x00', " " * 10, "x" * 100_000]
    async with connect(version) as client:
        for text in texts:
            answer = await client.call("echo", {"text": text})
            assert answer.result["content"] == [{"type": "text", "text": text}]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.requirement("known-37")
async def test_what_some_take_for_a_line_end_ends_no_event(
    posts: Connect, version: str
) -> None:
    """The client here splits events at such characters, as some do."""
    async with posts(version) as client:
        text = "one\u2028two\u2029three\x85four"
        arguments = {"text": text}
        asked = client.message("tools/call", name="echo", arguments=arguments)
        answer = await client.ask(asked, {"accept": "text/event-stream"})
        assert answer.result["content"] == [{"type": "text", "text": text}]


UNUSUAL = [
    b'\xef\xbb\xbf{"jsonrpc":"2.0","id":"m","method":"ping"}',
    b'{"jsonrpc":"2.0","id":"m","method":"ping"}\r',
    b' \t{"jsonrpc":"2.0","id":"m","method":"ping","more":[1]} ',
    b'{"jsonrpc":"2.0","id":"m","method":"ping","params":null}',
    b'{"jsonrpc":"2.0","id":"m","method":"ping","params":{"a":"\\ud800"}}',
    '{"jsonrpc":"2.0","id":"m","method":"ping","params":{"a":"\u2028\x85"}}'.encode(),
]


@pytest.mark.parametrize("version", LEGACY)
@pytest.mark.requirement("legacy-4", "stdio-1")
@pytest.mark.requirement("known-28")
async def test_what_is_unusual_is_served(connect: Connect, version: str) -> None:
    async with connect(version) as client:
        for data in UNUSUAL:
            answer = await client.raw(data)
            assert answer.message == {"jsonrpc": "2.0", "id": "m", "result": {}}, data


@pytest.mark.parametrize("version", [LEGACY[0], *LEGACY[2:]])
@pytest.mark.requirement("json-rpc-7")
async def test_other_versions_have_no_batches(connect: Connect, version: str) -> None:
    async with connect(version) as client:
        batch = [client.message("ping", "one")]
        answer = await client.raw(json.dumps(batch).encode())
        assert answer.code == -32600


@pytest.mark.requirement("json-rpc-7")
async def test_the_stateless_protocol_has_no_batches(connect: Connect) -> None:
    async with connect(MODERN) as client:
        batch = json.dumps([client.message("tools/list", "one")]).encode()
        answer = await client.raw(batch, {"mcp-protocol-version": MODERN})
        assert answer.code == -32600
        assert answer.status in (None, 400)


@pytest.mark.requirement("batches-1", "batches-2", "batches-3")
@pytest.mark.requirement("known-2")
async def test_batches(connect: Connect) -> None:
    async with connect("2025-03-26") as client:
        notification = {"jsonrpc": "2.0", "method": "notifications/unknown"}
        batch = [
            client.message("ping", "a"),
            notification,
            client.message("tools/call", 1, name="echo", arguments={"text": "tea"}),
            client.message("unknown", "c"),
            client.message("initialize", "d", protocolVersion="2025-03-26"),
            7,
        ]
        answer = await client.raw(json.dumps(batch).encode())
        found = [
            (one.get("id"), one.get("error", {}).get("code")) for one in answer.message
        ]
        assert sorted(found, key=str) == sorted(
            [("a", None), (1, None), ("c", -32601), ("d", -32600), (None, -32600)],
            key=str,
        )
        await client._deliver(json.dumps([notification, notification]).encode())
        assert (await client.raw(b"[]")).code == -32600
