"""What shared schemas are called: as their component, or else after their place.

A schema of another file has the name that the document itself gives it, or that of its
place in the file or of the file; where two would have one name, the file's is added.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import suppress
from itertools import chain, count
from typing import Any

from ..diagnostics import Location
from ..spec import Spec, UnresolvedReference

_LONGEST = 64
_COMPONENT = re.compile(r"/(?:components/schemas|definitions)/([^/]+)")
_BETWEEN = re.compile(
    r"(?:^|/)(?:(?:paths|components|schemas|definitions|properties|items|content|schema"
    r"|\$defs|[^/]+~1[^/]+)/)+"
)
"""Steps of a pointer that say nothing about the schema that it leads to."""


class Names:
    """Gives each place a name that no other has."""

    def __init__(self, spec: Spec) -> None:
        self._source = spec.source
        self._links = spec.documents.links
        self._aliases = dict(_aliases(spec))
        self._components = frozenset(map(_plain, _components(spec)))
        self._taken: set[str] = set()

    def choice(self, at: Location) -> str:
        """A name for what the types below the schema at a place are together."""
        name = _plain(f"Any{self._aliases.get(at) or _told(at.pointer) or at.name}")
        return self._free([name], self._taken | self._components)

    def name(self, at: Location) -> str:
        """A name for the schema at a place, at most 64 characters long."""
        names = [self._aliases.get(at) or _told(at.pointer) or at.name]
        resource = self._links.resource(at)
        if resource.uri and resource.at == at and at.pointer:
            names.insert(0, Location(resource.uri).name)
        if at.source != self._source:
            names.append(f"{Location(at.source).name}_{names[-1]}")
        return self._free(list(map(_plain, names)), self._taken)

    def _free(self, names: list[str], taken: AbstractSet[str]) -> str:
        numbered = (f"{names[-1]}_{number}" for number in count(2))
        name = next(one for one in chain(names, numbered) if one not in taken)
        self._taken.add(name)
        return name


def _aliases(spec: Spec) -> Iterator[tuple[Location, str]]:
    """What the document calls schemas that lie in other files."""
    for name, schema in sorted(_components(spec).items()):
        with suppress(UnresolvedReference):
            _, place = spec.resolve(schema, spec.root)
            if place.source != spec.source:
                yield place, name


def _components(spec: Spec) -> Mapping[str, Any]:
    components = spec.value.get("components")
    schemas = components.get("schemas") if isinstance(components, Mapping) else None
    return schemas if isinstance(schemas, Mapping) else {}


def _told(pointer: str) -> str:
    """The steps of a pointer that say something; all of a component's name."""
    component = _COMPONENT.fullmatch(pointer)
    return component[1] if component else _BETWEEN.sub("/", f"{pointer}/").strip("/")


def _plain(name: str) -> str:
    plain = re.sub(r"~1|~0|[^A-Za-z0-9_.-]", "_", name).strip("_")
    return re.sub("__+", "_", plain)[-_LONGEST:].strip("_") or "schema"
