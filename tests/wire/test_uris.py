"""Which URI is read, and what is sent: the variables of a template as parameters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from runtime.recording import answer

from .rows import INTEGER, STRING, STRINGS
from .test_catalogue import connected, importable

INTEGERS = {"type": "array", "items": INTEGER}
NULL = {"type": "null"}


@dataclass(frozen=True)
class Row:
    """`read` is what follows the beginning of the URI, `sent` that of the target."""

    construct: str
    location: str
    schema: Any
    read: str
    sent: str


ROWS = [
    Row("text", "query", STRING, "?v=a%26b+c", "?v=a%26b%2Bc"),
    Row("nothing", "query", STRING, "", ""),
    Row("empty text", "query", STRING, "?v=", "?v="),
    Row("integer", "query", INTEGER, "?v=5", "?v=5"),
    Row("integer or nothing", "query", {"anyOf": [INTEGER, NULL]}, "?v=5", "?v=5"),
    Row("list", "query", STRINGS, "?v=a,b%2Cc", "?v=a&v=b%2Cc"),
    Row("list, repeated", "query", STRINGS, "?v=a&v=b", "?v=a&v=b"),
    Row("empty list", "query", STRINGS, "?v=", ""),
    Row("list of integers", "query", INTEGERS, "?v=1,2", "?v=1&v=2"),
    Row("list or nothing", "query", {"anyOf": [INTEGERS, NULL]}, "?v=1,2", "?v=1&v=2"),
    Row("list or empty text", "query", {"anyOf": [STRINGS, {"enum": [""]}]}, "?v=", "?v="),
    Row("list or empty text, a list", "query", {"anyOf": [STRINGS, {"enum": [""]}]}, "?v=a,b", "?v=a&v=b"),
    Row("text in the path", "path", STRING, "/a%20b%2Fc", "/a%20b%2Fc"),
    Row("dots in the path", "path", STRING, "/%252e%252e", "refused: '.' or '..'"),
]  # fmt: skip


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    paths: dict[str, Any] = {}
    for number, row in enumerate(ROWS):
        in_path = row.location == "path"
        parameter = {"name": "v", "in": row.location, "schema": row.schema}
        paths[f"/u{number}{'/{v}' if in_path else ''}"] = {
            "get": {
                "operationId": f"row_{number}",
                "parameters": [parameter | {"required": in_path}],
                "responses": {},
                "x-mcp": {"kind": "resource"},
            }
        }
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Uris", "version": "1"},
        "paths": paths,
    }
    with importable(document, tmp_path_factory.mktemp("uris")) as name:
        yield name


@pytest.mark.parametrize("number", range(len(ROWS)), ids=[r.construct for r in ROWS])
async def test_reads(package: str, number: int) -> None:
    row = ROWS[number]
    uri = f"api://uris/u{number}{row.read}"
    async with connected(package, lambda _: answer(status=204)) as (client, api):
        if row.sent.startswith("refused"):
            with pytest.raises(Exception, match=row.sent.removeprefix("refused: ")):
                await client.read_resource(uri)
            assert api.requests == []
            return
        await client.read_resource(uri)
    location, _, query = row.sent.partition("?")
    sent = "&".join(filter(None, ["key=v", query]))
    assert api.targets == [f"/base/u{number}{location}?{sent}"]
