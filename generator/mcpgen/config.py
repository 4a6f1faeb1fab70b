"""What the user decides: values only; nothing here reads a file or an argument."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias

Preset: TypeAlias = Literal["semantic", "tools"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The settings of one run.

    `include` and `exclude` hold patterns: one that starts with "/" is a glob of paths
    (`*` also matches "/"), any other a glob of tag names, in any case. What is
    excluded stays out even if it is included. `overlays` are paths of OpenAPI Overlays,
    in the order in which they apply; `allow_remote_refs` lets a document refer to other
    hosts. `application` is the import path of the ASGI application that the package
    calls in its own process; without one, it forwards over HTTP. With
    `output_schemas`, tools tell what their answers look like.
    """

    preset: Preset = "semantic"
    name: str | None = None
    base_url: str | None = None
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    overlays: tuple[str, ...] = ()
    allow_remote_refs: bool = False
    application: str | None = None
    output_schemas: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteMap:
    """One rule: what the operations that it matches become.

    Every condition that is given must hold: one of the methods, the regular
    expression found in the path, all of the tags, one of the operation ids.
    """

    kind: Literal["tool", "resource", "template", "exclude"]
    methods: tuple[str, ...] = ()
    path: str | None = None
    tags: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()


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
