"""What one server serves: the catalog of its package, plus and minus what code says.

The catalog is read when it is first needed, and a module of `operations/` is imported
when one of its components is first used, so a server with thousands of operations
starts as quickly as one with ten.
"""

from __future__ import annotations

import json
import os.path
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, cast

from .catalog import Catalog, Entry
from .errors import CompositionError, nearest, shortened
from .messages import dumps
from .protocol import listing_entry

if TYPE_CHECKING:
    from .completion import Completer
    from .components import Component, Kind, Resource, Schema, Tool
    from .functions.function import Function
    from .middleware import Middleware
    from .operation import Operation
    from .prompts import PromptTemplate
    from .uri import UriTemplate

    Served: TypeAlias = Component | Function | PromptTemplate
    """An operation of the API, a function of the author's, or a template of a prompt."""

Amended: TypeAlias = Callable[[str, Mapping[str, Any]], Mapping[str, Any]]
"""Members to set, for a kind of component and the entry that it has so far."""

_ANNOTATION = b'"x-mcp-header"'
_KINDS: tuple[Kind, ...] = ("tool", "resource", "template", "prompt")
_TEXTS = ("name", "title", "description")


class _Added(NamedTuple):
    component: Served
    schemas: Mapping[str, Schema]


class Match(NamedTuple):
    """The resource that a URI names, and the values of the template's variables."""

    operation: Operation
    variables: Mapping[str, str | list[str]]


