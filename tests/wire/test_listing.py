"""What a document says of a value, and what the schema that clients see lets through."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from runtime.recording import answer

from .test_catalogue import connected, importable

REF = "#/components/schemas/"
ROUND = 100


def ref(name: str) -> dict[str, Any]:
    return {"$ref": f"{REF}{name}"}


def tagged(name: str, member: str) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["kind", member],
        "properties": {"kind": {"type": "string"}, member: {"type": "integer"}},
    }


COMPONENTS: dict[str, Any] = {
    "Pet": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}},
    "Cat": tagged("Cat", "lives"),
    "Dog": tagged("Dog", "tricks"),
    "Tree": {"type": "object", "properties": {"leaves": {"type": "array", "items": ref("Tree")}, "of": ref("Forest")}},
    "Forest": {"type": "object", "properties": {"trees": {"type": "array", "items": ref("Tree")}}},
    "A b/c": {"type": "integer"},
    **{f"C{n}": {"type": "object", "properties": {"next": ref(f"C{(n + 1) % ROUND}")}, "additionalProperties": False} for n in range(ROUND)},
}  # fmt: skip


def nested(depth: int, end: Any) -> Any:
    return {"next": nested(depth - 1, end)} if depth else end


@dataclass(frozen=True)
class Row:
    """A schema of OpenAPI 3.0, and the values that it takes and refuses."""

    construct: str
    schema: dict[str, Any]
    taken: tuple[Any, ...]
    refused: tuple[Any, ...]


CATS = {"oneOf": [ref("Cat"), ref("Dog")]}
ROWS = [
    Row("any", {}, (None, 1, "a", [], {}), ()),
    Row("nullable", {"type": "string", "nullable": True}, ("a", None), (5,)),
    Row("not nullable", {"type": "string"}, ("a",), (None,)),
    Row("nullable reference", {**ref("Pet"), "nullable": True}, ({"name": "a"}, None), ({}, "a")),
    Row("nullable enum", {"type": "string", "enum": ["a", None], "nullable": True}, ("a", None), ("b",)),
    Row("above", {"type": "integer", "minimum": 0, "exclusiveMinimum": True}, (1,), (0, -1)),
    Row("below", {"type": "number", "maximum": 1, "exclusiveMaximum": True}, (0.9,), (1,)),
    Row("from", {"type": "integer", "minimum": 0, "exclusiveMinimum": False}, (0,), (-1,)),
    Row("bounds", {"type": "string", "minLength": 2, "maxLength": 3, "pattern": "^a"}, ("ab",), ("a", "abcd", "bb")),
    Row("items", {"type": "array", "minItems": 1, "uniqueItems": True, "items": {"type": "integer"}}, ([1, 2],), ([], [1, 1], ["a"])),
    Row("members", {"type": "object", "additionalProperties": {"type": "integer"}, "minProperties": 1}, ({"a": 1},), ({}, {"a": "b"})),
    Row("discriminator", {**CATS, "discriminator": {"propertyName": "kind"}}, ({"kind": "Cat", "lives": 9},), ({"kind": "Dog", "lives": 9}, {"kind": "cat", "lives": 9})),
    Row("discriminator with mapping", {**CATS, "discriminator": {"propertyName": "kind", "mapping": {"c": f"{REF}Cat", "d": "Dog"}}}, ({"kind": "d", "tricks": 1},), ({"kind": "c", "tricks": 1}, {"kind": "Dog", "tricks": 1})),
    Row("all of", {"allOf": [ref("Pet"), {"type": "object", "required": ["age"]}]}, ({"name": "a", "age": 1},), ({"name": "a"}, {"age": 1})),
    Row("any of", {"anyOf": [{"type": "integer"}, {"type": "array", "items": {"type": "integer"}}]}, (1, [1]), ("a", ["a"])),
    Row("not", {"not": {"type": "integer"}}, ("a",), (1,)),
    Row("recursion", ref("Tree"), ({"leaves": [{"leaves": []}]},), ({"leaves": [{"leaves": 1}]},)),
    Row("mutual recursion", ref("Forest"), ({"trees": [{"of": {"trees": []}}]},), ({"trees": [{"of": {"trees": 1}}]},)),
    Row("a cycle of a hundred", ref("C0"), (nested(ROUND + 1, {}),), (nested(ROUND + 1, {"other": 1}),)),
    Row("reference into a path", {"$ref": "#/paths/~1other/post/requestBody/content/application~1json/schema"}, ({"v": True},), ({"v": 1},)),
    Row("reference that is encoded", ref("A%20b~1c"), (1,), ("a",)),
    Row("reference within a schema", {"$ref": f"{REF}Pet/properties/name"}, ("a",), (1,)),
]  # fmt: skip
NOISE = {
    "xml": {"name": "noise"},
    "externalDocs": {"url": "https://noise.example"},
    "x-noise": 1,
    "title": "",
}
KEPT = {
    "description": "of a colour",
    "default": "red",
    "deprecated": True,
    "format": "color",
}


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    def operation(name: str, schema: Any) -> dict[str, Any]:
        whole = {"type": "object", "properties": {"v": schema}}
        body = {"required": True, "content": {"application/json": {"schema": whole}}}
        return {"post": {"operationId": name, "requestBody": body, "responses": {}}}

    paths = {
        f"/l{number}": operation(f"row_{number}", row.schema)
        for number, row in enumerate(ROWS)
    }
    paths["/other"] = operation("other", {"type": "boolean"})
    paths["/noise"] = operation("noise", {"type": "string"} | KEPT | NOISE)
    document = {
        "openapi": "3.0.3",
        "info": {"title": "Listing", "version": "1"},
        "components": {"schemas": COMPONENTS},
        "paths": paths,
    }
    with importable(document, tmp_path_factory.mktemp("listing")) as name:
        yield name


async def listed(package: str) -> dict[str, Any]:
    async with connected(package, lambda _: answer(status=204)) as (client, _):
        return {tool["name"]: tool["inputSchema"] for tool in await client.list_tools()}


@pytest.mark.parametrize("number", range(len(ROWS)), ids=[r.construct for r in ROWS])
async def test_values(package: str, number: int) -> None:
    row = ROWS[number]
    schema = (await listed(package))[f"row_{number}"]
    Draft202012Validator.check_schema(schema)
    judge = Draft202012Validator(schema)
    assert all(judge.is_valid({"v": value}) for value in row.taken)
    assert not any(judge.is_valid({"v": value}) for value in row.refused)


async def test_schemas_stand_alone(package: str) -> None:
    for name, schema in (await listed(package)).items():
        assert schema["type"] == "object", name
        assert not schema.keys() & {"oneOf", "anyOf", "allOf", "not", "if", "$ref"}
        text = json.dumps(schema)
        used = {part.partition('"')[0] for part in text.split('"$ref": "')[1:]}
        assert used == {f"#/$defs/{key}" for key in schema.get("$defs", {})}, name


async def test_noise_is_left_out(package: str) -> None:
    schemas = await listed(package)
    assert schemas["noise"]["properties"]["v"] == {"type": "string"} | KEPT


async def test_each_definition_is_there_once(package: str) -> None:
    number = [row.construct for row in ROWS].index("a cycle of a hundred")
    schema = (await listed(package))[f"row_{number}"]
    assert len(schema["$defs"]) == ROUND
