"""A catalogue: construct, arguments, and what goes on the wire."""

from __future__ import annotations

from typing import Any

import pytest
from mcpgen_runtime.components import Argument, Cookie, Header, Path, Query, Tool
from mcpgen_runtime.upstream.request import ArgumentError, RequestParts, build

BASE = "https://api.test/v1"
OBJECT = {"R": 100, "G": 200}
DEEP = (
    "?k%5Ba%5D=1&k%5Bb%5D%5Bc%5D=x%20y&k%5Bl%5D%5B%5D=p&k%5Bl%5D%5B%5D=q"
    "&k%5Bo%5D%5B0%5D%5Bk%5D=1"
)
NESTED = {"a": 1, "b": {"c": "x y"}, "l": ["p", "q"], "o": [{"k": 1}], "n": None}


def request(
    *arguments: Argument, path: str = "/x", base: str = BASE, **given: Any
) -> RequestParts:
    component = Tool(name="t", method="GET", path=path, arguments=arguments)
    return build(component, given, base)


def query_of(argument: Query, value: Any) -> str:
    return request(argument, **{argument.name: value}).url.removeprefix(f"{BASE}/x")


def header(parts: RequestParts, name: str) -> str | None:
    return dict(parts.headers).get(name)


def query(**options: Any) -> Query:
    return Query("k", {}, **options)


@pytest.mark.parametrize(
    ("argument", "value", "wire"),
    [
        # Scalars.
        (query(), True, "?k=true"),
        (query(), False, "?k=false"),
        (query(), 5, "?k=5"),
        (query(), 10**30, f"?k=1{'0' * 30}"),
        (query(), 1.5, "?k=1.5"),
        (query(), 5.0, "?k=5.0"),
        (query(), None, ""),
        (query(), "", "?k="),
        (query(), "None", "?k=None"),
        (query(), "a b", "?k=a%20b"),
        (query(), "a+b", "?k=a%2Bb"),
        (query(), "100%", "?k=100%25"),
        (query(), "a&b=c#d", "?k=a%26b%3Dc%23d"),
        (query(), "-._~", "?k=-._~"),
        (query(), "é✓", "?k=%C3%A9%E2%9C%93"),
        (query(wire="ids[]"), 1, "?ids%5B%5D=1"),
        (query(wire="$filter"), "a eq 1", "?$filter=a%20eq%201"),
        (query(wire="StartTime<"), 1, "?StartTime%3C=1"),
        # Arrays.
        (query(), ["a", "b"], "?k=a&k=b"),
        (query(wire="ids[]"), [1, 2], "?ids%5B%5D=1&ids%5B%5D=2"),
        (query(explode=False), ["a", "b"], "?k=a,b"),
        (query(explode=False), ["a,b", "c"], "?k=a%2Cb,c"),
        (query(), [], ""),
        (query(explode=False), [], ""),
        (query(), ["a", None, "b"], "?k=a&k=b"),
        (query(), [True, 1.5, None], "?k=true&k=1.5"),
        (query(explode=False), [""], "?k="),
        (query(style="spaceDelimited", explode=False), ["a", "b"], "?k=a%20b"),
        (query(style="spaceDelimited"), ["a", "b"], "?k=a&k=b"),
        (query(style="pipeDelimited", explode=False), ["a", "b"], "?k=a%7Cb"),
        (query(style="pipeDelimited"), ["a", "b"], "?k=a&k=b"),
        (query(), [{"a": 1}, {"a": "é"}], "?k=%7B%22a%22%3A1%7D&k=%7B%22a%22%3A%22%C3%A9%22%7D"),
        # Objects.
        (query(), OBJECT, "?R=100&G=200"),
        (query(explode=False), OBJECT, "?k=R,100,G,200"),
        (query(), {"R": [1, 2], "G": None}, "?R=1&R=2"),
        (query(explode=False), {"R": [1, 2], "G": 3}, "?k=R,1,R,2,G,3"),
        (query(style="spaceDelimited", explode=False), OBJECT, "?k=R%20100%20G%20200"),
        (query(), {}, ""),
        (
            query(style="deepObject"),
            NESTED,
            DEEP,
        ),
        (query(style="deepObject", explode=False), {"a": 1}, "?k%5Ba%5D=1"),
        (query(style="deepObject"), "plain", "?k=plain"),
        # Reserved characters, and values that travel as JSON.
        (query(allow_reserved=True), "/?:@!$&'()*+,;=", "?k=/?:@!$%26'()*%2B,%3B="),
        (query(allow_reserved=True), "a b#[]%", "?k=a%20b%23%5B%5D%25"),
        (query(content="application/json"), {"a": [1, None]}, "?k=%7B%22a%22%3A%5B1%2Cnull%5D%7D"),
        (query(content="application/json"), "s", "?k=%22s%22"),
    ],
)  # fmt: skip
def test_query(argument: Query, value: Any, wire: str) -> None:
    assert query_of(argument, value) == wire


