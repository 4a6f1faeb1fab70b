"""The body of an operation as arguments.

A body that is plainly an object lies open: its members stand beside the parameters.
Any other body is one argument, so that no keyword of its schema is lost.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any

from mcpgen_runtime.components import Body, Encoding, Field
from mcpgen_runtime.upstream import serialization

from ..diagnostics import Location
from ..operations import Encoding as Declared
from ..operations import MediaType, RequestBody
from .description import described, describes
from .examples import exemplified
from .files import Files, file_schema, file_types, files, is_file, with_files
from .json_schema import Translator, untitled
from .media_types import (
    FORM,
    essence,
    is_form,
    is_json,
    is_json_lines,
    is_multipart,
    is_text,
    is_xml,
)
from .xml import xml

BODY = "body"
_PLAIN_OBJECT = frozenset(
    {
        "additionalProperties",
        "allOf",
        "default",
        "deprecated",
        "description",
        "example",
        "examples",
        "externalDocs",
        "properties",
        "readOnly",
        "required",
        "title",
        "type",
        "writeOnly",
        "xml",
    }
)
_SCALARS = frozenset({"boolean", "integer", "number", "string"})


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a body that lies open."""

    schema: Any
    at: Location
    required: bool


def chosen(body: RequestBody | None, translator: Translator) -> MediaType | None:
    """JSON > form > multipart > any other; within a kind the document's order.

    A form that isn't multipart comes last where it has files, which it can't hold. A
    range of types is narrowed to the one that the schema names.
    """
    if body is None or not body.content:
        return None
    best = min(body.content, key=lambda one: _preference(one, translator))
    if "*" in best.type and not is_json(best.type) and best.schema is not None:
        said = file_types([(best.schema, best.at.child("schema"))], translator)
        if said and fnmatchcase(essence(said), essence(best.type)):
            return replace(best, type=said)
    return best


def _preference(media_type: MediaType, translator: Translator) -> tuple[int, bool]:
    kind = essence(media_type.type)
    if is_json(kind):
        return 0, kind != "application/json"
    if kind == FORM:
        return 4 if _files(media_type, translator) else 1, False
    if kind == "multipart/form-data":
        return 2, False
    return 3, False


def open_members(
    body: RequestBody | None, media_type: MediaType | None, translator: Translator
) -> dict[str, Member] | None:
    """The members of a body that may lie open, or None where it may not."""
    if body is None or media_type is None or media_type.schema is None:
        return None
    if not (is_json(media_type.type) or is_form(media_type.type)):
        return None
    at = media_type.at.child("schema")
    members = _members(media_type.schema, at, translator, set())
    if not members:
        return None
    if not body.required and any(member.required for member in members.values()):
        return None
    return members


def _members(
    schema: Any, at: Location, translator: Translator, seen: set[Location]
) -> dict[str, Member] | None:
    """The members of a plain object schema, those of its `allOf` included.

    A schema that is met twice has its members twice, and so does not lie open.
    """
    schema, at = translator.resolve(schema, at)
    if not isinstance(schema, Mapping) or at in seen:
        return None
    seen.add(at)
    keywords = {keyword for keyword in schema if not keyword.startswith("x-")}
    if keywords - _PLAIN_OBJECT or schema.get("type", "object") != "object":
        return None
    if schema.get("additionalProperties", False) is not False:
        return None
    properties = schema.get("properties", {})
    required = schema.get("required", [])
    if not isinstance(properties, Mapping) or not isinstance(required, Sequence):
        return None
    members = {
        name: Member(member, at.child("properties", name), name in required)
        for name, member in properties.items()
    }
    branches = schema.get("allOf", [])
    for index, branch in enumerate(branches if isinstance(branches, list) else ()):
        inherited = _members(branch, at.child("allOf", index), translator, seen)
        if inherited is None or members.keys() & inherited.keys():
            return None
        members |= inherited
    if not set(required) <= members.keys():
        return None
    return {
        name: (
            member if name not in required else Member(member.schema, member.at, True)
        )
        for name, member in members.items()
        if not _is_read_only(member, translator)
    }


def _is_read_only(member: Member, translator: Translator) -> bool:
    target, _ = translator.resolve(member.schema, member.at)
    return any(
        isinstance(schema, Mapping) and schema.get("readOnly") is True
        for schema in (member.schema, target)
    )


