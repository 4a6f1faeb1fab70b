"""The words of an operation's id, without what a tool or a framework has put into it:
the path, the method, a class, a tag that the id names anyway, a number that tells it
from another.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ..operations import Operation
from .singular import singular
from .words import says_nothing, words

_NUMBER = re.compile(r"_?\d+$")
_HASH = re.compile(r"(?=.*\d)[0-9a-f]{16,}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SPRINGFOX = re.compile(r"Using(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|TRACE)(_\d+)?$")
_PREFIX = re.compile(r"(_api)?(_v\d+)?_*$")
_CLASS = re.compile(r"([A-Za-z\d]*?)(?:Controller|Resource|Service)[-_./](?=.)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ids:
    """The operation ids of a document; whether most of them spell method and path, so
    that a tool has made them all."""

    known: frozenset[str]
    spell_paths: bool


def gathered(operations: Iterable[Operation]) -> Ids:
    """What the ids of a document have in common; order plays no part."""
    having = [one for one in operations if one.id]
    telling = [_spells_path(one) for one in having if "{" in one.path]
    return Ids(
        known=frozenset(one.id for one in having if one.id),
        spell_paths=sum(telling) * 2 > len(telling),
    )


def words_of_id(operation: Operation, ids: Ids) -> list[str]:
    """The words; none where an id is missing or says no more than method and path."""
    id = operation.id or ""
    made = "{" in operation.path or ids.spell_paths
    if "{" in id or _HASH.fullmatch(id) or (made and _spells_path(operation)):
        return []
    id = _SPRINGFOX.sub("", _without_path(id, operation))
    stem = _NUMBER.sub("", id)
    id = stem if stem in ids.known else id
    if of_class := _CLASS.match(id):
        return _without(
            words(of_class[1]), words(of_class[1] + id[of_class.end(0) - 1 :])
        )
    found = words(id)
    if len(found) > 2 and "controller" in found:
        found.remove("controller")
    return _without(words(operation.tags[0]) if operation.tags else [], found)


def _spells_path(operation: Operation) -> bool:
    """Whether an id is method and path, placeholders and all: `GetUsersUserId`."""
    said = [word for word in words(operation.id or "") if not says_nothing(word)]
    path = [word for word in words(operation.path) if not says_nothing(word)]
    return said in ([operation.method, *path], [*path, operation.method])


def _without_path(id: str, operation: Operation) -> str:
    """FastAPI joins the function's name, the path and the method by `_`; a prefix of
    the path may have gone into `servers` since."""
    generated = "_".join((re.sub(r"\W", "_", operation.path), operation.method))
    if not id.endswith(generated):
        return id
    name = id.removesuffix(generated)
    return _PREFIX.sub("", name) or name or id


def _without(first: list[str], found: list[str]) -> list[str]:
    """`users-read_user` -> read user, for FastAPI and whoever else puts a tag first."""
    rest = found[len(first) :]
    named = set(map(singular, first)) <= set(map(singular, rest))
    return rest if first and named and found[: len(first)] == first else found
