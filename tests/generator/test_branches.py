"""Definitions that branch without end are known without asking them."""

from __future__ import annotations

from typing import Any

from mcpgen.schema.branches import MOST, endless


def levels(count: int, width: int, keyword: str = "allOf") -> dict[str, Any]:
    """Each asks `width` of the next."""
    found: dict[str, Any] = {
        f"S{n}": {keyword: [{"$ref": f"#/$defs/S{n + 1}"}] * width}
        for n in range(count)
    }
    return found | {f"S{count}": {"type": "object"}}


def test_what_branches_too_often() -> None:
    assert (
        endless(levels(30, 10))
        == endless(levels(30, 10, "oneOf"))
        == [f"S{n}" for n in range(27)]
    )
    assert endless(levels(3, 10)) == []
    assert endless(
        {"A": {"anyOf": [{"not": {"$ref": "#/$defs/B"}}] * MOST}, "B": {}}
    ) == ["A"]


def test_what_does_not() -> None:
    chain = levels(5000, 1)
    cycle = {
        "A": {"allOf": [{"$ref": "#/$defs/B"}]},
        "B": {"anyOf": [{"$ref": "#/$defs/A"}] * 9},
    }
    members = {
        f"S{n}": {
            "properties": {str(m): {"$ref": f"#/$defs/S{n + 1}"} for m in range(10)}
        }
        for n in range(30)
    }
    assert endless(chain) == endless(cycle) == endless(members) == []
