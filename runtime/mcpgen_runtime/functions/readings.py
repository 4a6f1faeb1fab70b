"""Readings: a schema, and what turns JSON that passed it into a value of a type.

Here are those of single values; hints.py makes the others of them.

Pure: values in, values out.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from ..schemas import place, shown


class UnsupportedHintError(Exception):
    """A hint that has no JSON Schema; the message completes "the hint of x …"."""


class MisfitError(ValueError):
    """A JSON value that isn't one of the type; `path` leads to it."""

    def __init__(self, wanted: str, value: Any, path: tuple[str | int, ...] = ()):
        super().__init__(wanted, value, path)
        self.wanted, self.value, self.path = wanted, value, path

    def below(self, step: str | int) -> MisfitError:
        return MisfitError(self.wanted, self.value, (step, *self.path))

    def __str__(self) -> str:
        given = shown(self.value)
        return f"{place(self.path)}: must be {self.wanted}, but {given} was given"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a hint says: its schema, and its conversion, which raises MisfitError."""

    schema: dict[str, Any]
    convert: Callable[[Any], Any]


def json_value(value: Any) -> Any:
    """What `json.dumps` calls for a value that JSON has no form of."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    dump = getattr(value, "model_dump", None)  # of a pydantic model
    if dump is not None:
        return dump(mode="json", by_alias=True)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, AbstractSet):
        return list(value)
    raise TypeError(f"a {type(value).__name__} has no form in JSON")


def below(step: str | int, convert: Callable[[Any], Any], value: Any) -> Any:
    try:
        return convert(value)
    except MisfitError as problem:
        raise problem.below(step) from None


def expect(value: Any, kind: type, wanted: str) -> None:
    if not isinstance(value, kind):
        raise MisfitError(wanted, value)


def one_of(values: Sequence[Any], meanings: Sequence[Any]) -> Reading:
    """One of the JSON values, each of which stands for its meaning."""
    schema: dict[str, Any] = {"enum": list(values)}
    kinds = {_JSON_TYPES.get(type(value)) for value in values}
    if None in kinds:
        raise UnsupportedHintError(
            "has a choice that isn't a str, number, bool or None"
        )
    by_text = dict(zip(map(shown, values), meanings, strict=True))
    if len(kinds) == 1:
        schema = {"type": kinds.pop(), **schema}
    wanted = f"one of {', '.join(by_text)}"

    def convert(value: Any) -> Any:
        if shown(value) not in by_text:
            raise MisfitError(wanted, value)
        return by_text[shown(value)]

    return Reading(schema, convert)


def _scalar(
    name: str, wanted: str, kinds: tuple[type, ...], make: Callable[[Any], Any]
) -> Reading:
    def convert(value: Any) -> Any:
        if type(value) not in kinds:
            raise MisfitError(wanted, value)
        try:
            return make(value)
        except (OverflowError, ValueError):
            raise MisfitError(wanted, value) from None

    return Reading({"type": name}, convert)


def _same(value: Any) -> Any:
    return value


def _whole(value: float) -> int:
    if value % 1:
        raise ValueError(value)
    return int(value)


def _text(name: str, example: str, make: Callable[[str], Any]) -> Reading:
    wanted = f"a {name} such as {example}"

    def convert(value: Any) -> Any:
        try:
            expect(value, str, wanted)
            return make(value)
        except ValueError:
            raise MisfitError(wanted, value) from None

    return Reading({"type": "string", "format": name}, convert)


ANY: Final = Reading({}, _same)
_NULL: Final = _scalar("null", "null", (type(None),), _same)
SCALARS: Final[Mapping[Any, Reading]] = {
    str: _scalar("string", "a string", (str,), _same),
    int: _scalar("integer", "an integer", (int, float), _whole),
    float: _scalar("number", "a number", (int, float), float),
    bool: _scalar("boolean", "true or false", (bool,), _same),
    None: _NULL,
    type(None): _NULL,
    Any: ANY,
    object: ANY,
    datetime: _text("date-time", "2026-07-28T09:30:00Z", datetime.fromisoformat),
    date: _text("date", "2026-07-28", date.fromisoformat),
    UUID: _text("uuid", "12345678-1234-5678-1234-567812345678", UUID),
}
_JSON_TYPES: Final = {
    str: "string",
    int: "integer",
    bool: "boolean",
    float: "number",
    type(None): "null",
}
