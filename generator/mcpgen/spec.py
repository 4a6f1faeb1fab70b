"""A document whose references can be followed.

References are followed where they are used and nothing is copied, so a document costs
the same however often its parts refer to each other. What can't be followed raises,
and costs only the operation that needs it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from .diagnostics import Location
from .load import Document


class UnresolvedReference(Exception):
    """A `$ref` that leads nowhere; the message quotes it and says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """A document in the form of OpenAPI 3.1."""

    document: Document

    @property
    def root(self) -> Location:
        return Location(self.document.source)

    def resolve(self, node: Any, at: Location) -> tuple[Any, Location]:
        """The value that a chain of `$ref`s ends at, and its place; `node` itself
        where it is no reference. Raises UnresolvedReference."""
        seen: list[str] = []
        while isinstance(node, Mapping) and isinstance(node.get("$ref"), str):
            reference = node["$ref"]
            if reference in seen:
                raise UnresolvedReference(f"reference `{reference}` leads to itself")
            seen.append(reference)
            node, at = self._target(reference)
        return node, at

    def _target(self, reference: str) -> tuple[Any, Location]:
        path, hash_, pointer = reference.partition("#")
        if path:
            raise UnresolvedReference(
                f"reference `{reference}` leads to another document, "
                "and only references inside of one are followed yet"
            )
        if not hash_ or (pointer and not pointer.startswith("/")):
            raise UnresolvedReference(f"reference `{reference}` is no JSON Pointer")
        node: Any = self.document.value
        at = self.root
        for token in unquote(pointer).split("/")[1:]:
            key = token.replace("~1", "/").replace("~0", "~")
            node = _member(node, key)
            if node is _ABSENT:
                raise UnresolvedReference(f"reference `{reference}` leads nowhere")
            at = at.child(key)
        return node, at


def spec(document: Document) -> Spec:
    """The document with its references ready to be followed."""
    return Spec(document=document)


_ABSENT = object()


def _member(node: Any, key: str) -> Any:
    if isinstance(node, Mapping):
        return node.get(key, _ABSENT)
    if isinstance(node, list) and key.isdecimal() and int(key) < len(node):
        return node[int(key)]
    return _ABSENT
