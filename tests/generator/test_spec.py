"""References: followed where they lead somewhere, explained where they don't."""

from __future__ import annotations

from typing import Any

import pytest
from mcpgen.diagnostics import Location
from mcpgen.load import Document, Documents
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
