"""A catalogue of XML bodies, and what an independent parser makes of them."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mcpgen_runtime.components import Body, Tool, Xml
from mcpgen_runtime.upstream.body import encode
from mcpgen_runtime.upstream.serialization import ArgumentError

HEAD = '<?xml version="1.0" encoding="UTF-8"?>'


def written(value: Any, root: Xml) -> str:
    component = Tool(
        name="t",
        method="POST",
        path="/x",
        arguments=(Body("body", {}, xml=root),),
        body="application/xml",
    )
    content = encode(component, {"body": value})
    assert content is not None
    assert content.media_type == "application/xml"
    return content.content.decode().removeprefix(HEAD)


@pytest.mark.parametrize(
    ("root", "value", "text"),
    [
        (Xml(name="pet"), {"id": 1, "name": "Rex"}, "<pet><id>1</id><name>Rex</name></pet>"),
        (Xml(name="pet"), {}, "<pet/>"),
        (Xml(name="pet"), {"a": None, "b": True, "c": ""}, "<pet><b>true</b><c/></pet>"),
        (Xml(name="n"), {"a": "<&>\"'\r"}, "<n><a>&lt;&amp;&gt;\"'&#13;</a></n>"),
        (Xml(name="n"), "text", "<n>text</n>"),
        (Xml(name="n"), {"a": {"b": {"c": 1.5}}}, "<n><a><b><c>1.5</c></b></a></n>"),
        (
            Xml(name="n", members={"id": Xml(attribute=True)}),
            {"id": 'a"<&\n', "x": 1},
            '<n id="a&quot;&lt;&amp;&#10;"><x>1</x></n>',
        ),
        (
            Xml(name="n", members={"a": Xml(name="b")}),
            {"a": 1, "c": 2},
            "<n><b>1</b><c>2</c></n>",
        ),
        (Xml(name="n"), {"a": [1, 2]}, "<n><a>1</a><a>2</a></n>"),
        (Xml(name="n"), {"a": []}, "<n/>"),
        (
            Xml(name="n", members={"a": Xml(name="ignored", items=Xml(name="i"))}),
            {"a": [1, None]},
            "<n><i>1</i><i/></n>",
        ),
        (
            Xml(name="n", members={"a": Xml(wrapped=True)}),
            {"a": [1, 2]},
            "<n><a><a>1</a><a>2</a></a></n>",
        ),
        (
            Xml(name="n", members={"a": Xml(name="all", wrapped=True, items=Xml(name="i"))}),
            {"a": [{"x": 1}]},
            "<n><all><i><x>1</x></i></all></n>",
        ),
        (
            Xml(name="n", namespace="urn:n", prefix="p", members={"a": Xml(prefix="p")}),
            {"a": 1},
            '<p:n xmlns:p="urn:n"><p:a>1</p:a></p:n>',
        ),
        (Xml(name="n", namespace="urn:n"), {}, '<n xmlns="urn:n"/>'),
        (Xml(name="pets", items=Xml(name="pet")), [1, 2], "<pets><pet>1</pet><pet>2</pet></pets>"),
    ],
)  # fmt: skip
def test_xml(root: Xml, value: Any, text: str) -> None:
    assert written(value, root) == text
    ElementTree.fromstring(text)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"a b": 1}, "body has a member 'a b', which can't be a name in XML"),
        ({"a><b": 1}, "can't be a name"),
        ({"": 1}, "can't be a name"),
        ({"1": 1}, "can't be a name"),
        ({"a": "\0"}, "body has a character that XML can't hold"),
        ({"a": "\ud800"}, "body has"),
    ],
)
def test_what_xml_cannot_hold_is_refused(value: Any, told: str) -> None:
    with pytest.raises(ArgumentError, match=told):
        written(value, Xml(name="n"))


TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]))


@given(st.dictionaries(st.from_regex(r"[a-z_][a-z0-9_]*", fullmatch=True), TEXT), TEXT)
def test_another_parser_reads_what_was_given(members: dict[str, str], id: str) -> None:
    root = Xml(name="n", members={"id": Xml(attribute=True)})
    members.pop("id", None)
    found = ElementTree.fromstring(written(members | {"id": id}, root))
    assert found.attrib == {"id": id}
    assert {child.tag: child.text or "" for child in found} == members