def path(style: Any = "simple", *, explode: bool = False, **options: Any) -> Path:
    return Path("p", {}, style=style, explode=explode, **options)


@pytest.mark.parametrize(
    ("argument", "value", "wire"),
    [
        # RFC 6570, as OpenAPI's table of style examples has it.
        (path(), "blue", "blue"),
        (path(), ["a", "b"], "a,b"),
        (path(), OBJECT, "R,100,G,200"),
        (path(explode=True), ["a", "b"], "a,b"),
        (path(explode=True), OBJECT, "R=100,G=200"),
        (path("label"), "blue", ".blue"),
        (path("label"), ["a", "b"], ".a,b"),
        (path("label"), OBJECT, ".R,100,G,200"),
        (path("label", explode=True), ["a", "b"], ".a.b"),
        (path("label", explode=True), OBJECT, ".R=100.G=200"),
        (path("matrix"), "blue", ";p=blue"),
        (path("matrix"), ["a", "b"], ";p=a,b"),
        (path("matrix"), OBJECT, ";p=R,100,G,200"),
        (path("matrix", explode=True), ["a", "b"], ";p=a;p=b"),
        (path("matrix", explode=True), OBJECT, ";R=100;G=200"),
        # Scalars, and what is readable.
        (path(), 5, "5"),
        (path(), True, "true"),
        (path(), 1.5, "1.5"),
        (path(), "a.b-c_d~e:f@g", "a.b-c_d~e:f@g"),
        (path(), "...", "..."),
        (path(), "a b+c", "a%20b%2Bc"),
        (path(), "é", "%C3%A9"),
        # What stays in its segment by being encoded.
        (path(), "a/b", "a%2Fb"),
        (path(), "a\\b", "a%5Cb"),
        (path(), "a?b#c", "a%3Fb%23c"),
        (path(), "100%", "100%25"),
        (path(), "line\nbreak", "line%0Abreak"),
        (path(content="application/json"), {"a": 1}, "%7B%22a%22:1%7D"),
        # Several segments.
        (path(allow_reserved=True), "a/b c/d.txt", "a/b%20c/d.txt"),
        (path(allow_reserved=True), "a?b#c\\d", "a%3Fb%23c%5Cd"),
    ],
)  # fmt: skip
def test_path(argument: Path, value: Any, wire: str) -> None:
    assert request(argument, path="/x/{p}/y", p=value).url == f"{BASE}/x/{wire}/y"


@pytest.mark.parametrize("allow_reserved", [False, True])
@pytest.mark.parametrize(
    "value",
    [
        *("", ".", "..", "a/../b", "../x", "a/..", "..\\x", "a\\..\\b", "a\0b"),
        *("%2e%2e", "%2E.", "%252e%252e", "a/%2e./b", "%2e%2e%2fx", "..%5cx"),
        *([], None, ["a", ".."]),
    ],
)
def test_path_values_that_are_refused(value: Any, allow_reserved: bool) -> None:
    argument = path(allow_reserved=allow_reserved)
    with pytest.raises(ArgumentError, match=r"^p "):
        request(argument, path="/x/{p}/y", p=value)


