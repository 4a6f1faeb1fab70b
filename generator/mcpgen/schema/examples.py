"""Examples that stand beside a schema, in the schema: where it has none, and short ones.

A listing pays for each of them in every conversation, so a few say enough.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from .meant import fits, known_types

_MOST = 3
_LONGEST = 100
"""Characters of an example, as JSON."""


def exemplified(schema: dict[str, Any], given: Iterable[Any]) -> dict[str, Any]:
    """The schema with those examples that are short and of its type; as it is where it
    says by itself what a value looks like."""
    if schema.keys() & {"const", "enum", "examples"}:
        return schema
    types = known_types(schema.get("type"))
    kept: dict[str, Any] = {}
    for example in given:
        try:
            text = json.dumps(example, allow_nan=False, ensure_ascii=False)
        except (TypeError, ValueError):
            continue
        if len(text) <= _LONGEST and (not types or fits(example, types)):
            kept.setdefault(text, example)
    return schema | {"examples": list(kept.values())[:_MOST]} if kept else schema
