"""An operation's parameters and body as the arguments that a client gives.

A body that is plainly an object lies open: its members stand beside the parameters.
Any other body is one argument, so that no keyword of its schema is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mcpgen_runtime.components import (
    Argument,
    Body,
    Cookie,
    Encoding,
    Field,
    Header,
    Path,
    Query,
    QueryString,
)
from mcpgen_runtime.upstream import serialization

from ..diagnostics import Location
from ..name import argument_names
from ..operations import Encoding as Declared
from ..operations import MediaType, Operation, Parameter, RequestBody
from .description import describes
from .json_schema import Translator
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
_KINDS: Mapping[str, Callable[..., Argument]] = {
    "path": Path,
    "query": Query,
    "header": Header,
    "cookie": Cookie,
}

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
_FILE = "base64 text, a data: URL, or file:<path> in the folder that the server shares"


@dataclass(frozen=True, slots=True)
class _Member:
    """A member of a body that lies open."""

    schema: Any
    at: Location
    required: bool


def arguments(
    operation: Operation, translator: Translator, *, in_uri: bool
) -> tuple[tuple[Argument, ...], MediaType | None]:
    """The arguments of an operation, and the media type of its body.

    `in_uri`: the operation is read as a resource, so names are variables of a URI.
    """
    parameters = operation.parameters
    body = None if in_uri else operation.body
    media_type = _chosen(body)
    members = _open_members(body, media_type, translator)
    wires: list[tuple[str, str]] = [
        (parameter.location, parameter.name) for parameter in parameters
    ]
    if members is not None:
        wires += [(BODY, name) for name in members]
    elif media_type is not None:
        wires.append((BODY, BODY))
    said = operation.override.arguments
    pinned = {
        wire: name
        for wire in wires
        if wire[1] in said and (name := said[wire[1]].name) is not None
    }
    names = argument_names(wires, in_uri=in_uri, pinned=pinned)
    found = [
        _parameter(parameter, names[parameter.location, parameter.name], translator)
        for parameter in parameters
    ]
    if members is not None and media_type is not None:
        found += [
            _field(names[BODY, wire], wire, member, media_type, translator)
            for wire, member in members.items()
        ]
    elif body is not None and media_type is not None:
        found.append(_whole_body(names[BODY, BODY], body, media_type, translator))
    found.sort(key=lambda argument: not argument.required)
    return tuple(found), media_type


def _chosen(body: RequestBody | None) -> MediaType | None:
    """JSON > form > multipart > any other; within a kind the document's order."""
    if body is None or not body.content:
        return None
    return min(body.content, key=_preference)


def _preference(media_type: MediaType) -> tuple[int, bool]:
    kind = essence(media_type.type)
    if is_json(kind):
        return 0, kind != "application/json"
    if kind == FORM:
        return 1, False
    if kind == "multipart/form-data":
        return 2, False
    return 3, False


def _parameter(parameter: Parameter, name: str, translator: Translator) -> Argument:
    schema = _described(
        translator.translate(parameter.schema, parameter.at), parameter.description
    )
    if parameter.deprecated:
        schema["deprecated"] = True
    wire = None if name == parameter.name else parameter.name
    common: dict[str, Any] = {
        "wire": wire,
        "required": parameter.required,
        "content": parameter.content,
    }
    if parameter.location == "querystring":
        written = {
            name: _encoding(parameter.encoding, name) for name in parameter.encoding
        }
        kept = {name: one for name, one in written.items() if one}
        return QueryString(name, schema, encoding=kept or None, **common)
    if parameter.location in ("path", "query"):
        common["allow_reserved"] = parameter.allow_reserved
    kind = _KINDS[parameter.location]
    style, explode = parameter.style, parameter.explode
    return kind(name, schema, style=style, explode=explode, **common)


def _open_members(
    body: RequestBody | None, media_type: MediaType | None, translator: Translator
) -> dict[str, _Member] | None:
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
) -> dict[str, _Member] | None:
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
        name: _Member(member, at.child("properties", name), name in required)
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
            member if name not in required else _Member(member.schema, member.at, True)
        )
        for name, member in members.items()
        if not _is_read_only(member, translator)
    }


def _is_read_only(member: _Member, translator: Translator) -> bool:
    target, _ = translator.resolve(member.schema, member.at)
    return any(
        isinstance(schema, Mapping) and schema.get("readOnly") is True
        for schema in (member.schema, target)
    )


