"""What clients and model APIs demand of a listing, as checks on plain values.

Independent of mcpgen's own code, so that it can judge it. Each function gives
sentences, one for each fault; none is the good news.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import jsonschema_rs

TOOL_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
PROPERTY_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")
URI = re.compile(r"[a-z][a-z0-9+.-]*://[^\s{}]+")
URI_TEMPLATE = re.compile(r"[a-z][a-z0-9+.-]*://(?:[^\s{}]|\{[?&+]?[\w.,%-]+\*?\})+")

NOT_AT_ROOT = {"oneOf", "anyOf", "allOf", "not", "if", "enum"}
DATA = {"const", "default", "enum", "example", "examples"}
MAPS = {"$defs", "definitions", "dependentSchemas", "patternProperties", "properties"}


def tool_faults(tools: list[Any]) -> Iterator[str]:
    """Names, descriptions and input schemas of a `tools/list` result."""
    yield from _repeated(tools, "name")
    for tool in tools:
        name = tool.get("name", "")
        if not TOOL_NAME.fullmatch(name):
            yield f"tool {name!r}: the name isn't {TOOL_NAME.pattern}"
        if not str(tool.get("description", "")).strip():
            yield f"tool {name!r}: no description"
        for fault in schema_faults(tool.get("inputSchema")):
            yield f"tool {name!r}: {fault}"


def resource_faults(entries: list[Any], key: str) -> Iterator[str]:
    """URIs (`key` "uri") or templates ("uriTemplate"), names and descriptions."""
    yield from _repeated(entries, key)
    pattern = URI if key == "uri" else URI_TEMPLATE
    for entry in entries:
        uri = entry.get(key, "")
        if not pattern.fullmatch(uri):
            yield f"{key} {uri!r} isn't one"
        for member in ("name", "description"):
            if not str(entry.get(member, "")).strip():
                yield f"{key} {uri!r}: no {member}"


def schema_faults(schema: Any) -> Iterator[str]:
    """An input schema: 2020-12, self-contained, an object without alternatives."""
    if not isinstance(schema, dict) or schema.get("type") != "object":
        yield "the input schema isn't an object schema"
        return
    for keyword in sorted(NOT_AT_ROOT & schema.keys()):
        yield f"{keyword} at the root of the input schema"
    for name in schema.get("properties", {}):
        if not PROPERTY_NAME.fullmatch(name):
            yield f"the property name {name!r} isn't {PROPERTY_NAME.pattern}"
    dangling = [
        reference
        for reference in _references(schema)
        if not reference.startswith("#") or not _resolves(schema, reference)
    ]
    yield from (f"$ref {reference!r} leads nowhere" for reference in dangling)
    try:
        jsonschema_rs.meta.validate(schema)
        if not dangling:
            jsonschema_rs.Draft202012Validator(schema)
    except (ValueError, jsonschema_rs.ReferencingError) as error:
        first = str(error).partition("\n")[0]
        yield f"not a JSON Schema of 2020-12: {first[:200]}"


def _repeated(entries: list[Any], key: str) -> Iterator[str]:
    for value, times in Counter(entry.get(key) for entry in entries).items():
        if times > 1:
            yield f"{key} {value!r} is listed {times} times"


def _references(node: Any, *, names: bool = False) -> Iterator[str]:
    """The `$ref`s of a schema; in a map of `names`, `$ref` is a name like any other."""
    if isinstance(node, list):
        for item in node:
            yield from _references(item)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key in ("$ref", "$dynamicRef") and not names:
                yield str(value)
            elif names or key not in DATA:
                yield from _references(value, names=not names and key in MAPS)


def _resolves(schema: Any, reference: str) -> bool:
    node = schema
    for part in reference.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(node, list) and key.isdecimal() and int(key) < len(node):
            node = node[int(key)]
        elif isinstance(node, dict) and key in node:
            node = node[key]
        else:
            return False
    return True
