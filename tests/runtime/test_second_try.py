"""A refused argument is told so that its message alone is enough to put it right.

For each keyword: where it is, what was given, and what is allowed instead.
"""

from __future__ import annotations

from typing import Any

import pytest
from mcpgen_runtime import Header, Path, Tool
from mcpgen_runtime.schemas import Validator
from mcpgen_runtime.upstream.request import ArgumentError, build

STRING = {"type": "string"}
CAT = {"type": "object", "properties": {"kind": {"const": "cat"}}, "required": ["kind"]}
DOG = {"type": "object", "properties": {"kind": {"const": "dog"}}, "required": ["kind"]}

REFUSED: list[tuple[dict[str, Any], Any, tuple[str, ...]]] = [
    ({"type": "integer"}, "five", ("integer", '"five"')),
    ({"type": ["integer", "null"]}, "five", ("integer", "null", '"five"')),
    ({"enum": ["open", "closed"]}, "opne", ('"open"', '"closed"', '"opne"')),
    ({"const": "on"}, "off", ('"on"', '"off"')),
    ({"type": "integer", "minimum": 3}, 2, ("3", "2")),
    ({"type": "integer", "maximum": 3}, 4, ("3", "4")),
    ({"type": "number", "exclusiveMinimum": 3}, 3, ("3",)),
    ({"type": "number", "exclusiveMaximum": 7}, 9, ("7", "9")),
    ({"type": "integer", "multipleOf": 5}, 7, ("5", "7")),
    ({"type": "string", "minLength": 3}, "ab", ("3", '"ab"')),
    ({"type": "string", "maxLength": 1}, "ab", ("1", '"ab"')),
    ({"type": "string", "pattern": "^[a-z]+$"}, "A1", ("^[a-z]+$", '"A1"')),
    ({"type": "array", "minItems": 2}, [7], ("2", "[7]")),
    ({"type": "array", "maxItems": 1}, [7, 8], ("1", "[7,8]")),
    ({"type": "array", "uniqueItems": True}, [7, 7], ("[7,7]",)),
    ({"type": "object", "minProperties": 1}, {}, ("1", "{}")),
    ({"type": "object", "maxProperties": 1}, {"a": 1, "b": 2}, ("1", '{"a":1,"b":2}')),
    ({"type": "object", "dependentRequired": {"a": ["b"]}}, {"a": 1}, ("b",)),
    ({"not": {"type": "string"}}, "text", ('"text"',)),
    ({"oneOf": [CAT, DOG]}, {"kind": "cow"}, ("kind", '"cat"', '"dog"', '"cow"')),
    ({"anyOf": [{"type": "integer"}, {"type": "boolean"}]}, "x", ("integer", '"x"')),
]


@pytest.mark.parametrize(("schema", "value", "told"), REFUSED)
@pytest.mark.parametrize("nested", [False, True])
def test_every_keyword(
    schema: Any, value: Any, told: tuple[str, ...], nested: bool
) -> None:
    place, given = "arg", {"arg": value}
    if nested:
        place, given = "arg[1].in", {"arg": [{"in": value}, {"in": value}]}
        items = {"type": "object", "properties": {"in": schema}}
        schema = {"type": "array", "items": items}
    validator = Validator({"type": "object", "properties": {"arg": schema}})
    messages = validator.errors(given)
    (message,) = [m for m in messages if m.startswith(place)]
    missing = [part for part in told if part not in "".join(message.split(" "))]
    assert not missing, message


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, ("limit", "missing", "integer")),
        ({"limit": 1, "stat": "x"}, ("stat", "status")),
    ],
)
def test_names(given: Any, told: tuple[str, ...]) -> None:
    validator = Validator(
        {
            "type": "object",
            "properties": {"limit": {"type": "integer"}, "status": STRING},
            "required": ["limit"],
            "additionalProperties": False,
        }
    )
    (message,) = validator.errors(given)
    assert all(part in message for part in told), message


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"p": ".."}, ("p ", "'..'", "not allowed", '".."')),
        ({"p": "a/%2e%2e/b"}, ("p ", "'..'", '"a/%2e%2e/b"')),
        ({"p": "..\\a"}, ("p ", "'..'")),
        ({"p": "a\0"}, ("p ", "NUL")),
        ({"p": ""}, ("p ", "empty", '""')),
        ({"p": "a", "h": "x\r\ny"}, ("h ", "line break", r"x\r\ny")),
        ({"p": "a", "h": "✓"}, ("h ", "Latin-1", "✓")),
    ],
)
def test_what_no_request_can_carry(given: Any, told: tuple[str, ...]) -> None:
    arguments = (Path("p", STRING), Header("h", STRING))
    tool = Tool(name="t", method="GET", path="/x/{p}", arguments=arguments)
    with pytest.raises(ArgumentError) as caught:
        build(tool, given, "https://api.test")
    assert all(part in str(caught.value) for part in told), caught.value
