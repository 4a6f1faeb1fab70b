"""What models.py declares: a named JSON Schema for each object, each argument list.

Only what has a type in Python is left of a schema: values stay the JSON that they are.
An object within another is declared by itself, under a name made of where it stands, so
that a change of one operation renames nothing of another.
"""

from __future__ import annotations

import builtins
import keyword
import re
import typing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any

from anyascii import anyascii
from mcpgen_runtime.components import input_schema

from ..schema import Package

_PREFIX = "#/$defs/"
_RESERVED = frozenset((*dir(builtins), *dir(typing), *keyword.kwlist))
_ARGUMENTS = "Arguments"
_MANGLED = re.compile(r"__(?!.*__$)", re.DOTALL)
"""A name that a class changes when it has a member of it."""
_UNIONS = ("anyOf", "oneOf")
_DEEPEST = 12
"""Types inside of types, from where on one is any value."""


def declarations(package: Package) -> dict[str, Any]:
    """Schemas by class name, in which a reference is `#/components/schemas/<class>`."""
    names = _class_names(package.schemas)
    declared = _Declared(package.schemas, names)
    for name, schema in package.schemas.items():
        declared.add(names[name], schema)
    for module in package.modules:
        for component in module.components:
            if component.shown:
                schema = input_schema(component, package.schemas)
                declared.add(arguments_class(component.name), schema)
    return declared.schemas


def arguments_class(name: str) -> str:
    """The class of an operation's arguments: `place_order` -> `PlaceOrderArguments`."""
    return f"{_class_name(name)}{_ARGUMENTS}"


def _class_names(names: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    taken: set[str] = set(_RESERVED)
    for name in sorted(names):
        found[name] = _free(_class_name(name), taken)
        taken.add(found[name])
    return found


def _class_name(name: str) -> str:
    parts = re.findall(r"[A-Za-z0-9]+", anyascii(name))
    text = "".join(part[0].upper() + part[1:] for part in parts) or "Value"
    return text if text[0].isalpha() else f"Model{text}"


def _free(name: str, taken: Iterable[str]) -> str:
    numbered = (f"{name}{number}" for number in count(2))
    if name not in taken:
        return name
    return next(one for one in numbered if one not in taken)


class _Declared:
    """Gathers the declarations of a package."""

    def __init__(self, shared: Mapping[str, Any], names: Mapping[str, str]) -> None:
        self.schemas: dict[str, Any] = {}
        self._shared = shared
        self._names = names
        self._taken = _RESERVED | set(names.values())

    def add(self, name: str, schema: Any) -> None:
        self._taken |= {name}
        self.schemas[name] = {}
        self.schemas[name] = self._type(schema, name, 0, declared=True)

    def _type(
        self, schema: Any, name: str, depth: int, *, declared: bool = False
    ) -> dict[str, Any]:
        """The type of a schema; `name` is for an object that it may be."""
        if not isinstance(schema, Mapping) or depth > _DEEPEST:
            return {}
        reference = schema.get("$ref")
        if isinstance(reference, str) and reference.startswith(_PREFIX):
            return self._reference(self._names[reference.removeprefix(_PREFIX)])
        values = [schema["const"]] if "const" in schema else schema.get("enum")
        if values and all(isinstance(one, str | int | None) for one in values):
            return {"enum": list(dict.fromkeys(values))}
        parts = list(self._parts(schema, set()))
        members = {key: one for part in parts for key, one in _members(part)}
        for branches in (part.get(union) for part in parts for union in _UNIONS):
            if branches and any(map(self._shapes, branches)):
                return _union(
                    {} if members else self._type(branch, f"{name}{sign}", depth + 1)
                    for sign, branch in zip(
                        _signs(branches, declared), branches, strict=True
                    )
                )
        bases = schema.get("allOf", ())
        if len(bases) == 1 and not _members(schema):
            return self._type(bases[0], name, depth)
        if any(map(_MANGLED.match, members)) and not name.endswith(_ARGUMENTS):
            return self._plain("object", {}, name, depth)
        if members:
            return self._object(parts, members, name, depth, declared=declared)
        kinds = schema.get("type", "object" if "properties" in schema else ())
        kinds = kinds if isinstance(kinds, list) else [kinds] if kinds else []
        return _union(self._plain(kind, schema, name, depth) for kind in kinds)

    def _parts(self, schema: Any, seen: set[str]) -> Iterator[Mapping[str, Any]]:
        """A schema and all that its `allOf` leads to, the bases first."""
        if not isinstance(schema, Mapping):
            return
        reference = str(schema.get("$ref", ""))
        if reference and reference not in seen:
            seen.add(reference)
            target = self._shared.get(reference.removeprefix(_PREFIX))
            yield from self._parts(target, seen)
        for branch in schema.get("allOf", ()):
            yield from self._parts(branch, seen)
        yield schema

    def _shapes(self, branch: Any) -> bool:
        """Whether a branch of a union says more than which members must be there."""
        return any(
            part.keys() & {"type", "properties", "enum", "const", *_UNIONS}
            for part in self._parts(branch, set())
        )

    def _object(
        self,
        parts: Sequence[Mapping[str, Any]],
        members: Mapping[str, Any],
        name: str,
        depth: int,
        *,
        declared: bool,
    ) -> dict[str, Any]:
        kinds = parts[-1].get("type")
        nullable = isinstance(kinds, list) and "null" in kinds
        if not declared or nullable:
            name = _free(name, self._taken)
            self._taken |= {name}
        required = {key for part in parts for key in part.get("required", ())}
        stem = name.removesuffix(_ARGUMENTS)
        found = {
            "type": "object",
            "properties": {
                key: self._type(member, f"{stem}{_class_name(key)}", depth + 1)
                for key, member in members.items()
            },
            "required": [key for key in members if key in required],
        }
        if declared and not nullable:
            return found
        self.schemas[name] = found
        return _union([self._reference(name), *([{"type": "null"}] * nullable)])

    def _plain(
        self, kind: str, schema: Mapping[str, Any], name: str, depth: int
    ) -> dict[str, Any]:
        if kind == "array":
            items = self._type(schema.get("items"), f"{name}Item", depth + 1)
            return {"type": "array", "items": items}
        if kind == "object":
            members = schema.get("additionalProperties")
            value = self._type(members, f"{name}Value", depth + 1)
            return {"type": "object", "additionalProperties": value}
        return {"type": kind}

    def _reference(self, name: str) -> dict[str, Any]:
        return {"$ref": f"#/components/schemas/{name}"}


def _union(types: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """One of several types, with one list of values; any value where one is any."""
    found = list(types)
    values = [value for one in found for value in one.get("enum", ())]
    if values:
        listed = {
            "enum": [one for i, one in enumerate(values) if one not in values[:i]]
        }
        found = [*(one for one in found if "enum" not in one), listed]
    distinct = [one for index, one in enumerate(found) if one not in found[:index]]
    if {} in distinct or not distinct:
        return {}
    return distinct[0] if len(distinct) == 1 else {"anyOf": distinct}


def _members(schema: Any) -> Iterable[tuple[str, Any]]:
    return schema.get("properties", {}).items() if isinstance(schema, Mapping) else ()


def _signs(branches: Sequence[Any], declared: bool) -> Iterator[str]:
    """What tells the classes of a union's inline objects apart: `1`, `2`, …; nothing
    for a single one, unless the union itself has the name."""
    objects = [bool(_members(branch)) for branch in branches]
    for index, is_object in enumerate(objects):
        numbered = is_object and (declared or sum(objects) > 1)
        yield str(sum(objects[: index + 1])) if numbered else ""
