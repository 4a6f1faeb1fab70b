"""The protocol versions with a handshake, and what each version may be sent.

2024-11-05, 2025-03-26, 2025-06-18 and 2025-11-25 start with `initialize`, which
settles the version of a connection. Versions are dates, so they compare as text, and
a field is known to every version from the one that introduced it. The functions that
shape listings and results serve the version without a handshake (stateless.py) too.

Pure: values in, values out; no I/O, no asyncio.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any, Final

from .errors import invalid_params
from .messages import dumps

if TYPE_CHECKING:
    from .components import Kind
    from .content import Result

VERSIONS: Final = ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25")
LATEST: Final = VERSIONS[-1]
BATCHING: Final = "2025-03-26"
"""The one version in which messages come in batches."""
WITHOUT_HEADER: Final = "2025-03-26"
"""What an HTTP request without MCP-Protocol-Version speaks (2025-11-25, transports)."""

_SINCE: Final[Mapping[str, str]] = {
    "title": "2025-06-18",
    "outputSchema": "2025-06-18",
    "_meta": "2025-06-18",
    "lastModified": "2025-06-18",
    "icons": "2025-11-25",
}
"""The fields of listing entries, and of their annotations, that came after 2024-11-05,
with their version."""

_TOOL_ANNOTATIONS_SINCE: Final = "2025-03-26"
_COMPLETIONS_SINCE: Final = "2025-03-26"
_AUDIO_SINCE: Final = "2025-03-26"
_RESOURCE_LINK_SINCE: Final = "2025-06-18"
_META_SINCE: Final = _SINCE["_meta"]
_CHOICES_SINCE: Final = "2025-11-25"
_LAST_MODIFIED_SINCE: Final = _SINCE["lastModified"]
_STRUCTURED_SINCE: Final = "2025-06-18"
_ANY_STRUCTURED_SINCE: Final = "2026-07-28"


def negotiate(params: Mapping[str, Any]) -> str:
    """The version that answers the params of an `initialize` request.

    Raises RequestError when they name no version.
    """
    requested = params.get("protocolVersion")
    if not isinstance(requested, str):
        raise invalid_params("Invalid params: protocolVersion must be a string")
    return requested if requested in VERSIONS else LATEST


def server_info(
    version: str,
    name: str,
    server_version: str,
    title: str | None,
    icons: Sequence[Mapping[str, Any]] = (),
) -> Any:
    """The `Implementation` object of a server."""
    info: dict[str, Any] = {"name": name, "version": server_version}
    if title and version >= _SINCE["title"]:
        info["title"] = title
    if icons and version >= _SINCE["icons"]:
        info["icons"] = icons
    return info


def capabilities(version: str, declared: Mapping[str, Any]) -> Mapping[str, Any]:
    """Those of the declared capabilities that `version` knows."""
    late = {"completions"} if version < _COMPLETIONS_SINCE else set()
    return {name: value for name, value in declared.items() if name not in late}


def initialize_result(
    version: str, info: Any, capabilities: Mapping[str, Any], instructions: str | None
) -> bytes:
    result = {
        "protocolVersion": version,
        "capabilities": capabilities,
        "serverInfo": info,
    }
    if instructions:
        result["instructions"] = instructions
    return dumps(result)


@cache
def _unknown(version: str, kind: Kind) -> Mapping[str, bytes]:
    """The fields of entries that a version lacks, and what of each is in an entry."""
    found = {field for field, since in _SINCE.items() if version < since}
    if kind == "tool" and version < _TOOL_ANNOTATIONS_SINCE:
        found.add("annotations")
    return {field: b'"%b"' % field.encode() for field in found}


def listing_entry(version: str, kind: Kind, entry: bytes) -> bytes:
    """An entry of the latest version without the fields that `version` lacks.

    The entry is parsed only when the name of such a field occurs in it.
    """
    unknown = _unknown(version, kind)
    if not any(quoted in entry for quoted in unknown.values()):
        return entry
    fields = json.loads(entry)
    known = {key: value for key, value in fields.items() if key not in unknown}
    if "annotations" in known and version < _LAST_MODIFIED_SINCE:
        known["annotations"].pop("lastModified", None)
    return dumps(known)


def listing(member: str, entries: Iterable[bytes], cursor: str | None) -> bytes:
    """The result of a list request: `{"tools": [...], "nextCursor": "..."}`."""
    more = b',"nextCursor":%b' % dumps(cursor) if cursor is not None else b""
    return b'{"%b":[%b]%b}' % (member.encode(), b",".join(entries), more)


def call_result(version: str, result: Result) -> bytes:
    """The result of `tools/call`.

    Structured content is spliced in as it was received, where the version has it:
    from 2025-06-18 for objects, from 2026-07-28 for any JSON value.
    """
    blocks = b",".join([_block_text(version, block) for block in result.content])
    structured = b""
    if result.structured is not None and _takes_structured(version, result.structured):
        structured = b',"structuredContent":%b' % _on_one_line(result.structured)
    is_error = b"true" if result.is_error else b"false"
    return b'{"content":[%b]%b,"isError":%b}' % (blocks, structured, is_error)


def read_result(contents: Sequence[Mapping[str, Any]]) -> bytes:
    """The result of `resources/read`."""
    return dumps({"contents": contents})


def prompt_result(version: str, description: str, result: Result) -> bytes:
    """The result of `prompts/get`: a message for each block of content."""
    roles = chain(result.roles, repeat("user"))
    shaped = [
        {"role": role, "content": content_block(version, block)}
        for role, block in zip(roles, result.content, strict=False)
    ]
    return dumps({"description": description, "messages": shaped})


def content_block(version: str, block: Mapping[str, Any]) -> Mapping[str, Any]:
    """A content block as `version` knows it.

    Audio becomes an embedded resource and a link becomes its URI as text, where the
    version has no such block.
    """
    kind = block["type"]
    if kind == "audio" and version < _AUDIO_SINCE:
        resource = {
            "uri": "content://audio",
            "mimeType": block["mimeType"],
            "blob": block["data"],
        }
        block = {"type": "resource", "resource": resource}
    elif kind == "resource_link" and version < _RESOURCE_LINK_SINCE:
        block = {"type": "text", "text": block["uri"]}
    if version >= _META_SINCE:
        return block
    return {key: _without_meta(value) for key, value in block.items() if key != "_meta"}


def _block_text(version: str, block: Mapping[str, Any]) -> bytes:
    """A content block as JSON text; nearly all are text and nothing else."""
    if block["type"] == "text" and len(block) == 2:
        return b'{"type":"text","text":%b}' % dumps(block["text"])
    return dumps(content_block(version, block))


def form(version: str, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema of a form as `version` knows it.

    Before 2025-11-25, choices have their titles in `enumNames`, and only a boolean has
    a default.
    """
    properties = schema.get("properties")
    if version >= _CHOICES_SINCE or not isinstance(properties, Mapping):
        return schema
    return {**schema, "properties": {k: _field(v) for k, v in properties.items()}}


def _field(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    older = dict(schema)
    if "oneOf" in older:
        choices = older.pop("oneOf")
        older["enum"] = [choice["const"] for choice in choices]
        older["enumNames"] = [c.get("title", c["const"]) for c in choices]
    if older.get("type") != "boolean":
        older.pop("default", None)
    return older


def _without_meta(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    late = {"_meta", "lastModified"}
    return {key: member for key, member in value.items() if key not in late}


def _takes_structured(version: str, structured: bytes) -> bool:
    if version >= _ANY_STRUCTURED_SINCE:
        return True
    return version >= _STRUCTURED_SINCE and structured.lstrip().startswith(b"{")


def _on_one_line(json_text: bytes) -> bytes:
    """JSON text without line ends, which are white space wherever they are legal."""
    return json_text.replace(b"\n", b" ").replace(b"\r", b" ")
