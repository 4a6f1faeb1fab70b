"""Messages that a model can repair its call by, and URI variables with types."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from mcpgen_runtime.coercion import coerce
from mcpgen_runtime.schemas import Validator

DEFINITIONS: dict[str, Any] = {
    "Pet": {
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "kind": {"enum": ["cat", "dog"]},
            "tags": {"type": "array", "items": {"type": "string"}},
        },
        "required": ["name"],
        "additionalProperties": False,
    },
    "Cat": {
        "type": "object",
        "properties": {"kind": {"const": "cat"}, "lives": {"type": "integer"}},
        "required": ["kind", "lives"],
    },
    "Dog": {
        "type": "object",
        "properties": {"kind": {"const": "dog"}, "size": {"type": "string"}},
        "required": ["kind", "size"],
    },
    "Tree": {
        "type": "object",
        "properties": {"children": {"type": "array", "items": {"$ref": "#/$defs/Tree"}}},
        "additionalProperties": False,
    },
}  # fmt: skip
PROPERTIES: dict[str, Any] = {
    "limit": {"type": "integer", "minimum": 1, "maximum": 100},
    "ratio": {"type": "number", "exclusiveMinimum": 0, "multipleOf": 0.5},
    "status": {"enum": ["new", "sold", None]},
    "code": {"type": "string", "minLength": 2, "maxLength": 3, "pattern": "^[a-z]+$"},
    "note": {"type": ["string", "null"]},
    "when": {"type": "string", "format": "date-time"},
    "tags": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 2},
    "unique": {"type": "array", "uniqueItems": True},
    "fixed": {"const": "x"},
    "pet": {"$ref": "#/$defs/Pet"},
    "animal": {"oneOf": [{"$ref": "#/$defs/Cat"}, {"$ref": "#/$defs/Dog"}]},
    "id": {"anyOf": [{"type": "integer"}, {"type": "string"}]},
    "tree": {"$ref": "#/$defs/Tree"},
    "petId": {"type": "integer"},
}  # fmt: skip
SCHEMA = {
    "type": "object",
    "properties": PROPERTIES,
    "additionalProperties": False,
    "$defs": DEFINITIONS,
}
VALIDATOR = Validator(SCHEMA)


@pytest.mark.parametrize(
    ("arguments", "messages"),
    [
        ({}, []),
        ({"limit": 5.0, "note": None, "when": "not a date"}, []),
        ({"limit": 10**30}, [f"limit: must be 100 or less, but {10**30} was given"]),
        ({"limit": 0}, ["limit: must be 1 or more, but 0 was given"]),
        ({"limit": "5"}, ['limit: must be an integer, but "5" was given']),
        ({"limit": True}, ["limit: must be an integer, but true was given"]),
        ({"limit": 1.5}, ["limit: must be an integer, but 1.5 was given"]),
        ({"ratio": 0}, ["ratio: must be more than 0, but 0 was given"]),
        ({"ratio": 0.7}, ["ratio: must be a multiple of 0.5, but 0.7 was given"]),
        ({"status": "gone"}, ['status: must be one of "new", "sold", null, not "gone"']),
        ({"code": "x"}, ['code: must have 2 characters or more, but "x" was given']),
        ({"code": "xxxx"}, ['code: must have 3 characters or fewer, but "xxxx" was given']),
        ({"code": "X1"}, ['code: must match the pattern ^[a-z]+$, but "X1" was given']),
        ({"note": 1}, ["note: must be null or a string, but 1 was given"]),
        ({"tags": []}, ["tags: must have 1 item or more, but [] was given"]),
        ({"tags": ["a", 2]}, ["tags[1]: must be a string, but 2 was given"]),
        ({"unique": [1, 1]}, ["unique: must not have the same item twice, but [1, 1] was given"]),
        ({"fixed": "y"}, ['fixed: must be "x", not "y"']),
        ({"pet": {}}, ["pet.name: is missing; it is required and must be a string"]),
        ({"pet": {"name": "a", "kind": "cow"}}, ['pet.kind: must be one of "cat", "dog", not "cow"']),
        ({"pet": {"name": "a", "tgas": []}}, ["pet.tgas: is not a known name; did you mean 'tags'?"]),
        ({"pet_id": 1}, ["pet_id: is not a known name; did you mean 'petId'?"]),
        ({"Limit": 1}, ["Limit: is not a known name; did you mean 'limit'?"]),
        ({"animal": {"kind": "cat", "lives": "9"}}, ['animal.lives: must be an integer, but "9" was given']),
        ({"animal": {"kind": "cow"}}, ['animal.kind: must be one of "cat", "dog", not "cow"']),
        ({"animal": {}}, ["animal: fits none of its 2 forms; the nearest one says: animal.kind: is missing; it is required and must be \"cat\"; animal.lives: is missing; it is required and must be an integer"]),
        ({"animal": 5}, ["animal: must be an object, but 5 was given"]),
        ({"id": []}, ["id: must be an integer or a string, but [] was given"]),
        ({"tree": {"children": [{"children": [{"x": 1}]}]}}, ["tree.children[0].children[0].x: is not a known name; known are \"children\""]),
        ({"code": "x" * 200}, [f'code: must have 3 characters or fewer, but "{"x" * 76}… was given']),
        ({"limit": 0, "fixed": 1}, ["limit: must be 1 or more, but 0 was given", 'fixed: must be "x", not 1']),
    ],
)  # fmt: skip
def test_messages(arguments: dict[str, Any], messages: list[str]) -> None:
    assert list(VALIDATOR.errors(arguments)) == messages


def test_an_unknown_name_without_a_near_one_lists_the_known() -> None:
    schema = {"properties": {"a": {}, "b": {}}, "additionalProperties": False}
    assert Validator(schema).errors({"zzz": 1}) == (
        'zzz: is not a known name; known are "a", "b"',
    )
    schema = {"properties": {}, "additionalProperties": False}
    assert Validator(schema).errors({"zzz": 1}) == (
        "zzz: is not a known name; none are allowed here",
    )


@pytest.mark.parametrize(
    ("wanted", "described"),
    [
        ({"type": "integer"}, "an integer"),
        ({"type": "string", "format": "uuid"}, "a string (uuid)"),
        ({"type": "array", "items": {"type": "integer"}}, "an array of integers"),
        ({"enum": ["a", 1]}, 'one of "a", 1'),
        ({"$ref": "#/$defs/Pet"}, "an object"),
        ({"const": 5}, "5"),
        (True, "a value"),
    ],
)
def test_a_missing_argument_is_described(wanted: Any, described: str) -> None:
    schema = {"properties": {"a": wanted}, "required": ["a"], "$defs": DEFINITIONS}
    assert Validator(schema).errors({}) == (
        f"a: is missing; it is required and must be {described}",
    )


@pytest.mark.parametrize(
    "schema",
    [
        {"oneOf": [{"type": "integer"}, {"type": "number"}]},
        {"oneOf": [{"format": "date"}, {"format": "date-time"}]},
        {"anyOf": [{"oneOf": [{}, {}]}, {"type": "null"}]},
    ],
)
def test_a_value_that_fits_several_branches_is_passed_on(schema: Any) -> None:
    validator = Validator({"properties": {"a": schema}})
    assert validator.errors({"a": 5}) == ()


@pytest.mark.parametrize(
    "arguments", [{"\ud800": 1}, {"note": 1, "\ud800": 1}, {"limit": "\ud800"}]
)
def test_half_a_surrogate_pair_is_no_crash(arguments: dict[str, Any]) -> None:
    (message,) = VALIDATOR.errors(arguments)
    assert message.encode()


def test_there_are_never_too_many_messages() -> None:
    schema = {"properties": {"a": {"items": {"type": "string"}}}}
    messages = Validator(schema).errors({"a": list(range(100))})
    assert len(messages) == 11
    assert messages[-1] == "… and 90 more"


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": {"a": {"type": "string", "pattern": "(?<x"}}},
        {"properties": {"a": {"pattern": "[\\w-a]"}, "b": {"pattern": "((("}}},
        {"patternProperties": {"(((": {"type": "integer"}}},
    ],
)
def test_a_pattern_that_does_not_compile_is_left_out(
    schema: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert Validator(schema).errors({"a": "anything"}) == ()
    assert "a pattern is not checked" in caplog.text


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "nonsense"},
        {"$ref": "#/$defs/missing"},
        {"$ref": "http://127.0.0.1:9/x"},
    ],
)
def test_an_unusable_schema_is_refused_and_nothing_is_fetched(schema: Any) -> None:
    with pytest.raises(ValueError, match="not a usable schema"):
        Validator(schema)


@pytest.mark.parametrize(
    ("schema", "text", "value"),
    [
        ({"type": "integer"}, "5", 5),
        ({"type": "integer"}, "-5", -5),
        ({"type": "integer"}, "12345678901234567890123", 12345678901234567890123),
        ({"type": "integer"}, "5.0", "5.0"),
        ({"type": "integer"}, "five", "five"),
        ({"type": "integer"}, "", ""),
        ({"type": "number"}, "1.5", 1.5),
        ({"type": "number"}, "2", 2),
        ({"type": "number"}, "true", "true"),
        ({"type": "boolean"}, "true", True),
        ({"type": "boolean"}, "false", False),
        ({"type": "boolean"}, "1", "1"),
        ({"type": "string"}, "5", "5"),
        ({"type": ["integer", "null"]}, "5", 5),
        ({"type": ["integer", "null"]}, "null", None),
        ({"type": ["string", "integer"]}, "5", "5"),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "5", 5),
        ({"anyOf": [{"type": "integer"}, {"type": "string"}]}, "5", "5"),
        ({"allOf": [{"type": "integer"}]}, "5", 5),
        ({"enum": [1, 2]}, "2", 2),
        ({"enum": ["1", "2"]}, "2", "2"),
        ({"enum": [1, 2]}, "3", "3"),
        ({"type": "array", "items": {"type": "integer"}}, "1,2", [1, 2]),
        ({"type": "array", "items": {"type": "integer"}}, ["1", "2"], [1, 2]),
        ({"type": "array"}, "a", ["a"]),
        ({"type": "array"}, "", []),
        ({"anyOf": [{"type": "array"}, {"enum": [""]}]}, "", ""),
        ({"type": "object"}, '{"a":1}', {"a": 1}),
        ({"$ref": "#/$defs/N"}, "5", 5),
        ({"$ref": "#/$defs/Loop"}, "5", "5"),
        ({"$ref": "#/$defs/Gone"}, "5", "5"),
        ({"type": "array", "items": {"$ref": "#/$defs/N"}}, "5", [5]),
        ({}, "5", "5"),
    ],
)
def test_coerce(schema: Any, text: str | list[str], value: Any) -> None:
    definitions = {"N": {"type": "integer"}, "Loop": {"$ref": "#/$defs/Loop"}}
    coerced = coerce(schema, text, definitions)
    assert (type(coerced), coerced) == (type(value), value)


@pytest.mark.parametrize(
    ("given", "hint"),
    [
        ("Available", '; did you mean "available"?'),
        ("solt", '; did you mean "sold"?'),
        ("gone", ""),
        (5, ""),
    ],
)
def test_the_nearest_of_an_enumeration(given: Any, hint: str) -> None:
    schema = {"properties": {"status": {"enum": ["available", "sold", 7, None]}}}
    (message,) = Validator(schema).errors({"status": given})
    assert message.startswith("status: must be one of ")
    assert message.partition(", not ")[2] == f"{json.dumps(given)}{hint}"
