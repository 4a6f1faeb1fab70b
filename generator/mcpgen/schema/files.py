"""Which members of a multipart body are files, and how a client gives them.

A member is a file where every schema that declares it says so, in whichever branch of
the body's schema that is. Base64 text is no file: what travels is the text itself
(OpenAPI 3.1, 4.8.14.4 and 4.8.15; a form declares no transfer encoding, RFC 7578, 4.7).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mcpgen_runtime.components import Encoding

from ..diagnostics import Location
from .json_schema import Translator
from .media_types import OCTETS, essence, is_json

_SHARED = "file:<path> in the folder that the server shares"
_FILE = f"base64 text, a data: URL, or {_SHARED}"
_UNIONS = ("anyOf", "oneOf")
_BRANCHES = ("allOf", *_UNIONS)
_NULL = {"type": "null"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """The members of a body that are files: the types that each one `named` may have,
    separated by commas and None for any. Where members without a declaration are files,
    `others` is true, and `plain` names those that are declared and aren't."""

    named: Mapping[str, str | None]
    others: bool
    plain: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.named) or self.others


def files(
    schema: Any,
    at: Location,
    encodings: Mapping[str, Encoding],
    translator: Translator,
) -> Files:
    """The files among the members of a body, all branches of its schema considered."""
    declared: dict[str | None, list[tuple[Any, Location]]] = {}
    for name, member, place in _declared(schema, at, translator, set()):
        declared.setdefault(name, []).append((member, place))
    others = declared.pop(None, [])

    def are_files(name: str | None, members: list[tuple[Any, Location]]) -> bool:
        written = encodings.get(name) if name is not None else None
        return all(is_file(*member, written, translator) for member in members)

    found = {
        str(name): file_types(members, translator)
        for name, members in declared.items()
        if are_files(name, members)
    }
    return Files(
        named=found,
        others=bool(others) and are_files(None, others),
        plain=tuple(str(name) for name in declared if name not in found),
    )


def _declared(
    schema: Any, at: Location, translator: Translator, seen: set[Location]
) -> Iterator[tuple[str | None, Any, Location]]:
    """Each declaration of a member: its name, None for those of any name, and schema."""
    schema, at = translator.resolve(schema, at)
    if not isinstance(schema, Mapping) or at in seen:
        return
    seen.add(at)
    for name, member in _mapping(schema.get("properties")).items():
        yield name, member, at.child("properties", name)
    for pattern, member in _mapping(schema.get("patternProperties")).items():
        yield None, member, at.child("patternProperties", pattern)
    for keyword in ("additionalProperties", "unevaluatedProperties"):
        if _mapping(schema.get(keyword)):
            yield None, schema[keyword], at.child(keyword)
    for keyword in _BRANCHES:
        for index, branch in enumerate(_listed(schema.get(keyword))):
            yield from _declared(branch, at.child(keyword, index), translator, seen)


def is_file(
    schema: Any,
    at: Location,
    encoding: Encoding | None,
    translator: Translator,
    above: frozenset[Location] = frozenset(),
) -> bool:
    """Whether a member of a multipart body is a file, an array of files, or nothing.

    `above` are the places of the schemas that this one stands in.
    """
    target, at = _behind(schema, at, translator)
    if not isinstance(target, Mapping) or at in above:
        return False
    above |= {at}
    types = _types(target)
    branches = [
        is_file(branch, at.child(union, index), encoding, translator, above)
        for union in _UNIONS
        for index, branch in enumerate(_listed(target.get(union)))
        if branch != _NULL
    ]
    if branches and not types:
        return all(branches)
    if types == ["array"]:
        items = at.child("items")
        return is_file(target.get("items"), items, encoding, translator, above)
    if types not in ([], ["string"]):
        return False
    if encoding is not None and encoding.content_type is not None:
        kinds = map(essence, encoding.content_type.split(","))
        if not all(kind.startswith("text/") or is_json(kind) for kind in kinds):
            return True
    if "contentEncoding" in target:
        return False
    return target.get("format") == "binary" or "contentMediaType" in target


