"""Results: what a function gives, as a client receives it.

    str                           a text
    Image, Audio, File, Link      a block of its own
    bytes                         a file without a name
    None                          nothing
    a list with one of the above  one block for each item
    anything else                 JSON, as text and as structured content

Pure: values in, values out.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

from ..content import Content, Result, audio_block, blob_block, image_block, text_block
from .readings import json_value

_BYTES: Final = "application/octet-stream"
_TEXT: Final = "text/plain"
_JSON: Final = "application/json"


@dataclass(frozen=True, slots=True)
class Image:
    data: bytes = field(repr=False)
    mime_type: str = "image/png"


@dataclass(frozen=True, slots=True)
class Audio:
    data: bytes = field(repr=False)
    mime_type: str = "audio/wav"


@dataclass(frozen=True, slots=True)
class File:
    """Text or bytes under a URI; `mime_type` is plain text or any bytes by default."""

    uri: str
    data: str | bytes = field(repr=False)
    mime_type: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A resource that the client may read itself."""

    uri: str
    name: str
    description: str | None = None
    mime_type: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """A message of a prompt; `content` is anything that a tool may give."""

    content: Any
    role: Literal["user", "assistant"] = "user"


Block: TypeAlias = Image | Audio | File | Link


def tool_result(value: Any, name: str) -> Result:
    """The result of the tool `name`; TypeError or ValueError for what isn't JSON."""
    if isinstance(value, Result):
        return value
    if value is None:
        return Result(content=())
    if isinstance(value, str | bytes | Block):
        return Result(content=(_block(value, name),))
    if isinstance(value, list | tuple) and any(isinstance(v, Block) for v in value):
        return Result(content=tuple(_block(item, name) for item in value))
    text = _json(value)
    return Result(
        content=(text_block(text),), structured=text.encode(), mime_type=_JSON
    )


def resource_result(value: Any, mime_type: str | None) -> Result:
    """What is read from a resource; `mime_type` is what its listing says of it."""
    if isinstance(value, Result):
        return value
    if isinstance(value, File):
        mime_type, value = value.mime_type or mime_type, value.data
    elif isinstance(value, Image | Audio):
        mime_type, value = value.mime_type, value.data
    if isinstance(value, bytes):
        return Result(content=(), mime_type=mime_type or _BYTES, body=value)
    if isinstance(value, str):
        return Result(content=(), mime_type=mime_type or _TEXT, text=value)
    return Result(content=(), mime_type=mime_type or _JSON, text=_json(value))


def prompt_result(value: Any, name: str) -> Result:
    """The messages of the prompt `name`, which gave one of them, or a list."""
    if isinstance(value, Result):
        return value
    items = value if isinstance(value, list | tuple) else [value]
    content: list[Content] = []
    roles: list[str] = []
    for item in items:
        message = item if isinstance(item, Message) else Message(item)
        blocks = tool_result(message.content, name).content
        content += blocks
        roles += [message.role] * len(blocks)
    return Result(content=tuple(content), roles=tuple(roles))


def _block(value: Any, name: str) -> Content:
    match value:
        case str():
            return text_block(value)
        case bytes():
            return blob_block(f"content://{name}", value, _BYTES)
        case Image(data, mime_type):
            return image_block(data, mime_type)
        case Audio(data, mime_type):
            return audio_block(data, mime_type)
        case File(uri, bytes(data), mime_type):
            return blob_block(uri, data, mime_type or _BYTES)
        case File(uri, text, mime_type):
            resource = {"uri": uri, "mimeType": mime_type or _TEXT, "text": text}
            return {"type": "resource", "resource": resource}
        case Link():
            return _link(value)
        case _:
            return text_block(_json(value))


def _link(link: Link) -> Content:
    block = {"type": "resource_link", "uri": link.uri, "name": link.name}
    if link.description is not None:
        block["description"] = link.description
    if link.mime_type is not None:
        block["mimeType"] = link.mime_type
    return block


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, default=json_value)
