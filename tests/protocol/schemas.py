"""Messages of a server against the official JSON Schemas, one for each version.

2024-11-05 has none here (fixtures/protocol/README.md): what it lacks is tested by name.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import jsonschema_rs
from harness import ROOT

LEGACY: Final = ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25")
MODERN: Final = "2026-07-28"
VERSIONS: Final = (*LEGACY, MODERN)

_ERROR_WITHOUT_ID: Final = "2025-11-25"
"""The version from which an error may come without the id of a request."""
_EMPTY: Final = ("ping", "logging/setLevel", "resources/subscribe")


def problems(version: str, message: Any, method: str | None = None) -> list[str]:
    """What is wrong with a message; `method` is the request that a result answers.

    An error about what has no readable id is checked by the first version that has
    a shape for it.
    """
    if isinstance(message, list):
        return [found for one in message for found in problems(version, one, method)]
    if "error" in message and "id" not in message:
        version = max(version, _ERROR_WITHOUT_ID)
    if version == VERSIONS[0]:
        return []
    definitions = _definitions(version)
    names: list[str] = []
    if "method" in message:
        names.append(_by_method(version).get(message["method"], ""))
    elif "error" in message:
        names += ("JSONRPCErrorResponse", "JSONRPCError")
        names.append(_by_code(version).get(message["error"].get("code"), ""))
    else:
        names += ("JSONRPCResultResponse", "JSONRPCResponse")
        result = message.get("result")
        kind = result.get("resultType") if isinstance(result, dict) else None
        shape = _by_method(version).get(method or "", "").replace("Request", "Result")
        if kind == "input_required":
            shape = "InputRequiredResult"
        elif method in _EMPTY:
            shape = "EmptyResult"
        if kind != "task" and shape in definitions:
            names.append(f"result:{shape}")
    return [
        f"{version} {name}: {'/'.join(map(str, error.instance_path))}: {error.message}"
        for name in names
        if name.removeprefix("result:") in definitions
        for error in _validator(version, name.removeprefix("result:")).iter_errors(
            message["result"] if name.startswith("result:") else message
        )
    ]


@cache
def _schema(version: str) -> dict[str, Any]:
    path = ROOT / "fixtures" / "protocol" / f"{version}.json.gz"
    schema: dict[str, Any] = json.loads(gzip.decompress(path.read_bytes()))
    return schema


def _member(version: str) -> str:
    return "$defs" if "$defs" in _schema(version) else "definitions"


def _definitions(version: str) -> Mapping[str, Any]:
    definitions: Mapping[str, Any] = _schema(version)[_member(version)]
    return definitions


@cache
def _by_method(version: str) -> Mapping[str, str]:
    """The definition of each method's message."""
    return {
        method: name
        for name, schema in _definitions(version).items()
        if (method := schema.get("properties", {}).get("method", {}).get("const"))
    }


@cache
def _by_code(version: str) -> Mapping[int, str]:
    """The definition of each error that has one."""
    found: dict[int, str] = {}
    for name, schema in _definitions(version).items():
        for part in schema.get("properties", {}).get("error", {}).get("allOf", ()):
            code = part.get("properties", {}).get("code", {}).get("const")
            if code is not None:
                found[code] = name
    return found


@cache
def _validator(version: str, name: str) -> jsonschema_rs.Validator:
    schema = {**_schema(version), "$ref": f"#/{_member(version)}/{name}"}
    return jsonschema_rs.validator_for(schema)
