"""The words that an operation is proposed to be called by: those of its id, or else
those of its method and path.

What a tool or a framework has put into an id goes again: the path, a tag that the id
names anyway, a number that tells it from another, words that were run together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from ..operations import Operation
from .singular import singular
from .words import is_version, words

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_FORMAT = re.compile(r"\.(json|xml|ya?ml)$")
_NUMBER = re.compile(r"_?\d+$")
_VERBS = ("add", "create", "delete", "find", "get", "list", "remove", "search", "set")
_LONGEST_RUN = 4
_SHORTEST_PART = 3
_METHOD_VERBS: Mapping[str, str] = {
    "get": "get",
    "post": "post",
    "put": "replace",
    "patch": "update",
}


def proposed(operation: Operation, ids: frozenset[str]) -> list[str]:
    """The words for an operation of a document with these operation ids; at least one."""
    found = _words_of_id(operation, ids) or list(_words_of_path(operation))
    apart = [part for word in found for part in _apart(word, operation)]
    return [word for n, word in enumerate(apart) if apart[n - 1 : n] != [word]]


def says_nothing(segment: str) -> bool:
    """Whether a segment of a path is no word about the operation."""
    return segment == "api" or is_version(segment)


def _words_of_id(operation: Operation, ids: frozenset[str]) -> list[str]:
    id = operation.id or ""
    if "{" in id or _spells_path(id, operation):
        return []
    # FastAPI: the function's name, the path and the method, joined by `_`
    generated = "_".join((re.sub(r"\W", "_", operation.path), operation.method))
    id = id.removesuffix(generated) or id
    stem = _NUMBER.sub("", id)
    found = words(stem if stem in ids else id)
    if len(found) > 2 and "controller" in found:
        found.remove("controller")
    return _without_tag(found, operation)


def _spells_path(id: str, operation: Operation) -> bool:
    """Whether an id is nothing but method and path, placeholders and all."""
    if "{" not in operation.path:
        return False
    said = [word for word in words(id) if not says_nothing(word)]
    path = [word for word in words(operation.path) if not says_nothing(word)]
    return said in ([operation.method, *path], [*path, operation.method])


def _without_tag(found: list[str], operation: Operation) -> list[str]:
    """`users-read_user` -> read user, for FastAPI and whoever else puts the tag first."""
    tag = words(operation.tags[0]) if operation.tags else []
    rest = found[len(tag) :]
    named = set(map(singular, tag)) <= set(map(singular, rest))
    return rest if tag and named and found[: len(tag)] == tag else found


def _words_of_path(operation: Operation) -> Iterator[str]:
    """`GET /users` -> list users; `GET /users/{user_id}` -> get user by id."""
    path = _FORMAT.sub("", operation.path)
    segments = [part for part in re.split(r"[/?#&=]", path) if part]
    named = [
        part for part in segments if "{" in part or not says_nothing(part)
    ] or segments
    collection = (
        bool(named) and "{" not in named[-1] and singular(named[-1]) != named[-1]
    )
    verb = _METHOD_VERBS.get(operation.method, operation.method)
    if collection:
        verb = {"get": "list", "post": "create"}.get(operation.method, verb)
    said = words(verb)
    for index, part in enumerate(named):
        last = index == len(named) - 1
        for one in words(_PLACEHOLDER.sub(" ", part)):
            followed = not last and "{" in named[index + 1]
            creates = last and operation.method == "post" and collection
            said.append(singular(one) if followed or creates else one)
        if last and "{" in part:
            yield from said
            yield from _key(_PLACEHOLDER.findall(part), said)
            return
    yield from said


def _key(placeholders: Sequence[str], said: Sequence[str]) -> Iterator[str]:
    """What one of a collection is found by, without the words that were said."""
    keys = [words(placeholder) for placeholder in placeholders]
    for key in keys:
        while key and key[0] in said:
            del key[0]
    if any(keys):
        yield "by"
        yield from (word for key in keys for word in key)


def _apart(word: str, operation: Operation) -> Sequence[str]:
    """The words that one is made of, where the path or a tag has them one by one, a
    verb before them or not: `deletetypo` -> delete typo."""
    runs = {
        "".join(run): run
        for phrase in map(words, (operation.path, *operation.tags))
        for run in _runs(phrase)
    }
    if len(runs.get(word, ())) > 1:
        return runs[word]
    for verb in (operation.method, *_VERBS):
        if word.startswith(verb) and (run := runs.get(word.removeprefix(verb))):
            return verb, *run
    return [word]


def _runs(phrase: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """All words that follow each other in a phrase, the last one in the singular as
    well; few and not too short ones, so that nothing is taken apart by chance."""
    for start in range(len(phrase)):
        for end in range(start + 1, min(start + _LONGEST_RUN, len(phrase)) + 1):
            run = tuple(phrase[start:end])
            if all(len(word) >= _SHORTEST_PART and word.isalpha() for word in run):
                yield from (run, (*run[:-1], singular(run[-1])))
