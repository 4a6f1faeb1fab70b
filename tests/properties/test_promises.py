"""What a tool with an output schema gives conforms to it, whatever the API answers."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from mcpgen_runtime import Server, Settings, Tool
from mcpgen_runtime.client import connect

NAMES = st.text(max_size=5)
SHAPES: st.SearchStrategy[Any] = st.recursive(
    st.text(max_size=5),
    lambda inner: st.lists(inner, min_size=1, max_size=1)
    | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=90),
    lambda inner: st.lists(inner, max_size=9) | st.dictionaries(NAMES, inner),
    max_leaves=30,
)
BODIES = st.one_of(
    JSON.map(lambda value: ("application/json", json.dumps(value).encode())),
    st.dictionaries(NAMES, JSON).map(lambda v: ("a/b+json", json.dumps(v).encode())),
    st.tuples(
        st.sampled_from(["text/plain", "image/png", "application/json", "", "a/b"]),
        st.binary(max_size=300),
    ),
)


@settings(deadline=None)
@pytest.mark.parametrize("version", ["2025-03-26", "2025-06-18", "2026-07-28"])
@given(
    st.dictionaries(NAMES, SHAPES, max_size=4),
    st.sampled_from([200, 201, 204, 206, 404]),
    BODIES,
    st.integers(40, 400),
)
async def test_promises_are_kept(
    version: str, shape: Any, status: int, answer: tuple[str, bytes], limit: int
) -> None:
    kind, body = answer
    headers = {"content-type": kind} if kind else {}
    server = Server(
        name="promise",
        version="1",
        settings=Settings(prefix="P", base_url="http://p.test", max_result_bytes=limit),
        transport=httpx.MockTransport(
            lambda _: httpx.Response(
                status, headers=headers, content=b"" if status == 204 else body
            )
        ),
    )
    server.add(Tool(name="get", method="GET", path="/x", output=shape))
    async with connect(server, version) as client:
        (tool,) = await client.list_tools()
        result = await client.call_tool("get")
    assert result["isError"] is (status == 404)
    assert ("outputSchema" in tool) is (version >= "2025-06-18")
    if "outputSchema" in tool and not result["isError"]:
        Draft202012Validator.check_schema(tool["outputSchema"])
        Draft202012Validator(tool["outputSchema"]).validate(result["structuredContent"])
        assert isinstance(result["structuredContent"], dict)
    told = result["content"][0].get("text", "")
    if len(result["content"]) == 1 and kind == "application/json" and told[:1] == "{":
        assert json.loads(told) == json.loads(body)
