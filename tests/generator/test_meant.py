"""Keywords that contradict each other: what is asked of an argument, and what is said."""

from __future__ import annotations

from typing import Any

import pytest
from mcpgen.schema.meant import meant

from .test_schema import Advertised

WORDS = {"type": "string"}


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (
            {"type": "boolean", "enum": ["true", "False"]},
            {"type": "boolean", "enum": [True, False]},
        ),
        (
            {"type": "integer", "enum": ["1", "2"]},
            {"type": "integer", "enum": [1, 2]},
        ),
        (
            {"type": "string", "enum": [1, 2.5, True, "a", None]},
            {"type": "string", "enum": ["1", "2.5", "true", "a", None]},
        ),
        ({"type": "integer", "enum": ["low", "high"]}, {"enum": ["low", "high"]}),
        ({"type": "object", "enum": ["a"]}, {"enum": ["a"]}),
        (
            {"type": "array", "items": WORDS, "enum": ["a", "b"]},
            {"type": "array", "items": {**WORDS, "enum": ["a", "b"]}},
        ),
        ({"type": "integer", "default": "10"}, {"type": "integer", "default": 10}),
        ({"type": "boolean", "default": "no"}, {"type": "boolean"}),
        ({"type": "string", "default": 10}, {"type": "string", "default": "10"}),
        ({"type": "array", "default": "a"}, {"type": "array"}),
        (WORDS | {"pattern": "/^a$/"}, WORDS | {"pattern": "^a$"}),
        (WORDS | {"pattern": "/^a$/g"}, WORDS | {"pattern": "^a$"}),
        (WORDS | {"pattern": "/^a$/i"}, WORDS),
        ({"type": "number", "minimum": 5, "maximum": 1}, {"type": "number"}),
        (WORDS | {"minLength": 5, "maxLength": 1}, WORDS),
        ({"minItems": 2, "maxItems": 1}, {}),
    ],
)
def test_what_is_meant(written: dict[str, Any], read: dict[str, Any]) -> None:
    told: list[str] = []
    found = meant(written, lambda keyword, problem: told.append(keyword))
    assert found == read
    assert len(told) == 1
    assert meant(read, lambda keyword, problem: told.append(keyword)) == read
    assert len(told) == 1


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "enum": ["yes", None]},
        {"type": ["integer", "string"], "enum": ["1", 2]},
        {"type": "array", "enum": [["a"], []]},
        {"type": "integer", "enum": [1.0], "default": None},
        {"type": "integer", "enum": ["low", 1]},
        {"enum": [1, "a"], "default": []},
        WORDS | {"pattern": "/[a-z]+/"},
        WORDS | {"minLength": 1, "maxLength": 1},
    ],
)
def test_what_stays(schema: dict[str, Any]) -> None:
    def warn(keyword: str, problem: str) -> None:
        raise AssertionError(keyword, problem)

    assert meant(schema, warn) == schema


def test_an_argument_that_can_be_given(advertised: Advertised) -> None:
    body = {"type": "object", "properties": {"a": {"type": "integer", "enum": ["1"]}}}
    found = advertised(body, version="3.0.3")
    assert found["properties"] == {"a": {"type": "integer", "enum": [1]}}
