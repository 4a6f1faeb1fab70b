"""The types of a plugin's functions, for its author and a type checker.

    from dataclasses import replace
    from mcpgen.plugin import Component, Operation, RouteKind

    def route(operation: Operation, default: RouteKind) -> RouteKind: ...
    def name(operation: Operation, default: str) -> str: ...
    def component(component: Component) -> Component: ...

docs/configuration.md says when each is asked.
"""

from mcpgen_runtime.components import Argument, Component, Resource, Tool

from .config import RouteKind
from .operations import Operation

__all__ = ["Argument", "Component", "Operation", "Resource", "RouteKind", "Tool"]
