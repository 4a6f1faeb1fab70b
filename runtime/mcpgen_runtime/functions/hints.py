"""Type hints: each becomes a JSON Schema, and what turns JSON into a value of its type.

The rule: the schema says all that the conversion demands, except for formats, so what
passed the schema converts, or is told apart by a sentence that a model can act on. A
type stands where it is used; only one that holds itself goes into `$defs`.
"""

from __future__ import annotations

import collections.abc
import dataclasses
import enum
import types
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, Literal

from .docstrings import Docstring, parse
from .readings import (
    ANY,
    SCALARS,
    MisfitError,
    Reading,
    UnsupportedHintError,
    below,
    expect,
    one_of,
)

SUPPORTED: Final = (
    "str, int, float, bool, None, Any, Literal, Enum, unions, list, tuple, set, dict "
    "with str keys, TypedDict, dataclasses, datetime, date, UUID, pydantic models"
)


class Reader:
    """Reads the hints of one function; `definitions` are the `$defs` of its schema."""

    def __init__(self) -> None:
        self.definitions: dict[str, Any] = {}
        self._open: set[type] = set()
        self._own: set[type] = set()
        self._finished: dict[type, Reading] = {}

    def read(self, hint: Any) -> Reading:
        """Raises UnsupportedHintError for a hint without a JSON Schema."""
        origin, args = typing.get_origin(hint), typing.get_args(hint)
        if origin is typing.Annotated:
            return self._annotated(args[0], args[1:])
        if origin is Literal:
            return one_of(args, args)
        if origin in (typing.Union, types.UnionType):
            return self._union(args)
        if origin in (typing.Required, typing.NotRequired):
            return self.read(args[0])
        if isinstance(hint, typing.NewType):
            return self.read(hint.__supertype__)
        if hasattr(hint, "__value__"):  # type Name = ...
            return self.read(hint.__value__)
        if hint is None:
            return SCALARS[None]
        kind = hint if origin is None else origin
        if not isinstance(kind, type):
            raise UnsupportedHintError(f"is {hint}, which isn't known: use {SUPPORTED}")
        if kind in SCALARS:
            return SCALARS[kind]
        if kind in _ARRAYS:
            return self._array(_ARRAYS[kind], args)
        if kind is tuple:
            return self._tuple(args)
        if kind in _OBJECTS:
            return self._mapping(args)
        return self._class(kind)

    def _annotated(self, hint: Any, notes: Sequence[Any]) -> Reading:
        reading = self.read(hint)
        schema = dict(reading.schema)
        for note in notes:
            if isinstance(note, str):
                schema["description"] = note
            elif isinstance(note, Mapping):
                schema.update(note)
        return Reading(schema, reading.convert)

    def _union(self, hints: Sequence[Any]) -> Reading:
        branches = [self.read(hint) for hint in hints]

        def convert(value: Any) -> Any:
            problems = []
            for branch in branches:
                try:
                    return branch.convert(value)
                except MisfitError as problem:
                    problems.append(problem)
            raise max(problems, key=lambda problem: len(problem.path))

        return Reading({"anyOf": [branch.schema for branch in branches]}, convert)

    def _array(self, make: Callable[[Any], Any], args: Sequence[Any]) -> Reading:
        item = self.read(args[0]) if args else ANY
        schema: dict[str, Any] = {"type": "array", "items": item.schema}
        if make in (set, frozenset):
            schema["uniqueItems"] = True
            kind = typing.get_origin(args[0]) or args[0] if args else str
            if getattr(kind, "__hash__", None) is None:
                raise UnsupportedHintError(
                    f"is a set of {kind.__name__}, which can't be hashed: use a list"
                )

        def convert(value: Any) -> Any:
            expect(value, list, "an array")
            return make(below(i, item.convert, v) for i, v in enumerate(value))

        return Reading(schema, convert)

    def _tuple(self, args: Sequence[Any]) -> Reading:
        if not args or args[-1] is Ellipsis:
            return self._array(tuple, args[:1])
        items = [self.read(arg) for arg in args]
        schema = {
            "type": "array",
            "prefixItems": [item.schema for item in items],
            "minItems": len(items),
            "maxItems": len(items),
        }

        def convert(value: Any) -> Any:
            expect(value, list, "an array")
            if len(value) != len(items):
                raise MisfitError(f"an array of {len(items)} items", value)
            pairs = enumerate(zip(items, value, strict=True))
            return tuple(below(i, item.convert, v) for i, (item, v) in pairs)

        return Reading(schema, convert)

    def _mapping(self, args: Sequence[Any]) -> Reading:
        if args and args[0] not in (str, Any):
            raise UnsupportedHintError("is a dict whose keys aren't str: JSON has none")
        member = self.read(args[1]) if args else ANY
        schema: dict[str, Any] = {"type": "object"}
        if member.schema:
            schema["additionalProperties"] = member.schema

        def convert(value: Any) -> Any:
            expect(value, dict, "an object")
            return {k: below(k, member.convert, v) for k, v in value.items()}

        return Reading(schema, convert)

    def _class(self, kind: type) -> Reading:
        if issubclass(kind, enum.Enum):
            members = list(kind)
            return one_of([member.value for member in members], members)
        if hasattr(kind, "model_json_schema"):
            return self._model(kind)
        if typing.is_typeddict(kind):
            return self._named(
                kind, lambda: self._object(kind, _required(kind), {}, dict)
            )
        if dataclasses.is_dataclass(kind):
            fields = {f.name: f for f in dataclasses.fields(kind) if f.init}
            defaults = {
                name: field.default
                for name, field in fields.items()
                if field.default is not dataclasses.MISSING
            }
            required = [
                name
                for name, field in fields.items()
                if name not in defaults and field.default_factory is dataclasses.MISSING
            ]
            return self._named(
                kind, lambda: self._object(kind, required, defaults, kind, fields)
            )
        raise UnsupportedHintError(
            f"is {kind.__name__}, which has no JSON Schema: use {SUPPORTED}"
        )

    def _named(self, kind: type, build: Callable[[], Reading]) -> Reading:
        """A type that may hold itself: then it is defined once, and referred to."""
        if kind in self._finished:
            return self._finished[kind]
        reference = {"$ref": f"#/$defs/{kind.__name__}"}
        if kind in self._open:
            self._own.add(kind)
            return Reading(reference, lambda v: self._finished[kind].convert(v))
        self._open.add(kind)
        reading = build()
        self._open.remove(kind)
        if kind in self._own:
            self._define(kind.__name__, reading.schema)
            reading = Reading(reference, reading.convert)
        self._finished[kind] = reading
        return reading

    def _object(
        self,
        kind: type,
        required: Iterable[str],
        defaults: Mapping[str, Any],
        make: Callable[..., Any],
        names: Iterable[str] | None = None,
    ) -> Reading:
        hints = resolved(kind)
        documented = _about(kind)
        members = {name: self.read(hints[name]) for name in names or hints}
        properties = {
            name: described(
                reading.schema, documented.arguments.get(name), defaults.get(name)
            )
            for name, reading in members.items()
        }
        schema: dict[str, Any] = {"type": "object", "properties": properties}
        if documented.description:
            schema["description"] = documented.description
        needed = [name for name in members if name in set(required)]
        if needed:
            schema["required"] = needed
        schema["additionalProperties"] = False

        def convert(value: Any) -> Any:
            expect(value, dict, "an object")
            if not value.keys() <= members.keys() or not value.keys() >= set(needed):
                raise MisfitError(f"a {kind.__name__}", value)
            given = {k: below(k, members[k].convert, v) for k, v in value.items()}
            try:
                return make(**given)
            except ValueError:
                raise MisfitError(f"a valid {kind.__name__}", value) from None

        return Reading(schema, convert)

    def _model(self, kind: Any) -> Reading:
        """A pydantic model, known by its methods: pydantic itself isn't needed here."""
        schema: dict[str, Any] = dict(kind.model_json_schema())
        for name, definition in schema.pop("$defs", {}).items():
            self._define(name, definition)

        def convert(value: Any) -> Any:
            try:
                return kind.model_validate(value)
            except ValueError as error:
                problem = getattr(error, "errors", list)()[0]
                wanted = f"a valid {kind.__name__} ({problem['msg']})"
                raise MisfitError(wanted, problem["input"], problem["loc"]) from None

        return Reading(schema, convert)

    def _define(self, name: str, schema: Any) -> None:
        if self.definitions.setdefault(name, schema) != schema:
            raise UnsupportedHintError(
                f"needs two different types named {name}: rename one of them"
            )


