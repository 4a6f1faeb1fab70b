"""The catalogue of answers: the bytes of an API, and what a model is told."""

from __future__ import annotations

import base64
import gzip
from dataclasses import dataclass
from typing import Any

from runtime.recording import answer

PNG = b"\x89PNG\r\n\x1a\n\x00\xff"
BASE64 = base64.b64encode(PNG).decode()
PROBLEM = b'{"title":"Out of stock","detail":"No tea left"}'
TRACE = b'Traceback (most recent call last):\n  File "/srv/app.py", line 3, in f\nE: x'
LOCATED = (
    b"--b\r\nContent-Type: text/plain\r\nContent-Location: urn:x:1\r\n\r\nnote\r\n"
    b"--b\r\nContent-Type: application/pdf\r\n\r\n%PDF\r\n--b--"
)
PARTS = (
    b'--b\r\nContent-Type: application/json\r\n\r\n{"a": 1}\r\n'
    b"--b\r\nContent-Type: image/png\r\n\r\n%b\r\n--b--" % PNG
)


@dataclass(frozen=True)
class Answer:
    """`headers` are those that the document declares."""

    construct: str
    raw: bytes
    told: tuple[str, ...]
    structured: Any = None
    is_error: bool = False
    headers: tuple[str, ...] = ()
    method: str = "post"


@dataclass(frozen=True)
class Read:
    """What the contents of a read are; `uri` stands for that of the resource."""

    construct: str
    raw: bytes
    contents: tuple[dict[str, str], ...]


