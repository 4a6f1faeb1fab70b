"""URI templates: what matches, with which values, however a client encodes it."""

from __future__ import annotations

from typing import Any

import pytest
from mcpgen_runtime.uri import UriTemplate, normalize, unfilled

N1, Q2 = {"n": "1"}, {"q": "2"}


@pytest.mark.parametrize(
    ("template", "uri", "values"),
    [
        ("api://shop/items/{id}", "api://shop/items/5", {"id": "5"}),
        ("api://shop/items/{id}", "API://Shop/items/5", {"id": "5"}),
        ("api://shop/items/{id}", "api://shop/items/a%20b%2Fc", {"id": "a b/c"}),
        ("api://shop/items/{id}", "api://shop/items/a b", {"id": "a b"}),
        ("api://shop/items/{id}", "api://shop/items/é", {"id": "é"}),
        ("api://shop/items/{id}", "api://shop/items/%C3%A9", {"id": "é"}),
        ("api://shop/items/{id}", "api://shop/items/a:b@c", {"id": "a:b@c"}),
        ("api://shop/items/{id}", "api://shop/items/a%3ab%40c", {"id": "a:b@c"}),
        ("api://shop/items/{id}", "api://shop/%69tems/5#top", {"id": "5"}),
        ("api://shop/items/{id}", "api://shop/items/100%", {"id": "100%"}),
        ("api://shop/items/{id}", "api://shop/items/", None),
        ("api://shop/items/{id}", "api://shop/items/5/6", None),
        ("api://shop/items/{id}", "api://shop/items/5/", None),
        ("api://shop/items/{id}", "api://other/items/5", None),
        ("api://shop/items/{id}", "api://shop/items/5?x=1", None),
        ("api://shop/items/{id}", "", None),
        ("api://shop/{a}/{b}", "api://shop/1/2", {"a": "1", "b": "2"}),
        ("api://shop/{a}..{b}", "api://shop/1..2", {"a": "1", "b": "2"}),
        ("api://shop/{id}.json", "api://shop/x.y.json", {"id": "x.y"}),
        ("api://shop/{id}:log", "api://shop/7%3Alog", {"id": "7"}),
        ("api://shop/f/{+path}", "api://shop/f/a/b%20c", {"path": "a/b c"}),
        ("api://shop/f/{+path}/raw", "api://shop/f/a/b/raw", {"path": "a/b"}),
        ("api://shop/a b/{id}", "api://shop/a%20b/1", {"id": "1"}),
        ("api://shop/", "api://shop", {}),
        ("api://shop", "api://shop/", {}),
        ("api://shop/x{?q}", "api://shop/x", {}),
        ("api://shop/x{?q}", "api://shop/x?", {}),
        ("api://shop/x{?q,r}", "api://shop/x?r=2&q=1", {"q": "1", "r": "2"}),
        ("api://shop/x{?q}", "api://shop/x?q=a%26b%3D+c", {"q": "a&b=+c"}),
        ("api://shop/x{?q}", "api://shop/x?q=", {"q": ""}),
        ("api://shop/x{?q}", "api://shop/x?q=1&q=2&q=3", {"q": ["1", "2", "3"]}),
        ("api://shop/x{?q}", "api://shop/x?other=1", None),
        ("api://shop/x/{id}{?q}", "api://shop/x/1?q=2", {"id": "1", "q": "2"}),
        ("api://shop/x?a=1{&q}", "api://shop/x?q=2&a=1", {"q": "2"}),
        ("api://shop/x?a=1{&q}", "api://shop/x?q=2", None),
        ("api://shop/x?a=1,2{&q}", "api://shop/x?a=1%2C2&q=2", {"q": "2"}),
        ("api://shop/x{?q}", "api://shop/x?q=a%2Cb,c", {"q": "a,b,c"}),
        ("notes://{who}", "NOTES://Alice", {"who": "Alice"}),
        ("notes://{who}", "notes://Alice/more", None),
        ("notes://{who}/{n}{?q}", "notes://A%20b/1?q=2", {"who": "A b"} | N1 | Q2),
        ("notes://of-{who}", "notes://of-Alice", {"who": "Alice"}),
        ("notes://{+path}", "notes://a/B/c", {"path": "a/B/c"}),
    ],
)
def test_match(template: str, uri: str, values: dict[str, Any] | None) -> None:
    assert UriTemplate(template).match(uri) == values


