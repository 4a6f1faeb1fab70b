"""Names that people and models read, decided once for the whole package.

Gather, propose, settle: a name that the document pins never moves; the others are
proposed from the operation id, or else from method and path; where proposals collide,
all of them take the word that tells them apart, and a number only when no word does.
The order of the document plays no part.
"""

from __future__ import annotations

import keyword
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import TypeAlias

from anyascii import anyascii

from .config import Config
from .diagnostics import Report
from .operations import Operation
from .route import Route

LONGEST = 64
_LONGEST_MODULE = 40
_LONGEST_SLUG = 40
_WORD = re.compile(
    r"(?:FastAPI|GraphQL|OAuth|OpenAPI|IPv[46]|[A-Z]{2,}s(?![a-z])|[A-Z]{2,}(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+)"
    r"\d*|\d+"
)
_ARGUMENT = re.compile(rf"[A-Za-z0-9_.-]{{1,{LONGEST}}}")
_URI_VARIABLE = re.compile(rf"(?=.{{1,{LONGEST}}}$)[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*")
_PINNED = re.compile(rf"[a-z][a-z0-9_]{{0,{LONGEST - 1}}}")
_SIGNS = (("<=", "_lte"), (">=", "_gte"), ("<", "_lt"), (">", "_gt"), ("!", "_not"))
_LOCATIONS = ("path", "query", "querystring", "header", "cookie", "body")
_NOISE = frozenset(
    """a an and api apis definition doc docs documentation for http oas of openapi
    reference rest restful spec specification swagger the version""".split()  # noqa: SIM905
)
_VERSION = re.compile(r"v?\d+(\.\d+)*")
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A route with its name, which is also its variable in the emitted `module`."""

    route: Route
    name: str
    module: str


_Key: TypeAlias = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Proposal:
    route: Route
    words: tuple[str, ...]
    pinned: bool

    @property
    def operation(self) -> Operation:
        return self.route.operation

    @property
    def key(self) -> _Key:
        """What tells it from every other: neither two paths that are spelt alike but
        for operators, nor two that share a path item, are the same."""
        at = self.operation.at
        return self.operation.subject, f"{at.source}#{at.pointer}"

    @property
    def name(self) -> str:
        return _joined(self.words)


def name(routes: Sequence[Route], config: Config, report: Report) -> tuple[Named, ...]:
    """The routes, each with a name of its own, in their order."""
    proposals = [_proposal(route, report) for route in routes]
    names = _settled(proposals)
    topics = _topics([route.operation for route in routes])
    return tuple(
        Named(
            route=proposal.route,
            name=names[proposal.key],
            module=_module(topics[proposal.operation.subject]),
        )
        for proposal in proposals
    )


def argument_names(
    wires: Iterable[tuple[str, str]], *, in_uri: bool
) -> dict[tuple[str, str], str]:
    """A name for each argument, given by location and wire name.

    A wire name that is safe is kept, and where two locations have it, the path comes
    before the query, header, cookie and body. `in_uri`: the names are variables of a
    URI template (RFC 6570, 2.3).
    """
    safe = _URI_VARIABLE if in_uri else _ARGUMENT
    ordered = sorted(wires, key=lambda wire: (_LOCATIONS.index(wire[0]), wire[1]))
    taken: dict[str, tuple[str, str]] = {}
    for wire in ordered:
        if safe.fullmatch(wire[1]):
            taken.setdefault(wire[1], wire)
    names = {wire: name for name, wire in taken.items()}
    for wire in ordered:
        if wire not in names:
            location, readable = wire[0], _readable(wire[1])
            second = f"{location}_{readable}"[:LONGEST].strip("_")
            candidates = _numbered((readable, second))
            names[wire] = next(one for one in candidates if one not in taken)
            taken[names[wire]] = wire
    return names


def slug(title: str) -> str:
    """A server's name from the API's: `The Pet Store API (v2)` -> `pet-store`.

    Words stay as the title has them (`DNSimple API` -> `dnsimple`); only a title that
    is one identifier is taken apart.
    """
    plain = [
        word
        for word in re.split(r"[^\w.]+", anyascii(title).replace("'", "").lower())
        if not _VERSION.fullmatch(word)
    ]
    found = [part for word in plain for part in re.findall(r"[a-z0-9]+", word)]
    if len(found) == 1:
        found = words(title)
    kept = [word for word in found if word not in _NOISE] or found or ["api"]
    text = _joined(kept, "-", _LONGEST_SLUG)
    return text if text[0].isalpha() else f"api-{text}"


def plain_slug(name: str) -> str:
    """A server's name as its user gave it: `My Store` -> `my-store`, `x-mcp` -> `x`."""
    found = re.findall(r"[a-z0-9]+", anyascii(name).lower())
    text = _joined(found[:-1] if found[1:] and found[-1] == "mcp" else found, "-")
    return text if text[:1].isalpha() else f"api-{text}".strip("-")