ANSWERS = [
    Answer("JSON", answer(b'{ "a": 1.50 }'), ('{"a":1.50}',), {"a": 1.5}),
    Answer("+json", answer(b"{}", kind="application/hal+json"), ("{}",), {}),
    Answer("JSON array", answer(b"[1, 2]"), ("[1,2]",)),
    Answer("JSON null", answer(b"null"), ("null",)),
    Answer("JSON text", answer(b'"\\u00e9"'), ('"\\u00e9"',)),
    Answer("JSON number", answer(b"1.50"), ("1.50",)),
    Answer("exact numbers", answer(b'{"n": 1.0, "id": 12345678901234567890}'), ('{"n":1.0,"id":12345678901234567890}',), {"n": 1.0, "id": 12345678901234567890}),
    Answer("JSON that isn't declared", answer(b"{}", kind=""), ("{}",), {}),
    Answer("bytes that aren't declared", answer(PNG, kind=""), (BASE64,)),
    Answer("XML", answer(b"<a>1</a>", kind="application/xml"), ("<a>1</a>",)),
    Answer("HTML", answer(b"<h1>a</h1>", kind="text/html"), ("<h1>a</h1>",)),
    Answer("YAML", answer(b"a: 1\n", kind="application/yaml"), ("a: 1\n",)),
    Answer("205", answer(status=205), ("205 Reset Content",)),
    Answer("image", answer(PNG, kind="image/png"), (BASE64,)),
    Answer("audio", answer(PNG, kind="audio/wav"), (BASE64,)),
    Answer("binary", answer(PNG, kind="application/pdf"), (BASE64,)),
    Answer("charset", answer(b"\xe9", kind="text/plain; charset=latin-1"), ("é",)),
    Answer("undecodable", answer(b"a\xff", kind="text/plain"), ("a\ufffd",)),
    Answer("csv", answer(b"a,b\r\n", kind="text/csv"), ("a,b\r\n",)),
    Answer("events", answer(b"data: 1\n\n", kind="text/event-stream"), ("data: 1\n\n",)),
    Answer("ndjson", answer(b"{}\n[]\n", kind="application/x-ndjson"), ("{}\n[]\n",)),
    Answer("parts", answer(PARTS, kind="multipart/mixed; boundary=b"), ('{"a":1}', BASE64)),
    Answer("204", answer(status=204), ("204 No Content",)),
    Answer("empty 200", answer(), ("200 OK, with an empty body",)),
    Answer("compressed", answer(gzip.compress(b"{}"), Content_Encoding="gzip"), ("{}",), {}),
    Answer(
        "201 and where it is",
        answer(b"{}", status=201, Location="/pets/1"),
        ("{}", "Location: /pets/1"),
        {},
    ),
    Answer(
        "202 and where to look",
        answer(b"{}", status=202, Location="/jobs/1", Retry_After="5"),
        ("{}", "Location: /jobs/1", "Retry after: 5 s"),
        {},
    ),
    Answer("where it goes on", answer(b"{}", Operation_Location="/op/1"), ("{}", "Operation-Location: /op/1"), {}),
    Answer("where a job is", answer(b"{}", location="/j/1", retry_after="5"), ("{}", "location: /j/1", "Retry after: 5 s"), {}, headers=("location", "retry-after")),
    Answer("a declared address, once", answer(b"{}", status=201, location="/j/1"), ("{}", "location: /j/1"), {}, headers=("location",)),
    Answer("HEAD", b'HTTP/1.1 200 X\r\nContent-Length: 5\r\nETag: "v1"\r\nX-More: x\r\n\r\n', ("200 OK, with an empty body", "Content-Length: 5", 'ETag: "v1"'), method="head"),
    Answer("declared headers", answer(b"{}", ETag='"v1"', X_Total="7\tof 9", Set_Cookie="s=1", X_More="x"), ("{}", 'ETag: "v1"', "x-total: 7 of 9"), {}, headers=("ETag", "x-total", "X-Total", "Set-Cookie", "X-Absent")),
    Answer("a long header", answer(b"{}", ETag="v" * 2_000), ("{}", f"ETag: {'v' * 500}… (cut)"), {}, headers=("ETag",)),
    Answer(
        "next page",
        answer(b"{}", Link='</x?page=2>; rel="next"'),
        ("{}", "Next page: /x?page=2"),
        {},
    ),
    Answer(
        "rate limit",
        answer(b"{}", X_RateLimit_Remaining="0"),
        ("{}", "Rate limit: 0 requests left"),
        {},
    ),
    Answer(
        "problem",
        answer(PROBLEM, status=409, kind="application/problem+json"),
        ("HTTP 409 Conflict: Out of stock; No tea left",),
        is_error=True,
    ),
    Answer(
        "page of HTML",
        answer(b"<title>Nope</title>" + b"<p>" * 999, status=404, kind="text/html"),
        ("HTTP 404 Not Found: Nope",),
        is_error=True,
    ),
    Answer(
        "stack trace",
        answer(TRACE, status=500, kind="text/plain"),
        ("HTTP 500 Internal Server Error",),
        is_error=True,
    ),
    Answer(
        "busy, and not repeated",
        answer(status=503, Retry_After="0"),
        ("HTTP 503 Service Unavailable\nRetry after: 0 s",),
        is_error=True,
    ),
    Answer(
        "malformed JSON",
        answer(b'{"a":'),
        ('{"a":', "The API calls this answer JSON, but it is not valid JSON."),
    ),
]  # fmt: skip

READS = [
    Read("JSON", answer(b"{ }"), ({"uri": "uri", "mimeType": "application/json", "text": "{}"},)),
    Read("text", answer(b"\xe9", kind="text/plain; charset=latin-1"), ({"uri": "uri", "mimeType": "text/plain", "text": "é"},)),
    Read("binary", answer(PNG, kind="image/png"), ({"uri": "uri", "mimeType": "image/png", "blob": BASE64},)),
    Read("no content", answer(status=204), ({"uri": "uri", "text": ""},)),
    Read(
        "parts",
        answer(PARTS, kind="multipart/mixed; boundary=b"),
        (
            {"uri": "uri#1", "mimeType": "application/json", "text": '{"a":1}'},
            {"uri": "uri#2", "mimeType": "image/png", "blob": BASE64},
        ),
    ),
    Read(
        "parts with names",
        answer(LOCATED, kind="multipart/related; boundary=b"),
        (
            {"uri": "urn:x:1", "mimeType": "text/plain", "text": "note"},
            {"uri": "uri#2", "mimeType": "application/pdf", "blob": "JVBERg=="},
        ),
    ),
]  # fmt: skip