def field(
    name: str,
    wire: str,
    member: Member,
    media_type: MediaType,
    translator: Translator,
) -> Field:
    written = encoding(media_type.encoding, wire)
    binary = is_multipart(media_type.type) and is_file(
        member.schema, member.at, written, translator
    )
    if binary:
        schema = file_schema(member.schema, member.at, translator)
        types = file_types([(member.schema, member.at)], translator)
        written = _of_types(written, types)
    else:
        schema = translator.translate(member.schema, member.at)
        given = [
            one[wire]
            for one in media_type.examples
            if isinstance(one, Mapping) and wire in one
        ]
        schema = exemplified(schema, given)
    return Field(
        name,
        untitled(schema, wire),
        wire=None if name == wire else wire,
        required=member.required,
        encoding=written,
        binary=binary,
    )


def whole_body(
    name: str, body: RequestBody, media_type: MediaType, translator: Translator
) -> Body:
    common: dict[str, Any] = {
        "wire": None if name == BODY else BODY,
        "required": body.required,
    }
    at = media_type.at.child("schema")
    declared = media_type.schema
    schema = {} if declared is None else translator.translate(declared, at)
    if is_json(media_type.type):
        pass
    elif is_form(media_type.type):
        schema, more = _form(schema, media_type, translator)
        common |= more
    elif is_json_lines(media_type.type):
        if not _has_type(declared, at, translator, {"array", "string"}):
            schema = {"type": "array", "items": schema}
    elif is_xml(media_type.type) and (root := xml(declared, at, translator)):
        common["xml"] = root
    elif is_text(media_type.type):
        if not _has_type(declared, at, translator, _SCALARS):
            schema = {"type": "string"}
    else:
        schema = file_schema({"contentMediaType": media_type.type}, at, translator)
        common["binary"] = True
    said = body.description
    if is_text(media_type.type) and schema == {"type": "string"} != declared:
        said = f"{describes(said)} Text: {essence(media_type.type)}.".strip()
    if not common.get("binary"):
        schema = exemplified(schema, media_type.examples)
    return Body(name, described(schema, said), **common)


def _has_type(
    schema: Any, at: Location, translator: Translator, types: Container[str]
) -> bool:
    """Whether all that a schema allows is of some types."""
    target, _ = translator.resolve(schema or {}, at)
    declared = target.get("type") if isinstance(target, Mapping) else None
    names: list[Any] = declared if isinstance(declared, list) else [declared]
    return all(name in types for name in names)


def _form(
    schema: dict[str, Any], media_type: MediaType, translator: Translator
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The schema of a form as one argument, and what the argument says of members."""
    written = _encodings(media_type)
    if not is_multipart(media_type.type):
        return schema, {"encoding": written or None}
    found = _files(media_type, translator)
    for wire, types in found.named.items():
        if made := _of_types(written.get(wire), types):
            written[wire] = made
    if found:
        at = media_type.at.child("schema")
        schema = with_files(media_type.schema, at, found, translator)
    return schema, {
        "encoding": written or None,
        "binary_fields": tuple(found.named),
        "plain_fields": found.plain if found.others else None,
    }


def _files(media_type: MediaType, translator: Translator) -> Files:
    at = media_type.at.child("schema")
    return files(media_type.schema or {}, at, _encodings(media_type), translator)


def _encodings(media_type: MediaType) -> dict[str, Encoding]:
    """How the members of a form are written, without those that are as usual."""
    written = {
        wire: encoding(media_type.encoding, wire) for wire in media_type.encoding
    }
    return {wire: one for wire, one in written.items() if one is not None}


def _of_types(written: Encoding | None, types: str | None) -> Encoding | None:
    """The encoding of a file whose schema names its types, if nothing else does."""
    if types is None or (written is not None and written.content_type is not None):
        return written
    return replace(written or Encoding(), content_type=types)


def encoding(encodings: Mapping[str, Declared], wire: str) -> Encoding | None:
    """How a member of a form is written; None for as usual."""
    declared = encodings.get(wire)
    if declared is None:
        return None
    style = declared.style
    if style is None and (declared.explode is not None or declared.allow_reserved):
        style = "form"
    explode = declared.explode if declared.explode is not None else style == "form"
    made = Encoding(
        style=style,
        explode=explode if style else True,
        allow_reserved=declared.allow_reserved,
        content_type=declared.content_type,
        headers=_part_headers(declared.headers) or None,
    )
    return None if made == Encoding() else made


def _part_headers(values: Mapping[str, Any]) -> dict[str, str]:
    texts = {
        name: serialization.header(value, "simple", False)
        for name, value in values.items()
    }
    return {name: text for name, text in texts.items() if text.isprintable()}
