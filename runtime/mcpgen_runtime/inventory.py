"""What one server serves: the catalog of its package, plus and minus what code says.

The catalog is read when it is first needed, and a module of `operations/` is imported
when one of its components is first used, so a server with thousands of operations
starts as quickly as one with ten.
"""

from __future__ import annotations

import json
import os.path
from collections.abc import Mapping, Sequence
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from .catalog import Catalog, Entry
from .components import (
    Component,
    Kind,
    Resource,
    Schema,
    Tool,
    input_schema,
    listing_entries,
)
from .errors import CompositionError, nearest
from .messages import dumps
from .protocol import listing_entry

if TYPE_CHECKING:
    from .schemas import Validator
    from .uri import UriTemplate

_ANNOTATION = b'"x-mcp-header"'
_KINDS: tuple[Kind, ...] = ("tool", "resource", "template")


class Operation:
    """A component in use, with the schema that its arguments are checked against."""

    def __init__(self, component: Component, schema: Schema) -> None:
        self.component = component
        self._schema = schema

    def errors(self, arguments: Mapping[str, Any]) -> tuple[str, ...]:
        """What is wrong with the arguments, told to whoever made them."""
        return self._validator.errors(arguments)

    def arguments(self, variables: Mapping[str, str | list[str]]) -> dict[str, Any]:
        """Arguments from the variables of a URI, typed as their schemas say."""
        from .schemas import coerce

        definitions = self._schema.get("$defs", {})
        properties = self._schema["properties"]
        return {
            name: coerce(properties[name], text, definitions)
            for name, text in variables.items()
        }

    @cached_property
    def _validator(self) -> Validator:
        from .schemas import Validator

        return Validator(self._schema)


class _Added(NamedTuple):
    component: Component
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
        self._added: dict[tuple[str, str], _Added] = {}
        self._operations: dict[str, Operation] = {}
        self._listings: dict[tuple[Kind, str], tuple[bytes, ...]] = {}

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

    def tool(self, name: str) -> Operation | None:
        entry = self._entries["tool"].get(name)
        return self._operation(entry) if entry else None

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

        uri = normalize(uri)
        entry = self._resources_by_uri.get(uri)
        if entry is not None:
            return Match(self._operation(entry), {})
        for template in self._templates:
            variables = template.match(uri)
            if variables is not None:
                return Match(self._operation(template.entry), variables)
        return None

    def add(self, component: Component, schemas: Mapping[str, Schema]) -> None:
        """Serve one more component; its `$ref`s name members of `schemas`."""
        try:
            entries = listing_entries(component, schemas)
        except KeyError as missing:
            raise CompositionError(
                f"{component.name!r} refers to the schema {missing}, which is not given"
            ) from None
        added = [
            Entry(kind, _key(component, fields), "", dumps(fields))
            for kind, fields in entries
        ]
        for _, fields in entries:
            _check_headers(fields)
        for kind, key, *_ in added:
            if key in self._entries[kind]:
                raise CompositionError(
                    f"a {kind} {key!r} is served already: remove it first"
                )
        for entry in added:
            self._entries[entry.kind][entry.key] = entry
            self._added[entry.kind, entry.key] = _Added(component, schemas)
        self._changed()

    def remove(self, name: str) -> None:
        """Stop serving the component of this name."""
        found: list[tuple[Kind, str]] = [
            (kind, entry.key)
            for kind in _KINDS
            for entry in self._entries[kind].values()
            if _name(entry) == name
        ]
        if not found:
            known = (_name(e) for kind in _KINDS for e in self._entries[kind].values())
            raise CompositionError(
                f"nothing named {name!r} is served{nearest(name, known)}"
            )
        for kind, key in found:
            del self._entries[kind][key]
            self._added.pop((kind, key), None)
        self._changed()

    def add_resources_as_tools(self) -> None:
        """Serve every resource as a tool of the same name and arguments, too."""
        tools = self._entries["tool"]
        resources = self._entries["resource"] | self._entries["template"]
        for entry in resources.values():
            component = self._component(entry)
            if isinstance(component, Resource) and component.name not in tools:
                self.add(_as_tool(component), self._schemas(entry))

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
        cache_key = f"{entry.kind} {entry.key}"
        operation = self._operations.get(cache_key)
        if operation is None:
            component = self._component(entry)
            if entry.kind == "tool":
                schema = json.loads(entry.entry)["inputSchema"]
            else:
                schema = input_schema(component, self._schemas(entry))
            operation = self._operations[cache_key] = Operation(component, schema)
        return operation

    def _component(self, entry: Entry) -> Component:
        if not entry.at:
            return self._added[entry.kind, entry.key].component
        module, _, variable = entry.at.rpartition(".")
        loaded = import_module(f"{self._package}.operations.{module}")
        component: Component = getattr(loaded, variable)
        return component

    def _schemas(self, entry: Entry) -> Mapping[str, Schema]:
        if not entry.at:
            return self._added[entry.kind, entry.key].schemas
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
        from .uri import normalize

        self.entry = entry
        self.literal = _literal_length(entry.key)
        self._prefix = normalize(entry.key.partition("{")[0])

    def match(self, uri: str) -> Mapping[str, str | list[str]] | None:
        return self._compiled.match(uri) if uri.startswith(self._prefix) else None

    @cached_property
    def _compiled(self) -> UriTemplate:
        from .uri import UriTemplate

        return UriTemplate(self.entry.key)


def _check_headers(fields: Mapping[str, Any]) -> None:
    schema = fields.get("inputSchema")
    if schema is not None and _ANNOTATION in dumps(schema):
        from .param_headers import problem

        if found := problem(schema):
            raise CompositionError(f"{fields['name']!r} can't be served: {found}")


def _literal_length(template: str) -> int:
    """How many characters of a URI template stand outside of braces."""
    return sum(len(part.rpartition("}")[2]) for part in template.split("{"))


def _key(component: Component, fields: Mapping[str, Any]) -> str:
    key: str = fields.get("uri") or fields.get("uriTemplate") or component.name
    return key


def _name(entry: Entry) -> str:
    if entry.kind == "tool":
        return entry.key
    name: str = json.loads(entry.entry)["name"]
    return name


def _as_tool(resource: Resource) -> Tool:
    return Tool(
        name=resource.name,
        method=resource.method,
        path=resource.path,
        title=resource.title,
        description=resource.description,
        arguments=resource.arguments,
        body=resource.body,
        body_required=resource.body_required,
        accept=resource.accept,
        security=resource.security,
        server=resource.server,
    )
