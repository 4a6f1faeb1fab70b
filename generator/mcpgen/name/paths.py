"""The words of an operation's method and path: `GET /users/{user_id}` -> get user by id.

Where the last segment says what is done, that is the verb: `POST /users/{id}/suspend`
-> suspend user. Otherwise the method has one, another where the last word is a plural.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from ..operations import Operation
from .singular import singular
from .verbs import says_what_is_done
from .words import says_nothing, words

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_FORMAT = re.compile(r"\.(json|xml|ya?ml)$")
_VERBS: Mapping[str, str] = {
    "get": "get",
    "post": "post",
    "put": "replace",
    "patch": "update",
}
_VERBS_OF_MANY = {**_VERBS, "get": "list", "post": "create"}


def words_of_path(operation: Operation) -> list[str]:
    """The words of an operation without an id, its verb first."""
    method = operation.method
    *before, last = _segments(operation.path)
    said = words(_PLACEHOLDER.sub(" ", last))
    verb = words(_VERBS.get(method, method))
    if "{" in last:
        found = [*verb, *_things(before, last), *said]
        return [*found, *_key(last, found)]
    if (
        before
        and says_what_is_done(said, method)
        and _acts_on(before[-1], said, method)
    ):
        verb = [said.pop(0)]
    elif _is_plural(said):
        verb = words(_VERBS_OF_MANY.get(method, method))
        if method == "post":
            said[-1] = singular(said[-1])
    return [*verb, *_things(before, last), *said]


def _acts_on(parent: str, said: Sequence[str], method: str) -> bool:
    """Whether a verb that ends a path has an object: its own, or what is before it. A
    POST to `/auth/refresh` refreshes no auth."""
    known = "{" in parent or _is_plural(words(parent))
    return known or len(said) > 1 or method in ("put", "patch", "delete")


def _is_plural(phrase: Sequence[str]) -> bool:
    return bool(phrase) and singular(phrase[-1]) != phrase[-1]


def keys(path: str) -> list[str]:
    """The words of a path's placeholders."""
    return [word for key in _PLACEHOLDER.findall(path) for word in words(key)]


def _segments(path: str) -> Sequence[str]:
    """The segments that say something, or else all; at least one."""
    all_of_them = [
        part
        for part in re.split(r"[/?#&=:]", _FORMAT.sub("", path))
        if "{" in part or words(part)
    ]
    named = [part for part in all_of_them if "{" in part or not says_nothing(part)]
    return named or all_of_them or ["root"]


def _things(segments: Sequence[str], last: str) -> Iterator[str]:
    """The words of the segments before the last: one thing each, where its key follows."""
    for part, following in pairwise((*segments, last)):
        for word in words(_PLACEHOLDER.sub(" ", part)):
            yield singular(word) if "{" in following else word


def _key(last: str, said: Sequence[str]) -> Iterator[str]:
    """What one of many is found by, without the words that were said."""
    found = [words(placeholder) for placeholder in _PLACEHOLDER.findall(last)]
    for key in found:
        while key and key[0] in said:
            del key[0]
    if any(found):
        yield "by"
        yield from (word for key in found for word in key)
