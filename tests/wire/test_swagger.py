"""What a document of Swagger 2.0 says, what a model gives, the bytes that are sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from .rows import FORM, MULTIPART, Row, part
from .test_catalogue import check_request, importable

STRINGS = {"type": "array", "items": {"type": "string"}}


def parameter(place: str, value: Any, sent: str = "", **more: Any) -> Row:
    """One parameter, `p`; `sent` is the rest of the target."""
    construct = f"{place} {more.get('collectionFormat', '')}".strip()
    declared = {"name": "p", "in": place, "type": "string"} | more
    return Row(
        construct=construct,
        given={"p": value},
        sent=sent,
        path="/{p}" if place == "path" else "",
        parameters=(declared,),
    )


def header(collection_format: str, sent: str) -> Row:
    declared = {
        "name": "p",
        "in": "header",
        "type": "array",
        "items": {"type": "integer"},
    }
    if collection_format:
        declared["collectionFormat"] = collection_format
    return Row(
        construct=f"header {collection_format}".strip(),
        given={"p": [1, 2]},
        headers={"p": sent},
        parameters=(declared,),
    )


def body(
    construct: str,
    consumes: str,
    parameters: tuple[dict[str, Any], ...],
    given: dict[str, Any],
    sent: bytes,
) -> Row:
    return Row(
        construct=construct,
        given=given,
        parameters=parameters,
        headers={"Content-Type": consumes},
        body=sent,
    )


def field(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "in": "formData", "type": "string"} | more


PET = {"name": "pet", "in": "body", "schema": {"$ref": "#/definitions/Pet"}}
TAGS = field("tags", **STRINGS)
FILE = field("file", type="file")

ROWS = [
    parameter("query", ["a", "b,c"], "?p=a,b%2Cc", **STRINGS),
    parameter("query", ["a", "b"], "?p=a,b", collectionFormat="csv", **STRINGS),
    parameter("query", ["a", "b"], "?p=a&p=b", collectionFormat="multi", **STRINGS),
    parameter("query", ["a", "b"], "?p=a%20b", collectionFormat="ssv", **STRINGS),
    parameter("query", ["a", "b"], "?p=a%09b", collectionFormat="tsv", **STRINGS),
    parameter("query", ["a", "b"], "?p=a%7Cb", collectionFormat="pipes", **STRINGS),
    parameter("path", ["a", "b"], "/a,b", required=True, **STRINGS),
    parameter("path", ["a b", "c"], "/a%20b%20c", collectionFormat="ssv", required=True, **STRINGS),
    parameter("path", ["a", "b/c"], "/a%09b%2Fc", collectionFormat="tsv", required=True, **STRINGS),
    parameter("path", ["a", "b,c"], "/a%7Cb%2Cc", collectionFormat="pipes", required=True, **STRINGS),
    parameter("path", ["a", "b"], "/a,b", collectionFormat="csv", required=True, **STRINGS),
    header("", "1,2"),
    header("csv", "1,2"),
    header("ssv", "1 2"),
    header("tsv", "1\t2"),
    header("pipes", "1|2"),
    body("body", "application/json", (PET,), {"body": {"name": "é", "age": None}}, '{"name":"é","age":null}'.encode()),
    body("form", FORM, (field("a"), field("n", type="integer")), {"a": "x y", "n": 5}, b"a=x%20y&n=5"),
    body("form array", FORM, (TAGS,), {"tags": ["a", "b"]}, b"tags=a,b"),
    body("form multi", FORM, (TAGS | {"collectionFormat": "multi"},), {"tags": ["a", "b"]}, b"tags=a&tags=b"),
    body("file", MULTIPART, (FILE, field("n", type="integer")), {"file": "data:image/png;name=a.png;base64,iVA="}, part("file", b"\x89P", "image/png", "a.png")),
]  # fmt: skip


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    paths = {
        f"/s{number}{row.path}": {
            "post": {
                "operationId": f"row_{number}",
                "parameters": row.parameters,
                "consumes": [row.headers.get("Content-Type", "application/json")],
                "responses": {"204": {"description": "done"}},
            }
        }
        for number, row in enumerate(ROWS)
    }
    age = {"type": "integer", "x-nullable": True}
    pet = {"properties": {"name": {"type": "string"}, "age": age}, "minProperties": 1}
    document = {
        "swagger": "2.0",
        "info": {"title": "Swagger wire", "version": "1"},
        "paths": paths,
        "definitions": {"Pet": {"type": "object", **pet}},
    }
    with importable(document, tmp_path_factory.mktemp("swagger")) as name:
        yield name


@pytest.mark.parametrize("number", range(len(ROWS)), ids=[r.construct for r in ROWS])
async def test_requests(package: str, number: int) -> None:
    await check_request(package, f"row_{number}", f"/s{number}", ROWS[number])
