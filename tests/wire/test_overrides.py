"""What the user decided of arguments, what a model gives, the bytes that are sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from runtime.recording import answer

from .rows import FORM, Row
from .test_catalogue import check_request, connected, importable

BODY: dict[str, Any] = {"type": "object", "properties": {"a": {"type": "string"}, "n": {"type": "integer"}}}  # fmt: skip
PATH: dict[str, Any] = {
    "name": "p",
    "in": "path",
    "required": True,
    "schema": {"type": "string"},
}
QUERY: dict[str, Any] = {
    "name": "q",
    "in": "query",
    "required": True,
    "schema": {"type": "integer"},
}
HEADER: dict[str, Any] = {"name": "X-H", "in": "header", "schema": {"type": "string"}}


def row(
    construct: str,
    said: dict[str, Any],
    given: dict[str, Any],
    sent: str = "?q=1",
    **more: Any,
) -> tuple[dict[str, Any], Row]:
    path = "/{p}" if "p" in said or "p" in given else ""
    parameters = ((PATH,) if path else ()) + (QUERY, HEADER)
    return said, Row(
        construct=construct,
        given=given,
        sent=sent,
        path=path,
        parameters=parameters,
        **more,
    )


JSON = {"application/json": {"schema": BODY}}
ROWS = [
    row("renamed", {"q": {"name": "count"}}, {"count": 1}),
    row("renamed to another's", {"q": {"name": "X-H"}}, {"X-H": 1}, headers={"X-H": None}),
    row("fixed", {"q": {"value": 7}}, {}, "?q=7"),
    row("fixed, and given", {"q": {"value": 7}}, {"q": 1}, refused="q"),
    row("fixed in the path", {"p": {"value": "a/b"}}, {"q": 1}, "/a%2Fb?q=1"),
    row("fixed header", {"X-H": {"value": "h"}}, {"q": 1}, headers={"X-H": "h"}),
    row("fixed to false", {"q": {"value": 0}}, {}, "?q=0"),
    row("hidden", {"X-H": {"hidden": True}}, {"q": 1}, headers={"X-H": None}),
    row("hidden, and given", {"X-H": {"hidden": True}}, {"q": 1, "X-H": "h"}, refused="X-H"),
    row("default, left out", {"q": {"default": 3}}, {}, "?q=3"),
    row("default, given", {"q": {"default": 3}}, {"q": 4}, "?q=4"),
    row("fixed member", {"a": {"value": "x"}}, {"q": 1, "n": 2}, body=b'{"a":"x","n":2}', request_body={"content": JSON}),
    row("fixed body", {"body": {"value": ["x"]}}, {"q": 1}, body=b'["x"]', request_body={"content": {"application/json": {"schema": {"type": "array"}}}}),
]  # fmt: skip


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    paths: dict[str, Any] = {}
    for number, (said, one) in enumerate(ROWS):
        operation: dict[str, Any] = {
            "operationId": f"row_{number}",
            "parameters": one.parameters,
            "responses": {"204": {"description": "done"}},
            "x-mcp": {"arguments": said},
        }
        if one.request_body is not None:
            operation["requestBody"] = one.request_body
        paths[f"/r{number}{one.path}"] = {"post": operation}
    content = {**JSON, FORM: {"schema": BODY}}
    paths["/form"] = {
        "post": {
            "operationId": "form",
            "requestBody": {"content": content},
            "responses": {"204": {"description": "done"}},
            "x-mcp": {"body": FORM},
        }
    }
    paths["/read/{p}"] = {
        "get": {
            "operationId": "read",
            "parameters": [PATH, QUERY],
            "responses": {},
            "x-mcp": {
                "kind": "resource",
                "uri": "notes://{p}",
                "arguments": {"q": {"value": 5}},
            },
        }
    }
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Overridden wire", "version": "1"},
        "paths": paths,
    }
    with importable(document, tmp_path_factory.mktemp("overridden")) as name:
        yield name


@pytest.mark.parametrize("number", range(len(ROWS)), ids=[r.construct for _, r in ROWS])
async def test_requests(package: str, number: int) -> None:
    await check_request(package, f"row_{number}", f"/r{number}", ROWS[number][1])


async def test_the_chosen_media_type_is_sent(package: str) -> None:
    sent: dict[str, str | None] = {"Content-Type": FORM}
    form = Row(construct="form", given={"a": "x"}, headers=sent, body=b"a=x")
    await check_request(package, "form", "/form", form)


async def test_a_resource_is_read_by_the_chosen_uri(package: str) -> None:
    async with connected(package, lambda _: answer(b"note")) as (client, api):
        await client.read_resource("notes://one")
    assert api.targets == ["/base/read/one?key=v&q=5"]