def _field(
    name: str,
    wire: str,
    member: _Member,
    media_type: MediaType,
    translator: Translator,
) -> Field:
    encoding = _encoding(media_type.encoding, wire)
    binary = is_multipart(media_type.type) and _is_file(
        member.schema, member.at, encoding, translator
    )
    if binary:
        schema = _file_schema(
            translator.translate(*translator.resolve(member.schema, member.at))
        )
    else:
        schema = translator.translate(member.schema, member.at)
    return Field(
        name,
        schema,
        wire=None if name == wire else wire,
        required=member.required,
        encoding=encoding,
        binary=binary,
    )


def _whole_body(
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
        schema, encodings, files = _form(schema, media_type, translator)
        common |= {"encoding": encodings, "binary_fields": files}
    elif is_json_lines(media_type.type):
        if not _has_type(declared, at, translator, {"array", "string"}):
            schema = {"type": "array", "items": schema}
    elif is_xml(media_type.type) and (root := xml(declared, at, translator)):
        common["xml"] = root
    elif is_text(media_type.type):
        if not _has_type(declared, at, translator, _SCALARS):
            schema = {"type": "string"}
    else:
        schema = _file_schema({})
        common["binary"] = True
    return Body(name, _described(schema, body.description), **common)


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
) -> tuple[dict[str, Any], Mapping[str, Encoding] | None, tuple[str, ...]]:
    """The schema of a form as one argument, its encodings, and which members are files."""
    target, at = translator.resolve(
        media_type.schema or {}, media_type.at.child("schema")
    )
    properties = target.get("properties", {}) if isinstance(target, Mapping) else {}
    encodings = {wire: _encoding(media_type.encoding, wire) for wire in properties}
    files: dict[str, dict[str, Any]] = {}
    for wire, member in properties.items():
        place = at.child("properties", wire)
        if is_multipart(media_type.type) and _is_file(
            member, place, encodings[wire], translator
        ):
            file = translator.translate(*translator.resolve(member, place))
            files[wire] = _file_schema(file)
    if files:
        schema = translator.translate(target, at)
        schema["properties"] |= {
            wire: file for wire, file in files.items() if wire in schema["properties"]
        }
    return schema, {k: v for k, v in encodings.items() if v} or None, tuple(files)


def _encoding(encodings: Mapping[str, Declared], wire: str) -> Encoding | None:
    declared = encodings.get(wire)
    if declared is None:
        return None
    style = declared.style
    if style is None and (declared.explode is not None or declared.allow_reserved):
        style = "form"
    explode = declared.explode if declared.explode is not None else style == "form"
    encoding = Encoding(
        style=style,
        explode=explode if style else True,
        allow_reserved=declared.allow_reserved,
        content_type=declared.content_type,
        headers=_part_headers(declared.headers) or None,
    )
    return None if encoding == Encoding() else encoding


def _part_headers(values: Mapping[str, Any]) -> dict[str, str]:
    texts = {
        name: serialization.header(value, "simple", False)
        for name, value in values.items()
    }
    return {name: text for name, text in texts.items() if text.isprintable()}


def _is_file(
    schema: Any, at: Location, encoding: Encoding | None, translator: Translator
) -> bool:
    """Whether a member of a multipart body is a file, or an array of files."""
    target, at = translator.resolve(schema, at)
    if not isinstance(target, Mapping):
        return False
    if target.get("type") == "array":
        items = target.get("items", {})
        return _is_file(items, at.child("items"), encoding, translator)
    if encoding is not None and encoding.content_type is not None:
        kinds = map(essence, encoding.content_type.split(","))
        if not all(kind.startswith("text/") or is_json(kind) for kind in kinds):
            return bool(target.get("type", "string") == "string")
    return target.get("type", "string") in ("string", ["string", "null"]) and (
        target.get("format") == "binary"
        or "contentMediaType" in target
        or target.get("contentEncoding") in ("base64", "base64url")
    )


def _file_schema(schema: dict[str, Any]) -> dict[str, Any]:
    """What is advertised for a file: text that holds its bytes."""
    if schema.get("type") == "array":
        items = _file_schema(dict(schema.get("items", {})))
        return schema | {"items": items}
    description = schema.get("description")
    text = f"{str(description).rstrip()} ({_FILE})" if description else _FILE
    media_type = schema.get("contentMediaType", "application/octet-stream")
    return {
        "type": "string",
        "description": text[0].upper() + text[1:],
        "contentEncoding": "base64",
        "contentMediaType": media_type,
    }


def _described(schema: dict[str, Any], description: str | None) -> dict[str, Any]:
    """The schema with a description of its use, which says more than that of its type."""
    text = describes(description)
    return schema | {"description": text} if text else dict(schema)
