"""Findings as SARIF 2.1.0 (OASIS), for code scanning: one result for each finding.

A code is a rule; where a document has no file (standard input), its results have no
place.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from mcpgen_runtime._version import __version__

from .catalogue import MEANINGS
from .model import Diagnostic, Location, Text
from .place import place

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def as_sarif(diagnostics: Iterable[Diagnostic], documents: Mapping[str, Text]) -> str:
    """A SARIF log of one run, in ASCII."""
    found = list(diagnostics)
    codes = sorted({one.code for one in found})
    rules = {code: index for index, code in enumerate(codes)}
    driver = {
        "name": "mcpgen",
        "version": __version__,
        "rules": [_rule(code) for code in codes],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(one, rules[one.code], documents) for one in found],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _rule(code: str) -> dict[str, Any]:
    meaning = {"text": MEANINGS.get(code, code)}
    return {"id": code, "shortDescription": meaning, "fullDescription": meaning}


def _result(
    diagnostic: Diagnostic, rule: int, documents: Mapping[str, Text]
) -> dict[str, Any]:
    subject = f"{diagnostic.subject}: " if diagnostic.subject else ""
    hint = f"\nhelp: {diagnostic.hint}" if diagnostic.hint else ""
    result: dict[str, Any] = {
        "ruleId": diagnostic.code,
        "ruleIndex": rule,
        "level": diagnostic.severity,
        "message": {"text": f"{subject}{diagnostic.message}{hint}"},
    }
    if diagnostic.location and not diagnostic.location.source.startswith("<"):
        result["locations"] = [_location(diagnostic.location, documents)]
    return result


def _location(location: Location, documents: Mapping[str, Text]) -> dict[str, Any]:
    at = place(location, documents)
    physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(location.source)}}
    if at is not None:
        physical["region"] = {
            "startLine": at.line,
            "startColumn": at.column,
            "endColumn": at.column + at.width,
        }
    found: dict[str, Any] = {"physicalLocation": physical}
    if location.pointer:
        found["logicalLocations"] = [{"fullyQualifiedName": location.pointer}]
    return found


def _uri(source: str) -> str:
    """A source as a URI reference: relative as it was given, absolute as `file:`."""
    if source.startswith(("http://", "https://")):
        return source
    path = quote(source.replace("\\", "/"))
    return f"file://{path}" if path.startswith("/") else path
