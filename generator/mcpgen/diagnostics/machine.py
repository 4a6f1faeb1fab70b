"""Findings for programs: one JSON document, each finding by itself.

ASCII only, so that nothing of the document can reach a terminal raw. What its members
mean is a promise, made in docs/diagnostics.md.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping

from .model import Diagnostic, Text
from .place import place

FORMAT_VERSION = 1


def as_json(diagnostics: Iterable[Diagnostic], documents: Mapping[str, Text]) -> str:
    """The findings in the order in which they were found, and how many they are."""
    found = [finding(one, documents) for one in diagnostics]
    counts = Counter(one["severity"] for one in found)
    return json.dumps(
        {
            "version": FORMAT_VERSION,
            "counts": {name: counts[name] for name in ("error", "warning", "note")},
            "findings": found,
        },
        indent=2,
    )


def finding(
    diagnostic: Diagnostic, documents: Mapping[str, Text]
) -> dict[str, str | int | None]:
    """One finding as a JSON object; what isn't known is null."""
    location = diagnostic.location
    at = place(location, documents) if location else None
    return {
        "severity": diagnostic.severity,
        "code": diagnostic.code,
        "message": diagnostic.message,
        "operation": diagnostic.subject,
        "file": location.source if location else None,
        "line": at.line if at else None,
        "column": at.column if at else None,
        "pointer": location.pointer if location and not location.mark else None,
        "help": diagnostic.hint,
    }
