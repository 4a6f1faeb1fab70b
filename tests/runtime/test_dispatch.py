"""One stream of messages: versions by message, batches, cancellation, each answered once."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mcpgen_runtime import Server, stateless
from mcpgen_runtime.dispatch import Connection, check_version_header
from mcpgen_runtime.errors import RequestError
from mcpgen_runtime.messages import parse

from . import shop
from .shop import shop_server

META = {"_meta": stateless.request_meta("2026-07-28")}


class Wire:
    """A connection, and all that the server sent over it."""

    def __init__(self, server: Server | None = None) -> None:
        self.sent: list[Any] = []
        self.connection = Connection(
            server or shop_server(), lambda data: self.sent.append(json.loads(data))
        )

    def say(self, message: Any) -> None:
        self.connection.receive(parse(json.dumps(message).encode()))

    async def ask(self, method: str, params: Any = None, request_id: Any = 1) -> Any:
        """The answer to one request, when there is one."""
        self.sent.clear()
        self.say(request(method, params, request_id))
        await self.connection.finish()
        await asyncio.sleep(0)
        (answer,) = self.sent
        assert answer["id"] == request_id
        return answer

    async def initialize(self, version: str) -> None:
        answer = await self.ask("initialize", {"protocolVersion": version})
        assert answer["result"]["protocolVersion"] == version
        self.sent.clear()


def request(method: str, params: Any = None, request_id: Any = 1) -> dict[str, Any]:
    message = {"jsonrpc": "2.0", "id": request_id, "method": method}
    return message if params is None else message | {"params": params}


def wait(seconds: float, request_id: Any = 1, **params: Any) -> dict[str, Any]:
    arguments = {"name": "wait", "arguments": {"seconds": seconds}}
    return request("tools/call", arguments | params, request_id)


def cancelled(request_id: Any) -> dict[str, Any]:
    params = {"requestId": request_id, "reason": "enough"}
    return {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": params}


@pytest.fixture
def wire() -> Wire:
    shop.waiting.clear()
    return Wire()


async def until_waiting(calls: int) -> None:
    for _ in range(1000):
        if len(shop.waiting) == calls:
            return
        await asyncio.sleep(0.005)
    raise TimeoutError(f"{len(shop.waiting)} calls are waiting, not {calls}")


async def test_before_a_handshake_only_a_ping_is_answered(wire: Wire) -> None:
    assert (await wire.ask("ping"))["result"] == {}
    error = (await wire.ask("tools/list"))["error"]
    assert error["code"] == -32602
    assert "initialize" in error["message"]


async def test_discovery_without_metadata_names_it(wire: Wire) -> None:
    error = (await wire.ask("server/discover"))["error"]
    assert error["code"] == -32602
    assert "io.modelcontextprotocol/protocolVersion" in error["message"]


async def test_a_client_may_probe_then_shake_hands_then_mix(wire: Wire) -> None:
    assert "result" in await wire.ask("server/discover", META)
    await wire.initialize("2025-06-18")
    assert "resultType" not in (await wire.ask("tools/list"))["result"]
    assert "resultType" in (await wire.ask("tools/list", META))["result"]
    assert "resultType" not in (await wire.ask("tools/list"))["result"]


async def test_a_handshake_can_be_repeated(wire: Wire) -> None:
    await wire.initialize("2024-11-05")
    assert "title" not in (await wire.ask("tools/list"))["result"]["tools"][0]
    await wire.initialize("2025-11-25")
    assert "title" in (await wire.ask("tools/list"))["result"]["tools"][0]


async def test_a_failed_handshake_leaves_the_version(wire: Wire) -> None:
    await wire.initialize("2025-11-25")
    assert (await wire.ask("initialize", {}))["error"]["code"] == -32602
    assert "result" in await wire.ask("tools/list")


async def test_an_unsupported_stateless_version(wire: Wire) -> None:
    meta = stateless.request_meta("2030-01-01")
    error = (await wire.ask("initialize", {"_meta": meta}))["error"]
    assert error["code"] == -32022
    assert error["data"]["supported"] == ["2026-07-28"]


async def test_what_needs_no_answer_gets_none(wire: Wire) -> None:
    for message in (
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "method": "notifications/unknown"},
        {"jsonrpc": "2.0", "id": 7, "result": {}},
        cancelled(99),
        cancelled(None),
        cancelled([1]),
        {"jsonrpc": "2.0", "method": "tools/list"},
    ):
        wire.say(message)
    await asyncio.sleep(0.01)
    assert wire.sent == []


async def test_a_slow_call_holds_nothing_up(wire: Wire) -> None:
    await wire.initialize("2025-11-25")
    wire.say(wait(0.1, "slow"))
    wire.say(request("ping", request_id="quick"))
    await wire.connection.finish()
    await asyncio.sleep(0)
    assert [answer["id"] for answer in wire.sent] == ["quick", "slow"]


@pytest.mark.parametrize("params", [{}, META])
async def test_a_cancelled_request_stays_without_an_answer(
    wire: Wire, params: dict[str, Any]
) -> None:
    await wire.initialize("2025-11-25")
    wire.say(wait(30, 5, **params))
    await until_waiting(1)
    wire.say(cancelled("5"))
    wire.say(cancelled([5]))
    await asyncio.sleep(0.01)
    assert len(shop.waiting) == 1
    wire.say(cancelled(5))
    await until_waiting(0)
    await asyncio.sleep(0.01)
    assert wire.sent == []
    assert "result" in await wire.ask("tools/list", request_id=5)


async def test_true_is_not_the_id_1(wire: Wire) -> None:
    await wire.initialize("2025-11-25")
    wire.say(wait(0.05, 1))
    wire.say(cancelled(True))
    await wire.connection.finish()
    await asyncio.sleep(0)
    assert [answer["id"] for answer in wire.sent] == [1]


async def test_an_id_in_use_is_refused(wire: Wire) -> None:
    await wire.initialize("2025-11-25")
    wire.say(wait(0.1, 1))
    wire.say(request("tools/list", request_id=1))
    wire.say(request("ping", request_id="1"))
    await wire.connection.finish()
    await asyncio.sleep(0)
    refused, ping, result = wire.sent
    assert (refused["id"], refused["error"]["code"]) == (1, -32600)
    assert ping == {"jsonrpc": "2.0", "id": "1", "result": {}}
    assert (result["id"], result["result"]["isError"]) == (1, False)
    assert "result" in await wire.ask("tools/list", request_id=1)


async def test_a_batch_is_answered_by_a_batch(wire: Wire) -> None:
    await wire.initialize("2025-03-26")
    wire.say(
        [
            wait(0.05, 1),
            {"jsonrpc": "2.0", "method": "notifications/unknown"},
            request("ping", request_id=2),
            {"jsonrpc": "2.0", "id": None, "method": "ping"},
            request("initialize", {"protocolVersion": "2025-03-26"}, 3),
            request("tools/list", META, 4),
            request("ping", request_id=1),
        ]
    )
    await wire.connection.finish()
    (batch,) = wire.sent
    outcomes = [
        (one.get("id"), one.get("error", {}).get("code", "result")) for one in batch
    ]
    assert outcomes == [
        (1, "result"),
        (2, "result"),
        (None, -32600),
        (3, -32600),
        (4, -32600),
        (1, -32600),
    ]


async def test_a_batch_without_requests_is_not_answered(wire: Wire) -> None:
    await wire.initialize("2025-03-26")
    wire.say([{"jsonrpc": "2.0", "method": "notifications/unknown"}])
    await wire.connection.finish()
    assert wire.sent == []


async def test_a_request_of_a_batch_can_be_cancelled(wire: Wire) -> None:
    await wire.initialize("2025-03-26")
    wire.say([wait(30, 1), request("ping", request_id=2)])
    await until_waiting(1)
    wire.say(cancelled(1))
    await wire.connection.finish()
    assert wire.sent == [[{"jsonrpc": "2.0", "id": 2, "result": {}}]]


@pytest.mark.parametrize("version", ["2024-11-05", "2025-06-18", "2025-11-25", None])
async def test_other_versions_have_no_batches(wire: Wire, version: str | None) -> None:
    if version:
        await wire.initialize(version)
    wire.say([request("ping", request_id=1), request("ping", request_id="b")])
    assert {answer["id"] for answer in wire.sent} == {1, "b"}
    assert {answer["error"]["code"] for answer in wire.sent} == {-32600}
    wire.sent.clear()
    wire.say([7])
    assert [answer["error"]["code"] for answer in wire.sent] == [-32600]


async def test_closing_waits_for_calls_in_flight(wire: Wire) -> None:
    await wire.initialize("2025-11-25")
    wire.say(wait(0.2, 1))
    wire.say(wait(30, 2))
    await until_waiting(2)
    await wire.connection.close(grace=0.5)
    assert [answer["id"] for answer in wire.sent] == [1]
    assert not shop.waiting


async def test_a_subscription_is_acknowledged_and_ended(wire: Wire) -> None:
    asked = {"notifications": {"toolsListChanged": True}} | META
    wire.say(request("subscriptions/listen", asked, "L"))
    await asyncio.sleep(0.01)
    (acknowledged,) = wire.sent
    assert acknowledged["method"] == "notifications/subscriptions/acknowledged"
    assert acknowledged["params"]["notifications"] == {}
    await wire.connection.close(grace=0)
    _, result, ended = wire.sent
    key = "io.modelcontextprotocol/subscriptionId"
    assert result["id"] == result["result"]["_meta"][key] == "L"
    assert ended["method"] == "notifications/cancelled"
    assert ended["params"] == {"requestId": "L"}


async def test_a_cancelled_subscription_is_silent(wire: Wire) -> None:
    wire.say(request("subscriptions/listen", {"notifications": {}} | META, 1))
    await asyncio.sleep(0.01)
    wire.say(cancelled(1))
    await wire.connection.close(grace=0)
    assert len(wire.sent) == 1


async def test_a_subscription_says_to_what(wire: Wire) -> None:
    assert (await wire.ask("subscriptions/listen", META))["error"]["code"] == -32602


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
    ),
    max_leaves=9,
)
METHODS = (
    "initialize",
    "ping",
    "server/discover",
    "subscriptions/listen",
    "tools/list",
    "tools/call",
    "resources/list",
    "resources/templates/list",
    "resources/read",
    "nope",
)
PARAMS = st.dictionaries(
    st.sampled_from(["name", "arguments", "uri", "cursor", "protocolVersion", ""]),
    JSON | st.sampled_from(["add_item", "api://shop/items/7", "2025-03-26"]),
)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(st.sampled_from(METHODS), PARAMS, st.booleans()),
        min_size=1,
        max_size=8,
    )
)
def test_whatever_is_asked_is_answered_once(
    asked: list[tuple[str, dict[str, Any], bool]],
) -> None:
    async def answers() -> list[Any]:
        wire = Wire()
        for number, (method, params, modern) in enumerate(asked):
            wire.say(request(method, params | META if modern else params, number))
        await asyncio.wait_for(wire.connection.finish(), 10)
        await asyncio.sleep(0)
        return [answer["id"] for answer in wire.sent]

    assert sorted(asyncio.run(answers())) == list(range(len(asked)))


def test_a_version_header_that_is_not_served_is_told_which_are() -> None:
    check_version_header(None)
    check_version_header("2025-03-26")
    with pytest.raises(RequestError, match="supported are 2026-07-28, 2024-11-05") as e:
        check_version_header("1999-01-01")
    assert e.value.data["requested"] == "1999-01-01"
    assert "2025-11-25" in e.value.data["supported"]
