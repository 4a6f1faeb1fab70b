"""The catalogue of requests: what a document says, what a model gives, what is sent.

Each row is one operation of one document, served by one generated package.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

STRING = {"type": "string"}
INTEGER = {"type": "integer"}
STRINGS = {"type": "array", "items": STRING}
OBJECT = {"type": "object", "additionalProperties": STRING}
FILE = {"type": "string", "format": "binary"}
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"


@dataclass(frozen=True, kw_only=True)
class Row:
    """`sent` is the request target behind the base path, with any headers and body
    that matter; `refused` is what the message to the model holds, nothing being sent.
    """

    construct: str
    given: dict[str, Any]
    sent: str = ""
    headers: dict[str, str | None] = field(default_factory=dict)
    body: bytes = b""
    refused: str = ""
    method: str = "post"
    path: str = ""
    parameters: tuple[dict[str, Any], ...] = ()
    request_body: dict[str, Any] | None = None


def query(
    construct: str, schema: Any, value: Any, sent: str, *, name: str = "q", **more: Any
) -> Row:
    parameter = {"name": name, "in": "query", "schema": schema} | more
    given = {"q": value}
    return Row(construct=construct, given=given, sent=sent, parameters=(parameter,))


def whole_query(
    construct: str, kind: str, schema: Any, value: Any, sent: str, **more: Any
) -> Row:
    content = {kind: {"schema": schema} | more}
    parameter = {"name": "q", "in": "querystring", "content": content}
    return Row(
        construct=construct, given={"q": value}, sent=sent, parameters=(parameter,)
    )


def path(construct: str, schema: Any, value: Any, sent: str, **more: Any) -> Row:
    parameter = {"name": "p", "in": "path", "required": True, "schema": schema} | more
    refused = sent.removeprefix("refused: ") if sent.startswith("refused") else ""
    return Row(
        construct=construct,
        given={"p": value},
        sent="" if refused else sent,
        refused=refused,
        path="/{p}",
        parameters=(parameter,),
    )


def header(construct: str, schema: Any, value: Any, sent: str, **more: Any) -> Row:
    parameter = {"name": "X-H", "in": "header", "schema": schema} | more
    refused = sent.removeprefix("refused: ") if sent.startswith("refused") else ""
    return Row(
        construct=construct,
        given={"X-H": value},
        headers={} if refused else {"X-H": sent},
        refused=refused,
        parameters=(parameter,),
    )


def named(name: str, value: str) -> Row:
    """A header of a name that HTTP knows, and that is an argument like others."""
    parameter = {"name": name, "in": "header", "schema": STRING}
    return Row(
        construct=f"header {name}",
        given={name: value},
        headers={name: value},
        parameters=(parameter,),
    )


def refused_header(name: str) -> Row:
    """A header that is no argument, though the document declares it as one."""
    parameter = {"name": name, "in": "header", "required": True, "schema": STRING}
    return Row(
        construct=f"never {name}",
        given={name: "x"},
        refused=f"{name}: is not a known name",
        parameters=(parameter,),
    )


def cookie(construct: str, schema: Any, value: Any, sent: str, **more: Any) -> Row:
    parameter = {"name": "c", "in": "cookie", "schema": schema} | more
    refused = sent.removeprefix("refused: ") if sent.startswith("refused") else ""
    return Row(
        construct=construct,
        given={"c": value},
        headers={} if refused else {"Cookie": sent},
        refused=refused,
        parameters=(parameter,),
    )


def body(
    construct: str,
    media_type: str,
    schema: Any,
    given: dict[str, Any],
    sent: bytes,
    *,
    content_type: str | None = None,
    method: str = "post",
    **more: Any,
) -> Row:
    media = {} if schema is None else {"schema": schema}
    return Row(
        construct=construct,
        given=given,
        body=sent,
        headers={"Content-Type": content_type or media_type},
        method=method,
        request_body={"required": True, "content": {media_type: media | more}},
    )


def part(
    name: str, content: bytes, kind: str = "", file: str = "", more: str = ""
) -> bytes:
    head = f'Content-Disposition: form-data; name="{name}"'
    head += f'; filename="{file}"' if file else ""
    head += f"\r\nContent-Type: {kind}" if kind else ""
    return (head + more).encode() + b"\r\n\r\n" + content


QUERY = [
    query("form array", STRINGS, ["a", "b c"], "?q=a&q=b%20c"),
    query("form array, not exploded", STRINGS, ["a", "b,c"], "?q=a,b%2Cc", explode=False),
    query("space delimited", STRINGS, ["a", "b"], "?q=a%20b", style="spaceDelimited", explode=False),
    query("pipe delimited", STRINGS, ["a", "b"], "?q=a%7Cb", style="pipeDelimited", explode=False),
    query("deep object", OBJECT, {"a": "1", "b": "x y"}, "?q%5Ba%5D=1&q%5Bb%5D=x%20y", style="deepObject"),
    query("nested deep object", {"type": "object"}, {"b": {"c": 2}, "l": ["x"]}, "?q%5Bb%5D%5Bc%5D=2&q%5Bl%5D%5B%5D=x", style="deepObject"),
    query("form object", OBJECT, {"R": "1", "G": "2"}, "?R=1&G=2"),
    query("form object, not exploded", OBJECT, {"R": "1", "G": "2"}, "?q=R,1,G,2", explode=False),
    query("reserved characters", STRING, "/?:@!$'()*,;", "?q=/?:@!$'()*,;", allowReserved=True),
    query("reserved characters, encoded", STRING, "a/b?c&d=e", "?q=a%2Fb%3Fc%26d%3De"),
    query("array of objects", {"type": "array", "items": {"type": "object"}}, [{"a": 1}], "?q=%7B%22a%22%3A1%7D"),
    query("content", None, {"a": [1, None]}, "?q=%7B%22a%22%3A%5B1%2Cnull%5D%7D", content={"application/json": {"schema": {"type": "object"}}}),
    query("boolean", {"type": "boolean"}, True, "?q=true"),
    query("integer", INTEGER, 10**20, "?q=100000000000000000000"),
    query("number", {"type": "number"}, 1.5, "?q=1.5"),
    query("null", {"type": ["string", "null"]}, None, ""),
    query("empty string", STRING, "", "?q="),
    query("empty array", STRINGS, [], ""),
    Row(construct="an unsafe name", given={"ids": ["1"]}, sent="?ids%5B%5D=1", parameters=({"name": "ids[]", "in": "query", "schema": STRINGS},)),
    whole_query("form as a query", FORM, {"type": "object"}, {"a": ["x", "y"], "b c": "&"}, "?a=x&a=y&b%20c=%26"),
    whole_query("form as a query, encoded", FORM, {"type": "object"}, {"a": ["x", "y"]}, "?a=x,y", encoding={"a": {"style": "form", "explode": False}}),
    whole_query("JSON as a query", "application/json", {"type": "object"}, {"a": "é"}, "?%7B%22a%22%3A%22%C3%A9%22%7D"),
    whole_query("text as a query", "text/plain", STRING, "$.a[?@.b]&c", "?%24.a%5B%3F%40.b%5D%26c"),
    Row(construct="fixed query", given={"q": "x"}, sent="?action=list&q=x", path="?action=list", parameters=({"name": "q", "in": "query", "schema": STRING},)),
]  # fmt: skip

PATH = [
    path("simple", STRING, "a:b@c~d", "/a:b@c~d"),
    path("simple array", STRINGS, ["a", "b,c"], "/a,b%2Cc"),
    path("simple object, exploded", OBJECT, {"R": "1"}, "/R=1", explode=True),
    path("label", STRINGS, ["a", "b"], "/.a,b", style="label"),
    path("label, exploded", STRINGS, ["a", "b"], "/.a.b", style="label", explode=True),
    path("label, exploded, with dots", STRINGS, ["a.b", "c"], "/.a%2Eb.c", style="label", explode=True),
    path("matrix", STRINGS, ["a", "b"], "/;p=a,b", style="matrix"),
    path("matrix, exploded", STRINGS, ["a", "b"], "/;p=a;p=b", style="matrix", explode=True),
    path("slash", STRING, "a/b", "/a%2Fb"),
    path("unicode", STRING, "é✓", "/%C3%A9%E2%9C%93"),
    path("dots", STRING, "..", "refused: p has '.' or '..'"),
    path("traversal", STRING, "a/../b", "refused: p has '.' or '..'"),
    path("encoded traversal", STRING, "%2e%2e", "refused: p has '.' or '..'"),
    path("backslash", STRING, "..\\a", "refused: p has '.' or '..'"),
    path("NUL", STRING, "a\0", "refused: p has a NUL"),
    path("empty", STRING, "", "refused: p is empty"),
    Row(construct="an undeclared parameter", given={"id": "7"}, sent="/7", path="/{id}"),
    Row(
        construct="several in a segment",
        given={"a": "1", "b": "2"},
        sent="/1..2.json",
        path="/{a}..{b}.json",
        parameters=tuple({"name": name, "in": "path", "required": True, "schema": STRING} for name in "ab"),
    ),
]  # fmt: skip

HEADERS = [
    header("header integer", INTEGER, 5, "5"),
    header("header boolean", {"type": "boolean"}, True, "true"),
    header("header array", STRINGS, ["a", "b"], "a,b"),
    header("header object", OBJECT, {"k": "v"}, "k,v"),
    header("line break", STRING, "a\r\nX: y", "refused: X-H has a line break"),
    header("non-latin", STRING, "✓", "refused: X-H has characters outside Latin-1"),
    cookie("cookie", STRING, "a; b", "c=a%3B%20b"),
    cookie("cookie array", STRINGS, ["a", "b"], "c=a; c=b"),
    cookie("cookie as it is", STRING, "a%20b=c", "c=a%20b=c", style="cookie"),
    cookie("cookie array as it is", STRINGS, ["/", "="], "c=/; c==", style="cookie"),
    cookie("another cookie", STRING, "a; b", "refused: c has a semicolon", style="cookie"),
    cookie("line break in a cookie", STRING, "a\nb", "refused: c has a line break", style="cookie"),
    named("User-Agent", "ours/1"),
    named("Content-Language", "de"),
    *(refused_header(name) for name in ("Authorization", "Accept", "Accept-Encoding", "Content-Type", "Content-Length", "Host", "Cookie", "Connection", "TE", "Expect", "Proxy-Authorization")),
]  # fmt: skip

MEMBERS = {"type": "object", "properties": {"a": {"type": ["string", "null"]}, "n": {}}}
UPLOAD = {
    "type": "object",
    "properties": {"file": FILE, "files": {"type": "array", "items": FILE}, "meta": {"type": "object"}, "n": INTEGER},
}  # fmt: skip
PART_HEADERS = {
    "X-Kind": {"schema": {"const": [1, 2]}},
    "X-Made": {"required": True, "schema": {"type": "boolean", "default": False}},
    "X-Free": {"schema": STRING},
    "Content-Type": {"schema": {"const": "text/plain"}},
    "Content-Disposition": {"schema": {"const": "attachment"}},
}
PERSON = {
    "type": "object",
    "xml": {"name": "person"},
    "properties": {
        "id": {"type": "integer", "xml": {"attribute": True}},
        "name": STRING,
    },
}

BODIES = [
    body("JSON members", "application/json", MEMBERS, {"n": [1, {"é": None}]}, '{"n":[1,{"é":null}]}'.encode()),
    body("merge patch", "application/merge-patch+json", MEMBERS, {"a": None}, b'{"a":null}', method="patch"),
    body("no members given", "application/json", MEMBERS, {}, b"{}"),
    body("JSON array", "application/json", STRINGS, {"body": ["a"]}, b'["a"]'),
    body("JSON scalar", "application/vnd.x+json", INTEGER, {"body": 10**20}, b"100000000000000000000"),
    body("free-form object", "application/json", {"type": "object"}, {"body": {"z": 1, "a": 2}}, b'{"z":1,"a":2}'),
    body("form", FORM, MEMBERS, {"a": "x y&z", "n": [1, 2]}, b"a=x%20y%26z&n=1&n=2"),
    body("form with an object", FORM, MEMBERS, {"n": {"k": 1}}, b"n=%7B%22k%22%3A1%7D"),
    body("form, deep", FORM, MEMBERS, {"n": {"k": {"l": 1}}}, b"n%5Bk%5D%5Bl%5D=1", encoding={"n": {"style": "deepObject", "explode": True}}),
    body("multipart file", MULTIPART, UPLOAD, {"file": "data:image/png;name=a.png;base64,iVA="}, part("file", b"\x89P", "image/png", "a.png")),
    body("multipart files", MULTIPART, UPLOAD, {"files": ["YQ==", "Yg=="]}, part("files", b"b", "application/octet-stream", "files")),
    body("multipart JSON", MULTIPART, UPLOAD, {"meta": {"k": 1}}, part("meta", b'{"k":1}', "application/json")),
    body("multipart part type", MULTIPART, UPLOAD, {"n": 5}, part("n", b"5", "text/x"), encoding={"n": {"contentType": "text/x"}}),
    body("multipart part headers", MULTIPART, UPLOAD, {"file": "iVA="}, part("file", b"\x89P", "application/octet-stream", "file", "\r\nX-Kind: 1,2\r\nX-Made: false"), encoding={"file": {"headers": PART_HEADERS}}),
    body("multipart file of a type that is listed", MULTIPART, UPLOAD, {"file": "data:image/webp;name=a,%89P"}, part("file", b"\x89P", "image/webp", "a"), encoding={"file": {"contentType": "image/png, image/*"}}),
    body("multipart file of the first type", MULTIPART, UPLOAD, {"file": "iVA="}, part("file", b"\x89P", "image/png", "file.png"), encoding={"file": {"contentType": "image/*, image/png, image/gif"}}),
    body("multipart value of the type that fits", MULTIPART, UPLOAD, {"meta": {"k": 1}}, part("meta", b'{"k":1}', "application/json"), encoding={"meta": {"contentType": "application/xml, application/json"}}),
    body("multipart file in one argument", MULTIPART, {**UPLOAD, "additionalProperties": STRING}, {"body": {"file": "iVA="}}, part("file", b"\x89P", "application/octet-stream", "file")),
    body("octets", "application/octet-stream", FILE, {"body": "iVA="}, b"\x89P"),
    body("image without a schema", "image/png", None, {"body": "data:image/png,%89P"}, b"\x89P"),
    body("text", "text/plain", STRING, {"body": "é"}, "é".encode(), content_type="text/plain; charset=utf-8"),
    body("number as text", "text/plain", INTEGER, {"body": 5}, b"5"),
    body("a value on each line", "application/x-ndjson", OBJECT, {"body": [{"a": "1"}, {"b": "é"}]}, '{"a":"1"}\n{"b":"é"}\n'.encode()),
    body("XML", "application/xml", PERSON, {"body": {"id": 1, "name": "A&B"}}, b'<?xml version="1.0" encoding="UTF-8"?><person id="1"><name>A&amp;B</name></person>'),
    body("JSON lines", "application/jsonl", None, {"body": [{"a": 1}, "é"]}, '{"a":1}\n"é"\n'.encode(), itemSchema={}),
    body("JSON sequence", "application/json-seq", STRINGS, {"body": ["a"]}, b'\x1e"a"\n'),
    body("body of a QUERY", "application/json", STRINGS, {"body": ["a"]}, b'["a"]', method="query"),
    body("body of a DELETE", "application/json", STRINGS, {"body": ["a"]}, b'["a"]', method="delete"),
    body("stringified JSON", "application/json", STRINGS, {"body": '["a"]'}, b'["a"]'),
    body("one for many", "application/json", STRINGS, {"body": "a"}, b'["a"]'),
]  # fmt: skip

BAD = [
    Row(construct="missing", given={}, refused="q: is missing; it is required", parameters=({"name": "q", "in": "query", "required": True, "schema": INTEGER},)),
    Row(construct="wrong type", given={"q": "five"}, refused='q: must be an integer, but "five" was given', parameters=({"name": "q", "in": "query", "schema": INTEGER},)),
    Row(construct="unknown name", given={"limt": 1}, refused="did you mean 'limit'?", parameters=({"name": "limit", "in": "query", "schema": INTEGER},)),
    Row(construct="out of range", given={"q": 101}, refused="q: must be 100 or less", parameters=({"name": "q", "in": "query", "schema": {"type": "integer", "maximum": 100}},)),
]  # fmt: skip

ROWS = [*QUERY, *PATH, *HEADERS, *BODIES, *BAD]
