"""References: followed where they lead somewhere, explained where they don't."""

from __future__ import annotations

from typing import Any

import pytest
from mcpgen.diagnostics import Location
from mcpgen.load import Document, Documents
from mcpgen.references import linked as linked_by
from mcpgen.references import scan
from mcpgen.spec import Spec, UnresolvedReference, spec

VALUE: dict[str, Any] = {
    "paths": {"/y": {"get": {"parameters": [{"name": "p"}]}}},
    "components": {
        "schemas": {
            "A": {"$ref": "#/components/schemas/B"},
            "B": {"type": "string"},
            "Loop": {"$ref": "#/components/schemas/Pool"},
            "Pool": {"$ref": "#/components/schemas/Loop"},
            "a b": {"const": 1},
            "s/t~u": {"const": 2},
            "100%": {"const": 3},
        },
    },
}
HERE = Location("spec", "/here")


@pytest.fixture
def document() -> Spec:
    return spec(
        Documents(root=Document(source="spec", text="", format="json", value=VALUE))
    )


@pytest.mark.parametrize(
    ("reference", "value", "pointer"),
    [
        ("#/components/schemas/B", {"type": "string"}, "/components/schemas/B"),
        ("#/components/schemas/A", {"type": "string"}, "/components/schemas/B"),
        ("#/components/schemas/a%20b", {"const": 1}, "/components/schemas/a b"),
        ("#/components/schemas/s~1t~0u", {"const": 2}, "/components/schemas/s~1t~0u"),
        ("#/components/schemas/100%", {"const": 3}, "/components/schemas/100%"),
        (
            "#/paths/~1y/get/parameters/0",
            {"name": "p"},
            "/paths/~1y/get/parameters/0",
        ),
    ],
)
def test_a_reference_leads_to_a_value_and_its_place(
    document: Spec, reference: str, value: Any, pointer: str
) -> None:
    found, at = document.resolve({"$ref": reference}, HERE)
    assert found == value
    assert at == Location("spec", pointer)


def linked(files: dict[str, Any]) -> Spec:
    """Files that refer to each other, the first one being the document."""
    texts = {
        source: Document(source=source, text="", format="json", value=value)
        for source, value in files.items()
    }
    links = linked_by({source: scan(value, source) for source, value in files.items()})
    root, *others = texts
    return spec(
        Documents(
            root=texts[root],
            others={source: texts[source] for source in others},
            unreadable={"api/broken.yaml": "is empty"},
            links=links,
        )
    )


FILES: dict[str, Any] = {
    "api/root.yaml": {
        "$self": "https://example.com/api/root.yaml",
        "schemas": {"$ref": "parts/all.yaml"},
        "named": {"$ref": "https://example.com/tree#leaf"},
    },
    "api/parts/all.yaml": {
        "A": {"$ref": "../more.json#/B"},
        "Tree": {
            "$id": "https://example.com/tree",
            "$defs": {"leaf": {"$anchor": "leaf", "const": 1}, "top": {"$ref": "#"}},
        },
        "a b": {"$anchor": "own"},
    },
    "api/more.json": {"B": {"const": 2}, "Loop": {"$ref": "#/Loop/x"}},
}


@pytest.mark.parametrize(
    ("written_in", "reference", "source", "pointer"),
    [
        ("api/root.yaml", "parts/all.yaml#/A", "api/more.json", "/B"),
        ("api/root.yaml", "./parts/../more.json#/B", "api/more.json", "/B"),
        ("api/root.yaml", "#/schemas/A", "api/more.json", "/B"),
        ("api/root.yaml", "#/schemas/a%20b", "api/parts/all.yaml", "/a b"),
        ("api/root.yaml", "more.json", "api/more.json", ""),
        ("api/root.yaml", "#/named", "api/parts/all.yaml", "/Tree/$defs/leaf"),
        ("api/more.json", "root.yaml#/schemas", "api/parts/all.yaml", ""),
        ("api/parts/all.yaml", "#own", "api/parts/all.yaml", "/a b"),
        ("api/parts/all.yaml", "#/Tree/$defs/top", "api/parts/all.yaml", "/Tree"),
    ],
)
def test_a_reference_leads_into_other_files(
    written_in: str, reference: str, source: str, pointer: str
) -> None:
    _, at = linked(FILES).resolve({"$ref": reference}, Location(written_in))
    assert at == Location(source, pointer)


def test_inside_of_an_id_references_are_relative_to_it() -> None:
    here = Location("api/parts/all.yaml", "/Tree/$defs")
    files = linked(FILES)
    for reference in ("#/$defs/leaf", "#leaf", "tree#leaf"):
        _, at = files.resolve({"$ref": reference}, here)
        assert at == here.child("leaf")
    _, at = files.resolve({"$ref": "#/A"}, here)  # as many mean it
    assert at == Location("api/more.json", "/B")


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        ("broken.yaml#/A", "leads to `api/broken.yaml`, which is empty"),
        ("more.json#/C", "leads nowhere"),
        ("more.json#c", "names no anchor"),
        ("more.json#/Loop", "leads to itself"),
    ],
)
def test_what_leads_nowhere_in_other_files_is_explained(
    reference: str, reason: str
) -> None:
    with pytest.raises(UnresolvedReference, match=reason):
        linked(FILES).resolve({"$ref": reference}, Location("api/root.yaml"))


def test_what_is_no_reference_is_itself(document: Spec) -> None:
    node = {"type": "string"}
    assert document.resolve(node, HERE) == (node, HERE)


def test_nothing_is_copied(document: Spec) -> None:
    found, _ = document.resolve({"$ref": "#/components/schemas/B"}, HERE)
    assert found is VALUE["components"]["schemas"]["B"]


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        ("#/components/schemas/C", "leads nowhere"),
        ("#/paths/~1y/get/parameters/1", "leads nowhere"),
        ("#/components/schemas/Loop", "leads to itself"),
        ("other.yaml#/A", "leads to `other.yaml`, which was not read"),
        ("https://example.com/a.json", "was not read"),
        ("#anchor", "is no JSON Pointer"),
        ("", "is no JSON Pointer"),
    ],
)
def test_what_cannot_be_followed_is_explained(
    document: Spec, reference: str, reason: str
) -> None:
    with pytest.raises(UnresolvedReference, match=reason) as failure:
        document.resolve({"$ref": reference}, HERE)
    assert f"`{reference}`" in str(failure.value) or "Loop" in reference