@pytest.mark.parametrize(
    ("template", "given", "wire"),
    [
        ("/{a}..{b}", {"a": "1", "b": "2"}, "/1..2"),
        ("/{a}.json", {"a": "x.y"}, "/x.y.json"),
        ("/{a}:cancel", {"a": "x"}, "/x:cancel"),
        ("/{a}/{b}", {"a": "1", "b": "2"}, "/1/2"),
        ("/x?q={a}&r=1", {"a": "1&2"}, "/x?q=1%262&r=1"),
    ],
)
def test_several_parameters(template: str, given: dict[str, Any], wire: str) -> None:
    arguments = Path("a", {}), Path("b", {})
    assert request(*arguments, path=template, **given).url == BASE + wire


def test_parameters_that_make_a_dot_segment_together() -> None:
    label = Path("a", {}, style="label")
    with pytest.raises(ArgumentError, match="segment"):
        request(label, path="/x/{a}/y", a=".")


def test_a_missing_path_argument_is_named() -> None:
    with pytest.raises(ArgumentError, match="p is missing"):
        request(path(), path="/x/{p}")


@pytest.mark.parametrize(
    ("base", "template", "given", "url"),
    [
        (BASE, "/x?action=list", {}, f"{BASE}/x?action=list"),
        (BASE, "/x?action=list", {"q": 1}, f"{BASE}/x?action=list&q=1"),
        (BASE, "/x?q=fixed&r=1", {"q": 2}, f"{BASE}/x?r=1&q=2"),
        (BASE, "/x#part", {"q": 1}, f"{BASE}/x?q=1#part"),
        (BASE, "/x?a=1#part", {"q": 1}, f"{BASE}/x?a=1&q=1#part"),
        (f"{BASE}/", "/x", {}, f"{BASE}/x"),
        (f"{BASE}?key=1", "/x", {}, f"{BASE}/x?key=1"),
        (f"{BASE}?key=1", "/x?a=2", {"q": 3}, f"{BASE}/x?key=1&a=2&q=3"),
        ("http://user:pw@a.test/v1", "/x", {}, "http://a.test/v1/x"),
        ("http://[::1]:8080", "/", {}, "http://[::1]:8080/"),
    ],
)
def test_fixed_parts(base: str, template: str, given: dict[str, Any], url: str) -> None:
    assert request(Query("q", {}), path=template, base=base, **given).url == url


@pytest.mark.parametrize(
    ("value", "explode", "wire"),
    [
        (5, False, "5"),
        (True, False, "true"),
        (1.5, False, "1.5"),
        ("a b;c", False, "a b;c"),
        (" padded\t", False, "padded"),
        ("", False, ""),
        ("é", False, "é"),
        (["a", "b"], False, "a,b"),
        (OBJECT, False, "R,100,G,200"),
        (OBJECT, True, "R=100,G=200"),
        (None, False, None),
        ([], False, None),
        ({}, False, None),
    ],
)
def test_header(value: Any, explode: bool, wire: str | None) -> None:
    argument = Header("h", {}, wire="X-H", explode=explode)
    assert header(request(argument, h=value), "X-H") == wire


def test_header_with_json_content() -> None:
    argument = Header("h", {}, wire="X-H", content="application/json")
    assert header(request(argument, h={"a": [1]}), "X-H") == '{"a":[1]}'


@pytest.mark.parametrize("value", ["a\r\nX: y", "a\nb", "a\0b", "\x7f", "✓", ["a\r"]])
def test_header_values_that_are_refused(value: Any) -> None:
    with pytest.raises(ArgumentError, match=r"^h has "):
        request(Header("h", {}), h=value)


