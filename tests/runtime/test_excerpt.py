"""Large answers: what is kept, what is said of the rest, and what no limit changes."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mcpgen_runtime import Query, Resource, Tool
from mcpgen_runtime.client import connect
from mcpgen_runtime.excerpt import shortened, size
from mcpgen_runtime.settings import Settings

from .shop import shop_server

ITEMS = [{"id": n, "name": f"item {n}"} for n in range(1000)]
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=40,
)


def compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


@pytest.mark.parametrize(
    ("text", "limit", "kept", "told"),
    [
        ("[1,2,3]", 7, "[1,2,3]", []),
        ("[1,2,3]", 6, "[1,2]", ["only the first 2 of 3 items"]),
        ("[1,2,3]", 5, "[1,2]", ["only the first 2 of 3 items"]),
        (
            "[1.50,1e400,-0,1.0,9]",
            19,
            "[1.50,1e400,-0,1.0]",
            ["only the first 4 of 5 items"],
        ),
        (
            '{"total":3,"data":[{"a":1},{"a":2},{"a":3}],"next":"x"}',
            50,
            '{"total":3,"data":[{"a":1},{"a":2}],"next":"x"}',
            ["only the first 2 of 3 items of data"],
        ),
        (
            '{"a":{"b":[10,20,30,40]}}',
            20,
            '{"a":{"b":[10,20]}}',
            ["only the first 2 of 4 items of a.b"],
        ),
        (
            '[{"id":1,"tags":["aaaa","bbbb","cccc"]},{"id":2}]',
            30,
            '[{"id":1,"tags":["aaaa"]}]',
            [
                "only the first 1 of 3 items of [0].tags",
                "only the first 1 of 2 items",
            ],
        ),
        (
            '{"id":1,"text":"äääääääääääääääääää"}',
            30,
            '{"id":1,"text":"ääää…"}',
            ["only the first 4 of 19 characters of text"],
        ),
        (
            compact({f"id{n}": {"name": "n" * 9} for n in range(10)}),
            70,
            compact({f"id{n}": {"name": "n" * 9} for n in range(2)}),
            ["only the first 2 of 10 members"],
        ),
        ('{"a":123456789}', 5, "{}", ["only the first 0 of 1 members"]),
        ('{"]":"[","x":["}",2,3]}', 19, '{"]":"[","x":["}"]}', None),
    ],
)
def test_json(text: str, limit: int, kept: str, told: list[str] | None) -> None:
    found, cuts = shortened(text, limit, is_json=True)
    assert found == kept
    if told is not None:
        assert list(map(str, cuts)) == told


@pytest.mark.parametrize(
    ("text", "limit", "kept", "told"),
    [
        ("a\nb\n", 4, "a\nb\n", []),
        ("a,b\r\n1,2\r\n3,4\r\n", 12, "a,b\r\n1,2\r\n", ["2 of 3 lines"]),
        ("äöü", 5, "äö", ["2 of 3 characters"]),
    ],
)
def test_text(text: str, limit: int, kept: str, told: list[str]) -> None:
    found, cuts = shortened(text, limit, is_json=False)
    assert found == kept
    assert [str(cut) for cut in cuts] == [f"only the first {one}" for one in told]


@given(JSON, st.integers(10, 300))
def test_what_is_cut_is_json_and_of_the_same_shape(value: Any, limit: int) -> None:
    text, cuts = shortened(compact(value), limit, is_json=True)
    assert_part(json.loads(text), value)
    assert bool(cuts) == (text != compact(value))
    assert size(text) <= max(limit, 45)


def assert_part(part: Any, whole: Any) -> None:
    assert type(part) is type(whole)
    if isinstance(whole, list):
        assert len(part) <= len(whole)
        for one, other in zip(part, whole, strict=False):
            assert_part(one, other)
    elif isinstance(whole, dict):
        assert list(part) == list(whole)[: len(part)]
        for name, member in part.items():
            assert_part(member, whole[name])
    elif isinstance(whole, str) and part != whole:
        assert whole.startswith(part.removesuffix("…"))
    else:
        assert part == whole


def listing(body: bytes, kind: str = "application/json", **options: Any) -> Any:
    """A server whose one tool gives this answer, with a limit of 10,000 bytes."""
    names = options.pop("arguments", ("page", "pageSize", "q"))
    output = options.pop("output", None)
    server = shop_server(
        Tool(
            name="list_items",
            method="GET",
            path="/items",
            arguments=tuple(Query(name, {"type": "string"}) for name in names),
            output=output,
        ),
        Resource(name="items", method="GET", path="/items", uri="api://shop/items"),
        settings=Settings(
            prefix="SHOP", base_url="http://shop.test", max_result_bytes=10_000
        ),
        transport=httpx.MockTransport(
            lambda _: httpx.Response(200, content=body, headers={"content-type": kind})
        ),
    )
    return connect(server, **options)


async def test_a_large_answer_is_cut_in_both_channels() -> None:
    body = json.dumps({"total": 1000, "items": ITEMS, "next": "p2"}).encode()
    async with listing(body) as client:
        result = await client.call_tool("list_items")
    assert not result["isError"]
    answer, note = (block["text"] for block in result["content"])
    assert json.loads(answer) == result["structuredContent"]
    kept = result["structuredContent"]["items"]
    assert kept == ITEMS[: len(kept)]
    assert len(kept) > 100
    assert result["structuredContent"]["next"] == "p2"
    assert 9_000 < 2 * len(answer) <= 10_000
    assert f"only the first {len(kept)} of 1,000 items of items" in note
    assert note.endswith(
        "To get what is missing, give a smaller pageSize, go on with page."
    )


async def test_an_answer_that_fits_once_is_shipped_once() -> None:
    body = compact(ITEMS[:200]).encode()
    assert 5_000 < len(body) < 10_000
    async with listing(body, protocol_version="2026-07-28") as client:
        result = await client.call_tool("list_items")
    assert [json.loads(block["text"]) for block in result["content"]] == [ITEMS[:200]]
    assert "structuredContent" not in result


async def test_an_answer_that_fits_twice_is_shipped_twice() -> None:
    body = compact({"items": ITEMS[:100]}).encode()
    async with listing(body) as client:
        result = await client.call_tool("list_items")
    assert json.loads(result["content"][0]["text"]) == result["structuredContent"]


async def test_without_arguments_for_pages_the_setting_is_named() -> None:
    async with listing(b"x,y\n" * 9999, "text/csv", arguments=()) as client:
        answer, note = (await client.call_tool("list_items"))["content"]
    assert answer["text"] == "x,y\n" * 2500
    assert "only the first 2,500 of 9,999 lines" in note["text"]
    assert "SHOP_MAX_RESULT_BYTES" in note["text"]


async def test_a_resource_is_cut_too() -> None:
    async with listing(compact(ITEMS).encode()) as client:
        result = await client.read_resource("api://shop/items")
    answer, note = result["contents"]
    assert answer["mimeType"] == "application/json"
    kept = json.loads(answer["text"])
    assert kept == ITEMS[: len(kept)]
    assert note["uri"] == "api://shop/items"
    assert f"only the first {len(kept)} of 1,000 items" in note["text"]


async def test_bytes_are_never_cut() -> None:
    async with listing(b"\x89PNG" * 9999, "image/png") as client:
        (image,) = (await client.call_tool("list_items"))["content"]
    assert len(image["data"]) == 9999 * 4 * 4 // 3


@pytest.mark.parametrize(
    ("body", "kind", "structured"),
    [
        (b'{"a": 1}', "application/json", {"a": 1}),
        (b"[1, 2]", "application/json", {"result": [1, 2]}),
        (b"null", "application/json", {"result": None}),
        (b"", "application/json", {}),
        (b"some text", "text/plain", {}),
        (b"[%b]" % b",".join([b'"item"'] * 1_200), "application/json", {}),
    ],
)
async def test_a_promised_object_is_always_given(
    body: bytes, kind: str, structured: Any
) -> None:
    async with listing(body, kind, output={"a": "integer"}) as client:
        result = await client.call_tool("list_items")
    assert result["structuredContent"] == structured


async def test_a_promised_object_is_cut_with_its_text() -> None:
    body = json.dumps({"items": ITEMS[:240]}).encode()
    async with listing(body) as client:
        plain = await client.call_tool("list_items")
    assert "structuredContent" not in plain
    assert len(plain["content"]) == 1
    async with listing(body, output={"items": ["object"]}) as client:
        promised = await client.call_tool("list_items")
    assert promised["structuredContent"] == json.loads(promised["content"][0]["text"])
    assert "only the first" in promised["content"][1]["text"]


async def test_parts_are_cut_too() -> None:
    part = b"--b\nContent-Type: text/plain\nContent-Location: urn:x:%d\n\n%b\n"
    body = part % (1, b"short") + part % (2, b"line\n" * 9_999) + b"--b--"
    async with listing(body, "multipart/mixed; boundary=b") as client:
        called = await client.call_tool("list_items")
        first, second, note = (await client.read_resource("api://shop/items"))[
            "contents"
        ]
    assert [first["uri"], first["text"]] == ["urn:x:1", "short"]
    assert second["text"].startswith("line\nline\n")
    assert len(second["text"]) <= 10_000
    assert "only the first" in note["text"]
    assert [block["resource"] for block in called["content"][:2]] == [first, second]
