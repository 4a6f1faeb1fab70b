"""An operation's parameters and body as the arguments that a client gives.

A body that is plainly an object lies open: its members stand beside the parameters.
Any other body is one argument, so that no keyword of its schema is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
)

from ..diagnostics import Location
from ..name import argument_names
from ..operations import MediaType, Operation, Parameter, RequestBody
from .description import describes
from .json_schema import Translator
from .media_types import (
    FORM,
    essence,
    is_form,
    is_json,
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
    names = argument_names(wires, in_uri=in_uri)
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
    common: dict[str, Any] = {"wire": wire, "content": parameter.content}
    if parameter.location in ("path", "query"):
        common |= {
            "style": parameter.style,
            "allow_reserved": parameter.allow_reserved,
        }
    kind = _KINDS[parameter.location]
    return kind(
        name,
        schema,
        required=parameter.required,
        explode=parameter.explode,
        **common,
    )


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
    schema: Any, at: Location, translator: Translator, seen: set[str]
) -> dict[str, _Member] | None:
    """The members of a plain object schema, those of its `allOf` included.

    A schema that is met twice has its members twice, and so does not lie open.
    """
    schema, at = translator.resolve(schema, at)
    if not isinstance(schema, Mapping) or at.pointer in seen:
        return None
    seen.add(at.pointer)
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
    encoding = _encoding(media_type, wire)
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
    at = media_type.at.child("schema")
    schema = (
        {} if media_type.schema is None else translator.translate(media_type.schema, at)
    )
    wire = None if name == BODY else BODY
    if is_json(media_type.type):
        schema = _described(schema, body.description)
        return Body(name, schema, wire=wire, required=body.required)
    if is_form(media_type.type):
        target, place = translator.resolve(media_type.schema or {}, at)
        properties = target.get("properties", {}) if isinstance(target, Mapping) else {}
        encodings = {wire: _encoding(media_type, wire) for wire in properties}
        files = tuple(
            wire
            for wire, member in properties.items()
            if is_multipart(media_type.type)
            and _is_file(
                member, place.child("properties", wire), encodings[wire], translator
            )
        )
        return Body(
            name,
            _described(schema, body.description),
            wire=wire,
            required=body.required,
            encoding={key: value for key, value in encodings.items() if value} or None,
            binary_fields=files,
        )
    root = xml(media_type.schema, at, translator) if is_xml(media_type.type) else None
    if root is not None:
        schema = _described(schema, body.description)
        return Body(name, schema, wire=wire, required=body.required, xml=root)
    if is_text(media_type.type):
        text = _described({"type": "string"}, body.description)
        return Body(name, text, wire=wire, required=body.required)
    return Body(
        name,
        _described(_file_schema({}), body.description),
        wire=wire,
        required=body.required,
        binary=True,
    )


def _encoding(media_type: MediaType, wire: str) -> Encoding | None:
    declared = media_type.encoding.get(wire)
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
    )
    return None if encoding == Encoding() else encoding


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
        declared = encoding.content_type.partition(";")[0].strip()
        if not declared.startswith("text/") and not is_json(declared):
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
