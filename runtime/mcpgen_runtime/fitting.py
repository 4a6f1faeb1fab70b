"""Arguments that fit their schema for certain, told without the validator.

The rule: nothing is accepted here that the validator (schemas.py) would refuse. What is
not accepted may be right all the same: then the validator decides, and says what is
wrong. Most schemas are made of the few keywords that are known here, and most calls fit
theirs, so a server rarely loads the validator, which is a third of its memory.

Pure: values in, values out.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sized
from typing import Any, Final, TypeAlias

from .components import Schema

Check: TypeAlias = Callable[[Any], bool]
"""Whether a value fits for certain."""

_DEEPEST: Final = 128
_LARGEST: Final = 2**53
"""Up to here every engine compares integers and fractions alike."""
_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "array": (list,),
    "boolean": (bool,),
    "integer": (int,),
    "null": (type(None),),
    "number": (int, float),
    "object": (dict,),
    "string": (str,),
}
_SCALARS: Final = frozenset({str, int, float, bool, type(None)})
_SAYING_NOTHING: Final = frozenset(
    {"$comment", "$defs", "default", "deprecated", "description", "examples", "format"}
    | {"readOnly", "title", "writeOnly"}
)
_LIMITS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "minimum": operator.ge,
    "maximum": operator.le,
    "exclusiveMinimum": operator.gt,
    "exclusiveMaximum": operator.lt,
}
_SIZES: Final[Mapping[str, tuple[type[Sized], Callable[[Any, Any], bool]]]] = {
    "minLength": (str, operator.ge),
    "maxLength": (str, operator.le),
    "minItems": (list, operator.ge),
    "maxItems": (list, operator.le),
}
_OF_OBJECTS: Final = frozenset({"properties", "required", "additionalProperties"})


def fitting(schema: Schema) -> Check:
    """The check of a schema, whose `$ref`s are into its `#/$defs/`."""
    check = _Reader(schema.get("$defs", {})).check(schema)

    def fits(value: Any) -> bool:
        try:
            return _is_plain(value, _DEEPEST) and check(value)
        except RecursionError:  # a definition that refers to nothing but itself
            return False

    return fits


def _is_plain(value: Any, levels: int) -> bool:
    """Whether a value is JSON that everyone reads alike: text without half characters,
    numbers that are exact, and not too deep."""
    kind = type(value)
    if kind is str:
        return _is_text(value)
    if kind is int or kind is float:
        return bool(abs(value) <= _LARGEST)
    if kind is bool or value is None:
        return True
    if not levels:
        return False
    if kind is list:
        return all(_is_plain(item, levels - 1) for item in value)
    return kind is dict and all(
        type(key) is str and _is_text(key) and _is_plain(member, levels - 1)
        for key, member in value.items()
    )


def _is_text(text: str) -> bool:
    if text.isascii():
        return True
    try:
        return bool(text.encode())
    except UnicodeEncodeError:
        return False


class _Reader:
    """Makes checks of schemas, each definition's once it is needed."""

    def __init__(self, definitions: Any) -> None:
        self._definitions = definitions
        self._known: dict[str, Check] = {}

    def check(self, schema: Any) -> Check:
        """The check of a schema, or of what isn't one: that accepts nothing."""
        if schema is True:
            return _always
        if not isinstance(schema, Mapping):
            return _never
        checks = [
            self._keyword(keyword, value)
            for keyword, value in schema.items()
            if keyword not in _SAYING_NOTHING | _OF_OBJECTS
        ]
        if not _OF_OBJECTS.isdisjoint(schema):
            checks.append(self._object(schema))
        return checks[0] if len(checks) == 1 else _all(checks)

    def _keyword(self, keyword: str, value: Any) -> Check:
        if keyword == "type":
            return _of_types(value if isinstance(value, list) else [value])
        if keyword == "const":
            return _among([value])
        if keyword == "enum" and isinstance(value, list):
            return _among(value)
        if keyword in _LIMITS and _is_limit(value):
            compare = _LIMITS[keyword]
            return lambda v: type(v) not in (int, float) or compare(v, value)
        if keyword in _SIZES and _is_limit(value):
            kind, compares = _SIZES[keyword]
            return lambda v: type(v) is not kind or compares(len(v), value)
        if keyword == "items":
            item = self.check(value)
            return lambda v: type(v) is not list or all(map(item, v))
        if keyword == "$ref" and isinstance(value, str):
            return self._reference(value.removeprefix("#/$defs/"))
        if keyword in ("allOf", "anyOf", "oneOf") and isinstance(value, list):
            branches = [self.check(branch) for branch in value]
            # A value that fits several branches of a `oneOf` is not refused (schemas.py).
            return _all(branches) if keyword == "allOf" else _any(branches)
        return _never

    def _reference(self, name: str) -> Check:
        if name not in self._definitions or "~" in name or "%" in name:
            return _never

        def check(value: Any) -> bool:
            if name not in self._known:
                self._known[name] = self.check(self._definitions[name])
            return self._known[name](value)

        return check

    def _object(self, schema: Schema) -> Check:
        properties, required = schema.get("properties", {}), schema.get("required", [])
        if not isinstance(properties, Mapping) or not isinstance(required, list):
            return _never
        needed = frozenset(map(str, required))
        members = {name: self.check(member) for name, member in properties.items()}
        others = self.check(schema.get("additionalProperties", True))

        def check(value: Any) -> bool:
            return type(value) is not dict or (
                needed.issubset(value)
                and all(members.get(name, others)(v) for name, v in value.items())
            )

        return check


def _of_types(names: list[Any]) -> Check:
    types = {one for n in names if isinstance(n, str) for one in _TYPES.get(n, ())}
    return lambda value: type(value) in types


def _among(values: list[Any]) -> Check:
    known = {(type(one), one) for one in values if type(one) in _SCALARS}
    return lambda value: type(value) in _SCALARS and (type(value), value) in known


def _is_limit(value: Any) -> bool:
    return type(value) in (int, float) and abs(value) <= _LARGEST


def _all(checks: list[Check]) -> Check:
    return lambda value: all(check(value) for check in checks)


def _any(checks: list[Check]) -> Check:
    return lambda value: any(check(value) for check in checks)


def _always(value: Any) -> bool:
    return True


def _never(value: Any) -> bool:
    return False
