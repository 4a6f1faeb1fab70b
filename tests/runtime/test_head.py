"""Where a request goes, and the bytes of its head."""

from __future__ import annotations

import pytest
from mcpgen_runtime.upstream.head import Place, fields, head, located
from mcpgen_runtime.upstream.request import RequestParts
from mcpgen_runtime.upstream.transport import Unsendable


@pytest.mark.parametrize(
    ("url", "place", "authority", "target"),
    [
        ("http://a.test", ("http", "a.test", 80), "a.test", "/"),
        ("HTTPS://A.test:443/x", ("https", "a.test", 443), "a.test", "/x"),
        ("http://a.test:81?q#f", ("http", "a.test", 81), "a.test:81", "/?q"),
        ("http://u:p@a.test/x", ("http", "a.test", 80), "a.test", "/x"),
        ("http://[::1]:8080/x", ("http", "::1", 8080), "[::1]:8080", "/x"),
        ("https://b\u00fccher.test/", ("https", "xn--bcher-kva.test", 443), None, "/"),
        ("http://a.test/a b/\u00e9", ("http", "a.test", 80), None, "/a%20b/%C3%A9"),
        ("http://a.test/%2F%zz%", ("http", "a.test", 80), None, "/%2F%25zz%25"),
        ("http://a.test/{x}?{x}", ("http", "a.test", 80), None, "/%7Bx%7D?{x}"),
        ("http://a.test/?a=<b>&c=[d]|", ("http", "a.test", 80), None, "/?a=%3Cb%3E&c=[d]|"),
        ("http://a.test/x\r\nY: z", ("http", "a.test", 80), None, "/x%0D%0AY:%20z"),
    ],
)  # fmt: skip
def test_places(
    url: str, place: tuple[str, str, int], authority: str | None, target: str
) -> None:
    found, asked = located(url)
    assert found == Place(*place)
    assert asked == target
    assert authority is None or found.authority == authority


@pytest.mark.parametrize("url", ["ftp://a.test/", "a.test", "", "http:/a.test"])
def test_what_is_no_url_of_http(url: str) -> None:
    with pytest.raises(Unsendable):
        located(url)


@pytest.mark.parametrize(
    ("method", "content", "lengths"),
    [
        ("GET", None, []),
        ("GET", b"", ["0"]),
        ("POST", None, ["0"]),
        ("DELETE", None, []),
        ("QUERY", b"abc", ["3"]),
    ],
)
def test_lengths(method: str, content: bytes | None, lengths: list[str]) -> None:
    place, _ = located("http://a.test:81/")
    request = RequestParts(method, "http://a.test:81/", (("X", "y"),), content)
    found = fields(request, place)
    assert found[0] == ("Host", "a.test:81")
    assert [value for name, value in found if name == "Content-Length"] == lengths
    assert found[-1] == ("X", "y")


def test_a_head() -> None:
    found = head("GET", "/x", [("Host", "a"), ("X", "\xe9")], b"More: 1\r\n")
    assert found == b"GET /x HTTP/1.1\r\nHost: a\r\nX: \xe9\r\nMore: 1\r\n\r\n"


@pytest.mark.parametrize("value", ["a\r\nb", "a\nb", "a\rb", "a\0b", "\u20ac"])
def test_a_header_is_one_line_of_latin_1(value: str) -> None:
    with pytest.raises(Unsendable):
        head("GET", "/", [("X", value)])
