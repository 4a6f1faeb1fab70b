"""What a listing costs the model that reads it, in tokens: an estimate, made here only.

Four characters of a listing's JSON count as one token, which is near what the
tokenizers of the large models make of English words in JSON.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from mcpgen_runtime.components import Kind, listing_entries

from .schema import Package

_CHARACTERS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """The tokens of one entry of a listing, by the name of its component."""

    kind: Kind
    name: str
    tokens: int


def costs(package: Package) -> tuple[Cost, ...]:
    """The cost of each entry of the listings, in the order of the package."""
    return tuple(
        Cost(kind=kind, name=component.name, tokens=_tokens(entry))
        for module in package.modules
        for component in module.components
        for kind, entry in listing_entries(component, package.schemas)
    )


def _tokens(entry: dict[str, object]) -> int:
    text = json.dumps(entry, ensure_ascii=False, separators=(",", ":"))
    return -(-len(text) // _CHARACTERS)