def file_types(
    members: list[tuple[Any, Location]], translator: Translator
) -> str | None:
    """The media types that the declarations of a file name, None for any."""
    types: dict[str, None] = {}
    waiting, seen = list(members), set[Location]()
    while waiting:
        target, at = _behind(*waiting.pop(), translator)
        if not isinstance(target, Mapping) or at in seen:
            continue
        seen.add(at)
        said = target.get("contentMediaType")
        if isinstance(said, str) and said != OCTETS:
            types[said] = None
        waiting += [
            (branch, at.child(union, index))
            for union in _UNIONS
            for index, branch in enumerate(_listed(target.get(union)))
        ]
        if "items" in target:
            waiting.append((target["items"], at.child("items")))
    return ", ".join(sorted(types)) or None


def with_files(
    schema: Any,
    at: Location,
    found: Files,
    translator: Translator,
    above: frozenset[Location] = frozenset(),
) -> dict[str, Any]:
    """What is advertised for a body that has files.

    A definition that holds a file is copied to where it is used, since elsewhere its
    members may be given otherwise.
    """
    translated = translator.translate(schema, at)
    return _with_files(schema, at, translated, found, translator, above)


def _with_files(
    schema: Any,
    at: Location,
    translated: dict[str, Any],
    found: Files,
    translator: Translator,
    above: frozenset[Location],
) -> dict[str, Any]:
    if not isinstance(schema, Mapping) or at in above:
        return translated
    if "$ref" in translated:
        target, place = translator.resolve(schema, at)
        copied = with_files(target, place, found, translator, above | {at})
        if copied == translator.translate(target, place):
            return translated
        beside = {key: kept for key, kept in translated.items() if key != "$ref"}
        return beside | {"allOf": [copied]} if beside else copied
    above |= {at}
    made = dict(translated)
    for keyword in {"properties", "patternProperties"} & made.keys():
        members = _mapping(schema.get(keyword))
        is_pattern = keyword == "patternProperties"
        made[keyword] = {
            name: (
                file_schema(members[name], at.child(keyword, name), translator)
                if (found.others if is_pattern else name in found.named)
                else kept
            )
            for name, kept in made[keyword].items()
        }
    for keyword in ("additionalProperties", "unevaluatedProperties"):
        if found.others and isinstance(made.get(keyword), dict):
            made[keyword] = file_schema(schema[keyword], at.child(keyword), translator)
    for keyword in made.keys() & set(_BRANCHES):
        made[keyword] = [
            _with_files(raw, at.child(keyword, index), branch, found, translator, above)
            for index, (raw, branch) in enumerate(
                zip(schema[keyword], made[keyword], strict=True)
            )
        ]
    return made


def file_schema(schema: Any, at: Location, translator: Translator) -> dict[str, Any]:
    """What is advertised for a file: text that holds its bytes."""
    target, at = _behind(schema, at, translator)
    said = translator.translate(target, at)
    for union in said.keys() & set(_UNIONS):
        branches = (
            (
                branch
                if branch == _NULL
                else file_schema(branch, at.child(union, index), translator)
            )
            for index, branch in enumerate(target[union])
        )
        return said | {union: list(branches)}
    if _types(said) == ["array"]:
        items = file_schema(target.get("items", {}), at.child("items"), translator)
        return said | {"items": items}
    media_type = said.get("contentMediaType", OCTETS)
    asked = f"a data: URL of a type {media_type}, or {_SHARED}"
    text = asked if "*" in media_type else _FILE
    if description := said.get("description"):
        text = f"{str(description).rstrip()} ({text})"
    return {
        "type": said.get("type", "string"),
        "description": text[0].upper() + text[1:],
        "contentEncoding": "base64",
        "contentMediaType": media_type,
    }


def _behind(schema: Any, at: Location, translator: Translator) -> tuple[Any, Location]:
    """The schema behind references and behind an `allOf` of one, which is how a
    description is given to a reference in OpenAPI 3.0."""
    seen: set[Location] = set()
    while True:
        schema, at = translator.resolve(schema, at)
        only = _listed(schema.get("allOf")) if isinstance(schema, Mapping) else []
        if len(only) != 1 or at in seen or schema.keys() & {"type", "properties"}:
            return schema, at
        seen.add(at)
        schema, at = only[0], at.child("allOf", 0)


def _types(schema: Mapping[str, Any]) -> list[Any]:
    """The types of a value that isn't null."""
    declared = schema.get("type", [])
    listed = declared if isinstance(declared, list) else [declared]
    return [name for name in listed if name != "null"]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
