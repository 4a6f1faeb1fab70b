"""Request bodies: the media type decides the bytes.

The rule: JSON is exactly the JSON that was given; a form is the object's members, each
written as its encoding says (OpenAPI 3.1, 4.8.15); everything else is the value's text,
or its bytes where the argument is binary. A binary argument is base64 text or a `data:`
URL, never a path.

Pure: values in, bytes out. The boundary of a multipart body is a digest of its parts.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import quote, unquote, unquote_to_bytes

from ..components import Body, Component, Encoding, Field, QueryString
from . import xml
from .serialization import (
    ArgumentError,
    Pair,
    form,
    naming,
    refuse_taken,
    to_json,
    to_text,
)

_DEFAULT = Encoding()
_JSON_LINES = frozenset(
    {"application/x-ndjson", "application/ndjson", "application/jsonl"}
    | {"application/x-jsonlines", "application/json-lines"}
)


class Content(NamedTuple):
    media_type: str
    content: bytes


class File(NamedTuple):
    content: bytes
    media_type: str | None
    name: str | None


@dataclass(frozen=True, slots=True)
class _Member:
    argument: str
    name: str
    value: Any
    encoding: Encoding
    binary: bool


def encode(component: Component, arguments: Mapping[str, Any]) -> Content | None:
    """The body of a request, or None when there is none to send.

    Raises ArgumentError, naming the argument that can't be written as its media type.
    """
    media_type = component.body
    if media_type is None:
        return None
    body = next((a for a in component.arguments if isinstance(a, Body)), None)
    if body is not None:
        value = arguments.get(body.name)
        if value is None and not (body.name in arguments and is_json(media_type)):
            return None
        return _encode_whole(media_type, body, value)
    members = [
        _Member(
            field.name,
            field.wire_name,
            arguments[field.name],
            field.encoding or _DEFAULT,
            field.binary,
        )
        for field in component.arguments
        if isinstance(field, Field) and field.name in arguments
    ]
    if not members and not component.body_required:
        return None
    if is_form(media_type):
        names = [
            field.wire_name for field in component.arguments if isinstance(field, Field)
        ]
        return _encode_form(media_type, members, names)
    value = {member.name: member.value for member in members}
    return _encode_value(media_type, "the body", value)


def query(argument: QueryString, value: Any) -> str:
    """A value as the whole query of a URL, percent-encoded.

    Raises ArgumentError for one that can't be written as its media type.
    """
    if is_form(argument.content) and not isinstance(value, Mapping):
        raise ArgumentError(f"{argument.name} is a form: give it as an object")
    whole = Body(argument.name, argument.schema, encoding=argument.encoding)
    content = _encode_whole(argument.content, whole, value).content
    return content.decode() if is_form(argument.content) else quote(content, safe="")


def read_file(argument: str, text: Any) -> File:
    """The bytes behind a binary argument: base64 text or a `data:` URL (RFC 2397).

    Raises ArgumentError for anything else. Of a `data:` URL, the media type and the
    parameter `name` are kept.
    """
    if not isinstance(text, str):
        raise ArgumentError(
            f"{argument} is a file: give its content as base64 text or a data: URL"
        )
    if text[:5].lower() != "data:":
        return File(_from_base64(argument, text), None, None)
    head, comma, data = text[5:].partition(",")
    if not comma:
        raise ArgumentError(
            f"{argument} is a data: URL without a comma: "
            "give it as data:<media type>;base64,<data>"
        )
    media_type, *parameters = head.split(";")
    names = [p[5:] for p in parameters if p[:5].lower() == "name="]
    encoded = any(p.strip().lower() == "base64" for p in parameters)
    content = (
        _from_base64(argument, unquote(data)) if encoded else unquote_to_bytes(data)
    )
    return File(content, media_type or None, unquote(names[0]) if names else None)


@lru_cache(maxsize=64)
def essence(media_type: str) -> str:
    """A media type without its parameters, in lower case."""
    return media_type.partition(";")[0].strip().lower()


@lru_cache(maxsize=64)
def is_json(media_type: str) -> bool:
    kind = essence(media_type)
    return kind.endswith("+json") or kind in ("application/json", "text/json")


def is_form(media_type: str) -> bool:
    kind = essence(media_type)
    return kind == "application/x-www-form-urlencoded" or kind.startswith("multipart/")


def _encode_whole(media_type: str, body: Body, value: Any) -> Content:
    if body.binary and not is_json(media_type):
        file = read_file(body.name, value)
        if "*" in media_type:
            own = file.media_type or "application/octet-stream"
            if not fnmatchcase(essence(own), essence(media_type)):
                raise ArgumentError(
                    f"{body.name} must be a file of the type {media_type}: give it as "
                    "a data: URL that says its type, data:<media type>;base64,<data>"
                )
            media_type = own
        return Content(media_type, file.content)
    if is_form(media_type) and isinstance(value, Mapping):
        encodings = body.encoding or {}
        members = [
            _Member(
                f"{body.name}.{key}",
                key,
                member,
                encodings.get(key, _DEFAULT),
                body.has_file(key),
            )
            for key, member in value.items()
        ]
        return _encode_form(
            media_type, members, {**body.schema.get("properties", {}), **value}
        )
    if body.xml is not None:
        with naming(body.name, value):
            content = _text(xml.document(value, body.xml), "utf-8")
        return Content(media_type, content)
    return _encode_value(media_type, body.name, value)


def _encode_value(media_type: str, argument: str, value: Any) -> Content:
    kind = essence(media_type)
    if kind.startswith("multipart/"):
        raise ArgumentError(f"{argument} is a {kind} body: give it as an object")
    if kind in ("*/*", "application/*"):
        media_type = kind = "application/json"
    if is_json(kind):
        return Content(media_type, _json(argument, value))
    is_sequence = kind.endswith("json-seq")  # RFC 7464 begins each text with a mark
    if (is_sequence or kind in _JSON_LINES) and isinstance(value, list):
        mark = b"\x1e" if is_sequence else b""
        lines = (mark + _json(argument, item) + b"\n" for item in value)
        return Content(media_type, b"".join(lines))
    charset = _charset(media_type)
    with naming(argument, value):
        text = to_text(value)
        if kind.startswith("text/") and charset is None and not text.isascii():
            media_type = f"{media_type}; charset=utf-8"
        return Content(media_type, _text(text, charset or "utf-8"))


def _json(argument: str, value: Any) -> bytes:
    with naming(argument, value):
        text = to_json(value)
    try:
        return text.encode()
    except UnicodeEncodeError:
        # Half a surrogate pair can travel only as the escape that it came as.
        return json.dumps(value, separators=(",", ":")).encode()


def _text(text: str, charset: str) -> bytes:
    try:
        return text.encode(charset)
    except (LookupError, UnicodeEncodeError):
        raise ValueError(f"has characters that {charset} can't hold") from None


def _charset(media_type: str) -> str | None:
    for parameter in media_type.split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return value.strip(' "') or None
    return None


def _encode_form(
    media_type: str, members: list[_Member], names: Iterable[str]
) -> Content:
    """A form; `names` are those of all its members, given or not."""
    for member in members:
        if isinstance(member.value, Mapping):
            with naming(member.argument, member.value):
                sent = (pair.name for pair in _pairs(member))
                refuse_taken(member.name, sent, names)
    if essence(media_type).startswith("multipart/"):
        return _encode_multipart(media_type, members)
    pairs: list[str] = []
    for member in members:
        with naming(member.argument, member.value):
            allow_reserved = member.encoding.allow_reserved
            pairs += (
                pair.encoded(allow_reserved=allow_reserved) for pair in _pairs(member)
            )
    return Content(media_type, "&".join(pairs).encode("ascii"))


def _pairs(member: _Member) -> list[Pair]:
    encoding, value = member.encoding, member.value
    if encoding.style is not None:
        return form(member.name, value, encoding.style, encoding.explode)
    if isinstance(value, list) and not is_json(_value_type(member) or ""):
        return form(member.name, value, "form", True)
    return [] if value is None else [Pair(member.name, (to_text(value),))]


def _encode_multipart(media_type: str, members: list[_Member]) -> Content:
    import hashlib

    parts: list[bytes] = []
    for member in members:
        with naming(member.argument, member.value):
            parts += _parts(member)
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    boundary = digest.hexdigest()[:32]
    delimiter = b"--" + boundary.encode("ascii")
    body = b"".join(delimiter + b"\r\n" + part + b"\r\n" for part in parts)
    kind = essence(media_type)
    kind = "multipart/form-data" if kind == "multipart/*" else kind
    return Content(f"{kind}; boundary={boundary}", body + delimiter + b"--\r\n")


def _parts(member: _Member) -> Iterator[bytes]:
    value, headers = member.value, member.encoding.headers
    if member.binary and value is not None:
        for item in value if isinstance(value, list) else [value]:
            file = read_file(member.argument, item)
            kind = _file_type(member, file.media_type)
            file_name = file.name or _file_name(member.name, kind)
            yield _part(member.name, file.content, kind, headers, file_name)
        return
    by_style = member.encoding.style is not None
    items = [value]
    if isinstance(value, list) and not (by_style or is_json(_value_type(member) or "")):
        items = value
    for item in items:
        one = replace(member, value=item)
        part_type = _value_type(one)
        pairs = _pairs(one)
        if isinstance(item, Mapping | list) and not by_style:
            part_type = part_type or "application/json"
            pairs = [Pair(member.name, (to_text(item),))]
        for pair in pairs:
            yield _part(pair.name, _text(pair.value, "utf-8"), part_type, headers)


def _part(
    name: str,
    content: bytes,
    media_type: str | None,
    headers: Mapping[str, str] | None,
    file_name: str | None = None,
) -> bytes:
    head = f'Content-Disposition: form-data; name="{_quoted(name)}"'
    if file_name is not None:
        head += f'; filename="{_quoted(file_name)}"'
    if media_type is not None:
        head += f"\r\nContent-Type: {media_type}"
    for header, value in (headers or {}).items():
        head += f"\r\n{header}: {value}"
    return head.encode() + b"\r\n\r\n" + content


def _file_name(name: str, media_type: str) -> str:
    """A name for a file that came without one; many APIs look at its end."""
    import mimetypes

    # The types that Python knows, whatever the machine has in its own lists.
    known = mimetypes.MimeTypes().guess_extension(essence(media_type))
    is_told = known is not None and media_type != "application/octet-stream"
    return f"{name}{known}" if is_told else name


def _quoted(text: str) -> str:
    # As browsers do (HTML, "multipart form data").
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def _file_type(member: _Member, given: str | None) -> str:
    """The file's own type where the member may have it, else the first that it may."""
    declared = _types(member.encoding)
    own = essence(given or "")
    if given and any(fnmatchcase(own, essence(pattern)) for pattern in declared):
        return given
    concrete = (media_type for media_type in declared if "*" not in media_type)
    return next(concrete, given or "application/octet-stream")


def _value_type(member: _Member) -> str | None:
    """The first type that the member may have; JSON before others for an object."""
    concrete = [kind for kind in _types(member.encoding) if "*" not in kind]
    structured = isinstance(member.value, Mapping)
    fitting = [kind for kind in concrete if is_json(kind)] if structured else []
    return next(iter(fitting or concrete), None)


def _types(encoding: Encoding) -> list[str]:
    listed = (encoding.content_type or "").split(",")
    return [media_type.strip() for media_type in listed if media_type.strip()]


def _from_base64(argument: str, text: str) -> bytes:
    data = "".join(text.split()).replace("-", "+").replace("_", "/")
    try:
        padded = data.rstrip("=") + "=" * (-len(data.rstrip("=")) % 4)
        return base64.b64decode(padded, validate=True)
    except ValueError:
        raise ArgumentError(
            f"{argument} is a file: give its content as base64 text or a data: URL; "
            "what was given is neither"
        ) from None
