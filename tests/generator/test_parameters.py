"""Parameters that are declared twice, or in an older form."""

from __future__ import annotations

from typing import Any

from .test_operations import OK, operation, parameter, read


def test_of_two_in_one_list_the_first_is_used() -> None:
    def one(name: str, kind: str, place: str = "query") -> dict[str, Any]:
        return {"name": name, "in": place, "schema": {"type": kind}}

    declared = [
        one("a", "string"),
        one("a", "integer"),
        one("X-A", "string", "header"),
        one("x-a", "integer", "header"),
        one("A", "integer"),
    ]
    found, findings = operation(parameters=declared)
    assert found is not None
    assert [p.name for p in found.parameters] == ["a", "X-A", "A"]
    assert {p.schema["type"] for p in found.parameters[:2]} == {"string"}
    assert findings == [
        f"warning malformed /paths/~1x/get/parameters/{index}: {place} parameter "
        f"`{name}` is declared before, at `#/paths/~1x/get/parameters/{index - 1}`; "
        "that one is used"
        for index, place, name in ((1, "query", "a"), (3, "header", "x-a"))
    ]


def test_a_parameter_of_the_operation_is_no_second_one() -> None:
    def listed(name: str, kind: str) -> list[dict[str, Any]]:
        return [{"name": name, "in": "header", "schema": {"type": kind}}]

    item = {
        "parameters": listed("X-A", "string"),
        "get": OK | {"parameters": listed("x-a", "integer")},
    }
    api, findings = read(paths={"/x": item})
    assert [p.name for p in api.operations[0].parameters] == ["x-a"]
    assert findings == []


def test_a_parameter_that_is_its_own_schema_keeps_all_keywords() -> None:
    keywords: dict[str, Any] = {
        "type": "string",
        "pattern": "^a",
        "maxLength": 3,
        "minLength": 1,
    }
    given: dict[str, Any] = {"in": "query", "x-a": 1}
    assert parameter(**given, **keywords).schema == keywords
