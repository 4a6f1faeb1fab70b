"""A real FastAPI app, called in process, receives every kind of value as it was given."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from typing import Annotated, Any

import fastapi
import httpx
import pytest
from fastapi import FastAPI, File, Form, UploadFile
from mcpgen_runtime.components import (
    Argument,
    Body,
    Cookie,
    Field,
    Header,
    Path,
    Query,
    Tool,
)
from mcpgen_runtime.settings import Settings
from mcpgen_runtime.upstream.client import Upstream
from mcpgen_runtime.upstream.httpx_transport import HttpxTransport

PNG = b"\x89PNG\r\n\x1a\n\x00\xff"
BASE64 = base64.b64encode(PNG).decode()

app = FastAPI()


@app.get("/items/{item_id}")
async def read_item(
    item_id: str,
    flag: bool,
    ratio: float,
    tags: Annotated[list[str], fastapi.Query()],
    x_when: Annotated[str, fastapi.Header()],
    session: Annotated[str, fastapi.Cookie()],
) -> list[Any]:
    return [item_id, flag, ratio, tags, x_when, session]


@app.get("/files/{path:path}")
async def read_file(path: str) -> str:
    return path


@app.post("/upload")
async def upload(
    one: UploadFile, many: Annotated[list[UploadFile], File()], note: Annotated[str, Form()]
) -> list[Any]:  # fmt: skip
    read = [
        [f.filename, f.content_type, base64.b64encode(await f.read()).decode()]
        for f in (one, *many)
    ]
    return [*read, note]


@app.post("/form")
async def form(name: Annotated[str, Form()], n: Annotated[list[int], Form()]) -> Any:
    return [name, n]


@app.post("/echo")
async def echo(request: fastapi.Request) -> fastapi.Response:
    return fastapi.Response(await request.body(), media_type="application/octet-stream")


@app.get("/broken")
async def broken() -> None:
    raise RuntimeError("secret detail")


@pytest.fixture
async def api() -> AsyncIterator[Upstream]:
    settings = Settings(prefix="A", base_url="http://app").resolve({})
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    upstream = Upstream(settings, HttpxTransport(transport))
    yield upstream
    await upstream.aclose()


async def call(
    api: Upstream, method: str, path: str, *arguments: Argument, body: str | None = None, **given: Any
) -> Any:  # fmt: skip
    component = Tool(name="t", method=method, path=path, arguments=arguments, body=body)
    return await api.call(component, given)


async def test_parameters(api: Upstream) -> None:
    result = await call(
        api,
        "GET",
        "/items/{item_id}",
        Path("item_id", {}),
        Query("flag", {}),
        Query("ratio", {}),
        Query("tags", {}),
        Header("x_when", {}, wire="X-When"),
        Cookie("session", {}),
        item_id="a b+é",
        flag=True,
        ratio=1.5,
        tags=["a,b", "c&d"],
        x_when="now",
        session="abc",
    )
    assert result.content[0]["text"] == (
        '["a b+é",true,1.5,["a,b","c&d"],"now","abc"]'
    )  # fmt: skip


async def test_a_path_of_several_segments(api: Upstream) -> None:
    file = Path("file", {}, wire="path", allow_reserved=True)
    result = await call(api, "GET", "/files/{path}", file, file="a/b c.txt")
    assert result.structured == b'"a/b c.txt"'


async def test_uploads(api: Upstream) -> None:
    result = await call(
        api,
        "POST",
        "/upload",
        Field("one", {}, binary=True),
        Field("many", {}, binary=True),
        Field("note", {}),
        body="multipart/form-data",
        one=f"data:image/png;name=cat.png;base64,{BASE64}",
        many=[BASE64, "data:,hello"],
        note="é",
    )
    hello = base64.b64encode(b"hello").decode()
    octets = "application/octet-stream"
    assert result.content[0]["text"] == (
        f'[["cat.png","image/png","{BASE64}"],["many","{octets}","{BASE64}"],'
        f'["many","{octets}","{hello}"],"é"]'
    )


async def test_forms(api: Upstream) -> None:
    fields = Field("name", {}), Field("n", {})
    kind = "application/x-www-form-urlencoded"
    result = await call(api, "POST", "/form", *fields, body=kind, name="a+b", n=[1, 2])
    assert result.structured == b'["a+b",[1,2]]'


async def test_bytes(api: Upstream) -> None:
    data = Body("data", {}, binary=True)
    kind = "application/octet-stream"
    result = await call(api, "POST", "/echo", data, body=kind, data=BASE64)
    assert result.body == PNG


async def test_an_unhandled_exception_is_not_told(api: Upstream) -> None:
    result = await call(api, "GET", "/broken")
    assert result.is_error
    assert result.content[0]["text"].startswith("HTTP 500 Internal Server Error")
    assert "secret" not in result.content[0]["text"]
