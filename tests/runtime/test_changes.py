"""What changes while a server runs: who is told, of what, on which stream."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from mcpgen_runtime import Context, Server, Tool
from mcpgen_runtime.changes import Change
from mcpgen_runtime.client import Client, connect
from mcpgen_runtime.dispatch import Connection
from mcpgen_runtime.errors import CompositionError, RequestError
from mcpgen_runtime.messages import dumps, parse
from mcpgen_runtime.transports.http import App

from .asking import asking
from .driven import Driven
from .shop import shop_server
from .test_dispatch import Wire, request
from .test_sessions import Client as HttpClient

LEGACY = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"]
MODERN = "2026-07-28"
ALL = ("tools", "prompts", "resources", "updates")
ITEM = "api://shop/items/7"
SUBSCRIPTION = "io.modelcontextprotocol/subscriptionId"
another = Tool(name="another", method="POST", path="/another")


def changing(*kinds: Any) -> Server:
    server = shop_server()
    server.announce(*kinds)
    return server


def methods(client: Client) -> list[str]:
    return [n["method"].removeprefix("notifications/") for n in client.notifications]


async def capabilities(server: Server, version: str) -> dict[str, Any]:
    async with connect(server, version) as client:
        method = "server/discover" if version == MODERN else "initialize"
        result = await client.request(method, {"protocolVersion": version})
    found: dict[str, Any] = result["capabilities"]
    return found


@pytest.mark.parametrize("version", [*LEGACY, MODERN])
async def test_what_is_announced_is_declared(version: str) -> None:
    still = await capabilities(shop_server(), version)
    assert (still["tools"], still["resources"]) == ({}, {})
    lively = await capabilities(changing("tools", "resources", "updates"), version)
    assert lively["tools"] == {"listChanged": True}
    assert lively["resources"] == {"listChanged": True, "subscribe": True}


def test_a_kind_that_there_is_not() -> None:
    with pytest.raises(CompositionError, match="'tool' is no kind of change"):
        shop_server().announce("tool")  # type: ignore[arg-type]


@pytest.mark.parametrize("version", LEGACY)
async def test_a_session_hears_of_lists(version: str) -> None:
    server = changing("tools")
    async with connect(server, version) as client:
        server.add(another)
        assert methods(client) == ["tools/list_changed"]
        assert "another" in [tool["name"] for tool in await client.list_tools()]
        server.remove("another")
        server.remove("get_item")
        assert methods(client) == ["tools/list_changed"] * 2
    server.remove("wait")
    assert len(client.notifications) == 2


async def test_before_a_handshake_nobody_is_told() -> None:
    server = changing(*ALL)
    wire = Wire(server)
    server.add(another)
    assert wire.sent == []


@pytest.mark.parametrize("version", LEGACY)
async def test_a_session_subscribes_to_resources(version: str) -> None:
    server = changing("updates")
    async with connect(server, version) as client:
        server.resource_updated(ITEM)
        assert await client.request("resources/subscribe", {"uri": ITEM}) == {}
        server.resource_updated(ITEM)
        server.resource_updated("api://shop/items/8")
        (told,) = client.notifications
        assert told["method"] == "notifications/resources/updated"
        assert told["params"] == {"uri": ITEM}
        assert await client.request("resources/unsubscribe", {"uri": ITEM}) == {}
        server.resource_updated(ITEM)
        assert len(client.notifications) == 1


@pytest.mark.parametrize(
    ("params", "code"), [({"uri": "api://nowhere"}, -32002), ({}, -32602)]
)
async def test_what_can_not_be_subscribed_to(params: Any, code: int) -> None:
    async with connect(changing("updates")) as client:
        with pytest.raises(RequestError) as raised:
            await client.request("resources/subscribe", params)
    assert raised.value.code == code


async def test_subscriptions_are_bounded() -> None:
    async with connect(changing("updates")) as client:
        for number in range(1000):
            uri = f"api://shop/items/{number}"
            await client.request("resources/subscribe", {"uri": uri})
        with pytest.raises(RequestError, match="1000"):
            await client.request("resources/subscribe", {"uri": ITEM + "000"})


async def test_without_updates_there_are_no_subscriptions() -> None:
    async with connect(changing("resources")) as client:
        with pytest.raises(RequestError) as raised:
            await client.request("resources/subscribe", {"uri": ITEM})
    assert raised.value.code == -32601


WANTED = {
    "toolsListChanged": True,
    "promptsListChanged": True,
    "resourcesListChanged": False,
    "resourceSubscriptions": [ITEM, "api://nowhere"],
    "taskIds": ["t"],
}


@pytest.mark.parametrize(
    ("kinds", "honoured"),
    [
        ((), {}),
        (("tools",), {"toolsListChanged": True}),
        (("prompts", "resources"), {"promptsListChanged": True}),
        (("updates",), {"resourceSubscriptions": [ITEM]}),
    ],
)
async def test_a_subscription_names_what_it_honours(
    kinds: Any, honoured: dict[str, Any]
) -> None:
    async with connect(changing(*kinds), MODERN) as client:
        listening = asyncio.create_task(
            client.request("subscriptions/listen", {"notifications": WANTED})
        )
        await asyncio.sleep(0.01)
        (acknowledged,) = client.notifications
        assert acknowledged["params"]["notifications"] == honoured
        await client.close()
        await listening


@pytest.mark.parametrize("uris", [7, "x", [7], {}])
async def test_a_subscription_must_be_one(uris: Any) -> None:
    async with connect(changing("updates"), MODERN) as client:
        with pytest.raises(RequestError) as raised:
            await client.request(
                "subscriptions/listen",
                {"notifications": {"resourceSubscriptions": uris}},
            )
    assert raised.value.code == -32602


async def test_subscriptions_hear_what_they_asked_for() -> None:
    server = changing("tools", "resources", "updates")
    async with connect(server, MODERN) as client:
        wanted: list[dict[str, Any]] = [
            {"toolsListChanged": True},
            {"resourceSubscriptions": [ITEM]},
        ]
        listening = [
            asyncio.create_task(
                client.request("subscriptions/listen", {"notifications": one})
            )
            for one in wanted
        ]
        await asyncio.sleep(0.01)
        ids = [n["params"]["_meta"][SUBSCRIPTION] for n in client.notifications]
        client.notifications.clear()
        server.add(another)
        server.remove("list_items")
        server.resource_updated(ITEM)
        tools, item = client.notifications
        assert tools["method"] == "notifications/tools/list_changed"
        assert tools["params"] == {"_meta": {SUBSCRIPTION: ids[0]}}
        assert item["method"] == "notifications/resources/updated"
        assert item["params"] == {"uri": ITEM, "_meta": {SUBSCRIPTION: ids[1]}}
        await client.close()
        await asyncio.gather(*listening)
        client.notifications.clear()
        server.remove("another")
        assert client.notifications == []


async def test_a_handler_changes_what_is_served() -> None:
    async def grow(ctx: Context) -> str:
        server.add(another)
        return "grown"

    server = asking(grow)
    server.announce("tools")
    async with connect(server) as client:
        await client.call_tool("ask")
        assert methods(client) == ["tools/list_changed"]


async def test_a_session_over_http_hears_on_one_stream() -> None:
    server = changing("tools", "updates")
    client = HttpClient(App(server))
    await client.begin()
    silent, told = client.send(method="GET"), client.send(method="GET")
    for stream in (silent, told):
        await stream.start()
        await stream.event()
    subscribe = request("resources/subscribe", {"uri": ITEM})
    assert await client.status(subscribe) == 200
    server.add(another)
    server.resource_updated(ITEM)
    server.resource_updated("api://shop/items/8")
    for method in ("tools/list_changed", "resources/updated"):
        event = await told.event()
        assert event
        assert event.data["method"] == f"notifications/{method}"
    client.app.close(grace=0)
    assert await silent.events() == []
    assert await told.events() == []


async def test_a_subscription_over_http() -> None:
    server = changing("tools")
    asked = request(
        "subscriptions/listen",
        {
            "notifications": {"toolsListChanged": True},
            "_meta": {
                "io.modelcontextprotocol/protocolVersion": MODERN,
                "io.modelcontextprotocol/clientCapabilities": {},
            },
        },
        "L",
    )
    headers = {
        "mcp_protocol_version": MODERN,
        "mcp_method": "subscriptions/listen",
    }
    app = App(server)
    stream = Driven(app, asked, **headers)
    await stream.start()
    await stream.event()
    server.add(another)
    changed = await stream.event()
    assert changed
    assert changed.data["params"]["_meta"] == {SUBSCRIPTION: "L"}
    app.close(grace=0)
    (result,) = await stream.events()
    assert result.data["result"]["resultType"] == "complete"


async def test_who_is_behind_is_told_of_a_change_once() -> None:
    server = changing("updates")
    read = asyncio.Event()
    read.set()
    sent: asyncio.Queue[bytes] = asyncio.Queue()

    async def drained() -> None:
        await read.wait()

    connection = Connection(server, sent.put_nowait, drained=drained)
    params = {"protocolVersion": "2025-11-25", "capabilities": {}}
    async with asyncio.timeout(30):
        connection.receive(parse(dumps(request("initialize", params))))
        await sent.get()
        connection.receive(parse(dumps(request("resources/subscribe", {"uri": ITEM}))))
        await sent.get()
        read.clear()
        for _ in range(100_000):
            server.resource_updated(ITEM)
        told = Change("updates", ITEM).notification()
        assert await sent.get() == told
        assert sent.empty()
        read.set()
        assert await sent.get() == told
        await connection.close(grace=0)
    assert sent.empty()
