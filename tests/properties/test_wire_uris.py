"""A URI made from a template gives its values back, also when a client re-encoded it."""

from __future__ import annotations

from urllib.parse import quote, unquote

from hypothesis import given
from hypothesis import strategies as st
from mcpgen_runtime.uri import UriTemplate, normalize

VALUES = st.text(
    st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12
).filter(lambda text: text not in (".", ".."))
TEMPLATE = UriTemplate("api://shop/items/{a}/parts/{b}{?q,r}")
QUERY = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@given(VALUES, VALUES, QUERY, QUERY)
def test_values_come_back(a: str, b: str, q: str, r: str) -> None:
    values = {"a": a, "b": b, "q": q, "r": r}
    uri = TEMPLATE.expand(values)
    assert TEMPLATE.match(uri) == values
    assert TEMPLATE.match(uri.replace("%2C", "%2c").replace("%3A", ":")) == values


@given(VALUES)
def test_a_client_that_encodes_otherwise(value: str) -> None:
    template = UriTemplate("api://shop/items/{id}")
    lower = "".join(f"%{byte:02x}" for byte in value.encode())
    assert template.match(f"api://shop/items/{lower}") == {"id": value}
    readable = quote(value, safe=":@!$&'()*+,;=")
    assert template.match(f"api://shop/items/{readable}") == {"id": value}


@given(st.text(max_size=40))
def test_the_normal_form_is_normal(uri: str) -> None:
    normal = normalize(uri)
    assert normalize(normal) == normal
    assert normal.isascii()


@given(st.text(max_size=40))
def test_no_uri_makes_a_match_fail(text: str) -> None:
    match = TEMPLATE.match(f"api://shop/items/{text}")
    assert match is None or all(isinstance(v, str | list) for v in match.values())
    assert unquote(normalize("api://shop/x")) == "api://shop/x"
