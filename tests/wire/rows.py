"""A row of the catalogue of requests, and what makes the common ones.

Each row is one operation of one document, served by one generated package.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

STRING = {"type": "string"}
INTEGER = {"type": "integer"}
STRINGS = {"type": "array", "items": STRING}
OBJECT = {"type": "object", "additionalProperties": STRING}
FILE = {"type": "string", "format": "binary"}
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"


@dataclass(frozen=True, kw_only=True)
class Row:
    """`sent` is the request target behind the base path, with any headers and body
    that matter; `refused` is what the message to the model holds, nothing being sent.
    """

    construct: str
    given: dict[str, Any]
    sent: str = ""
    headers: dict[str, str | None] = field(default_factory=dict)
    body: bytes = b""
    refused: str = ""
    method: str = "post"
    path: str = ""
    parameters: tuple[dict[str, Any], ...] = ()
    request_body: dict[str, Any] | None = None


def query(
    construct: str, schema: Any, value: Any, sent: str, *, name: str = "q", **more: Any
) -> Row:
    parameter = {"name": name, "in": "query", "schema": schema} | more
    given = {"q": value}
    return Row(construct=construct, given=given, sent=sent, parameters=(parameter,))


def unsafe(wire: str, name: str, sent: str) -> Row:
    """A query parameter whose name no model API takes."""
    parameter = {"name": wire, "in": "query", "schema": STRING}
    return Row(
        construct=f"the name {wire[:20]}",
        given={name: "a eq 1"},
        sent=sent,
        parameters=(parameter,),
    )


def whole_query(
    construct: str, kind: str, schema: Any, value: Any, sent: str, **more: Any
) -> Row:
    content = {kind: {"schema": schema} | more}
    parameter = {"name": "q", "in": "querystring", "content": content}
    return Row(
        construct=construct, given={"q": value}, sent=sent, parameters=(parameter,)
    )


def path(construct: str, schema: Any, value: Any, sent: str, **more: Any) -> Row:
    parameter = {"name": "p", "in": "path", "required": True, "schema": schema} | more
    refused = sent.removeprefix("refused: ") if sent.startswith("refused") else ""
    return Row(
        construct=construct,
        given={"p": value},
        sent="" if refused else sent,
        refused=refused,
        path="/{p}",
        parameters=(parameter,),
    )


def header(construct: str, schema: Any, value: Any, sent: str, **more: Any) -> Row:
    parameter = {"name": "X-H", "in": "header", "schema": schema} | more
    refused = sent.removeprefix("refused: ") if sent.startswith("refused") else ""
    return Row(
        construct=construct,
        given={"X-H": value},
        headers={} if refused else {"X-H": sent},
        refused=refused,
        parameters=(parameter,),
    )


def named(name: str, value: str) -> Row:
    """A header of a name that HTTP knows, and that is an argument like others."""
    parameter = {"name": name, "in": "header", "schema": STRING}
    return Row(
        construct=f"header {name}",
        given={name: value},
        headers={name: value},
        parameters=(parameter,),
    )


def refused_header(name: str) -> Row:
    """A header that is no argument, though the document declares it as one."""
    parameter = {"name": name, "in": "header", "required": True, "schema": STRING}
    return Row(
        construct=f"never {name}",
        given={name: "x"},
        refused=f"{name}: is not a known name",
        parameters=(parameter,),
    )


def cookie(construct: str, schema: Any, value: Any, sent: str, **more: Any) -> Row:
    parameter = {"name": "c", "in": "cookie", "schema": schema} | more
    refused = sent.removeprefix("refused: ") if sent.startswith("refused") else ""
    return Row(
        construct=construct,
        given={"c": value},
        headers={} if refused else {"Cookie": sent},
        refused=refused,
        parameters=(parameter,),
    )


def body(
    construct: str,
    media_type: str,
    schema: Any,
    given: dict[str, Any],
    sent: bytes,
    *,
    content_type: str | None = None,
    method: str = "post",
    **more: Any,
) -> Row:
    media = {} if schema is None else {"schema": schema}
    return Row(
        construct=construct,
        given=given,
        body=sent,
        headers={"Content-Type": content_type or media_type},
        method=method,
        request_body={"required": True, "content": {media_type: media | more}},
    )


def part(
    name: str, content: bytes, kind: str = "", file: str = "", more: str = ""
) -> bytes:
    head = f'Content-Disposition: form-data; name="{name}"'
    head += f'; filename="{file}"' if file else ""
    head += f"\r\nContent-Type: {kind}" if kind else ""
    return (head + more).encode() + b"\r\n\r\n" + content
