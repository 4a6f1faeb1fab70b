"""Completions of prompts and of templates, generated ones and functions."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from enum import Enum
from typing import Annotated, Any

import pytest
from mcpgen_runtime import Path, Query, Resource, Server
from mcpgen_runtime.client import Client, connect
from mcpgen_runtime.errors import CompositionError, RequestError

from .shop import SETTINGS

GENERATED = "api://shop/{kind}/items{?order,tags,level,open,free}"


class Color(Enum):
    RED = "red"
    DARK_RED = "dark red"
    GREEN = "green"


def completing_server() -> Server:
    server = Server(name="c", version="1", settings=SETTINGS)
    kinds = {"type": "string", "examples": ["tea", "cups"]}
    order = {"anyOf": [{"$ref": "#/$defs/Order"}, {"type": "null"}]}
    server.add(
        Resource(
            name="items",
            method="GET",
            path="/{kind}/items",
            uri=GENERATED,
            arguments=(
                Path("kind", kinds),
                Query("order", order),
                Query("tags", {"type": "array", "items": {"enum": ["new", "old"]}}),
                Query("level", {"type": "integer", "enum": [1, 2, 12], "default": 5}),
                Query("open", {"type": "boolean"}),
                Query("free", {"type": "string"}),
            ),
        ),
        schemas={"Order": {"enum": ["up", "down"]}},
    )

    @server.prompt
    def paint(color: Color, house: Annotated[str, {"examples": ["old"]}]) -> str:
        return f"{color} {house}"

    @server.prompt
    def travel(country: str, city: str) -> str:
        return f"{country} {city}"

    @server.completion("travel", "city")
    async def cities(typed: str, known: Mapping[str, str]) -> list[str]:
        await asyncio.sleep(0)
        return [f"{known.get('country')} {typed}", "elsewhere"]

    @server.completion("travel", "country")
    def countries(typed: str, known: Mapping[str, str]) -> list[str]:
        assert threading.current_thread() is not threading.main_thread()
        return [f"{typed}{number}" for number in range(250)]

    return server


async def completion(
    client: Client, ref: dict[str, str], name: str, value: str, **context: str
) -> Any:
    params = {
        "ref": ref,
        "argument": {"name": name, "value": value},
        "context": {"arguments": context},
    }
    result = await client.request("completion/complete", params)
    return result["completion"]


def prompt(name: str) -> dict[str, str]:
    return {"type": "ref/prompt", "name": name}


def resource(uri: str) -> dict[str, str]:
    return {"type": "ref/resource", "uri": uri}


@pytest.mark.parametrize(
    ("ref", "name", "typed", "values"),
    [
        (prompt("paint"), "color", "", ["red", "dark red", "green"]),
        (prompt("paint"), "color", "R", ["red", "dark red", "green"]),
        (prompt("paint"), "color", "dark", ["dark red"]),
        (prompt("paint"), "color", "blue", []),
        (prompt("paint"), "house", "o", ["old"]),
        (resource(GENERATED), "kind", "cu", ["cups"]),
        (resource(GENERATED), "order", "", ["up", "down"]),
        (resource(GENERATED), "tags", "n", ["new"]),
        (resource(GENERATED), "level", "2", ["2", "12"]),
        (resource(GENERATED), "level", "5", ["5"]),
        (resource(GENERATED), "open", "", ["true", "false"]),
        (resource(GENERATED), "free", "x", []),
    ],
)
@pytest.mark.parametrize("version", ["2024-11-05", "2025-11-25", "2026-07-28"])
async def test_values_come_from_schemas(
    version: str, ref: dict[str, str], name: str, typed: str, values: list[str]
) -> None:
    async with connect(completing_server(), version) as client:
        found = await completion(client, ref, name, typed)
    assert found == {"values": values, "total": len(values), "hasMore": False}


async def test_values_come_from_the_author() -> None:
    async with connect(completing_server()) as client:
        ref = prompt("travel")
        found = await completion(client, ref, "city", "Ro", country="Italy")
        assert found["values"] == ["Italy Ro", "elsewhere"]
        many = await completion(client, ref, "country", "x")
        assert len(many["values"]) == 100
        assert (many["total"], many["hasMore"]) == (250, True)


async def test_generated_arguments_can_be_completed_too() -> None:
    server = completing_server()

    @server.completion("items", "free")
    def words(typed: str, known: Mapping[str, str]) -> tuple[str, ...]:
        return (typed.upper(),)

    async with connect(server) as client:
        found = await completion(client, resource(GENERATED), "free", "x")
    assert found["values"] == ["X"]


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"ref": {"type": "ref/tool", "name": "paint"}},
        {"ref": prompt("nope"), "argument": {"name": "color", "value": ""}},
        {"ref": resource("api://no"), "argument": {"name": "kind", "value": ""}},
        {"ref": prompt("paint"), "argument": {"name": "colour", "value": ""}},
        {"ref": prompt("paint"), "argument": {"name": "color"}},
        {"ref": prompt("paint"), "argument": {"name": "color", "value": 1}},
        {"ref": prompt("paint")},
        {
            "ref": prompt("travel"),
            "argument": {"name": "city", "value": ""},
            "context": [],
        },
    ],
)
async def test_malformed_params(params: dict[str, Any]) -> None:
    async with connect(completing_server()) as client:
        with pytest.raises(RequestError) as raised:
            await client.request("completion/complete", params)
    assert raised.value.code == -32602


@pytest.mark.parametrize(
    ("name", "argument", "hint"),
    [
        ("pant", "color", "did you mean 'paint'?"),
        ("paint", "colour", "did you mean 'color'?"),
    ],
)
def test_a_completer_of_nothing_fails_at_the_start(
    name: str, argument: str, hint: str
) -> None:
    def values(typed: str, known: Mapping[str, str]) -> list[str]:
        return []

    with pytest.raises(
        CompositionError, match=r"test_completion.py:\d+: values: "
    ) as raised:
        completing_server().completion(name, argument)(values)
    assert hint in str(raised.value)
