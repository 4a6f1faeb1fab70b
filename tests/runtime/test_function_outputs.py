"""What a tool promises by its return hint, and that it is kept."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypedDict

import pydantic
import pytest
from mcpgen_runtime import ToolError
from mcpgen_runtime.client import Client, connect
from mcpgen_runtime.content import Result

from .shop import shop_server


@dataclass
class Tree:
    name: str
    branches: list[Tree] = field(default_factory=list)
    depth: int = dataclasses.field(default=0, init=False)


@dataclass
class Forest:
    best: Tree
    seen: date


class Sizes(TypedDict):
    small: int


class Model(pydantic.BaseModel):
    number: int = 1


async def with_tool(function: Callable[..., Any], version: str) -> Any:
    server = shop_server()
    server.tool(name="f")(function)
    async with connect(server, version) as client:
        return (await listed(client)), await client.call_tool("f")


async def listed(client: Client) -> Any:
    return (await client.list_tools())[-1].get("outputSchema")


def forest() -> Forest:
    return Forest(Tree("oak", [Tree("twig")]), date(2026, 7, 28))


@pytest.mark.parametrize("version", ["2025-06-18", "2025-11-25", "2026-07-28"])
async def test_a_type_with_members_is_promised_and_kept(version: str) -> None:
    schema, result = await with_tool(forest, version)
    assert schema["required"] == ["best", "seen"]
    assert schema["properties"]["best"] == {"$ref": "#/$defs/Tree"}
    assert schema["$defs"]["Tree"]["properties"]["branches"]["items"] == {
        "$ref": "#/$defs/Tree"
    }
    twig = {"name": "twig", "branches": [], "depth": 0}
    assert result["structuredContent"] == {
        "best": {"name": "oak", "branches": [twig], "depth": 0},
        "seen": "2026-07-28",
    }


@pytest.mark.parametrize("version", ["2024-11-05", "2025-03-26"])
async def test_older_versions_know_of_no_promise(version: str) -> None:
    schema, result = await with_tool(forest, version)
    assert schema is None
    assert "structuredContent" not in result


def sizes() -> Sizes:
    return {"small": 1}


def model() -> Model:
    return Model()


def refusing() -> Sizes:
    raise ToolError("Not today.")


@pytest.mark.parametrize(
    ("function", "is_error"), [(sizes, False), (model, False), (refusing, True)]
)
async def test_other_types(function: Callable[..., Any], is_error: bool) -> None:
    schema, result = await with_tool(function, "2026-07-28")
    assert schema["type"] == "object"
    assert result["isError"] is is_error


def wrong_value() -> Sizes:
    return {"small": "1"}  # type: ignore[typeddict-item]


def no_value() -> Sizes:
    return None  # type: ignore[return-value]


@pytest.mark.parametrize("function", [wrong_value, no_value])
async def test_a_broken_promise_is_a_failure(
    function: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    _, result = await with_tool(function, "2026-07-28")
    assert result["isError"] is True
    assert "structuredContent" not in result
    assert "its return hint promises" in caplog.text


def text() -> str:
    return ""


def some() -> dict[str, int]:
    return {}


def perhaps() -> Sizes | None:
    return None


def called() -> Result:
    return Result(content=())


def unhinted():  # type: ignore[no-untyped-def]
    return {"a": 1}


@pytest.mark.parametrize("function", [text, some, perhaps, called, unhinted])
async def test_anything_else_promises_nothing(function: Callable[..., Any]) -> None:
    schema, result = await with_tool(function, "2026-07-28")
    assert schema is None
    assert result["isError"] is False