def words(text: str) -> list[str]:
    """The words of an identifier or a phrase, in lower case and ASCII."""
    return [word.lower() for word in _WORD.findall(anyascii(text))]


def _proposal(route: Route, report: Report) -> _Proposal:
    operation = route.operation
    pinned = operation.extensions.get("x-mcp")
    wanted = pinned.get("name") if isinstance(pinned, Mapping) else None
    if isinstance(wanted, str):
        if _PINNED.fullmatch(wanted) and not keyword.iskeyword(wanted):
            return _Proposal(route=route, words=(wanted,), pinned=True)
        report.warning(
            "name",
            f"`{wanted}` can't be a name",
            at=operation.at.child("x-mcp", "name"),
            subject=operation.subject,
            hint=f"use a-z, 0-9 and _, at most {LONGEST} of them, and no word that "
            "Python reserves",
        )
    found = _words_of_id(operation) or list(_words_of_path(operation))
    if not found[0][0].isalpha() or keyword.iskeyword("_".join(found)):
        found.insert(0, operation.method)
    return _Proposal(route=route, words=tuple(found), pinned=False)


def _words_of_id(operation: Operation) -> list[str]:
    id = operation.id or ""
    if "{" in id:  # the path itself, as some .NET tools have it
        return []
    # FastAPI: the function's name, the path and the method, joined by `_`
    generated = "_".join((re.sub(r"\W", "_", operation.path), operation.method))
    found = words(id.removesuffix(generated) or id)
    if len(found) > 2 and "controller" in found:
        found.remove("controller")
    return found


def _words_of_path(operation: Operation) -> Iterator[str]:
    """`GET /users` -> list users; `GET /users/{id}` -> get user by id."""
    segments = [part for part in re.split(r"[/?#&=]", operation.path) if part]
    literals = [part for part in segments if "{" not in part]
    named = [
        part for part in segments if part not in literals or not _says_nothing(part)
    ] or segments
    collection = (
        bool(named) and "{" not in named[-1] and _singular(named[-1]) != named[-1]
    )
    verb = {
        "get": "list" if collection else "get",
        "post": "create" if collection else "post",
        "put": "replace",
        "patch": "update",
    }.get(operation.method, operation.method)
    yield from words(verb)
    for index, part in enumerate(named):
        last = index == len(named) - 1
        for one in words(_PLACEHOLDER.sub(" ", part)):
            followed = not last and "{" in named[index + 1]
            creates = last and operation.method == "post" and collection
            yield _singular(one) if followed or creates else one
        if last and "{" in part:
            yield "by"
            for placeholder in _PLACEHOLDER.findall(part):
                yield from words(placeholder)


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    if word.endswith(("ss", "us", "is")) or not word.endswith("s") or len(word) < 4:
        return word
    return word[:-1]


def _settled(proposals: Sequence[_Proposal]) -> dict[_Key, str]:
    """A name for each operation, by its key."""
    names: dict[_Key, str] = {}
    groups: dict[str, list[_Proposal]] = {}
    pinned: set[str] = set()
    for proposal in sorted(proposals, key=lambda one: one.key):
        if proposal.pinned and proposal.name not in pinned:
            names[proposal.key] = proposal.name
            pinned.add(proposal.name)
        else:
            groups.setdefault(proposal.name, []).append(proposal)
    taken = pinned | groups.keys()
    for proposed, group in sorted(groups.items()):
        if len(group) == 1 and proposed not in pinned:
            names[group[0].key] = proposed
            continue
        taken -= {proposed} - pinned
        names |= (apart := _told_apart(group, taken))
        taken |= {proposed, *apart.values()}
    return names


