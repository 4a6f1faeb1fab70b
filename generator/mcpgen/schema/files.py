"""Which members of a multipart body are files, and how a client gives them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mcpgen_runtime.components import Encoding

from ..diagnostics import Location
from .json_schema import Translator
from .media_types import essence, is_json

_FILE = "base64 text, a data: URL, or file:<path> in the folder that the server shares"


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
    target, at = translator.resolve(schema, at)
    if not isinstance(target, Mapping) or at in above:
        return False
    above |= {at}
    types = _types(target)
    branches = [
        is_file(branch, at.child(union, index), encoding, translator, above)
        for union in ("anyOf", "oneOf")
        for index, branch in enumerate(_listed(target.get(union)))
        if branch != {"type": "null"}
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
    return (
        target.get("format") == "binary"
        or "contentMediaType" in target
        or target.get("contentEncoding") in ("base64", "base64url")
    )


def file_schema(schema: dict[str, Any]) -> dict[str, Any]:
    """What is advertised for a file: text that holds its bytes."""
    for union in schema.keys() & {"anyOf", "oneOf"}:
        branches = (
            branch if branch == {"type": "null"} else file_schema(branch)
            for branch in schema[union]
        )
        return schema | {union: list(branches)}
    if _types(schema) == ["array"]:
        return schema | {"items": file_schema(dict(schema.get("items", {})))}
    description = schema.get("description")
    text = f"{str(description).rstrip()} ({_FILE})" if description else _FILE
    media_type = schema.get("contentMediaType", "application/octet-stream")
    return {
        "type": schema.get("type", "string"),
        "description": text[0].upper() + text[1:],
        "contentEncoding": "base64",
        "contentMediaType": media_type,
    }


def _types(schema: Mapping[str, Any]) -> list[Any]:
    """The types of a value that isn't null."""
    declared = schema.get("type", [])
    listed = declared if isinstance(declared, list) else [declared]
    return [name for name in listed if name != "null"]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
