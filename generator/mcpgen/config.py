"""What the user decides: values only; nothing here reads a file or an argument."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from mcpgen_runtime.prompts import PromptTemplate

from .diagnostics import Location, Text
from .hooks import Plugin

Preset: TypeAlias = Literal["semantic", "tools"]
RouteKind: TypeAlias = Literal["tool", "resource", "template", "exclude"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteMap:
    """One rule: what the operations that it matches become.

    Every condition that is given must hold: one of the methods, the regular
    expression found in the path, all of the tags, one of the operation ids. `add_tags`
    come after the operation's own. `at` is where the user wrote the rule.
    """

    kind: RouteKind
    methods: tuple[str, ...] = ()
    path: str | None = None
    tags: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    add_tags: tuple[str, ...] = ()
    at: Location | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArgumentOverride:
    """What is said of one argument: its name, its words, and whether clients give it.

    `value` is always sent, and no client sees the argument; `default` is sent where
    the client gives nothing; what is `hidden` without a value is never sent.
    """

    name: str | None = None
    description: str | None = None
    hidden: bool | None = None
    value: Any = None
    default: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """What is said of one operation, in `mcpgen.toml` or in its `x-mcp`.

    What is None, or empty, is left as the document has it. `arguments` has the wire
    names of parameters and of members of the body, `body` the media type to send;
    without `output_schema` a tool doesn't tell what its answers look like. `at` is
    where it was said, and `name_at` where the name was.
    """

    kind: RouteKind | None = None
    name: str | None = None
    title: str | None = None
    description: str | None = None
    annotations: Mapping[str, bool] = field(default_factory=dict)
    arguments: Mapping[str, ArgumentOverride] = field(default_factory=dict)
    body: str | None = None
    uri: str | None = None
    output_schema: bool | None = None
    at: Location | None = None
    name_at: Location | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerWords:
    """What the server says of itself, in place of what the document says of the API."""

    title: str | None = None
    instructions: str | None = None
    version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A template of the user's: its path as findings have it, and its text."""

    source: str
    text: str
    format: str = "jinja"


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The settings of one run: of the document `source`, into the folder `output`.

    `include` and `exclude` hold patterns: one that starts with "/" is a glob of paths
    (`*` also matches "/"), any other a glob of tag names, in any case. What is
    excluded stays out even if it is included. `overlays` are paths of OpenAPI Overlays,
    in the order in which they apply; `allow_remote_refs` lets a document refer to other
    hosts. `application` is the import path of the ASGI application that the package
    calls in its own process; without one, it forwards over HTTP. With
    `output_schemas`, tools tell what their answers look like.

    `arguments` are those of the command line that decide what is made, as a program is
    given them: the document, if it stands there, and options. `operations` has overrides
    by operation id or by `GET /path`, `limits` the defaults of settings of the emitted
    package. `plugin` is asked about each operation. `templates` take the place of
    mcpgen's own, by name. `texts` is what was read, by source, for findings to show.

    With `apis`, the package is composed of several APIs. Each has settings of its own,
    by the name that its tools begin with, and those here are of the package as a whole:
    `output`, `name`, `prompts`, `templates`, `server`.
    """

    source: str | None = None
    output: str | None = None
    preset: Preset = "semantic"
    name: str | None = None
    base_url: str | None = None
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    overlays: tuple[str, ...] = ()
    allow_remote_refs: bool = False
    application: str | None = None
    output_schemas: bool = True
    arguments: tuple[str, ...] = ()
    routes: tuple[RouteMap, ...] = ()
    operations: Mapping[str, Override] = field(default_factory=dict)
    prompts: tuple[PromptTemplate, ...] = ()
    plugin: Plugin | None = None
    templates: Mapping[str, Template] = field(default_factory=dict)
    server: ServerWords = ServerWords()
    limits: Mapping[str, Any] = field(default_factory=dict)
    apis: Mapping[str, Config] = field(default_factory=dict)
    texts: Mapping[str, Text] = field(default_factory=dict)

    @property
    def documents(self) -> tuple[Config, ...]:
        """The settings of each document: those of the APIs, or else these."""
        return tuple(self.apis.values()) or (self,)


PRESETS: Mapping[Preset, tuple[RouteMap, ...]] = MappingProxyType(
    {
        "semantic": (
            RouteMap(kind="template", methods=("GET",), path=r"\{"),
            RouteMap(kind="resource", methods=("GET",)),
            RouteMap(kind="tool"),
        ),
        "tools": (RouteMap(kind="tool"),),
    }
)
"""The rules of each preset, in order: the first that matches decides."""
