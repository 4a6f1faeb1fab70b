"""A catalogue of request bodies: media type, arguments, and the bytes."""

from __future__ import annotations

import base64
import io
from typing import Any

import pytest
from mcpgen_runtime.components import Argument, Body, Encoding, Field, Tool
from mcpgen_runtime.upstream.body import Content, encode, is_form
from mcpgen_runtime.upstream.serialization import ArgumentError
from python_multipart.multipart import parse_options_header
from werkzeug.formparser import MultiPartParser

PNG = b"\x89PNG\r\n\x1a\n\x00\xff"
BASE64 = base64.b64encode(PNG).decode()
FORM = "application/x-www-form-urlencoded"


def body(
    media_type: str, *arguments: Argument, required: bool = False, **given: Any
) -> Content | None:
    component = Tool(
        name="t",
        method="POST",
        path="/x",
        arguments=arguments,
        body=media_type,
        body_required=required,
    )
    return encode(component, given)


def whole(media_type: str, value: Any, **options: Any) -> Content:
    content = body(media_type, Body("body", {}, **options), body=value)
    assert content is not None
    return content


@pytest.mark.parametrize(
    ("value", "wire"),
    [
        ({"b": 1, "a": None}, '{"b":1,"a":null}'),
        ([1, 2.5, 5.0, True], "[1,2.5,5.0,true]"),
        (None, "null"),
        ("é✓", '"é✓"'),
        (10**40, f"1{'0' * 40}"),
        ({}, "{}"),
        ("\ud800", '"\\ud800"'),
    ],
)
@pytest.mark.parametrize("media_type", ["application/json", "application/a+json"])
def test_json_is_what_was_given(media_type: str, value: Any, wire: str) -> None:
    assert whole(media_type, value) == (media_type, wire.encode())


def test_json_refuses_what_it_cannot_hold() -> None:
    with pytest.raises(ArgumentError, match=r"^body "):
        whole("application/json", {"a": float("inf")})


@pytest.mark.parametrize(
    ("required", "given", "wire"),
    [
        (False, {}, None),
        (True, {}, b"{}"),
        (False, {"a": None}, b'{"a":null}'),
        (False, {"b": 2, "a": 1}, b'{"a":1,"wire-b":2}'),
    ],
)
def test_members_make_one_object(
    required: bool, given: dict[str, Any], wire: bytes | None
) -> None:
    fields = Field("a", {}), Field("b", {}, wire="wire-b")
    content = body("application/json", *fields, required=required, **given)
    assert (content.content if content else None) == wire


def test_an_optional_body_that_is_not_given_is_not_sent() -> None:
    assert body("application/json", Body("body", {})) is None


@pytest.mark.parametrize(
    ("value", "encoding", "wire"),
    [
        ("a b&c", None, "k=a%20b%26c"),
        (True, None, "k=true"),
        (None, None, ""),
        ("", None, "k="),
        (["a", "b"], None, "k=a&k=b"),
        ([], None, ""),
        ({"a": [1]}, None, "k=%7B%22a%22%3A%5B1%5D%7D"),
        ([{"a": 1}], None, "k=%7B%22a%22%3A1%7D"),
        (["a", "b"], Encoding(content_type="application/json"), "k=%5B%22a%22%2C%22b%22%5D"),
        (["a", "b"], Encoding(style="form", explode=False), "k=a,b"),
        ({"a": {"b": 1}}, Encoding(style="deepObject"), "k%5Ba%5D%5Bb%5D=1"),
        ({"l": ["x"]}, Encoding(style="deepObject"), "k%5Bl%5D%5B%5D=x"),
        ({"a": 1}, Encoding(style="form"), "a=1"),
    ],
)  # fmt: skip
def test_urlencoded(value: Any, encoding: Encoding | None, wire: str) -> None:
    content = body(FORM, Field("k", {}, encoding=encoding), k=value)
    assert content == (FORM, wire.encode())
    encodings = {"k": encoding} if encoding else None
    assert whole(FORM, {"k": value}, encoding=encodings) == content


