"""A document whose references can be followed, into other files as well.

References are followed where they are used and nothing is copied, so a document costs
the same however often its parts refer to each other. What can't be followed raises,
and costs only the operation that needs it.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urljoin

from .diagnostics import Location
from .load import Documents, Version
from .references import Resource, joined, steps


class UnresolvedReference(Exception):
    """A `$ref` that leads nowhere; the message quotes it and says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """Documents in the form that a stage has given them.

    `values` holds the documents by source, `targets` what references lead to that lies
    in no document of its own, and `moved` the places that parts of the root were
    written at, by their pointers in it.
    """

    documents: Documents
    values: Mapping[str, Any]
    targets: Mapping[Location, Any] = field(default_factory=dict)
    moved: Mapping[str, Location] = field(default_factory=dict)
    _ends: dict[Location, tuple[Any, Location]] = field(
        default_factory=dict, repr=False, compare=False
    )
    _found: dict[tuple[Resource, str], tuple[Any, Location] | None] = field(
        default_factory=dict, repr=False, compare=False
    )

    @property
    def source(self) -> str:
        return self.documents.root.source

    @property
    def root(self) -> Location:
        return Location(self.source)

    @property
    def value(self) -> Mapping[str, Any]:
        """The document itself."""
        value: Mapping[str, Any] = self.values[self.source]
        return value

    def version(self, source: str) -> Version:
        """The version that a file is written in: its own, or that of the root."""
        root = self.documents.root
        file = root if source == root.source else self.documents.others[source]
        return file.version or root.version or "3.1"

    def written_at(self, at: Location) -> Location:
        """The place in a file that the value at a place has come from."""
        if at.source == self.source:
            at = at.written_at(self.moved)
        return self.documents.written_at(at)

    def resolve(self, node: Any, at: Location) -> tuple[Any, Location]:
        """The value that a chain of `$ref`s ends at, and its place; `node` itself
        where it is no reference. Raises UnresolvedReference."""
        seen: dict[Location, None] = {}
        while isinstance(node, Mapping) and isinstance(node.get("$ref"), str):
            reference = node["$ref"]
            node, at = self.follow(reference, at)
            if at in seen:
                raise UnresolvedReference(f"reference `{reference}` leads to itself")
            seen[at] = None
            node, at = self._ends.get(at, (node, at))
        self._ends.update(dict.fromkeys(seen, (node, at)))
        return node, at

    def follow(self, reference: str, at: Location) -> tuple[Any, Location]:
        """What one reference, written at a place, leads to, which may be another one.
        Raises UnresolvedReference."""
        key = (self.documents.links.resource(at), reference)
        if key not in self._found:
            self._found[key] = None
            try:
                self._found[key] = self._follow(reference, key[0])
            finally:
                if self._found[key] is None:
                    del self._found[key]
        found = self._found[key]
        if found is None:
            raise UnresolvedReference(f"reference `{reference}` leads to itself")
        return found

    def _follow(self, reference: str, resource: Resource) -> tuple[Any, Location]:
        path, hash_, fragment = reference.partition("#")
        start = self._file(reference, path, resource).at if path else resource.at
        fragment = unquote(fragment)
        if fragment and not fragment.startswith("/"):
            place = self.documents.links.anchors.get((start, fragment))
            if place is None:
                raise UnresolvedReference(
                    f"reference `{reference}` is no JSON Pointer, and names no anchor"
                )
            return self._value(reference, place)
        if not path and not hash_:
            raise UnresolvedReference(f"reference `{reference}` is no JSON Pointer")
        if start.pointer:  # many mean the document, whatever `$id` says
            with suppress(UnresolvedReference):
                return self._value(
                    reference, Location(start.source, start.pointer + fragment)
                )
        return self._value(reference, Location(start.source, fragment))

    def _file(self, reference: str, path: str, resource: Resource) -> Resource:
        links, documents = self.documents.links, self.documents
        named = links.resources.get(urljoin(resource.uri or "", path))
        if named is not None:
            return named
        source = joined(resource.at.source, path)
        if source in self.values:
            return Resource(Location(source))
        why = documents.unreadable.get(source, "was not read")
        where = "" if source == reference else f"leads to `{source}`, which "
        raise UnresolvedReference(f"reference `{reference}` {where}{why}")

    def _value(self, reference: str, place: Location) -> tuple[Any, Location]:
        if place in self.targets:
            return self.targets[place], place
        node, at = self.values[place.source], Location(place.source)
        for key in steps(place.pointer):
            found = _member(node, key)
            if found is _ABSENT:
                node, at = self.resolve(node, at)
                found = _member(node, key)
            if found is _ABSENT:
                raise UnresolvedReference(f"reference `{reference}` leads nowhere")
            node, at = found, at.child(key)
        return self.targets.get(at, node), at


def spec(documents: Documents) -> Spec:
    """The documents with their references ready to be followed."""
    values = {document.source: document.value for document in documents}
    return Spec(documents=documents, values=values)


_ABSENT = object()


def _member(node: Any, key: str) -> Any:
    if isinstance(node, Mapping):
        return node.get(key, _ABSENT)
    if isinstance(node, list) and key.isdecimal() and int(key) < len(node):
        return node[int(key)]
    return _ABSENT
