"""One of many: the singular of an English plural, as paths have them.

Rules by the end of the word, and the few words of APIs that follow none. A word that
only looks like a plural (`status`, `dns`) stays.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_IRREGULAR: Mapping[str, str] = {
    "analyses": "analysis",
    "apis": "api",
    "caches": "cache",
    "children": "child",
    "clauses": "clause",
    "cookies": "cookie",
    "ids": "id",
    "indices": "index",
    "matrices": "matrix",
    "movies": "movie",
    "people": "person",
    "uris": "uri",
    "vertices": "vertex",
}
_SAME = frozenset(
    """alias always atlas bias canvas details https kubernetes lens news preferences
    series settings species statistics stats
    """.split()  # noqa: SIM905
)
_RULES = (
    (re.compile(r"(?<=..)ies$"), "y"),
    (re.compile(r"(?<=ss|.x|ch|sh|[^h]o)es$"), ""),  # boxes, matches, heroes
    (re.compile(r"(?<=[iv]as)es$"), ""),  # aliases, canvases
    (re.compile(r"(?<=[^aeo]us)es$"), ""),  # statuses, but causes and houses
    (re.compile(r"(?<=[^isu])s$"), ""),
)
_SHORTEST = 4
"""Letters of the shortest plural: `ads` and `dns` look alike."""


def singular(word: str) -> str:
    """The word for one of what a plural names; any other word as it is."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) < _SHORTEST or word in _SAME:
        return word
    for ending, replacement in _RULES:
        if ending.search(word):
            return ending.sub(replacement, word)
    return word
