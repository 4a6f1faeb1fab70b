"""Values survive the way: what is built, an independent parser reads back the same.

Queries, forms and cookies are read by urllib and werkzeug, multipart bodies by
python-multipart, paths by a reading of RFC 6570 that shares nothing with the builder.
"""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from mcpgen_runtime.components import (
    Body,
    Component,
    Cookie,
    Encoding,
    Field,
    Header,
    Path,
    Query,
    Tool,
)
from mcpgen_runtime.upstream.request import ArgumentError, build
from mcpgen_runtime.upstream.response import compact_json
from python_multipart.multipart import FormParser, parse_options_header
from werkzeug.http import parse_cookie

BASE = "https://api.test/v1"
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
SCALARS = TEXT | NUMBERS | st.booleans()
JSON = st.recursive(
    SCALARS | st.none(),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(NAMES, SCALARS, min_size=1, max_size=4)


def shown(value: Any) -> str:
    """How a scalar reads on the wire, by the words of the specification."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else repr(value)


def component(*arguments: Any, body: str | None = None, path: str = "/x") -> Component:
    return Tool(name="t", method="POST", path=path, arguments=arguments, body=body)


def pairs_of(argument: Query, value: Any) -> list[tuple[str, str]]:
    url = build(component(argument), {argument.name: value}, BASE).url
    assert httpx.URL(url).raw_path.decode("ascii") == url.removeprefix(BASE[:-3])
    return parse_qsl(urlsplit(url).query, keep_blank_values=True, strict_parsing=True)


@given(NAMES, SCALARS, st.booleans())
@pytest.mark.parametrize(
    "style", ["form", "spaceDelimited", "pipeDelimited", "deepObject"]
)
def test_query_scalars(style: Any, name: str, value: Any, explode: bool) -> None:
    argument = Query("k", {}, wire=name, style=style, explode=explode)
    assert pairs_of(argument, value) == [(name, shown(value))]


@given(NAMES, st.lists(SCALARS, min_size=1, max_size=5))
@pytest.mark.parametrize("style", ["form", "spaceDelimited", "pipeDelimited"])
def test_exploded_query_arrays(style: Any, name: str, value: list[Any]) -> None:
    argument = Query("k", {}, wire=name, style=style, explode=True)
    assert pairs_of(argument, value) == [(name, shown(item)) for item in value]


@given(st.lists(SCALARS, min_size=1, max_size=5))
def test_query_arrays_in_one_value(value: list[Any]) -> None:
    argument = Query("k", {}, explode=False)
    query = urlsplit(build(component(argument), {"k": value}, BASE).url).query
    items = query.removeprefix("k=").split(",")
    assert [unquote(item) for item in items] == [shown(item) for item in value]


@given(st.lists(SCALARS, min_size=1, max_size=5))
@pytest.mark.parametrize(
    ("style", "delimiter"), [("spaceDelimited", " "), ("pipeDelimited", "|")]
)
def test_delimited_query_arrays(style: Any, delimiter: str, value: list[Any]) -> None:
    argument = Query("k", {}, style=style, explode=False)
    joined = delimiter.join(map(shown, value))
    assert pairs_of(argument, value) == [("k", joined)]


@given(OBJECTS)
def test_exploded_query_objects(value: dict[str, Any]) -> None:
    expected = [(name, shown(member)) for name, member in value.items()]
    assert pairs_of(Query("k", {}), value) == expected


@given(st.dictionaries(NAMES, SCALARS | OBJECTS | st.lists(SCALARS, max_size=3)))
def test_deep_objects(value: dict[str, Any]) -> None:
    expected: list[tuple[str, str]] = []
    for name, member in value.items():
        if isinstance(member, dict):
            expected += [(f"k[{name}][{n}]", shown(m)) for n, m in member.items()]
        elif isinstance(member, list):
            expected += [(f"k[{name}][]", shown(m)) for m in member]
        else:
            expected.append((f"k[{name}]", shown(member)))
    assert pairs_of(Query("k", {}, style="deepObject"), value) == expected


@given(JSON)
def test_query_json(value: Any) -> None:
    if value is not None:
        ((_, text),) = pairs_of(Query("k", {}, content="application/json"), value)
        assert json.loads(text) == value


@given(TEXT)
def test_reserved_characters_stay_and_the_rest_is_encoded(value: str) -> None:
    url = build(component(Query("k", {}, allow_reserved=True)), {"k": value}, BASE).url
    sent = url.removeprefix(f"{BASE}/x?k=")
    assert unquote(sent) == value
    assert all(character in sent for character in value if character in "/?:@!$'()*,=")
    assert not {*"&;+#"} & {*sent}


@given(SCALARS)
@example("..")
@example("%2e%2e/")
@example("a/../b")
@pytest.mark.parametrize("allow_reserved", [False, True])
def test_path_values_never_leave_their_segment(
    allow_reserved: bool, value: Any
) -> None:
    argument = Path("p", {}, allow_reserved=allow_reserved)
    operation = component(argument, path="/a/{p}/b")
    try:
        url = build(operation, {"p": value}, BASE).url
    except ArgumentError:
        text = unquote(unquote(shown(value))).replace("\\", "/")
        assert not text or "\0" in text or {".", ".."} & set(text.split("/"))
        return
    # httpx and servers normalize; what comes out must be what was built.
    assert str(httpx.URL(url)) == url
    path = urlsplit(url).path
    assert path.startswith("/v1/a/")
    assert path.endswith("/b")
    middle = path.removeprefix("/v1/a/").removesuffix("/b")
    assert unquote(middle) == shown(value)
    if not allow_reserved:
        assert "/" not in middle


SAFE_ITEMS = st.text(
    st.characters(categories=["L", "N", "P", "S", "Z"], exclude_characters="./\\%"),
    min_size=1,
    max_size=6,
)


@given(st.lists(SAFE_ITEMS, min_size=1, max_size=4))
@pytest.mark.parametrize("explode", [False, True])
@pytest.mark.parametrize("style", ["simple", "label", "matrix"])
def test_path_arrays(style: Any, explode: bool, value: list[str]) -> None:
    argument = Path("p", {}, style=style, explode=explode)
    url = build(component(argument, path="/a/{p}"), {"p": value}, BASE).url
    sent = url.removeprefix(f"{BASE}/a/")
    if style == "simple":
        items = sent.split(",")
    elif style == "label":
        assert sent[0] == "."
        items = sent[1:].split("." if explode else ",")
    elif explode:
        assert sent[0] == ";"
        items = [item.removeprefix("p=") for item in sent[1:].split(";")]
    else:
        items = sent.removeprefix(";p=").split(",")
    assert [unquote(item) for item in items] == value


@given(st.dictionaries(st.from_regex(r"[a-z]{1,8}", fullmatch=True), TEXT, min_size=1))
def test_cookies(values: dict[str, str]) -> None:
    arguments = [Cookie(name, {}) for name in values]
    headers = dict(build(component(*arguments), values, BASE).headers)
    read = parse_cookie(headers["Cookie"])
    assert {name: unquote(text) for name, text in read.items()} == values


@given(st.text() | NUMBERS | st.booleans())
def test_header_values_are_sent_exactly_or_refused(value: Any) -> None:
    try:
        parts = build(component(Header("h", {}, wire="X-H")), {"h": value}, BASE)
    except ArgumentError:
        text = shown(value)
        assert any(
            ord(c) > 255 or (ord(c) < 32 and c != "\t") or c == "\x7f" for c in text
        )
        return
    sent = dict(parts.headers)["X-H"]
    assert sent == shown(value).strip(" \t")
    httpx.Headers([(b"X-H", sent.encode("latin-1"))])


@given(JSON)
def test_json_bodies(value: Any) -> None:
    operation = component(Body("body", {}), body="application/json")
    content = build(operation, {"body": value}, BASE).content
    assert content is not None
    assert content.decode() == json.dumps(
        value, ensure_ascii=False, separators=(",", ":")
    )


@given(st.dictionaries(NAMES, SCALARS | st.lists(SCALARS, max_size=3) | OBJECTS))
def test_urlencoded_bodies(value: dict[str, Any]) -> None:
    operation = component(Body("body", {}), body="application/x-www-form-urlencoded")
    content = build(operation, {"body": value}, BASE).content
    assert content is not None
    expected: list[tuple[str, Any]] = []
    for name, member in value.items():
        for item in member if isinstance(member, list) else [member]:
            expected.append((name, item))
    read = parse_qsl(content.decode("ascii"), keep_blank_values=True)
    assert [name for name, _ in read] == [name for name, _ in expected]
    for (_, text), (_, item) in zip(read, expected, strict=True):
        assert (
            json.loads(text) == item if isinstance(item, dict) else text == shown(item)
        )


@given(st.dictionaries(NAMES, OBJECTS, max_size=3))
def test_deep_form_bodies(value: dict[str, Any]) -> None:
    encoding = dict.fromkeys(value, Encoding(style="deepObject"))
    body = Body("body", {}, encoding=encoding)
    operation = component(body, body="application/x-www-form-urlencoded")
    content = build(operation, {"body": value}, BASE).content
    assert content is not None
    assert parse_qsl(content.decode("ascii"), keep_blank_values=True) == [
        (f"{name}[{key}]", shown(member))
        for name, members in value.items()
        for key, member in members.items()
    ]


@given(st.binary(max_size=200), TEXT, st.lists(st.binary(max_size=20), max_size=3))
@example(b"\r\n--", "\r\n--", [b"--"])
def test_multipart_bodies(file: bytes, text: str, files: list[bytes]) -> None:
    operation = component(
        Field("one", {}, binary=True),
        Field("text", {}),
        Field("many", {}, binary=True),
        body="multipart/form-data",
    )
    given_values = {
        "one": base64.b64encode(file).decode(),
        "text": text,
        "many": [f"data:a/b;base64,{base64.b64encode(f).decode()}" for f in files],
    }
    parts = build(operation, given_values, BASE)
    content_type = dict(parts.headers)["Content-Type"]
    read: list[tuple[Any, bytes]] = []

    def on_file(found: Any) -> None:
        found.file_object.seek(0)
        read.append((found.field_name, found.file_object.read()))

    parser = FormParser(
        "multipart/form-data",
        lambda found: read.append((found.field_name, found.value or b"")),
        on_file,
        boundary=parse_options_header(content_type)[1][b"boundary"],
    )
    assert parts.content is not None
    parser.write(parts.content)
    parser.finalize()
    parser.close()
    assert read == [
        (b"one", file),
        (b"text", text.encode()),
        *((b"many", content) for content in files),
    ]


@given(JSON, st.sampled_from([None, 0, 1, "\t"]), st.booleans())
def test_compacting_answers(value: Any, indent: Any, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    compact = json.dumps(value, separators=(",", ":"), ensure_ascii=ascii_only)
    assert compact_json(text) == compact
