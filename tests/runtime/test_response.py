"""A catalogue of answers: status, headers and bytes, and what a model is told."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from mcpgen_runtime.content import Result, resource_contents
from mcpgen_runtime.upstream.response import compact_json, read

URI = "https://api.test/files/3"
PNG = b"\x89PNG\r\n\x1a\n\x00\xff"
BASE64 = base64.b64encode(PNG).decode()
JSON = "application/json"

AGAIN = "and sends no content again"


def answer(
    status: int = 200, body: bytes = b"", kind: str = "", **headers: str
) -> Result:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if kind:
        named["content-type"] = kind
    return read(status, named, body, uri=URI, variables=("SHOP_KEY",))


def texts(result: Result) -> list[str]:
    return [block["text"] for block in result.content]


@pytest.mark.parametrize(
    ("kind", "body", "compact"),
    [
        (JSON, b'{"a":1}', '{"a":1}'),
        (JSON, b' { "b" : 1.50 , "a" : [ 1 , 2 ] }\r\n', '{"b":1.50,"a":[1,2]}'),
        (JSON, b'{"a b": "x , y : z\\" ,  q"}', '{"a b":"x , y : z\\" ,  q"}'),
        (JSON, b"[]", "[]"),
        (JSON, b'"s"', '"s"'),
        (JSON, b"null", "null"),
        (JSON, b"1e400", "1e400"),
        (JSON, b"9" * 5000, "9" * 5000),
        (JSON, b'{"a":1,"a":2}', '{"a":1,"a":2}'),
        (JSON, b"\xef\xbb\xbf[1]", "[1]"),
        (JSON, '["é"]'.encode("utf-16"), '["é"]'),
        (f"{JSON}; charset=latin-1", b'["\xe9"]', '["é"]'),
        ("application/vnd.a+json; v=2", b"[1, 2]", "[1,2]"),
        ("application/problem+json", b"{}", "{}"),
        ("", b' {"a": 1}', '{"a":1}'),
    ],
)
def test_json(kind: str, body: bytes, compact: str) -> None:
    result = answer(200, body, kind)
    assert texts(result) == [compact]
    assert result.structured == compact.encode()
    assert not result.is_error


@pytest.mark.parametrize(
    "body", [b"{", b"<html>", b"NaN", b'{"a":1} x', b"[" * 200_000, b'{"a":\x01}']
)
def test_malformed_json_is_text_with_a_note(body: bytes) -> None:
    result = answer(200, body, JSON)
    assert texts(result)[0] == body.decode()
    assert "not valid JSON" in texts(result)[1]
    assert result.structured is None
    assert not result.is_error


@pytest.mark.parametrize(
    ("kind", "body", "text"),
    [
        ("text/plain", b"hello", "hello"),
        ("text/plain; charset=iso-8859-1", b"\xe9", "é"),
        ('text/plain; charset="shift_jis"', "日本".encode("shift_jis"), "日本"),
        ("text/plain; charset=nonsense", "é".encode(), "é"),
        ("text/plain; charset=base64", b"YQ==", "YQ=="),
        ("text/plain; charset=undefined", b"a", "a"),
        ("text/plain", b"a\xffb", "a\ufffdb"),
        ("text/csv", b"a,b\r\n1,2\r\n", "a,b\r\n1,2\r\n"),
        ("text/html", b"<p>x", "<p>x"),
        ("application/xml", b"<a/>", "<a/>"),
        ("application/atom+xml", b"<a/>", "<a/>"),
        ("image/svg+xml", b"<svg/>", "<svg/>"),
        ("application/yaml", b"a: 1", "a: 1"),
        ("application/x-ndjson", b'{"a":1}\n', '{"a":1}\n'),
        ("text/plain", b'{"a": 1}', '{"a": 1}'),
        ("", b"plain", "plain"),
    ],
)
def test_text(kind: str, body: bytes, text: str) -> None:
    result = answer(200, body, kind)
    assert texts(result) == [text]
    assert result.structured is None


@pytest.mark.parametrize(
    ("kind", "block"),
    [
        ("image/png", {"type": "image", "data": BASE64, "mimeType": "image/png"}),
        ("audio/wav", {"type": "audio", "data": BASE64, "mimeType": "audio/wav"}),
        ("Application/PDF; x=y", "application/pdf"),
        ("", "application/octet-stream"),
    ],
)
def test_binary(kind: str, block: Any) -> None:
    result = answer(200, PNG, kind)
    if isinstance(block, str):
        resource = {"uri": URI, "mimeType": block, "blob": BASE64}
        block = {"type": "resource", "resource": resource}
    assert result.content == (block,)
    assert result.body == PNG


PARTS = (
    b'preamble\r\n--b 1\r\nContent-Type: application/json\r\n\r\n{"a": 1}'
    b"\r\n--b 1\r\nContent-Type: text/plain;\r\n charset=latin-1\r\n\r\n\xe9\r\n"
    b"\r\n--b 1\r\nContent-Type: image/png\r\n\r\n%b"
    b"\r\n--b 1\r\ncontent-transfer-encoding: BASE64\r\n\r\nYg==\r\n"
    b"--b 1\r\n\r\nno head\r\n--b 1\r\n\r\n--b 1--\r\nepilogue" % PNG
)


@pytest.mark.parametrize("newline", [b"\r\n", b"\n"])
def test_each_part_is_a_block(newline: bytes) -> None:
    body = PARTS.replace(PNG, b"PNG").replace(b"\r\n", newline).replace(b"PNG", PNG)
    result = answer(200, body, 'multipart/mixed; boundary="b 1"')
    assert [block.get("text", block.get("data")) for block in result.content] == [
        '{"a":1}',
        f"é{newline.decode()}",
        BASE64,
        "b",
        "no head",
        "",
    ]
    assert result.structured is None


@pytest.mark.parametrize(
    ("kind", "body", "blocks"),
    [
        ("multipart/mixed", b"--b\r\n\r\nx\r\n--b--", "blob"),
        ("multipart/mixed; boundary=b", b"nothing", "blob"),
        ("multipart/mixed; boundary=b", b"--b--", "blob"),
        ("multipart/related; boundary=b", b"--b\r\n\r\ncut sh", ["cut sh"]),
        ("multipart/mixed; boundary=b", b"--b\r\n\r\n--bc\r\n--b--", ["--bc"]),
        ("multipart/mixed; boundary=b", b"--b\r\nno end of head", [""]),
    ],
)
def test_broken_parts(kind: str, body: bytes, blocks: Any) -> None:
    result = answer(200, body, kind)
    if blocks == "blob":
        (block,) = result.content
        assert base64.b64decode(block["resource"]["blob"]) == body
    else:
        assert texts(result) == blocks


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (204, "204 No Content"),
        (205, "205 Reset Content"),
        (200, "200 OK, with an empty body"),
        (202, "202 Accepted, with an empty body"),
        (299, "299, with an empty body"),
    ],
)
def test_empty_answers_say_so(status: int, text: str) -> None:
    result = answer(status, b"", JSON)
    assert texts(result) == [text]
    assert not result.is_error


@pytest.mark.parametrize(
    ("status", "headers", "note"),
    [
        (201, {"location": "/pets/7"}, "Location: /pets/7"),
        (202, {"location": "/jobs/7"}, "Location: /jobs/7"),
        (202, {"retry_after": "5"}, "Retry after: 5 s"),
        (
            200,
            {"link": '<https://x/?p=1>; rel="prev", <https://x/?p=3>; rel="next"'},
            "Next page: https://x/?p=3",
        ),
        (200, {"location": "/x", "retry_after": "5", "link": "<x>; rel=last"}, None),
        (
            200,
            {
                "x_ratelimit_limit": "60",
                "x_ratelimit_remaining": "3",
                "x_ratelimit_reset": "9",
            },
            "Rate limit: 3 of 60 requests left; reset: 9",
        ),
        (200, {"ratelimit_remaining": "0"}, "Rate limit: 0 requests left"),
        (200, {"x_ratelimit_limit": "60", "x_ratelimit_remaining": "30"}, None),
    ],
)
def test_headers_that_matter(
    status: int, headers: dict[str, str], note: str | None
) -> None:
    assert texts(answer(status, b"{}", JSON, **headers))[1:] == ([note] if note else [])


TRACE = 'Traceback (most recent call last):\n  File "/srv/app/main.py", line 3, in f'


@pytest.mark.parametrize(
    ("status", "kind", "body", "text"),
    [
        (404, "", b"", "HTTP 404 Not Found"),
        (404, JSON, b'{"detail": "No such pet"}', "HTTP 404 Not Found: No such pet"),
        (400, "text/plain", b"bad\n\nday", "HTTP 400 Bad Request: bad day"),
        (
            409,
            "application/problem+json",
            b'{"title":"Conflict","detail":"Name is taken"}',
            "HTTP 409 Conflict: Conflict; Name is taken",
        ),
        (
            400,
            JSON,
            b'{"detail": [{"loc": ["query", "n"], "msg": "bad"}]}',
            'HTTP 400 Bad Request\n{"detail":[{"loc":["query","n"],"msg":"bad"}]}',
        ),
        (
            400,
            JSON,
            b'{"error": {"message": "No", "code": 7}}',
            'HTTP 400 Bad Request: No\n{"error":{"message":"No","code":7}}',
        ),
        (400, JSON, b"[1, NaN]", "HTTP 400 Bad Request: [1, NaN]"),
        (
            404,
            "text/html",
            b"<html><title>Not\n here</title>" + b"<p>" * 9999,
            "HTTP 404 Not Found: Not here",
        ),
        (404, "text/html", b"<p>x", "HTTP 404 Not Found (an HTML or XML page)"),
        (400, "application/pdf", PNG, "HTTP 400 Bad Request"),
        (304, "", b"", "HTTP 304 Not Modified: the API has nothing newer, " + AGAIN),
        (302, "", b"", "HTTP 302 Found: the answer redirects, but says nowhere to"),
        (500, JSON, b'{"message": "Try later"}', "HTTP 500 Internal Server Error: Try later"),
        (500, JSON, b'{"message": "Oops", "stack": "at x (/srv/a.js)"}', "HTTP 500 Internal Server Error: Oops"),
        (500, JSON, json.dumps({"detail": TRACE}).encode(), "HTTP 500 Internal Server Error"),
        (500, "text/plain", TRACE.encode(), "HTTP 500 Internal Server Error"),
        (500, JSON, b'{"error": "cannot open /etc/app/secret.conf"}', "HTTP 500 Internal Server Error"),
        (500, JSON, b'{"error": "at Foo.bar(Foo.java:3)"}', "HTTP 500 Internal Server Error"),
        (500, JSON, rb'{"error": "C:\\srv\\app.cs"}', "HTTP 500 Internal Server Error"),
        (500, "text/html", b"<title>Error at /x</title>", "HTTP 500 Internal Server Error (an HTML or XML page)"),
        (799, "", b"", "HTTP 799"),
    ],
)  # fmt: skip
def test_failures(status: int, kind: str, body: bytes, text: str) -> None:
    result = answer(status, body, kind)
    assert texts(result) == [text]
    assert result.is_error
    assert result.status == status
    assert result.structured is None


def test_a_long_error_body_is_cut() -> None:
    result = answer(400, b'{"errors": "' + b"x" * 100_000 + b'"}', JSON)
    assert len(texts(result)[0]) < 2_100


@pytest.mark.parametrize(
    ("status", "part"),
    [(401, "did not accept the credentials"), (403, "may lack a permission")],
)
def test_refused_credentials_are_named(status: int, part: str) -> None:
    (text,) = texts(answer(status, b'{"message":"no"}', JSON))
    assert part in text
    assert "SHOP_KEY" in text


def test_refused_without_declared_credentials() -> None:
    (text,) = texts(read(401, {}, b"", uri=URI))
    assert "declares no credentials" in text


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_told(status: int) -> None:
    (text,) = texts(answer(status, retry_after="30"))
    assert text.endswith("\nRetry after: 30 s")


def test_the_rate_limit_of_a_refused_call_is_told() -> None:
    headers = {"x_ratelimit_limit": "60", "x_ratelimit_remaining": "30"}
    (text,) = texts(answer(429, b"", **headers))
    assert text.endswith("\nRate limit: 30 of 60 requests left")


@pytest.mark.parametrize(
    ("kind", "body", "contents"),
    [
        (JSON, b"[1, 2]", {"mimeType": JSON, "text": "[1,2]"}),
        ("text/csv; charset=latin-1", b"\xe9", {"mimeType": "text/csv", "text": "é"}),
        ("image/png", PNG, {"mimeType": "image/png", "blob": BASE64}),
        ("", b"", {"text": ""}),
    ],
)
def test_resource_contents(kind: str, body: bytes, contents: dict[str, str]) -> None:
    result = answer(200, body, kind)
    assert resource_contents("api://x", result) == [{"uri": "api://x"} | contents]


def test_compacting_keeps_every_token() -> None:
    value = {"a b": ["c , d", {"e\\": '" : '}], "n": [1, -2.5, True, None]}
    for indent in (None, 0, 2, "\t"):
        text = json.dumps(value, indent=indent)
        assert compact_json(text) == json.dumps(value, separators=(",", ":"))


LOCATED = b"""--b
Content-Type: application/json
Content-Location: urn:x:1