class Inventory:
    """The listings of one server, and the components behind them."""

    def __init__(self, package: str | None, catalog: Catalog | None) -> None:
        self._package = package
        self._catalog = catalog
        self._hidden: list[Entry] = []
        self._operations: dict[Entry, Operation] = {}
        self._listings: dict[tuple[Kind, str], tuple[bytes, ...]] = {}
        # By the place that an entry names, which stays when its name changes:
        self._added: dict[str, _Added] = {}
        self._wrappers: dict[str, list[Middleware]] = {}
        self._completers: dict[str, dict[str, Completer]] = {}

    def keys(self, kind: Kind) -> Sequence[str]:
        return tuple(self._entries[kind])

    def listing(self, kind: Kind, version: str) -> Sequence[bytes]:
        """The entries of a listing as `version` of the protocol knows them."""
        found = self._listings.get((kind, version))
        if found is None:
            entries = self._entries[kind].values()
            found = tuple(listing_entry(version, kind, item.entry) for item in entries)
            self._listings[kind, version] = found
        return found

    def find(self, kind: Kind, key: str) -> Operation | None:
        """What a client names: a tool or prompt by name, a resource by its URI."""
        entry = self._entries[kind].get(key)
        return self._operation(entry) if entry else None

    def named(self, name: str) -> Operation:
        """The tool or else the resource of this name, hidden or not."""
        known = [entry for entry in self._all() if entry.kind != "prompt"]
        return self._operation(self._find(name, known)[0])

    def annotated_schema(self, name: str) -> Schema | None:
        """The input schema of a tool, if arguments of it are repeated as headers."""
        entry = self._entries["tool"].get(name)
        if entry is None or _ANNOTATION not in entry.entry:
            return None
        schema: Schema = json.loads(entry.entry)["inputSchema"]
        return schema

    def resource(self, uri: str) -> Match | None:
        """The resource with this URI, or else the most literal template it matches."""
        from .uri import normalize

        normal = normalize(uri)
        entry = self._resources_by_uri.get(normal)
        if entry is not None:
            return Match(self._operation(entry), {})
        for template in self._templates:
            if template.starts(normal) and template.compiled.match(uri) is not None:
                operation = self._operation(template.entry)
                variables = template.compiled.match(uri, operation.lists) or {}
                return Match(operation, variables)
        return None

    def unfilled(self, uri: str) -> str:
        """The expression of a template that a URI still has, or nothing."""
        from .uri import unfilled

        if "{" not in uri and "%7b" not in uri.lower():
            return ""
        found = (unfilled(uri, key) for key in self._entries["template"])
        return next(filter(None, found), "")

    def unknown_variables(self, uri: str) -> str:
        """What keeps a URI from being of a template, if it is but a name in its query.

        A sentence that has the nearest name, or nothing.
        """
        from .uri import normalize

        normal = normalize(uri)
        for template in self._templates:
            if not template.starts(normal):
                continue
            for name in template.compiled.unknown(uri):
                hint = nearest(name, sorted(template.compiled.names))
                return f"the URI has no variable {shortened(name)!r}{hint}"
        return ""

    def add(self, component: Served, schemas: Mapping[str, Schema]) -> None:
        """Serve one more component; its `$ref`s name members of `schemas`."""
        from .components import Component, listing_entries

        place = f"+{len(self._added)}"
        try:
            entries = (
                listing_entries(component, schemas)
                if isinstance(component, Component)
                else component.entries()
            )
            added = [
                Entry(kind, _key(component, listed), place, dumps(listed))
                for kind, listed in entries
            ]
        except KeyError as missing:
            raise CompositionError(
                f"{component.name!r} refers to the schema {missing}, which is not given"
            ) from None
        except (TypeError, ValueError) as error:
            raise CompositionError(
                f"{component.name!r} has what JSON can't write: {error}"
            ) from None
        for _, listed in entries:
            _check_headers(listed)
        for entry in added:
            self._check_free(entry.kind, entry.key)
        self._added[place] = _Added(component, schemas)
        for entry in added:
            self._entries[entry.kind][entry.key] = entry
        self._changed()

    def remove(self, name: str) -> None:
        """Stop serving what has this name."""
        for entry in self._find(name, self._visible()):
            del self._entries[entry.kind][entry.key]
        self._changed()

    def hide(self, name: str) -> None:
        """Serve what has this name to extension code only."""
        for entry in self._find(name, self._visible()):
            self._hidden.append(self._entries[entry.kind].pop(entry.key))
        self._changed()

    def change(self, name: str, amended: Amended) -> None:
        """Change members of the listing entries of what has this name."""
        changes: dict[Entry, Entry] = {}
        for entry in self._find(name, self._visible()):
            listed = json.loads(entry.entry)
            listed |= amended(entry.kind, listed)
            key = listed["name"] if entry.kind in ("tool", "prompt") else entry.key
            if key != entry.key:
                self._check_free(entry.kind, key)
            changes[entry] = Entry(entry.kind, key, entry.at, dumps(listed))
        for kind in {entry.kind for entry in changes}:
            entries = (changes.get(e, e) for e in self._entries[kind].values())
            self._entries[kind] = {entry.key: entry for entry in entries}
        self._changed()

    def wrap(self, name: str, middleware: Middleware) -> None:
        """Put code around the calls of what has this name, hidden or not."""
        for place in {entry.at for entry in self._find(name, self._all())}:
            self._wrappers.setdefault(place, []).append(middleware)
        self._changed()

    def complete(self, name: str, argument: str, completer: Completer) -> None:
        """Let code know the values of an argument of a prompt or a template."""
        known = [e for e in self._visible() if e.kind in ("prompt", "template")]
        for entry in self._find(name, known):
            arguments = self._operation(entry).schema["properties"]
            if argument not in arguments:
                raise CompositionError(
                    f"{name!r} has no argument {argument!r}"
                    f"{nearest(argument, arguments)}"
                )
            self._completers.setdefault(entry.at, {})[argument] = completer
        self._changed()

    def add_resources_as_tools(self) -> None:
        """Serve every resource as a tool of the same name and arguments, too."""
        from .components import Component, Resource

        resources = self._entries["resource"] | self._entries["template"]
        for entry in resources.values():
            component = self._component(entry)
            if component.name in self._entries["tool"]:
                continue
            if isinstance(component, Resource):
                self.add(_as_tool(component), self._schemas(entry))
            elif not isinstance(component, Component):
                self.add(cast("Function", component).as_tool(), {})

    def _visible(self) -> Iterator[Entry]:
        for kind in _KINDS:
            yield from self._entries[kind].values()

    def _all(self) -> Iterator[Entry]:
        yield from self._visible()
        yield from self._hidden

    def _find(self, name: str, entries: Iterable[Entry]) -> list[Entry]:
        names = [(_name(entry), entry) for entry in entries]
        found = [entry for known, entry in names if known == name]
        if not found:
            hint = nearest(name, (known for known, _ in names))
            raise CompositionError(f"nothing named {name!r} is served{hint}")
        return found

    def _check_free(self, kind: Kind | str, key: str) -> None:
        if key in self._entries[kind]:
            raise CompositionError(
                f"a {kind} {key!r} is served already: remove it first"
            )

    @cached_property
    def _entries(self) -> dict[str, dict[str, Entry]]:
        catalog = self._catalog or self._read_catalog()
        return {
            kind: {entry.key: entry for entry in catalog.entries(kind)}
            for kind in _KINDS
        }

    def _read_catalog(self) -> Catalog:
        if self._package is None:
            return Catalog()
        folder = import_module(self._package).__path__[0]
        try:
            return Catalog.read(Path(os.path.join(folder, "catalog.jsonl")))
        except OSError as error:
            raise CompositionError(
                f"the catalog of {self._package} can't be read ({error.strerror}): "
                "generate the package again"
            ) from None

    @cached_property
    def _resources_by_uri(self) -> dict[str, Entry]:
        from .uri import normalize

        return {
            normalize(entry.key): entry for entry in self._entries["resource"].values()
        }

    @cached_property
    def _templates(self) -> list[_Template]:
        templates = [_Template(entry) for entry in self._entries["template"].values()]
        return sorted(templates, key=lambda template: -template.literal)

    def _operation(self, entry: Entry) -> Operation:
        operation = self._operations.get(entry)
        if operation is None:
            from .components import Component, input_schema
            from .operation import Operation

            component = self._component(entry)
            if not isinstance(component, Component):
                schema = component.schema
            elif entry.kind == "tool":
                schema = json.loads(entry.entry)["inputSchema"]
            else:
                schema = input_schema(component, self._schemas(entry))
            operation = self._operations[entry] = Operation(
                component,
                schema,
                self._wrappers.get(entry.at, ()),
                self._completers.get(entry.at),
            )
        return operation

    def _component(self, entry: Entry) -> Served:
        """What an entry lists, named and described as it is there."""
        from dataclasses import replace

        added = self._added.get(entry.at)
        if added:
            component = added.component
        else:
            module, _, variable = entry.at.rpartition(".")
            inside = f"operations.{module}" if module else "prompts"
            component = getattr(import_module(f"{self._package}.{inside}"), variable)
        listed = json.loads(entry.entry)
        texts = {field: listed[field] for field in _TEXTS if field in listed}
        return replace(component, **texts)

    def _schemas(self, entry: Entry) -> Mapping[str, Schema]:
        added = self._added.get(entry.at)
        if added:
            return added.schemas
        schemas: Mapping[str, Schema] = import_module(
            f"{self._package}.schemas"
        ).SCHEMAS
        return schemas

    def _changed(self) -> None:
        self._operations.clear()
        self._listings.clear()
        self.__dict__.pop("_resources_by_uri", None)
        self.__dict__.pop("_templates", None)