def multipart(content: Content | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """Values, and files as (name, media type, bytes), as werkzeug reads them."""
    assert content is not None
    kind, options = parse_options_header(content.media_type)
    assert kind == b"multipart/form-data"
    parser = MultiPartParser(stream_factory=lambda *_, **__: io.BytesIO())
    form, files = parser.parse(
        io.BytesIO(content.content), options[b"boundary"], len(content.content)
    )
    read = {
        name: [(f.filename, f.mimetype, f.read()) for f in files.getlist(name)]
        for name in files
    }
    return {name: form.getlist(name) for name in form}, read


@pytest.mark.parametrize(
    ("given", "encoding", "files"),
    [
        (BASE64, None, [("f", "application/octet-stream", PNG)]),
        (f"data:image/png;base64,{BASE64}", None, [("f.png", "image/png", PNG)]),
        (
            f"data:image/png;name=my%20cat.png;base64,{BASE64}",
            None,
            [("my cat.png", "image/png", PNG)],
        ),
        ("data:text/plain,a%20b", None, [("f.txt", "text/plain", b"a b")]),
        (
            BASE64,
            Encoding(content_type="image/*, image/png"),
            [("f.png", "image/png", PNG)],
        ),
        (
            [BASE64, "YQ"],
            None,
            [
                ("f", "application/octet-stream", PNG),
                ("f", "application/octet-stream", b"a"),
            ],
        ),
        ("", None, [("f", "application/octet-stream", b"")]),
    ],
)
def test_multipart_files(given: Any, encoding: Encoding | None, files: Any) -> None:
    field = Field("f", {}, encoding=encoding, binary=True)
    assert multipart(body("multipart/form-data", field, f=given)) == ({}, {"f": files})
    encodings = {"f": encoding} if encoding else None
    content = whole(
        "multipart/form-data", {"f": given}, encoding=encodings, binary_fields=("f",)
    )
    assert multipart(content) == ({}, {"f": files})


def test_multipart_values() -> None:
    fields = [Field(name, {}) for name in "abcde"]
    content = body(
        "multipart/form-data", *fields, a="é\r\n--x", b=[1, True], c={"k": None}, d=None
    )
    values, files = multipart(content)
    assert values == {"a": ["é\r\n--x"], "b": ["1", "true"], "c": ['{"k":null}']}
    assert files == {}
    assert content is not None
    assert content.content.count(b"Content-Type: application/json") == 1


def test_multipart_names_cannot_break_their_header() -> None:
    field = Field("f", {}, wire='a"\r\nX: y', binary=True)
    content = body("multipart/form-data", field, f=BASE64)
    assert content is not None
    assert b'name="a%22%0D%0AX: y"' in content.content


def test_a_multipart_body_is_a_function_of_its_values() -> None:
    field = Field("f", {}, binary=True)
    first = body("multipart/form-data", field, f=BASE64)
    assert first == body("multipart/form-data", field, f=BASE64)
    assert first is not None
    boundary = parse_options_header(first.media_type)[1][b"boundary"]
    assert boundary not in PNG


@pytest.mark.parametrize(
    ("media_type", "value", "options", "content"),
    [
        ("application/octet-stream", BASE64, {"binary": True}, PNG),
        ("image/png", f"data:image/png;base64,{BASE64}", {"binary": True}, PNG),
        ("application/octet-stream", "plain", {}, b"plain"),
        ("text/plain", "text", {}, b"text"),
        ("text/csv; charset=latin-1", "é", {}, b"\xe9"),
        ("application/xml", "<a>é</a>", {}, "<a>é</a>".encode()),
        ("application/x-ndjson", [{"a": 1}, None, "é"], {}, '{"a":1}\nnull\n"é"\n'.encode()),
        ("application/jsonl", "raw\n", {}, b"raw\n"),
    ],
)  # fmt: skip
def test_other_bodies(
    media_type: str, value: Any, options: dict[str, Any], content: bytes
) -> None:
    assert whole(media_type, value, **options) == (media_type, content)


@pytest.mark.parametrize(
    ("declared", "value", "options", "sent"),
    [
        ("text/plain", "é", {}, "text/plain; charset=utf-8"),
        ("*/*", {"a": 1}, {}, "application/json"),
        ("*/*", BASE64, {"binary": True}, "application/octet-stream"),
        ("image/*", f"data:image/gif;base64,{BASE64}", {"binary": True}, "image/gif"),
    ],
)
def test_content_types_that_are_completed(
    declared: str, value: Any, options: dict[str, Any], sent: str
) -> None:
    assert whole(declared, value, **options).media_type == sent


@pytest.mark.parametrize(
    "given", ["no base64!", "data:image/png;base64", "data:;base64,*", 5, {"a": 1}, "a"]
)
def test_files_that_are_refused(given: Any) -> None:
    with pytest.raises(ArgumentError, match=r"^f is "):
        body("multipart/form-data", Field("f", {}, binary=True), f=given)
    with pytest.raises(ArgumentError, match=r"^body is "):
        whole("application/octet-stream", given, binary=True)


@pytest.mark.parametrize("kind", [FORM, "multipart/form-data", "text/plain"])
@pytest.mark.parametrize("value", [float("inf"), "\ud800"])
def test_values_that_no_form_can_hold_are_refused(kind: str, value: Any) -> None:
    with pytest.raises(ArgumentError, match=r"^k has "):
        body(kind, Field("k", {}) if is_form(kind) else Body("k", {}), k=value)


def test_null_is_a_body_in_json_only() -> None:
    assert whole("application/json", None).content == b"null"
    assert body("text/plain", Body("body", {}), body=None) is None


def test_a_multipart_body_is_an_object() -> None:
    with pytest.raises(ArgumentError, match="give it as an object"):
        whole("multipart/form-data", ["a"])


def test_text_that_its_charset_cannot_hold_is_refused() -> None:
    with pytest.raises(ArgumentError, match=r"^body has characters that ascii"):
        whole("text/plain; charset=ascii", "é")


@pytest.mark.parametrize(
    ("media_type", "file_name"),
    [
        ("image/png", "f.png"),
        ("application/pdf", "f.pdf"),
        ("text/plain;charset=utf-8", "f.txt"),
        ("image/png;name=cat", "cat"),
        ("application/octet-stream", "f"),
        ("application/x-nobody-knows", "f"),
        ("", "f"),
    ],
)
def test_the_name_of_a_file(media_type: str, file_name: str) -> None:
    component = Tool(
        name="t",
        method="POST",
        path="/x",
        arguments=(Field("f", {}, binary=True),),
        body="multipart/form-data",
    )
    content = encode(component, {"f": f"data:{media_type};base64,AAAA"})
    assert content is not None
    assert f'name="f"; filename="{file_name}"'.encode() in content.content
