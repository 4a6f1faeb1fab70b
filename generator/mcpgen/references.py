"""References as URIs: what a `$ref` names, and what can be named (RFC 3986, RFC 6901;
JSON Schema 2020-12, 8.2; OpenAPI 3.2, 4.1.2).

A file is known by its source: a path as the user would write it, or a URL. It may give
itself another name (`$self`), and schemas in it one of their own (`$id`), from where on
references are relative to that name. Nothing here reads a file.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from urllib.parse import quote, unquote, urljoin, urlsplit

from .diagnostics import Location

_FILE = re.compile(r"[/#]|\.(json|ya?ml)$")
"""What tells a reference from the name of a schema."""
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")


@dataclass(frozen=True, slots=True)
class Resource:
    """What `#` stands for at a place: a document or a schema with an `$id`; `uri` is
    the name that it gives itself."""

    at: Location
    uri: str | None = None


@dataclass(frozen=True, slots=True)
class Links:
    """What documents offer to references, besides JSON Pointers.

    `resources` are those with a URI of their own, by it; `embedded` those inside of a
    document, the innermost first, by its source; `anchors` the places of the names.
    """

    resources: Mapping[str, Resource] = field(default_factory=dict)
    embedded: Mapping[str, tuple[Resource, ...]] = field(default_factory=dict)
    anchors: Mapping[tuple[Location, str], Location] = field(default_factory=dict)

    def resource(self, at: Location) -> Resource:
        """The resource that a place lies in."""
        for resource in self.embedded.get(at.source, ()):
            start = resource.at.pointer
            if at.pointer == start or at.pointer.startswith(f"{start}/"):
                return resource
        return Resource(Location(at.source))


@dataclass(frozen=True, slots=True)
class Scan:
    """What one document refers to (the files only, each with the URI that it is
    relative to) and what it offers."""

    references: Mapping[tuple[str, str | None], None]
    resources: tuple[Resource, ...]
    anchors: Mapping[tuple[Location, str], Location]


_Path: TypeAlias = "tuple[_Path, str | int] | None"


def scan(value: Any, source: str) -> Scan:
    """All references, `$id`s and anchors of a value; each shared value is seen once."""
    references: dict[tuple[str, str | None], None] = {}
    resources: list[Resource] = []
    anchors: dict[tuple[Location, str], Location] = {}
    root = Resource(Location(source), _named(value, "$self"))
    if root.uri:
        resources.append(root)
    waiting: list[tuple[Any, _Path, Resource]] = [(value, None, root)]
    seen: set[int] = set()
    while waiting:
        node, path, resource = waiting.pop()
        members: Iterator[tuple[str | int, Any]]
        if isinstance(node, dict):
            name = _named(node, "$id")
            if name and not name.startswith("#"):
                uri = urljoin(resource.uri or "", name).rstrip("#")
                resource = Resource(_location(source, path), uri)
                resources.append(resource)
            for keyword in ("$anchor", "$dynamicAnchor"):
                if anchor := _named(node, keyword):
                    place = _location(source, path)
                    anchors.setdefault((resource.at, anchor), place)
            for reference in (_named(node, "$ref"), *_mapped(node)):
                if file := (reference or "").partition("#")[0]:
                    references[file, resource.uri] = None
            members = iter(node.items())
        else:
            members = enumerate(node) if isinstance(node, list) else iter(())
        for key, member in members:
            if isinstance(member, dict | list) and id(member) not in seen:
                seen.add(id(member))
                waiting.append((member, (path, key), resource))
    return Scan(references, tuple(resources), anchors)


def linked(scans: Mapping[str, Scan]) -> Links:
    """What all documents offer, by their sources."""
    resources: dict[str, Resource] = {}
    embedded: dict[str, tuple[Resource, ...]] = {}
    anchors: dict[tuple[Location, str], Location] = {}
    for source, found in scans.items():
        for resource in found.resources:
            if resource.uri:
                resources.setdefault(resource.uri, resource)
        if found.resources:
            innermost = sorted(found.resources, key=lambda one: -len(one.at.pointer))
            embedded[source] = tuple(innermost)
        anchors |= found.anchors
    return Links(resources, embedded, anchors)


def is_uri(text: str) -> bool:
    """Whether a reference names its target by itself, whatever it stands in."""
    return _SCHEME.match(text) is not None


def joined(source: str, path: str) -> str:
    """The source that a reference without its fragment names, from another source."""
    if is_uri(path) or is_uri(source):
        parts = urlsplit(urljoin(source, path) if is_uri(source) else path)
        return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    folder = posixpath.dirname(source)
    return posixpath.normpath(posixpath.join(folder, unquote(path)))


def reference(at: Location, source: str) -> str:
    """How a document refers to a place: the inverse of `joined`, with the fragment."""
    path = "" if at.source == source else at.source
    if path and not is_uri(path):
        path = quote(posixpath.relpath(path, posixpath.dirname(source) or "."))
    return f"{path}#{quote(at.pointer, safe='/~')}"


def steps(pointer: str) -> list[str]:
    """The keys of a JSON Pointer."""
    tokens = pointer.split("/")[1:]
    return [token.replace("~1", "/").replace("~0", "~") for token in tokens]


def _named(node: Any, keyword: str) -> str | None:
    value = node.get(keyword) if isinstance(node, dict) else None
    return value if isinstance(value, str) else None


def _mapped(node: Mapping[str, Any]) -> Iterator[str]:
    """The references of a discriminator, which may also have names (OpenAPI 3.1, 4.8.25)."""
    discriminator = node.get("discriminator")
    if isinstance(discriminator, dict) and isinstance(
        mapping := discriminator.get("mapping"), dict
    ):
        for reference in mapping.values():
            if isinstance(reference, str) and _FILE.search(reference):
                yield reference


def _location(source: str, path: _Path) -> Location:
    keys: list[str | int] = []
    while path is not None:
        path, key = path
        keys.append(key)
    return Location(source).child(*reversed(keys))