def resolved(annotated: Any) -> dict[str, Any]:
    """The hints of a function or class; raises UnsupportedHintError for unknown names.

    Names are looked up in the module, as they are when annotations are text.
    """
    try:
        return typing.get_type_hints(annotated, include_extras=True)
    except NameError as error:
        raise UnsupportedHintError(
            f"names {error.name!r}, which its module doesn't have: import or define it "
            "at the top of the module, not below `if TYPE_CHECKING` or in a function"
        ) from None
    except TypeError as error:
        raise UnsupportedHintError(
            f"is no type ({error}): where a dict annotates a union, put it around the "
            "whole, as in Annotated[int | None, {…}]"
        ) from None


def _required(kind: Any) -> list[str]:
    """The keys that a TypedDict must have; annotations may have been text."""
    marks = {name: typing.get_origin(hint) for name, hint in resolved(kind).items()}
    return [
        name
        for name, mark in marks.items()
        if mark is typing.Required
        or (name in kind.__required_keys__ and mark is not typing.NotRequired)
    ]


def described(schema: Mapping[str, Any], text: str | None, default: Any) -> Any:
    """A schema with its description and default, where it has none and JSON has it."""
    added = dict(schema)
    if text:
        added.setdefault("description", text)
    if isinstance(default, enum.Enum):
        default = default.value
    if isinstance(default, str | int | float | bool):
        added.setdefault("default", default)
    return added


def _about(kind: type) -> Docstring:
    text = kind.__dict__.get("__doc__") or ""
    generated = text.startswith(f"{kind.__name__}(")  # what @dataclass writes
    return parse("" if generated else text)


_ARRAYS: Final[Mapping[Any, Callable[[Any], Any]]] = {
    list: list,
    set: set,
    frozenset: frozenset,
    collections.abc.Set: frozenset,
    collections.abc.Iterable: list,
    collections.abc.Collection: list,
    collections.abc.Sequence: list,
    collections.abc.MutableSequence: list,
}
_OBJECTS: Final = (dict, collections.abc.Mapping, collections.abc.MutableMapping)
