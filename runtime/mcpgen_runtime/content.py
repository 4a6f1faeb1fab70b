"""What an operation gave, before any protocol version: content blocks and raw parts.

The rule: a `Result` holds the answer once as the model reads it (`content`) and once as
it came (`structured`, `body`); how much of it a client may see is the protocol's
business.

Pure: values in, values out.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

Content: TypeAlias = dict[str, Any]
"""An MCP content block: text, image, audio or embedded resource."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of an answer that has several: its `text`, or its `body` where it is none.

    `uri` is absolute, and None where the part doesn't say what it is.
    """

    uri: str | None
    mime_type: str
    text: str | None
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The outcome of one operation.

    `structured` is the JSON text of the answer, numbers and key order as received,
    when the answer is JSON. `text` is the decoded answer, when it is text of any kind,
    and `body` its bytes when it isn't. `parts` are those of a multipart answer, a block
    of `content` each. `left_out` says what a large answer lacks, when it was cut; it is
    the last block of `content`, too. `roles` says who says each block, in the answer of
    a prompt; `user` says those that have none.
    """

    content: tuple[Content, ...]
    structured: bytes | None = None
    is_error: bool = False
    status: int | None = None
    mime_type: str | None = None
    text: str | None = None
    body: bytes = field(default=b"", repr=False)
    parts: tuple[Part, ...] = ()
    left_out: str | None = None
    roles: tuple[str, ...] = ()

    @property
    def characters(self) -> int:
        """How much text there is in the blocks."""
        return sum(len(text_of(block)) for block in self.content)

    def json(self) -> Any:
        """The answer as a value; raises ValueError when it isn't JSON."""
        if self.structured is None:
            raise ValueError("this result is not JSON")
        return json.loads(self.structured)

    def as_object(self, limit: int) -> Result:
        """This result with an object as its structured content, unless it failed.

        A JSON value of any other kind becomes the member `result`, where text and
        structured content stay within `limit` bytes together.
        """
        if self.is_error or (self.structured or b"")[:1] == b"{":
            return self
        value = self.structured or b""
        wrapped = b'{"result":%b}' % value if value else b"{}"
        fits = len(wrapped) + self.characters <= limit
        return replace(self, structured=wrapped if fits else b"{}")


def error(message: str, *, status: int | None = None) -> Result:
    """A failed operation, told in one text."""
    return Result(content=(text_block(message),), is_error=True, status=status)


def text_block(text: str) -> Content:
    return {"type": "text", "text": text}


def image_block(data: bytes, mime_type: str) -> Content:
    return {"type": "image", "data": _base64(data), "mimeType": mime_type}


def audio_block(data: bytes, mime_type: str) -> Content:
    return {"type": "audio", "data": _base64(data), "mimeType": mime_type}


def blob_block(uri: str, data: bytes, mime_type: str) -> Content:
    """An embedded resource with binary content; `uri` is absolute."""
    resource = {"uri": uri, "mimeType": mime_type, "blob": _base64(data)}
    return {"type": "resource", "resource": resource}


def text_of(block: Content) -> str:
    """The text of a block, that of an embedded resource, too; "" where it has none."""
    text: str = block.get("resource", block).get("text", "")
    return text


def with_text(block: Content, text: str) -> Content:
    """The same block with another text."""
    if "resource" in block:
        return block | {"resource": block["resource"] | {"text": text}}
    return block | {"text": text}


def resource_contents(uri: str, result: Result) -> list[Content]:
    """The `contents` of resources/read: text, or bytes as a blob, and what is left out.

    The parts of an answer are contents of their own, as `uri#1`, `uri#2`… where they
    have no other name.
    """
    if result.parts:
        contents = [
            _contents(part.uri or f"{uri}#{number}", part)
            for number, part in enumerate(result.parts, 1)
        ]
    else:
        contents = [_contents(uri, result)]
    if result.left_out is not None:
        contents.append({"uri": uri, "mimeType": "text/plain", "text": result.left_out})
    return contents


def _contents(uri: str, whole: Result | Part) -> Content:
    contents: Content = {"uri": uri}
    if whole.mime_type is not None:
        contents["mimeType"] = whole.mime_type
    if whole.text is not None:
        contents["text"] = whole.text
    else:
        contents["blob"] = _base64(whole.body)
    return contents


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
