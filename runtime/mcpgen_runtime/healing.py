"""Slips that models make in arguments, put right where there is one way to read them.

The rule: a value that its schema refuses has few other readings (JSON in a string,
`"5"`, `"true"`, 5 for text, one value where a list belongs, null for what is left out).
When just one of them is valid it takes the value's place; with none or several the
value stays, for the model to correct. Values that are valid are never touched. JSON in
a string that is wrong inside is opened all the same, so that the model is told what is
wrong with it.

Pure: values in, values out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeAlias

if TYPE_CHECKING:
    import jsonschema_rs

Path: TypeAlias = tuple[str | int, ...]
Problems: TypeAlias = (
    "Callable[[Mapping[str, Any]], list[jsonschema_rs.ValidationError]]"
)

_TRIES: Final = 200
_MOST_SUSPECTS: Final = 32
_DEEPEST: Final = 8
_LONGEST_INTEGER: Final = 256
"""Bits; Python refuses to write very long ones."""
_SCALAR: Final = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?|true|false|null")
_PYTHON: Final = {"True": True, "False": False, "None": None}
_OF_THE_WHOLE: Final = frozenset({"type", "enum", "const", "falseSchema"})
_ABSENT: Final = object()


def heal(arguments: Mapping[str, Any], problems: Problems) -> Mapping[str, Any]:
    """The arguments with their slips put right; those without one reading stay.

    `problems` are the reasons to refuse arguments, as the validator finds them.
    """
    healer = _Healer(problems)
    return healer.healed(arguments, (), _DEEPEST)


class _Healer:
    """The search for readings, bounded by the number of validations that it costs."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems
        self._tries = _TRIES

    def healed(
        self, arguments: Mapping[str, Any], below: Path, depth: int
    ) -> Mapping[str, Any]:
        """The arguments with every slip at or below a place put right."""
        for place in _places(self._problems(arguments), below):
            fitting = {
                json.dumps(candidate): candidate
                for candidate in self._candidates(arguments, place, depth)
            }
            if len(fitting) == 1:
                (arguments,) = fitting.values()
            elif not fitting:
                arguments = self._opened(arguments, place)
        return arguments

    def _opened(self, arguments: Mapping[str, Any], place: Path) -> Mapping[str, Any]:
        """JSON in a string as what it is, where only what is inside of it is wrong."""
        value = _at(arguments, place)
        parsed = _parsed(value) if isinstance(value, str) else None
        if not isinstance(parsed, dict | list):
            return arguments
        candidate: Mapping[str, Any] = _put(arguments, place, parsed)
        rejected = any(
            tuple(e.instance_path) == place and e.kind.name in _OF_THE_WHOLE
            for e in self._problems(candidate)
        )
        return arguments if rejected else candidate

    def _candidates(
        self, arguments: Mapping[str, Any], place: Path, depth: int
    ) -> Iterator[Mapping[str, Any]]:
        """Arguments without a problem at the place, nor a new one elsewhere."""
        before = self._problems(arguments)
        here = [e for e in before if tuple(e.instance_path) == place]
        known = {_identity(e) for e in before}
        suspects = dict.fromkeys(s for e in here for s in _suspects(e))
        if len(suspects) > _MOST_SUSPECTS:
            return
        for suspect in suspects:
            for reading in readings(_at(arguments, suspect)):
                if self._tries == 0 or depth == 0:
                    return
                self._tries -= 1
                candidate = _put(arguments, suspect, reading)
                candidate = self.healed(candidate, place, depth - 1)
                after = self._problems(candidate)
                if not any(
                    _is_below(e, place) or _identity(e) not in known for e in after
                ):
                    yield candidate


def readings(value: Any) -> Iterator[Any]:
    """What else a value may have been meant to be."""
    if value is None:
        yield _ABSENT
        return
    parsed = _parsed(value) if isinstance(value, str) else value
    if isinstance(value, str) and parsed is not value:
        yield parsed
        if isinstance(parsed, dict | list):
            return
    if _is_written_one_way(value):
        yield str(value)
    if not isinstance(value, list):
        yield [value]


def _is_written_one_way(value: Any) -> bool:
    """Whether a number says how it was written as a text: 1.1 may have been `1.10`."""
    is_integer = isinstance(value, int) and not isinstance(value, bool)
    return is_integer and value.bit_length() <= _LONGEST_INTEGER


def _parsed(text: str) -> Any:
    """The value that a text is the JSON of; itself where it is nothing but text."""
    stripped = text.strip()
    if stripped in _PYTHON:
        return _PYTHON[stripped]
    if stripped[:1] not in ("{", "[") and not _SCALAR.fullmatch(stripped):
        return text
    try:
        return json.loads(stripped, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return text


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _places(
    problems: Sequence[jsonschema_rs.ValidationError], below: Path
) -> list[Path]:
    places = (tuple(e.instance_path) for e in problems if _is_below(e, below))
    return list(dict.fromkeys(places))


def _suspects(error: jsonschema_rs.ValidationError) -> Iterator[Path]:
    """The places of an error: its own, and those of the branches that don't fit."""
    if error.instance_path:
        yield tuple(error.instance_path)
    for branch in error.kind.as_dict().get("context", ()):
        for inner in branch:
            yield from _suspects(inner)


def _is_below(error: jsonschema_rs.ValidationError, place: Path) -> bool:
    return tuple(error.instance_path)[: len(place)] == place


def _identity(error: jsonschema_rs.ValidationError) -> tuple[Path, Path, str]:
    return tuple(error.instance_path), tuple(error.schema_path), error.message


def _at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


def _put(value: Any, path: Path, new: Any) -> Any:
    """A copy of a value with another one at a path; without it, for `_ABSENT`."""
    if not path:
        return new
    step, *rest = path
    if not rest and new is _ABSENT:
        if isinstance(value, list):
            return value
        return {key: member for key, member in value.items() if key != step}
    copy: Any = list(value) if isinstance(value, list) else dict(value)
    copy[step] = _put(copy[step], tuple(rest), new)
    return copy
