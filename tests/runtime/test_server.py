"""What a server serves, through its in-memory client, in every version."""

from __future__ import annotations

import asyncio
import json
import pathlib
from typing import Any

import httpx
import pytest
from mcpgen_runtime import Field, Path, Query, Resource, Server, Settings, Tool
from mcpgen_runtime import protocol as handshake
from mcpgen_runtime.catalog import Catalog, line
from mcpgen_runtime.client import Client, connect
from mcpgen_runtime.components import listing_entries
from mcpgen_runtime.content import Result
from mcpgen_runtime.errors import CompositionError, RequestError
from mcpgen_runtime.middleware import Call, Next
from mcpgen_runtime.settings import SettingsError

from .shop import SETTINGS, add_item, get_item, list_items, shop_server

VERSIONS = (*handshake.VERSIONS, "2026-07-28")


def capabilities(version: str) -> dict[str, Any]:
    names = ["tools", "resources", "prompts", "logging"]
    names += ["completions"] * (version > "2024-11-05")
    return {name: {} for name in names}


async def refusal(client: Client, method: str, **params: Any) -> RequestError:
    with pytest.raises(RequestError) as raised:
        await client.request(method, params)
    return raised.value


@pytest.mark.parametrize("version", VERSIONS)
async def test_every_version_lists_calls_and_reads(version: str) -> None:
    async with connect(shop_server(), version) as client:
        tools = await client.list_tools()
        assert [tool["name"] for tool in tools] == ["add_item", "wait", "answer"]
        resources = await client.list_resources()
        assert [resource["uri"] for resource in resources] == ["api://shop/items"]
        templates = await client.list_resource_templates()
        assert [template["uriTemplate"] for template in templates] == [
            "api://shop/items{?limit}",
            "api://shop/items/{item_id}",
        ]
        called = await client.call_tool("add_item", {"name": "tea"})
        assert json.loads(called["content"][0]["text"]) == {"id": 1, "name": "tea"}
        assert called["isError"] is False
        assert ("structuredContent" in called) is (version >= "2025-06-18")
        read = await client.read_resource("api://shop/items/7")
        assert read["contents"] == [
            {
                "uri": "api://shop/items/7",
                "mimeType": "application/json",
                "text": '{"id":7}',
            }
        ]
        modern = version == "2026-07-28"
        for result in (called, read):
            assert ("resultType" in result) is modern
            assert ("_meta" in result) is modern


@pytest.mark.parametrize("version", handshake.VERSIONS)
async def test_the_handshake(version: str) -> None:
    async with connect(shop_server(instructions="Buy."), version) as client:
        result = await client.request(
            "initialize", {"protocolVersion": version, "capabilities": {}}
        )
    title = {"title": "The shop"} if version >= "2025-06-18" else {}
    assert result == {
        "protocolVersion": version,
        "capabilities": capabilities(version),
        "serverInfo": {"name": "shop", "version": "1.2.3"} | title,
        "instructions": "Buy.",
    }


@pytest.mark.parametrize("version", VERSIONS)
async def test_icons_are_shown_where_a_client_asks_who_this_is(version: str) -> None:
    icons = [{"src": "https://shop.example/logo.svg"}]
    async with connect(shop_server(icons=icons), version) as client:
        met = client.server
        listed = await client.request("tools/list")
    signed = "io.modelcontextprotocol/serverInfo"
    info = met["serverInfo"] if "serverInfo" in met else met["_meta"][signed]
    assert info.get("icons") == (icons if version >= "2025-11-25" else None)
    assert "icons" not in listed.get("_meta", {}).get(signed, {})


async def test_discovery() -> None:
    async with connect(shop_server(), "2026-07-28") as client:
        result = await client.request("server/discover")
    assert result["supportedVersions"] == ["2026-07-28"]
    assert result["capabilities"] == capabilities("2026-07-28")
    assert result["resultType"] == "complete"
    assert result["_meta"]["io.modelcontextprotocol/serverInfo"]["name"] == "shop"


@pytest.mark.parametrize("version", handshake.VERSIONS)
async def test_ping_is_answered_by_exactly_nothing(version: str) -> None:
    async with connect(shop_server(), version) as client:
        assert await client.request("ping") == {}


@pytest.mark.parametrize(
    "method",
    [
        "resources/subscribe",
        "tasks/list",
        "unknown/method",
    ],
)
@pytest.mark.parametrize("version", VERSIONS)
async def test_what_is_not_served_is_not_found(version: str, method: str) -> None:
    async with connect(shop_server(), version) as client:
        assert (await refusal(client, method)).code == -32601