class _Template:
    """A URI template, compiled when a URI in normal form starts as it does."""

    def __init__(self, entry: Entry) -> None:
        from .uri import prefix

        self.entry = entry
        self.literal = _literal_length(entry.key)
        self._prefix = prefix(entry.key)

    def starts(self, normal: str) -> bool:
        return normal.startswith(self._prefix)

    @cached_property
    def compiled(self) -> UriTemplate:
        from .uri import UriTemplate

        return UriTemplate(self.entry.key)


def _check_headers(listed: Mapping[str, Any]) -> None:
    schema = listed.get("inputSchema")
    if schema is not None and _ANNOTATION in dumps(schema):
        from .param_headers import problem

        if found := problem(schema):
            raise CompositionError(f"{listed['name']!r} can't be served: {found}")


def _literal_length(template: str) -> int:
    """How many characters of a URI template stand outside of braces."""
    return sum(len(part.rpartition("}")[2]) for part in template.split("{"))


def _key(component: Served, listed: Mapping[str, Any]) -> str:
    key: str = listed.get("uri") or listed.get("uriTemplate") or component.name
    return key


def _name(entry: Entry) -> str:
    if entry.kind in ("tool", "prompt"):
        return entry.key
    name: str = json.loads(entry.entry)["name"]
    return name


def _as_tool(resource: Resource) -> Tool:
    from dataclasses import fields

    from .components import Component, Tool

    return Tool(**{one.name: getattr(resource, one.name) for one in fields(Component)})