def _told_apart(group: Sequence[_Proposal], taken: set[str]) -> dict[_Key, str]:
    """Names of one group: its proposals with the first kind of word that is enough."""
    kinds: tuple[Callable[[Operation], Iterable[str]], ...] = (
        lambda operation: words(operation.path),
        lambda operation: words(" ".join(operation.tags)),
        lambda operation: words(operation.method),
        lambda operation: [*words(operation.path), *words(operation.method)],
    )
    for kind in kinds:
        told = {one.key: tuple(kind(one.operation)) for one in group}
        shared = set.intersection(*map(set, told.values())) if len(group) > 1 else ()
        names = {
            one.key: _with_words(
                one.words,
                [word for word in told[one.key] if word not in shared],
            )
            for one in group
        }
        if len(set(names.values())) == len(group) and not taken & set(names.values()):
            return names
    settled: dict[_Key, str] = {}
    for one in group:
        candidates = _numbered((one.name,))
        unique = next(
            name for name in candidates if name not in {*taken, *settled.values()}
        )
        settled[one.key] = unique
    return settled


def _with_words(base: Sequence[str], added: Sequence[str]) -> str:
    """The base with the words that it lacks, cut so that those stay whole."""
    kept = _joined(base).split("_")
    lacking = [word for word in dict.fromkeys(added) if word not in kept]
    suffix = _joined(lacking, longest=LONGEST // 2)
    if not suffix:
        return _joined(base)
    return f"{_joined(base, longest=LONGEST - len(suffix) - 1)}_{suffix}"


def _numbered(candidates: Sequence[str]) -> Iterator[str]:
    """The candidates, then the last of them with a number; none is too long."""
    yield from (candidate[:LONGEST] for candidate in candidates)
    for number in count(2):
        suffix = f"_{number}"
        yield candidates[-1][: LONGEST - len(suffix)] + suffix


def _readable(wire: str) -> str:
    """`ids[]` -> `ids`, `$filter` -> `filter`, `StartTime<` -> `StartTime_lt`."""
    for sign, word in _SIGNS:
        wire = wire.replace(sign, word)
    text = re.sub(r"[^A-Za-z0-9_]+", "_", anyascii(wire)).strip("_")
    return text[:LONGEST].strip("_") or "value"


def _topics(operations: Sequence[Operation]) -> dict[str, str]:
    """What operations are about, by their subject: the first tag, or else the first
    word of the path where several operations share it."""
    literals = Counter(map(_first_literal, operations))
    topics = {
        operation.subject: literal
        for operation in operations
        if literals[literal := _first_literal(operation)] > 1
    }
    tags = {one.subject: one.tags[0] for one in operations if one.tags}
    return dict.fromkeys((one.subject for one in operations), "") | topics | tags


def _module(topic: str) -> str:
    text = _joined(words(topic) or ["default"], longest=_LONGEST_MODULE)
    if not text[0].isalpha():
        text = f"tag_{text}"
    return f"{text}_" if keyword.iskeyword(text) else text


def _first_literal(operation: Operation) -> str:
    """The first word of a path that says what it is about: `/api/v1/users` -> users."""
    segments = re.split(r"[/?#]", operation.path)
    literals = (part for part in segments if part and "{" not in part)
    return next((part for part in literals if not _says_nothing(part)), "")


def _says_nothing(segment: str) -> bool:
    return segment == "api" or _VERSION.fullmatch(segment) is not None


def _joined(found: Sequence[str], sign: str = "_", longest: int = LONGEST) -> str:
    """As many words as fit, at least the beginning of the first."""
    text = ""
    for word in found:
        longer = f"{text}{sign}{word}" if text else word
        if len(longer) > longest:
            return text or longer[:longest]
        text = longer
    return text