@pytest.mark.parametrize(
    ("version", "method"),
    [
        ("2025-11-25", "subscriptions/listen"),
        ("2026-07-28", "ping"),
        ("2026-07-28", "initialize"),
    ],
)
async def test_methods_of_another_version_are_not_found(
    version: str, method: str
) -> None:
    async with connect(shop_server(), version) as client:
        assert (await refusal(client, method)).code == -32601


@pytest.mark.parametrize("version", ["2025-11-25", "2026-07-28"])
async def test_an_empty_listing_is_a_listing(version: str) -> None:
    server = shop_server(add_item)
    async with connect(server, version) as client:
        method = "server/discover" if version == "2026-07-28" else "initialize"
        result = await client.request(method, {"protocolVersion": version})
        assert result["capabilities"] == capabilities(version)
        assert await client.list_resources() == []
        assert await client.list_resource_templates() == []


async def test_an_unknown_tool_is_an_error_of_the_protocol() -> None:
    async with connect(shop_server()) as client:
        error = await refusal(client, "tools/call", name="nope", arguments={})
    assert (error.code, error.message) == (-32602, "Unknown tool: nope")
    async with connect(shop_server()) as client:
        error = await refusal(client, "tools/call", name="addItem")
    assert error.message == "Unknown tool: addItem; did you mean 'add_item'?"


@pytest.mark.parametrize(
    "params", [{}, {"name": 1}, {"name": "add_item", "arguments": [1]}]
)
async def test_malformed_params_of_a_call(params: dict[str, Any]) -> None:
    async with connect(shop_server()) as client:
        assert (await refusal(client, "tools/call", **params)).code == -32602


@pytest.mark.parametrize("arguments", [None, {}])
async def test_a_tool_may_be_called_without_arguments(arguments: Any) -> None:
    async with connect(shop_server()) as client:
        params = {"name": "answer", "arguments": arguments}
        assert (await client.request("tools/call", params))["isError"] is False
        assert (await client.request("tools/call", {"name": "answer"}))["content"]


async def test_wrong_arguments_are_explained_to_the_model() -> None:
    async with connect(shop_server()) as client:
        result = await client.call_tool("add_item", {"nam": "tea"})
    assert result["isError"] is True
    assert "name" in result["content"][0]["text"]


@pytest.mark.parametrize(
    ("version", "code"), [("2025-11-25", -32002), ("2026-07-28", -32602)]
)
@pytest.mark.parametrize("uri", ["api://shop/nowhere", "api://shop/items/404", ""])
async def test_a_resource_that_is_not_there(version: str, code: int, uri: str) -> None:
    async with connect(shop_server(), version) as client:
        error = await refusal(client, "resources/read", uri=uri)
    assert (error.code, error.data) == (code, {"uri": uri})


async def test_a_resource_that_the_api_does_not_have() -> None:
    async with connect(shop_server(), "2025-11-25") as client:
        error = await refusal(client, "resources/read", uri="api://shop/items/404")
    assert error.message == "Resource not found: HTTP 404 Not Found: no such luck"


async def test_an_unknown_variable_of_a_uri_is_named() -> None:
    uri = "api://shop/items?limt=3"
    async with connect(shop_server(), "2025-11-25") as client:
        error = await refusal(client, "resources/read", uri=uri)
    assert (error.code, error.data) == (-32002, {"uri": uri})
    assert error.message == (
        "Resource not found: the URI has no variable 'limt'; did you mean 'limit'?"
    )


@pytest.mark.parametrize(
    ("uri", "expression"),
    [
        ("api://shop/items/{item_id}", "{item_id}"),
        ("api://shop/items/%7Bitem_id%7D", "{item_id}"),
        ("api://shop/items{?limit}", "{?limit}"),
    ],
)
async def test_a_template_that_is_not_filled_in(uri: str, expression: str) -> None:
    async with connect(shop_server()) as client:
        error = await refusal(client, "resources/read", uri=uri)
    assert (error.code, error.data) == (-32602, {"uri": uri})
    assert f"the URI still has {expression}: give its value" in error.message


