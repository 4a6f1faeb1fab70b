"""Type hints, as a client sees them and as a function receives them."""

from __future__ import annotations

import collections.abc
import dataclasses
import enum
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import (
    Annotated,
    Any,
    Literal,
    NewType,
    NotRequired,
    Optional,
    TypedDict,
    Union,
)
from uuid import UUID

import pydantic
import pytest
from mcpgen_runtime.client import connect

from .shop import shop_server


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


@dataclass
class Point:
    """A place on the plane.

    Attributes:
        x: To the right.
    """

    x: int
    y: Annotated[float, {"minimum": 0}] = 0.5
    color: Color = Color.RED
    tags: list[str] = field(default_factory=list)


@dataclass
class Tree:
    name: str
    children: list[Tree]


class Options(TypedDict):
    deep: bool
    depth: NotRequired[Annotated[int, "How deep."]]


class Address(pydantic.BaseModel):
    street: str
    number: int = pydantic.Field(gt=0)


class Person(pydantic.BaseModel):
    home: Address


UserId = NewType("UserId", int)
HALF_PAST_NINE = datetime(2026, 7, 28, 9, 30, tzinfo=UTC)
ID = "12345678-1234-5678-1234-567812345678"
POINT = {
    "type": "object",
    "properties": {
        "x": {"type": "integer", "description": "To the right."},
        "y": {"type": "number", "minimum": 0, "default": 0.5},
        "color": {"type": "string", "enum": ["red", "blue"], "default": "red"},
        "tags": {"type": "array", "items": {"type": "string"}},
    },
    "description": "A place on the plane.",
    "required": ["x"],
    "additionalProperties": False,
}
STRINGS = {"type": "array", "items": {"type": "string"}}


async def served(
    hint: Any, *values: Any
) -> tuple[dict[str, Any], list[Any], list[str]]:
    """The schema of a tool, what its argument was in calls, and the complaints."""
    received: list[Any] = []

    def take(value: Any) -> None:
        received.append(value)

    take.__annotations__["value"] = hint
    server = shop_server()
    server.tool(take)
    complaints = []
    async with connect(server) as client:
        schema = (await client.list_tools())[-1]["inputSchema"]
        for value in values:
            result = await client.call_tool("take", {"value": value})
            complaints += [block["text"] for block in result["content"]]
    return schema, received, complaints


@pytest.mark.parametrize(
    ("hint", "schema", "given", "received"),
    [
        (str, {"type": "string"}, "a", "a"),
        (int, {"type": "integer"}, 5, 5),
        (int, {"type": "integer"}, 5.0, 5),
        (float, {"type": "number"}, 5, 5.0),
        (bool, {"type": "boolean"}, True, True),
        (None, {"type": "null"}, None, None),
        (Any, {}, {"a": [1]}, {"a": [1]}),
        (UserId, {"type": "integer"}, 7, 7),
        (Literal["a", "b"], {"type": "string", "enum": ["a", "b"]}, "b", "b"),
        (Literal["a", 1], {"enum": ["a", 1]}, 1, 1),
        (Color, {"type": "string", "enum": ["red", "blue"]}, "red", Color.RED),
        (Level, {"type": "integer", "enum": [1, 2]}, 2, Level.HIGH),
        (
            Optional[int],  # noqa: UP045
            {"anyOf": [{"type": "integer"}, {"type": "null"}]},
            None,
            None,
        ),
        (
            Union[int, str],  # noqa: UP007
            {"anyOf": [{"type": "integer"}, {"type": "string"}]},
            "5",
            "5",
        ),
        (int | float, {"anyOf": [{"type": "integer"}, {"type": "number"}]}, 0.5, 0.5),
        (list, {"type": "array", "items": {}}, [1, "a"], [1, "a"]),
        (list[str], STRINGS, ["a"], ["a"]),
        (collections.abc.Sequence[str], STRINGS, ["a"], ["a"]),
        (set[str], STRINGS | {"uniqueItems": True}, ["a", "b"], {"a", "b"}),
        (tuple[str, ...], STRINGS, ["a", "b"], ("a", "b")),
        (
            tuple[int, Color],
            {
                "type": "array",
                "prefixItems": [
                    {"type": "integer"},
                    {"type": "string", "enum": ["red", "blue"]},
                ],
                "minItems": 2,
                "maxItems": 2,
            },
            [1, "blue"],
            (1, Color.BLUE),
        ),
        (dict, {"type": "object"}, {"a": 1}, {"a": 1}),
        (
            collections.abc.Mapping[str, date],
            {
                "type": "object",
                "additionalProperties": {"type": "string", "format": "date"},
            },
            {"a": "2026-07-28"},
            {"a": date(2026, 7, 28)},
        ),
        (
            datetime,
            {"type": "string", "format": "date-time"},
            "2026-07-28T09:30:00Z",
            HALF_PAST_NINE,
        ),
        (UUID, {"type": "string", "format": "uuid"}, ID, UUID(ID)),
        (
            Annotated[int, "How many.", {"minimum": 1}],
            {"type": "integer", "description": "How many.", "minimum": 1},
            1,
            1,
        ),
        (
            list[Annotated[int, {"minimum": 1}]],
            {"type": "array", "items": {"type": "integer", "minimum": 1}},
            [1],
            [1],
        ),
        (
            Annotated[str, {"x-mcp-header": "Region"}],
            {"type": "string", "x-mcp-header": "Region"},
            "eu",
            "eu",
        ),
        (Point, POINT, {"x": 1, "color": "blue"}, Point(1, 0.5, Color.BLUE, [])),
        (
            Options,
            {
                "type": "object",
                "properties": {
                    "deep": {"type": "boolean"},
                    "depth": {"type": "integer", "description": "How deep."},
                },
                "required": ["deep"],
                "additionalProperties": False,
            },
            {"deep": True, "depth": 3},
            {"deep": True, "depth": 3},
        ),
        (
            Point | list[Point],
            {"anyOf": [POINT, {"type": "array", "items": POINT}]},
            [{"x": 1}],
            [Point(1)],
        ),
    ],
)
async def test_a_hint(hint: Any, schema: Any, given: Any, received: Any) -> None:
    found, values, complaints = await served(hint, given)
    assert found["properties"] == {"value": schema}
    assert "$defs" not in found
    assert (values, complaints) == ([received], [])
    assert type(values[0]) is type(received)