@pytest.mark.parametrize(
    ("template", "values", "uri"),
    [
        ("api://shop/{id}", {"id": "a/b c"}, "api://shop/a%2Fb%20c"),
        ("api://shop/{id}", {"id": True}, "api://shop/true"),
        ("api://shop/{+id}", {"id": "a/b c"}, "api://shop/a/b%20c"),
        ("api://shop/x{?q,r}", {"q": 1, "r": None}, "api://shop/x?q=1"),
        ("api://shop/x{?q,r}", {}, "api://shop/x"),
        ("api://shop/x{?q}", {"q": ["a,b", "c"]}, "api://shop/x?q=a%2Cb,c"),
        ("api://shop/x?a=1{&q}", {"q": 2}, "api://shop/x?a=1&q=2"),
    ],
)
def test_expand(template: str, values: dict[str, Any], uri: str) -> None:
    assert UriTemplate(template).expand(values) == uri


@pytest.mark.parametrize(
    ("uri", "normal"),
    [
        ("API://Shop", "api://shop/"),
        ("api://shop/%7Ea/%2f%e9", "api://shop/~a/%2F%E9"),
        ("api://shop/a%3A%40b", "api://shop/a:@b"),
        ("api://shop/x?a=%2B%26%3d&b=%2F", "api://shop/x?a=%2B%26%3D&b=/"),
        ("api://shop/é|", "api://shop/%C3%A9%7C"),
        ("api://shop/x#y", "api://shop/x"),
        ("api://shop/a%2cb,c?q=a%2Cb,c", "api://shop/a%2Cb,c?q=a%2Cb,c"),
        ("no uri", "no%20uri"),
    ],
)
def test_normalize(uri: str, normal: str) -> None:
    assert normalize(uri) == normal
    assert normalize(normal) == normal


@pytest.mark.parametrize(
    ("uri", "items"),
    [
        ("api://shop/x?q=a%20b%2Cc,%C3%BC", ["a b,c", "ü"]),
        ("api://shop/x?q=a", ["a"]),
        ("api://shop/x?q=a,b&q=c%2cd", ["a", "b", "c,d"]),
        ("api://shop/x?q=", ""),
        ("api://shop/x?q=a,", ["a", ""]),
        ("api://shop/x?q=100%252C,b", ["100%2C", "b"]),
    ],
)
def test_a_bare_comma_divides_a_list(uri: str, items: list[str] | str) -> None:
    assert UriTemplate("api://shop/x{?q}").match(uri, {"q"}) == {"q": items}


def test_a_list_in_the_path() -> None:
    template = UriTemplate("api://shop/{ids}/y")
    assert template.match("api://shop/a%2Cb,c/y", {"ids"}) == {"ids": ["a,b", "c"]}
    assert template.match("api://shop/a%2Cb,c/y") == {"ids": "a,b,c"}


@pytest.mark.parametrize(
    ("uri", "names"),
    [
        ("api://shop/x/1?qq=1&q=2&r%20s=3", ["qq", "r s"]),
        ("api://shop/x/1?q=1", []),
        ("api://shop/y/1?qq=1", []),
    ],
)
def test_unknown_variables(uri: str, names: list[str]) -> None:
    assert UriTemplate("api://shop/x/{id}{?q}").unknown(uri) == names


@pytest.mark.parametrize(
    ("uri", "expression"),
    [
        ("api://shop/x/{id}", "{id}"),
        ("api://shop/x/%7Bid%7D", "{id}"),
        ("api://shop/x/1{?q}", "{?q}"),
        ("api://shop/x/{other}", ""),
        ("api://shop/x/1", ""),
    ],
)
def test_an_expression_that_is_still_there(uri: str, expression: str) -> None:
    assert unfilled(uri, "api://shop/x/{id}{?q}") == expression
