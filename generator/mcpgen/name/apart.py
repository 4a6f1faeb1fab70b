"""Names for operations that were proposed the same one: each gets the words of its own
that the others lack, of the first kind that tells them all apart, and a number only
where no word does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet

from ..operations import Operation
from .paths import keys
from .singular import singular
from .words import LONGEST, joined, numbered, words


def told_apart(
    base: Sequence[str], operations: Sequence[Operation], taken: AbstractSet[str]
) -> list[str]:
    """A name for each of the operations that are proposed to be `base`, none of them
    among the `taken`."""
    for kind in _KINDS:
        names = kind(base, operations)
        if len({*names}) == len(names) and not taken & {*names}:
            return names
    found: list[str] = []
    for _ in operations:
        candidates = numbered((joined(base),))
        found.append(next(one for one in candidates if one not in {*taken, *found}))
    return found


def _by_key(base: Sequence[str], operations: Sequence[Operation]) -> list[str]:
    """`GET /votes/{id}` and `GET /votes/{day}` -> get vote by id, get vote by day."""
    own_keys = _own([keys(one.path) for one in operations])
    return [
        _longer(base, ["by", *own] if {"by", *own} - {*base} and own else [])
        for own in own_keys
    ]


def _by_words(
    told: Callable[[Operation], Iterable[str]],
) -> Callable[[Sequence[str], Sequence[Operation]], list[str]]:
    def named(base: Sequence[str], operations: Sequence[Operation]) -> list[str]:
        return [
            _longer(base, _lacking(base, own))
            for own in _own([list(told(one)) for one in operations])
        ]

    return named


def _by_segments(base: Sequence[str], operations: Sequence[Operation]) -> list[str]:
    """`GET /db-reset` and `GET /db/reset` -> get dbreset, get db reset."""
    return [
        joined(_squeezed(base, [words(part) for part in one.path.split("/")]))
        for one in operations
    ]


def _path(operation: Operation) -> list[str]:
    return [word for word in words(operation.path) if word != "api"]


def _tags(operation: Operation) -> list[str]:
    return words(" ".join(operation.tags))


def _method(operation: Operation) -> list[str]:
    return words(operation.method)


_KINDS = (
    _by_key,
    _by_words(_path),
    _by_words(_tags),
    _by_words(_method),
    _by_words(lambda operation: [*_path(operation), *_method(operation)]),
    _by_segments,
)


def _own(told: Sequence[Sequence[str]]) -> list[list[str]]:
    """The words of each that not all have, each once."""
    shared = set.intersection(*map(set, told)) if len(told) > 1 else set()
    return [[word for word in dict.fromkeys(one) if word not in shared] for one in told]


def _lacking(base: Sequence[str], own: Sequence[str]) -> list[str]:
    """The words that a base lacks, one of many as `in` these: get person in people."""
    lacking: dict[str, list[str]] = {}
    for word in own:
        if word not in base:
            one_of_many = singular(word) in base
            lacking.setdefault(singular(word), ["in", word] if one_of_many else [word])
    return [word for added in lacking.values() for word in added]


def _longer(base: Sequence[str], added: Sequence[str]) -> str:
    """The base with more words, cut so that these stay whole."""
    suffix = joined(added, longest=LONGEST // 2)
    if not suffix:
        return joined(base)
    return f"{joined(base, longest=LONGEST - len(suffix) - 1)}_{suffix}"


def _squeezed(base: Sequence[str], segments: Sequence[Sequence[str]]) -> list[str]:
    """The words, those of one segment as one."""
    found = list(base)
    for run in segments:
        for start in range(len(found)):
            if len(run) > 1 and found[start : start + len(run)] == run:
                found[start : start + len(run)] = ["".join(run)]
    return found
