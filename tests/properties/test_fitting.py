"""What fits for certain is what the validator accepts, for any schema and any value."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mcpgen_runtime.fitting import fitting
from mcpgen_runtime.schemas import Validator

NAMES = st.sampled_from(["a", "b", "c"])
INTEGERS = st.integers(-3, 3)
NUMBERS = INTEGERS | st.sampled_from([0.5, 1.0, -0.0, 2**53, 2**53 + 1, 2**70, 1e300])
TEXTS = st.sampled_from(["", "a", "ab", "abc", "é", "😀", "1", "true"])
EXACT = st.none() | st.booleans() | INTEGERS | TEXTS


def values(scalars: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """JSON values of these scalars."""
    return st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=3)
        | st.dictionaries(NAMES, inner, max_size=3),
        max_leaves=6,
    )


VALUES = values(EXACT | NUMBERS)
TYPES = st.sampled_from(
    ["string", "integer", "number", "boolean", "null", "array", "object"]
)
SIZES = st.integers(0, 3)
DEFINITIONS: dict[str, Any] = {
    "Tree": {"type": "array", "items": {"$ref": "#/$defs/Tree"}},
    "Named": {
        "type": "object",
        "required": ["a"],
        "properties": {"a": {"minLength": 1}},
    },
}


def known(
    inner: st.SearchStrategy[Any],
    numbers: st.SearchStrategy[Any] = INTEGERS,
    scalars: st.SearchStrategy[Any] = EXACT,
) -> st.SearchStrategy[dict[str, Any]]:
    """Schemas of the keywords that are told without the validator."""
    return st.fixed_dictionaries(
        {},
        optional={
            "type": TYPES | st.lists(TYPES, min_size=1, max_size=3, unique=True),
            "enum": st.lists(scalars, min_size=1, max_size=4, unique_by=repr),
            "const": scalars,
            "minimum": numbers,
            "maximum": numbers,
            "exclusiveMinimum": numbers,
            "exclusiveMaximum": numbers,
            "minLength": SIZES,
            "maxLength": SIZES,
            "minItems": SIZES,
            "maxItems": SIZES,
            "items": inner,
            "properties": st.dictionaries(NAMES, inner, max_size=3),
            "required": st.lists(NAMES, max_size=2, unique=True),
            "additionalProperties": inner,
            "anyOf": st.lists(inner, min_size=1, max_size=3),
            "oneOf": st.lists(inner, min_size=1, max_size=3),
            "allOf": st.lists(inner, min_size=1, max_size=2),
            "$ref": st.sampled_from(["#/$defs/Tree", "#/$defs/Named"]),
            "format": st.just("date"),
            "description": TEXTS,
        },
    )


def any_of_all(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Schemas with further keywords, which may change what the known ones say."""
    further = st.fixed_dictionaries(
        {},
        optional={
            "pattern": st.sampled_from(["^a", "b$", r"\\d"]),
            "multipleOf": st.sampled_from([1, 2, 0.5]),
            "uniqueItems": st.booleans(),
            "prefixItems": st.lists(inner, min_size=1, max_size=2),
            "contains": inner,
            "patternProperties": st.dictionaries(st.just("^a"), inner, max_size=1),
            "propertyNames": inner,
            "minProperties": SIZES,
            "dependentRequired": st.just({"a": ["b"]}),
            "not": inner,
            "if": inner,
            "then": inner,
            "unevaluatedProperties": st.booleans(),
            "unknown": VALUES,
        },
    )
    return st.builds(
        lambda one, more: one | more, known(inner, NUMBERS, VALUES), further
    )


BASE = st.booleans() | known(st.booleans())
SCHEMAS = st.recursive(BASE, any_of_all, max_leaves=6)
KNOWN = st.recursive(BASE, known, max_leaves=6)


@given(SCHEMAS, VALUES)
def test_what_fits_is_valid(schema: Any, value: Any) -> None:
    arguments = {"a": value}
    whole = {"properties": {"a": schema}, "$defs": DEFINITIONS}
    if fitting(whole)(arguments):
        assert Validator(whole).errors(arguments) == ()


@given(KNOWN, values(EXACT))
def test_what_is_valid_by_known_keywords_fits(schema: Any, value: Any) -> None:
    arguments = {"a": value}
    whole = {"properties": {"a": schema}, "$defs": DEFINITIONS}
    assert fitting(whole)(arguments) == (Validator(whole).errors(arguments) == ())


@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), "\ud800", ["\udfff"], {"\ud800": 1}, (1,), 2**64],
)
def test_what_is_not_plain_is_left_to_the_validator(value: Any) -> None:
    assert not fitting({})({"a": value})


def test_a_definition_of_itself_is_left_to_the_validator() -> None:
    itself = {"$ref": "#/$defs/Itself"}
    assert not fitting({**itself, "$defs": {"Itself": itself}})({})


def test_depth_is_left_to_the_validator() -> None:
    value: list[Any] = []
    for _ in range(200):
        value = [value]
    assert not fitting({})({"a": value})