async def test_a_type_that_holds_itself_is_defined_once() -> None:
    given = {"name": "a", "children": [{"name": "b", "children": []}]}
    schema, values, complaints = await served(
        Tree, given, {"name": True, "children": []}
    )
    tree = {"$ref": "#/$defs/Tree"}
    assert schema["properties"] == {"value": tree}
    assert schema["$defs"]["Tree"]["properties"] == {
        "name": {"type": "string"},
        "children": {"type": "array", "items": tree},
    }
    assert values == [Tree("a", [Tree("b", [])])]
    assert complaints == ["value.name: must be a string, but true was given"]


async def test_a_pydantic_model() -> None:
    home = {"street": "Main", "number": 5}
    schema, values, complaints = await served(Person, {"home": home}, {"home": 1})
    assert schema["$defs"]["Address"]["required"] == ["street", "number"]
    assert schema["properties"]["value"]["properties"] == {
        "home": {"$ref": "#/$defs/Address"}
    }
    assert values == [Person(home=Address(street="Main", number=5))]
    assert complaints == ["value.home: must be an object, but 1 was given"]


async def test_a_pydantic_model_that_demands_more_than_its_schema() -> None:
    class Even(pydantic.BaseModel):
        number: int

        @pydantic.field_validator("number")
        @classmethod
        def _even(cls, value: int) -> int:
            if value % 2:
                raise ValueError("it is odd")
            return value

    _, _, complaints = await served(Even, {"number": 3})
    (complaint,) = complaints
    assert complaint.startswith("value.number: must be a valid Even (")
    assert complaint.endswith("but 3 was given")


@pytest.mark.parametrize(
    ("hint", "given", "complaint"),
    [
        (date, "2026-13-01", 'value: must be a date such as 2026-07-28, but "2026-1'),
        (UUID, "x", "value: must be a uuid such as 12345678-1234-5678-1234-567812345"),
        (
            dict[str, list[date]],
            {"a": ["2026-07-28", "x"]},
            'value.a[1]: must be a date such as 2026-07-28, but "x" was given',
        ),
        (
            Point | list[date],
            ["x"],
            'value[0]: must be a date such as 2026-07-28, but "x" was given',
        ),
    ],
)
async def test_what_does_not_convert_is_told(
    hint: Any, given: Any, complaint: str
) -> None:
    _, values, (found,) = await served(hint, given)
    assert values == []
    assert found.startswith(complaint)


async def test_a_dataclass_that_refuses_its_values() -> None:
    schema, values, complaints = await served(Even, {"number": 1}, {"number": 2})
    assert (values, complaints) == (
        [Even(2)],
        ['value: must be a valid Even, but {"number": 1} was given'],
    )
    assert "secret" not in schema["properties"]["value"]["properties"]


@dataclass
class Even:
    number: int
    secret: int = dataclasses.field(default=0, init=False)

    def __post_init__(self) -> None:
        if self.number % 2:
            raise ValueError("odd")