{"a": 1}
--b
Content-Type: text/plain
Content-Location: notes.txt

note
--b
Content-Type: application/pdf
Content-Location: urn:x:2

%PDF
--b--"""


def test_parts_that_are_resources_of_their_own() -> None:
    result = answer(200, LOCATED, "multipart/related; boundary=b")
    assert [block["resource"] for block in result.content] == [
        {"uri": "urn:x:1", "mimeType": JSON, "text": '{"a":1}'},
        {
            "uri": "https://api.test/files/notes.txt",
            "mimeType": "text/plain",
            "text": "note",
        },
        {"uri": "urn:x:2", "mimeType": "application/pdf", "blob": "JVBERg=="},
    ]


@pytest.mark.parametrize(
    ("kind", "location", "block"),
    [
        ("text/plain", "urn:x:1", "resource"),
        ("text/plain", "https://api.test/files/3.en.txt", "text"),
        ("text/plain", "3", "text"),
        ("text/plain", "", "text"),
        ("text/plain", "http://[", "text"),
        ("text/plain", "urn:x y", "text"),
        (JSON, "urn:x:1", "text"),
        ("image/png", "urn:x:1", "image"),
    ],
)
def test_an_answer_that_is_a_resource_of_its_own(
    kind: str, location: str, block: str
) -> None:
    result = answer(200, b"{}", kind, content_location=location)
    assert result.content[0]["type"] == block
    if block == "resource":
        resource = {"uri": location, "mimeType": kind, "text": "{}"}
        assert result.content[0]["resource"] == resource


def test_bytes_have_the_uri_that_the_answer_says() -> None:
    location = "https://api.test/files/3.pdf"
    result = answer(200, b"%PDF", "application/pdf", content_location="3.pdf")
    assert result.content[0]["resource"]["uri"] == location
