"""The name of the server, from the API's title or as the user gave it."""

from __future__ import annotations

import re

from anyascii import anyascii

from .words import is_version, joined, words

_LONGEST = 40
_NOISE = frozenset(
    """a an and api apis definition doc docs documentation for http oas of openapi
    reference rest restful spec specification swagger the version""".split()  # noqa: SIM905
)


def slug(title: str) -> str:
    """A server's name from the API's: `The Pet Store API (v2)` -> `pet-store`.

    Words stay as the title has them (`DNSimple API` -> `dnsimple`); only a title that
    is one identifier is taken apart.
    """
    plain = [
        word
        for word in re.split(r"[^\w.]+", anyascii(title).replace("'", "").lower())
        if not is_version(word)
    ]
    found = [part for word in plain for part in re.findall(r"[a-z0-9]+", word)]
    if len(found) == 1:
        found = words(title)
    kept = [word for word in found if word not in _NOISE] or found or ["api"]
    text = joined(kept, "-", _LONGEST)
    return text if text[0].isalpha() else f"api-{text}"


def plain_slug(name: str) -> str:
    """A server's name as its user gave it: `My Store` -> `my-store`, `x-mcp` -> `x`."""
    found = re.findall(r"[a-z0-9]+", anyascii(name).lower())
    text = joined(found[:-1] if found[1:] and found[-1] == "mcp" else found, "-")
    return text if text[:1].isalpha() else f"api-{text}".strip("-")