@pytest.mark.parametrize(
    ("query", "sent"),
    [
        ("tags=a%20b%2Cc,%C3%BC&name=x%2Cy,z", [("tags", "a b,c"), ("tags", "ü")]),
        ("tags=a&name=x,y,z", [("tags", "a")]),
    ],
)
async def test_a_bare_comma_of_a_uri_divides_lists_only(
    query: str, sent: list[tuple[str, str]]
) -> None:
    requests: list[httpx.Request] = []

    def api(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(200, json=[])

    tags = {"type": "array", "items": {"type": "string"}}
    resource = Resource(
        name="find",
        method="GET",
        path="/find",
        uri="api://shop/find{?tags,name}",
        arguments=(Query("tags", tags), Query("name", {"type": "string"})),
    )
    server = shop_server(resource, transport=httpx.MockTransport(api))
    async with connect(server) as client:
        await client.read_resource(f"api://shop/find?{query}")
    assert requests[0].url.params.multi_items() == [*sent, ("name", "x,y,z")]


async def test_an_argument_that_no_request_can_carry() -> None:
    resource = Resource(
        name="file",
        method="GET",
        path="/files/{name}",
        uri="api://shop/files/{name}",
        arguments=(Path("name", {"type": "string"}),),
    )
    uri = "api://shop/files/.."
    async with connect(shop_server(resource)) as client:
        error = await refusal(client, "resources/read", uri=uri)
    assert (error.code, error.data) == (-32602, {"uri": uri})
    assert error.message.startswith("name has '.' or '..' as a path segment")


async def test_a_resource_that_the_api_fails_to_give() -> None:
    async with connect(shop_server()) as client:
        error = await refusal(client, "resources/read", uri="api://shop/items/500")
    assert error.code == -32603
    assert "500" in error.message


async def test_a_uri_whose_variables_do_not_fit() -> None:
    async with connect(shop_server()) as client:
        error = await refusal(client, "resources/read", uri="api://shop/items/x")
    assert error.code == -32602
    assert "item_id" in error.message


@pytest.mark.parametrize(
    ("uri", "limit"),
    [
        ("api://shop/items", None),
        ("API://SHOP/items", None),
        ("api://shop/%69tems", None),
        ("api://shop/items?limit=3", "3"),
    ],
)
async def test_a_uri_is_known_in_any_spelling(uri: str, limit: str | None) -> None:
    async with connect(shop_server()) as client:
        read = await client.read_resource(uri)
    assert read["contents"][0]["uri"] == uri
    assert json.loads(read["contents"][0]["text"]) == {"limit": limit}


async def test_the_most_literal_template_wins() -> None:
    def resource(name: str, uri: str) -> Resource:
        arguments = (Path("x", {}), Path("y", {}))
        return Resource(
            name=name, method="GET", path="/{x}/{y}", uri=uri, arguments=arguments
        )

    seen = []

    async def watch(call: Call, step: Next) -> Result:
        seen.append(call.component.name)
        return Result(content=(), text="")

    server = shop_server(
        resource("any", "api://s/{x}/{y}"), resource("posts", "api://s/{x}/posts")
    )
    server.add_middleware(watch)
    async with connect(server) as client:
        await client.read_resource("api://s/1/posts")
        await client.read_resource("api://s/1/other")
    assert seen == ["posts", "any"]


@pytest.mark.parametrize(
    ("version", "block"), [("2024-11-05", "resource"), ("2025-03-26", "audio")]
)
async def test_audio_in_old_versions(version: str, block: str) -> None:
    async with connect(shop_server(), version) as client:
        arguments = {"body": "RIFF", "media_type": "audio/wav"}
        result = await client.call_tool("answer", arguments)
    assert result["content"][0]["type"] == block


async def test_numbers_and_the_order_of_members_stay_as_they_came() -> None:
    text = '{"b":1.10,"a":12345678901234567890}'
    async with connect(shop_server(), "2026-07-28") as client:
        result = await client.call_tool("answer", {"body": text})
    assert result["content"] == [{"type": "text", "text": text}]


async def test_an_internal_error_keeps_its_reason_to_itself(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def broken(call: Call, step: Next) -> Result:
        raise ValueError("the password is teapot")

    server = shop_server()
    server.add_middleware(broken)
    async with connect(server) as client:
        error = await refusal(client, "tools/call", name="answer")
    assert (error.code, error.message, error.data) == (-32603, "Internal error", None)
    assert "teapot" in caplog.text


async def test_middleware_wraps_from_the_first_to_the_last() -> None:
    seen: list[str] = []

    def layer(name: str) -> Any:
        async def run(call: Call, step: Next) -> Result:
            seen.append(f"{name} {call.component.name} {call.uri}")
            result = await step(call)
            seen.append(f"{name} done")
            return result

        return run

    server = shop_server()
    server.add_middleware(layer("outer"))
    server.add_middleware(layer("inner"))
    async with connect(server) as client:
        await client.read_resource("api://shop/items/7")
    assert seen == [
        "outer get_item api://shop/items/7",
        "inner get_item api://shop/items/7",
        "inner done",
        "outer done",
    ]


async def test_pages() -> None:
    server = shop_server()
    server.__dict__["environment"] = {"SHOP_PAGE_SIZE": "2"}
    async with connect(server) as client:
        page = await client.request("tools/list")
        assert [tool["name"] for tool in page["tools"]] == ["add_item", "wait"]
        rest = await client.request("tools/list", {"cursor": page["nextCursor"]})
        assert [tool["name"] for tool in rest["tools"]] == ["answer"]
        assert "nextCursor" not in rest
        assert len(await client.list_tools()) == 3
        for listing in ("tools/list", "resources/list"):
            error = await refusal(client, listing, cursor="nonsense")
            assert error.code == -32602
        other = await refusal(
            client, "resources/templates/list", cursor=page["nextCursor"]
        )
        assert other.code == -32602


@pytest.mark.parametrize(
    "environment",
    [
        {"SHOP_PAGE_SIZE": "0"},
        {"SHOP_PAGE_SIZE": "many"},
        {"SHOP_BASE_URL": "nonsense"},
        {"SHOP_RESOURCES_AS_TOOLS": "perhaps"},
    ],
)
def test_a_setting_that_cannot_be_used_is_named(environment: dict[str, str]) -> None:
    server = shop_server()
    server.__dict__["environment"] = environment
    (variable,) = environment
    with pytest.raises(SettingsError, match=variable):
        server.configure()


async def test_resources_as_tools() -> None:
    server = shop_server()
    server.configure(resources_as_tools=True)
    async with connect(server) as client:
        names = [tool["name"] for tool in await client.list_tools()]
        assert names == ["add_item", "wait", "answer", "list_items", "get_item"]
        result = await client.call_tool("get_item", {"item_id": 7})
        assert result["structuredContent"] == {"id": 7}
        assert len(await client.list_resources()) == 1


def test_what_is_served_already_cannot_be_added() -> None:
    server = shop_server()
    for component in (add_item, list_items, get_item):
        with pytest.raises(CompositionError, match="remove it first"):
            server.add(component)


@pytest.mark.parametrize("name", ["bad name!", "", "x" * 65, "é"])
def test_a_name_that_clients_refuse_cannot_be_added(name: str) -> None:
    with pytest.raises(CompositionError, match=r"test_server\.py:\d+: the name .* not"):
        shop_server().add(Tool(name=name, method="GET", path="/x"))


def test_a_missing_schema_is_named() -> None:
    tool = Tool(
        name="t",
        method="POST",
        path="/t",
        arguments=(Field("pet", {"$ref": "#/$defs/Pet"}),),
    )
    with pytest.raises(CompositionError, match="'Pet'"):
        shop_server(add_item).add(tool)
    shop_server(add_item).add(tool, schemas={"Pet": {"type": "object"}})


async def test_removal() -> None:
    server = shop_server()
    server.remove("add_item")
    server.remove("list_items")
    async with connect(server) as client:
        assert [tool["name"] for tool in await client.list_tools()] == [
            "wait",
            "answer",
        ]
        assert await client.list_resources() == []
        assert len(await client.list_resource_templates()) == 1
    server.add(list_items)
    server.add(add_item)
    async with connect(server) as client:
        assert len(await client.list_resources()) == 1
        assert (await client.call_tool("add_item", {"name": "tea"}))["isError"] is False


@pytest.mark.parametrize(
    ("name", "hint"), [("ad_item", "did you mean 'add_item'?"), ("qqq", "served$")]
)
def test_removing_what_is_not_there_names_the_nearest(name: str, hint: str) -> None:
    with pytest.raises(CompositionError, match=hint):
        shop_server().remove(name)


async def test_a_catalog_may_be_given(tmp_path: pathlib.Path) -> None:
    kind, entry = listing_entries(add_item, {})[0]
    file = tmp_path / "catalog.jsonl"
    file.write_text(line(kind, "add_item", "shop.add_item", entry))
    catalog = Catalog.read(file)
    server = Server(name="s", version="1", settings=SETTINGS, catalog=catalog)
    async with connect(server) as client:
        assert await client.list_tools() == [entry]


async def test_a_call_without_a_base_url_says_what_to_set() -> None:
    server = shop_server(settings=Settings(prefix="SHOP"))
    assert server.api.unknown == ["SHOP_BASE_URL"]
    async with connect(server) as client:
        result = await client.call_tool("answer")
    assert result["isError"] is True
    assert "SHOP_BASE_URL" in result["content"][0]["text"]


async def test_one_server_outlives_its_clients() -> None:
    server = shop_server()
    async with connect(server) as one, connect(server) as two:
        await one.call_tool("answer")
        slow = asyncio.create_task(two.call_tool("wait", {"seconds": 0.1}))
        await asyncio.sleep(0)
        await one.close()
        assert (await slow)["isError"] is False
    async with connect(server) as three:
        assert (await three.call_tool("answer"))["isError"] is False
