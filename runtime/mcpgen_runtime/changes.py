"""What changes while a server runs, and who is told of it.

A server declares the kinds of change that it announces, before it serves; nobody is
told of any other. Clients of a session hear of every list that changes and of the
resources they subscribed to; a subscription of the stateless protocol says what it
wants (2026-07-28, subscriptions).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from .errors import CompositionError, invalid_params
from .messages import notification

ListKind: TypeAlias = Literal["tools", "prompts", "resources"]
ChangeKind: TypeAlias = Literal["tools", "prompts", "resources", "updates"]

_LISTS: Final[Mapping[str, ListKind]] = {
    "toolsListChanged": "tools",
    "promptsListChanged": "prompts",
    "resourcesListChanged": "resources",
}
"""The members of a subscription that ask for changed lists."""
_UPDATES: Final = "resourceSubscriptions"
_KINDS: Final = frozenset({*_LISTS.values(), "updates"})


class Change(NamedTuple):
    """A list of this kind changed, or, with `updates`, the resource at `uri`."""

    kind: ChangeKind
    uri: str = ""

    def notification(self, meta: Mapping[str, Any] | None = None) -> bytes:
        params: dict[str, Any] = {"_meta": meta} if meta else {}
        if self.kind == "updates":
            return notification(
                "notifications/resources/updated", {"uri": self.uri, **params}
            )
        return notification(f"notifications/{self.kind}/list_changed", params)


Listener: TypeAlias = Callable[[Change], None]


class Changes:
    """The kinds that one server announces, and its listeners."""

    def __init__(self) -> None:
        self.announced: frozenset[str] = frozenset()
        self._listeners: list[Listener] = []

    def announce(self, *kinds: ChangeKind) -> None:
        """Declare kinds of change; raises CompositionError for one there isn't."""
        for kind in kinds:
            if kind not in _KINDS:
                known = ", ".join(sorted(_KINDS))
                raise CompositionError(f"{kind!r} is no kind of change: {known} are")
        self.announced |= set(kinds)

    def capabilities(self, declared: Mapping[str, Any]) -> dict[str, Any]:
        """Capabilities, with what is announced of each."""
        found = {name: dict(value) for name, value in declared.items()}
        for kind in self.announced & found.keys():
            found[kind]["listChanged"] = True
        if "updates" in self.announced and "resources" in found:
            found["resources"]["subscribe"] = True
        return found

    @contextmanager
    def heard(self, listener: Listener) -> Iterator[None]:
        """Call `listener` with each change within."""
        self.listen(listener)
        try:
            yield
        finally:
            self.forget(listener)

    def listen(self, listener: Listener) -> None:
        if listener not in self._listeners:
            self._listeners.append(listener)

    def forget(self, listener: Listener) -> None:
        if listener in self._listeners:
            self._listeners.remove(listener)

    def tell(self, change: Change) -> None:
        if change.kind in self.announced:
            for listener in tuple(self._listeners):
                listener(change)

    @contextmanager
    def between(self, lists: Callable[[], Mapping[ListKind, object]]) -> Iterator[None]:
        """Tell of the lists that are others at the end than they were at the start."""
        before = lists() if self._listeners else {}
        yield
        for kind, entries in lists().items() if before else ():
            if entries != before[kind]:
                self.tell(Change(kind))

    def honoured(
        self, wanted: Any, exists: Callable[[str], bool]
    ) -> dict[str, bool | list[str]]:
        """Of what a subscription asks for, what this server can send.

        `exists` says whether there is a resource at a URI. Raises RequestError for
        what isn't a subscription.
        """
        if not isinstance(wanted, dict):
            raise invalid_params("Invalid params: notifications must be an object")
        found: dict[str, bool | list[str]] = {
            member: True
            for member, kind in _LISTS.items()
            if wanted.get(member) is True and kind in self.announced
        }
        uris = wanted.get(_UPDATES, [])
        if not isinstance(uris, list) or not all(isinstance(u, str) for u in uris):
            raise invalid_params(f"Invalid params: {_UPDATES} must be a list of URIs")
        if "updates" in self.announced and (served := [u for u in uris if exists(u)]):
            found[_UPDATES] = served
        return found


def concerns(change: Change, honoured: Mapping[str, bool | list[str]]) -> bool:
    """Whether a subscription is told of a change."""
    if change.kind == "updates":
        uris = honoured.get(_UPDATES)
        return isinstance(uris, list) and change.uri in uris
    return any(_LISTS.get(member) == change.kind for member in honoured)
