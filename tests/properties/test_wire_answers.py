"""No answer of an API makes the mapping fail, and none is altered on its way."""

from __future__ import annotations

import base64
import json

import jsonschema
from hypothesis import given
from hypothesis import strategies as st
from mcpgen_runtime.content import resource_contents
from mcpgen_runtime.upstream.response import read

KINDS = st.sampled_from(
    [
        *(
            "",
            "application/json",
            "a/b+json; charset=utf-16",
            "text/plain",
            "text/html",
        ),
        *("text/plain; charset=ascii", "image/png", "audio/wav", "application/pdf"),
        *("application/problem+json", "text/plain; charset=idna", "nonsense", ";;"),
    ]
)
BODIES = st.binary(max_size=60) | st.sampled_from(
    [
        b"{",
        b"[1,2",
        b"NaN",
        b"<html>",
        b'{"detail":[{}]}',
        b"\xff\xfe{\x00",
        b"\xef\xbb",
    ]
)
HEADERS = st.dictionaries(
    st.sampled_from(["link", "location", "retry-after", "x"]), st.text(max_size=20)
)
BLOCK = {
    "type": "object",
    "oneOf": [
        {"properties": {"type": {"const": "text"}, "text": {"type": "string"}}},
        {
            "properties": {"type": {"enum": ["image", "audio"]}},
            "required": ["data", "mimeType"],
        },
        {
            "properties": {
                "type": {"const": "resource"},
                "resource": {"required": ["uri", "mimeType", "blob"]},
            },
        },
    ],
}
VALIDATOR = jsonschema.Draft202012Validator(BLOCK)


@given(st.integers(200, 599), HEADERS, KINDS, BODIES)
def test_every_answer_is_a_result(
    status: int, headers: dict[str, str], kind: str, body: bytes
) -> None:
    result = read(status, headers | {"content-type": kind}, body, uri="https://a.test/")
    assert result.content
    assert result.is_error is (status >= 300)
    for block in result.content:
        VALIDATOR.validate(block)
    json.dumps([result.content, resource_contents("api://x", result)])
    if result.structured is not None:
        json.loads(result.structured)


@given(st.binary(min_size=1))
def test_bytes_are_exact(body: bytes) -> None:
    result = read(200, {"content-type": "image/png"}, body, uri="https://a.test/")
    assert base64.b64decode(result.content[0]["data"]) == body
    assert base64.b64decode(resource_contents("api://x", result)[0]["blob"]) == body


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_text_is_exact(text: str) -> None:
    headers = {"content-type": "text/plain; charset=utf-8"}
    result = read(200, headers, text.encode(), uri="https://a.test/")
    assert result.content[0]["text"] == text
