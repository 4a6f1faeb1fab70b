"""The stage: all schemas that a document holds or refers to, rewritten.

A grammar says where schemas are, so that examples, defaults, extensions and members
that are merely named like keywords are never touched. A file of mere parts has no
grammar of its own: each part is what the reference that leads to it takes it for. The
documents are not changed: new values stand beside them, and what several places share
stays shared.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urljoin

from ..diagnostics import Location
from ..spec import Spec, UnresolvedReference
from .grammar import GRAMMAR
from .schemas import rewriting


def upgrade(spec: Spec) -> Spec:
    """The documents with their schemas in the form of OpenAPI 3.1."""
    walker = _Walker(spec)
    values = dict(spec.values)
    for document in spec.documents:
        if document.version or document.source == spec.source:
            at = Location(document.source)
            values[document.source] = walker.document(values[document.source], at)
    return replace(spec, values=values, targets=walker.targets(), _found={}, _ends={})


class _Walker:
    """Rewrites the schemas below values, each shared value once."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self._done: dict[tuple[int, str], Any] = {}
        self._waiting: deque[tuple[str, Location, str]] = deque()
        self._asked: set[tuple[str, Location, str]] = set()
        self._rewrite: Callable[[dict[str, Any]], dict[str, Any]]
        self._resource: Location

    def document(self, value: Any, at: Location) -> Any:
        return self._begin(value, at, "document")

    def targets(self) -> dict[Location, Any]:
        """What the references of all values lead to, followed until no new ones come."""
        found: dict[Location, Any] = {}
        while self._waiting:
            reference, resource, kind = self._waiting.popleft()
            try:
                value, at = self._spec.follow(reference, resource)
            except UnresolvedReference:
                continue
            if at not in found:
                found[at] = self._begin(value, at, kind)
        return found

    def _begin(self, value: Any, at: Location, kind: str) -> Any:
        self._rewrite = rewriting(self._spec.version(at.source))
        self._resource = self._spec.documents.links.resource(at).at
        return self._walk(value, kind)

    def _walk(self, value: Any, kind: str) -> Any:
        if not isinstance(value, dict | list):
            return value
        key = (id(value), kind)
        if key not in self._done:
            outer = self._resource
            if kind == "schema" and isinstance(value, dict) and "$id" in value:
                self._resource = self._embedded(str(value["$id"]))
            self._done[key] = self._walked(value, kind)
            self._resource = outer
        return self._done[key]

    def _walked(self, value: Any, kind: str) -> Any:
        if kind == "items":
            kind = "schemas" if isinstance(value, list) else "schema"
        members = GRAMMAR[kind]
        if isinstance(value, list):
            inner = members.get("[]")
            return [self._walk(item, inner) for item in value] if inner else value
        if isinstance(value.get("$ref"), str):
            self._ask(value["$ref"], kind)
        walked = {
            name: self._walk(member, inner) if inner else member
            for name, member in value.items()
            for inner in (members.get(name) or members.get("*"),)
        }
        return self._rewrite(walked) if kind == "schema" else walked

    def _ask(self, reference: str, kind: str) -> None:
        asked = (reference, self._resource, kind)
        if asked not in self._asked:
            self._asked.add(asked)
            self._waiting.append(asked)

    def _embedded(self, name: str) -> Location:
        links = self._spec.documents.links
        uri = urljoin(links.resource(self._resource).uri or "", name).rstrip("#")
        resource = links.resources.get(uri)
        return resource.at if resource else self._resource
