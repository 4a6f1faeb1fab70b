"""What FastAPI applications declare, what a model gives, what their functions receive."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import date
from enum import Enum
from importlib import import_module
from typing import Annotated, Any

import pytest
from fastapi import (
    Body,
    Cookie,
    FastAPI,
    File,
    Form,
    Header,
    Query,
    Request,
    UploadFile,
)
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel

from .test_catalogue import importable

PNG = b"\x89PNG\r\n\x1a\n\x00\xff"
BASE64 = base64.b64encode(PNG).decode()
OCTETS = "application/octet-stream"

app = FastAPI(title="Wire of FastAPI")


class Size(Enum):
    SMALL = "s"
    LARGE = "l"


class Item(BaseModel):
    name: str
    size: Size = Size.SMALL
    made: date | None = None
    parts: list[Item] = []


class Filter(BaseModel):
    model_config = {"extra": "forbid"}
    limit: int = 10
    tags: list[str] = []


class Login(BaseModel):
    user: str
    scopes: list[str] = []
    remember: bool = False


class Upload(BaseModel):
    model_config = {"arbitrary_types_allowed": True}
    note: str
    file: UploadFile


class Trace(BaseModel):
    trace_id: str
    hops: int = 0


class Session(BaseModel):
    session: str
    theme: str = "light"


async def told(file: UploadFile) -> list[Any]:
    content = await file.read()
    return [file.filename, file.content_type, base64.b64encode(content).decode()]


@app.post("/file")
async def file(file: UploadFile) -> Any:
    return await told(file)


@app.post("/files")
async def files(files: list[UploadFile]) -> Any:
    return [await told(one) for one in files]


@app.post("/maybe")
async def maybe(
    file: UploadFile | None = None, note: Annotated[str, Form()] = ""
) -> Any:
    return [file and await told(file), note]


@app.post("/bytes")
async def as_bytes(
    file: Annotated[bytes, File()], many: Annotated[list[bytes], File()]
) -> Any:
    return [base64.b64encode(one).decode() for one in (file, *many)]


@app.post("/mixed")
async def mixed(
    file: UploadFile, n: Annotated[int, Form()], tags: Annotated[list[str], Form()]
) -> Any:
    return [*await told(file), n, tags]


@app.post("/upload-model")
async def upload_model(form: Annotated[Upload, File()]) -> Any:
    return [form.note, *await told(form.file)]


@app.post("/form")
async def form(
    a: Annotated[str, Form()],
    n: Annotated[list[int], Form()],
    flag: Annotated[bool, Form()] = False,
) -> Any:
    return [a, n, flag]


@app.post("/form-model")
async def form_model(form: Annotated[Login, Form()]) -> Any:
    return form


@app.get("/header")
async def header(
    x_count: Annotated[int, Header()],
    user_agent: Annotated[str, Header()],
    x_as_it_is: Annotated[str, Header(convert_underscores=False)] = "",
) -> Any:
    return [x_count, user_agent, x_as_it_is]


@app.get("/header-model")
async def header_model(given: Annotated[Trace, Header()]) -> Any:
    return given


@app.get("/cookie")
async def cookie(
    session: Annotated[str, Cookie()], n: Annotated[int | None, Cookie()] = None
) -> Any:
    return [session, n]


@app.get("/cookie-model")
async def cookie_model(given: Annotated[Session, Cookie()]) -> Any:
    return given


@app.get("/query/{size}")
async def query(
    size: Size,
    tags: Annotated[list[str], Query(default_factory=list)],
    q: str | None = None,
    since: date | None = None,
    ratio: float = 0,
    flag: bool = False,
) -> Any:
    return [size, q, tags, since, ratio, flag]


@app.get("/query-model")
async def query_model(given: Annotated[Filter, Query()]) -> Any:
    return given


@app.get("/alias")
async def alias(items: Annotated[list[int], Query(alias="item-ids[]")]) -> Any:
    return items


@app.put("/model/{item_id}")
async def model(item_id: int, item: Item, q: str = "") -> Any:
    return [item_id, item, q]


@app.post("/embed")
async def embed(item: Annotated[Item, Body(embed=True)]) -> Any:
    return item


@app.post("/two")
async def two(item: Item, other: Item, weight: Annotated[int, Body()]) -> Any:
    return [item, other, weight]


@app.post("/scalar")
async def scalar(n: Annotated[int, Body()]) -> Any:
    return n


@app.post("/list")
async def listed(items: list[Item]) -> Any:
    return items


@app.post("/any")
async def anything(value: Annotated[Any, Body()]) -> Any:
    return value


@app.post("/union")
async def union(value: Item | list[int] | None = None) -> Any:
    return value


@app.post(
    "/text",
    openapi_extra={
        "requestBody": {
            "content": {"text/plain": {"schema": {"type": "string"}}},
            "required": True,
        }
    },
)
async def text(request: Request) -> PlainTextResponse:
    return PlainTextResponse(await request.body())


A: dict[str, Any] = {"name": "a", "size": "s", "made": None, "parts": []}
B = {"name": "é", "size": "l", "made": "2024-02-29", "parts": [A]}
CALLS: list[tuple[str, dict[str, Any], Any]] = [
    ("file", {"file": f"data:image/png;name=cat.png;base64,{BASE64}"}, ["cat.png", "image/png", BASE64]),
    ("file", {"file": BASE64}, ["file", OCTETS, BASE64]),
    ("files", {"files": ["data:;name=%C3%A9%20.bin;base64,YQ==", "Yg=="]}, [["é .bin", OCTETS, "YQ=="], ["files", OCTETS, "Yg=="]]),
    ("maybe", {"file": "YQ=="}, [["file", OCTETS, "YQ=="], ""]),
    ("maybe", {"note": "only"}, [None, "only"]),
    ("maybe", {"file": None}, [None, ""]),
    ("maybe", {}, [None, ""]),
    ("as_bytes", {"file": BASE64, "many": ["YQ==", ""]}, [BASE64, "YQ==", ""]),
    ("mixed", {"file": "YQ==", "n": 5, "tags": ["a,b", "c d"]}, ["file", OCTETS, "YQ==", 5, ["a,b", "c d"]]),
    ("upload_model", {"note": "é+&", "file": "YQ=="}, ["é+&", "file", OCTETS, "YQ=="]),
    ("form", {"a": "a+b &c=é", "n": [1, 2], "flag": True}, ["a+b &c=é", [1, 2], True]),
    ("form_model", {"user": "ada", "scopes": ["r", "w"], "remember": True}, {"user": "ada", "scopes": ["r", "w"], "remember": True}),
    ("header", {"x-count": 5, "user-agent": "ours/1", "x_as_it_is": "x"}, [5, "ours/1", "x"]),
    ("header_model", {"trace-id": "t", "hops": 3}, {"trace_id": "t", "hops": 3}),
    ("cookie", {"session": "abc", "n": 7}, ["abc", 7]),
    ("cookie_model", {"session": "abc", "theme": "dark"}, {"session": "abc", "theme": "dark"}),
    ("query", {"size": "l", "q": "a&b=c+d é", "tags": ["x,y", "z"], "since": "2024-02-29", "ratio": 1.5, "flag": True}, ["l", "a&b=c+d é", ["x,y", "z"], "2024-02-29", 1.5, True]),
    ("query", {"size": "s", "q": None, "tags": []}, ["s", None, [], None, 0, False]),
    ("query", {"size": "s", "q": ""}, ["s", "", [], None, 0, False]),
    ("query_model", {"limit": 3, "tags": ["a", "b"]}, {"limit": 3, "tags": ["a", "b"]}),
    ("alias", {"item_ids": [1, 2]}, [1, 2]),
    ("model", {"item_id": 7, **B, "q": "x"}, [7, B, "x"]),
    ("embed", {"item": B}, B),
    ("two", {"item": A, "other": B, "weight": 3}, [A, B, 3]),
    ("scalar", {"body": 5}, 5),
    ("listed", {"body": [A, B]}, [A, B]),
    ("anything", {"body": {"n": None, "big": 10**20}}, {"n": None, "big": 10**20}),
    ("anything", {"body": [1.5, "é"]}, [1.5, "é"]),
    ("union", {"body": [1, 2]}, [1, 2]),
    ("union", {"body": None}, None),
    ("union", {}, None),
    ("text", {"body": "é\n"}, "é\n"),
]  # fmt: skip


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    document = app.openapi()
    with importable(document, tmp_path_factory.mktemp("fastapi")) as name:
        yield name


@pytest.mark.parametrize(("tool", "arguments", "received"), CALLS)
async def test_received(
    package: str, tool: str, arguments: dict[str, Any], received: Any
) -> None:
    memory = import_module(f"{package}._runtime.client")
    server = import_module(f"{package}.server").server
    server.api.call_host(app)
    async with memory.connect(server) as client:
        result = await client.call_tool(tool, arguments)
    (block,) = result["content"]
    assert not result["isError"], block["text"]
    text = block["text"]
    assert (text if tool == "text" else json.loads(text)) == received
