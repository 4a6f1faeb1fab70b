"""Request bodies and responses: the media types that they come in.

An unusable response never costs an operation, since answers are delivered whatever the
document says of them; an unusable request body does, when it is required.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from openapi_pydantic.v3.v3_1 import Encoding as EncodingModel

from ..diagnostics import Location, Report
from ..spec import Spec
from .model import Encoding, MediaType, RequestBody, Response
from .reading import Malformed, is_true, members, resolved, text, typed

_TOKEN = r"[A-Za-z0-9!#$&^_.+*-]+"
_MEDIA_TYPE = re.compile(rf'{_TOKEN}/{_TOKEN}( *; *{_TOKEN}=({_TOKEN}|"[^"\r\n]*"))*')
"""RFC 9110, 8.3.1; anything else as a key names no media type."""
_OPEN = object()
"""Stands for the value of a header that can have several."""
_HEADER = re.compile(
    r"(?!content-(type|disposition|transfer-encoding)$)[\w!#$&^.+*-]+",
    re.ASCII | re.IGNORECASE,
)


def request_body(
    spec: Spec, node: Any, at: Location, report: Report, subject: str
) -> RequestBody | None:
    """The request body of an operation; raises Malformed."""
    if node is None:
        return None
    node, at = resolved(spec, node, at)
    content = tuple(_content(spec, node, at))
    for media_type in content:
        _report_open_headers(media_type, report, subject)
    required = is_true(node, "required")
    if required and not content:
        raise Malformed("the required request body names no media type", at)
    if not content or (not required and all(map(_says_nothing, content))):
        return None
    return RequestBody(
        required=required,
        content=content,
        description=text(node, "description"),
        at=at,
    )


def _report_open_headers(media_type: MediaType, report: Report, subject: str) -> None:
    if not media_type.type.startswith("multipart/"):
        return  # others have no parts (OpenAPI 3.1, 4.8.15.1.1)
    for part, encoding in media_type.encoding.items():
        for header in encoding.open_headers:
            report.warning(
                "part-header",
                f"header `{header}` of the part `{part}` has no value of its own; it "
                "is not sent",
                at=media_type.at.child("encoding", part, "headers", header),
                subject=subject,
                hint="give it a `const`, an `enum` of one value or a `default`",
            )


def _says_nothing(media_type: MediaType) -> bool:
    """Whether a body could only be an object without members."""
    schema = media_type.schema
    return (
        isinstance(schema, Mapping)
        and schema.get("type") == "object"
        and schema.get("properties") == {}
        and not schema.get("additionalProperties")
        and not schema.keys() & {"$ref", "allOf", "anyOf", "oneOf", "patternProperties"}
    )


def responses(spec: Spec, node: Any, at: Location) -> tuple[Response, ...]:
    """The responses of an operation, without those that can't be read."""
    return tuple(
        response
        for status, value, place in members(node, at)
        if (response := _response(spec, status, value, place)) is not None
    )


def _response(spec: Spec, status: str, node: Any, at: Location) -> Response | None:
    try:
        node, at = resolved(spec, node, at)
        content = tuple(_content(spec, node, at))
    except Malformed:
        return None
    headers = node.get("headers")
    return Response(
        status=status,
        description=text(node, "description"),
        headers=tuple(headers) if isinstance(headers, Mapping) else (),
        content=content,
        at=at,
    )


def _content(spec: Spec, node: Mapping[str, Any], at: Location) -> Iterator[MediaType]:
    for media_type, value, place in members(node.get("content"), at.child("content")):
        if not _MEDIA_TYPE.fullmatch(media_type):
            continue
        value, place = resolved(spec, value or {}, place)
        yield MediaType(
            type=media_type,
            schema=_schema(value),
            encoding=dict(encodings(spec, value, place)),
            examples=tuple(examples(spec, value, place)),
            at=place,
        )


def examples(spec: Spec, node: Mapping[str, Any], at: Location) -> Iterator[Any]:
    """The examples of a media type or a parameter (OpenAPI 3.2, 4.14, 4.12), those that
    can be read."""
    if "example" in node:
        yield node["example"]
    for _, value, place in members(node.get("examples"), at.child("examples")):
        with suppress(Malformed):
            example, _ = resolved(spec, value, place)
            found = example.get("dataValue", example.get("value"))
            if found is not None:
                yield found


def _schema(media_type: Mapping[str, Any]) -> Any:
    """The schema of a body; one that is a stream is the list of its items (OpenAPI 3.2,
    4.14.2)."""
    if "schema" not in media_type and "itemSchema" in media_type:
        return {"type": "array", "items": media_type["itemSchema"]}
    return media_type.get("schema")


def encodings(
    spec: Spec, node: Mapping[str, Any], at: Location
) -> Iterator[tuple[str, Encoding]]:
    """How a media type's members are written, by their names."""
    for name, value, place in members(node.get("encoding"), at.child("encoding")):
        if isinstance(value, Mapping):
            model = typed(
                EncodingModel, value, place, "contentType", "style", "explode"
            )
            headers = dict(_headers(spec, value, place))
            yield name, Encoding(
                content_type=model.contentType,
                style=model.style,
                explode=model.explode,
                allow_reserved=is_true(value, "allowReserved"),
                headers={k: v for k, v in headers.items() if v is not _OPEN},
                open_headers=tuple(k for k, v in headers.items() if v is _OPEN),
            )


def _headers(
    spec: Spec, node: Mapping[str, Any], at: Location
) -> Iterator[tuple[str, Any]]:
    """The headers of a part, with the only value that they can have, or the default.

    `Content-Type` has its own member, and the others of that kind frame the part.
    """
    for name, header, place in members(node.get("headers"), at.child("headers")):
        if not _HEADER.fullmatch(name):
            continue
        try:
            header, place = resolved(spec, header, place)
            schema, _ = resolved(spec, header.get("schema"), place.child("schema"))
        except Malformed:
            schema = {}
        allowed = schema.get("enum")
        if "const" in schema:
            yield name, schema["const"]
        elif isinstance(allowed, list) and len(allowed) == 1:
            yield name, allowed[0]
        else:
            yield name, schema.get("default", _OPEN)
