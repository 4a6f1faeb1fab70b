"""Identifiers and phrases as words, and words as a name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import count

from anyascii import anyascii

LONGEST = 64
"""Characters of a name: what model APIs take."""
_END = r"(?![a-z]|[A-Z](?![a-z]))"
_WORD = re.compile(
    r"(?:FastAPI|GraphQL|OAuth|OpenA(?:PI|pi)|IPv[46]"
    rf"|[A-Za-z]\d{{1,2}}[A-Za-z]{_END}"  # B2B, k8s, i18n
    rf"|\d[A-Z]{{1,2}}{_END}"  # 2FA, 3DS
    r"|\d+[a-z]{1,2}(?![A-Za-z])"  # 2fa, 24hr
    r"|[A-Z]{2,}s(?![a-z])|[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+)"
    r"\d*|\d+"
)
_VERSION = re.compile(r"v?\d+(\.\d+)*")


def words(text: str) -> list[str]:
    """The words of an identifier or a phrase, in lower case and ASCII."""
    return [word.lower() for word in _WORD.findall(anyascii(text))]


def is_version(word: str) -> bool:
    """Whether a word is a version, such as `v2` or `1.0`."""
    return _VERSION.fullmatch(word) is not None


def says_nothing(word: str) -> bool:
    """Whether a word, or a segment of a path, tells nothing of what it belongs to."""
    return word == "api" or is_version(word)


def joined(found: Sequence[str], sign: str = "_", longest: int = LONGEST) -> str:
    """As many words as fit, at least the beginning of the first."""
    text = ""
    for word in found:
        longer = f"{text}{sign}{word}" if text else word
        if len(longer) > longest:
            return text or longer[:longest]
        text = longer
    return text


def numbered(candidates: Sequence[str]) -> Iterator[str]:
    """The candidates, then the last of them with a number; none is too long."""
    yield from (candidate[:LONGEST] for candidate in candidates)
    for number in count(2):
        suffix = f"_{number}"
        yield candidates[-1][: LONGEST - len(suffix)] + suffix