@pytest.mark.parametrize(
    "name",
    [
        *("Host", "host", "Content-Type", "Content-Length", "Transfer-Encoding"),
        *("Accept", "Authorization", "Cookie", "Connection", "Accept-Encoding"),
    ],
)
def test_headers_that_arguments_never_set(name: str) -> None:
    plain = request(Header("h", {}, wire=name))
    assert request(Header("h", {}, wire=name), h="evil.test") == plain


@pytest.mark.parametrize(
    ("explode", "value", "wire"),
    [
        (True, "a;b c", "c=a%3Bb%20c"),
        (True, 5, "c=5"),
        (True, True, "c=true"),
        (True, ["a", "b"], "c=a; c=b"),
        (False, ["a", "b"], "c=a,b"),
        (True, OBJECT, "R=100; G=200"),
        (False, OBJECT, "c=R,100,G,200"),
        (True, None, None),
        (True, [], None),
        (True, "a\r\nb", "c=a%0D%0Ab"),
    ],
)
def test_cookie(explode: bool, value: Any, wire: str | None) -> None:
    argument = Cookie("c", {}, explode=explode)
    assert header(request(argument, c=value), "Cookie") == wire


def test_several_cookies_share_one_header() -> None:
    parts = request(Cookie("a", {}), Cookie("b", {}), a=1, b=2)
    assert header(parts, "Cookie") == "a=1; b=2"


def test_accept_and_user_agent() -> None:
    component = Tool(name="t", method="GET", path="/x", accept="text/csv")
    headers = dict(build(component, {}, BASE).headers)
    assert headers["Accept"] == "text/csv"
    assert headers["User-Agent"].startswith("mcpgen/")
    assert "Content-Type" not in headers


@pytest.mark.parametrize(
    "argument",
    [Query("p", {}), Path("p", {}), Cookie("p", {}), Header("p", {})],
    ids=lambda argument: type(argument).__name__,
)
def test_half_a_surrogate_pair_is_refused(argument: Argument) -> None:
    with pytest.raises(ArgumentError, match=r"^p "):
        request(
            argument, path="/{p}" if isinstance(argument, Path) else "/", p="\ud800"
        )


@pytest.mark.parametrize(
    "argument",
    [Query("p", {}), Path("p", {}), Cookie("p", {}), Header("p", {})],
    ids=lambda argument: type(argument).__name__,
)
def test_infinite_numbers_are_refused(argument: Argument) -> None:
    template = "/{p}" if isinstance(argument, Path) else "/"
    with pytest.raises(ArgumentError, match=r"^p has an infinite number"):
        request(argument, path=template, p=float("inf"))


def test_a_message_about_broken_text_is_text() -> None:
    with pytest.raises(ArgumentError) as caught:
        request(Header("h", {}), h="\n\ud800")
    assert str(caught.value).encode()


def test_the_repr_of_a_request_shows_no_secret() -> None:
    parts = RequestParts("GET", f"{BASE}/x").with_query("key", "s3cret")
    parts = parts.with_header("X-Key", "s3cret").with_cookie("sid", "s3cret")
    assert "s3cret" in parts.url
    assert "s3cret" not in repr(parts)


@pytest.mark.parametrize("name", ["é", "a b", "", "a:b", "a\nb"])
def test_a_header_whose_name_http_cannot_carry(name: str) -> None:
    with pytest.raises(ArgumentError, match="h can't be sent, leave it out") as raised:
        request(Header("h", {}, wire=name), h="v")
    assert repr(name) in str(raised.value)
    assert header(request(Header("h", {}, wire=name)), name) is None


@pytest.mark.parametrize(
    ("argument", "name"), [(Query("o", {}), "api_key"), (Cookie("o", {}), "session")]
)
def test_no_member_passes_for_a_credential(argument: Query | Cookie, name: str) -> None:
    tool = Tool(name="t", method="GET", path="/x", arguments=(argument,))
    held = [(Query, "api_key"), (Cookie, "session")]
    with pytest.raises(ArgumentError, match=name):
        build(tool, {"o": {name: "mine"}}, BASE, held)
    assert build(tool, {"o": {"other": 1}}, BASE, held)
