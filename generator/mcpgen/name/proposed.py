"""The words that an operation is proposed to be called by: those of its id, or else
those of its method and path; each said once, and apart where they were run together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..operations import Operation
from .ids import Ids, words_of_id
from .paths import words_of_path
from .singular import singular
from .words import words

_VERBS = ("add", "create", "delete", "find", "get", "list", "remove", "search", "set")
_LONGEST_RUN = 4
_SHORTEST_PART = 3


def proposed(operation: Operation, ids: Ids) -> tuple[list[str], str]:
    """The words for an operation of a document that has these ids, at least one; and
    what they are taken from."""
    found, source = words_of_id(operation, ids), "the operationId"
    if not found:
        found, source = words_of_path(operation), "the method and the path"
    return _once([part for word in found for part in _apart(word, operation)]), source


def _once(found: Sequence[str]) -> list[str]:
    """The words without what was just said: `sub account sub account` -> sub account."""
    said: list[str] = []
    for word in found:
        said.append(word)
        for length in range(1, len(said) // 2 + 1):
            if said[-length:] == said[-2 * length : -length]:
                del said[-length:]
                break
    return said


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
