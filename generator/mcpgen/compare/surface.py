"""What agents see of a package: its listing entries, and the arguments behind them.

It is the same whether it is taken from a package that was just understood, or from the
files of one: there, entries stand in the catalog, and methods, paths and arguments are
read from the source of `operations/`, which is never run.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from mcpgen_runtime.catalog import Catalog
from mcpgen_runtime.components import (
    KEYS,
    Argument,
    Component,
    Kind,
    Schema,
    input_schema,
    listing_entries,
)

from ..schema import Package


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """One entry: `key` is the name of a tool or the URI of a resource, `operation`
    what it calls (`GET /pets/{id}`), `arguments` their object schema."""

    kind: Kind
    key: str
    operation: str
    entry: Mapping[str, Any]
    arguments: Schema


Surface: TypeAlias = tuple[Served, ...]


def of_package(package: Package) -> Surface:
    return tuple(
        Served(
            kind=kind,
            key=entry[KEYS[kind]],
            operation=f"{component.method} {component.path}",
            entry=entry,
            arguments=input_schema(component, package.schemas),
        )
        for module in package.modules
        for component in module.components
        for kind, entry in listing_entries(component, package.schemas)
    )


def of_files(files: Mapping[str, str]) -> Surface:
    """The surface of a package by the text of its files, whose paths begin below it.

    Raises ValueError where they aren't what mcpgen writes.
    """
    try:
        schemas = dict(_schemas(ast.parse(files["schemas.py"])))
        components = {
            f"{path.removeprefix('operations/').removesuffix('.py')}.{variable}": one
            for path, text in files.items()
            if path.startswith("operations/")
            for variable, one in _components(ast.parse(text))
        }
        catalog = Catalog.parse(files["catalog.jsonl"].encode())
        return tuple(
            Served(
                kind=kind,
                key=line.key,
                operation=f"{component.method} {component.path}",
                entry=json.loads(line.entry),
                arguments=input_schema(component, schemas),
            )
            for kind in KEYS
            for line in catalog.entries(kind)
            for component in (components[line.at],)
        )
    except (KeyError, SyntaxError, TypeError, IndexError) as problem:
        raise ValueError(f"not a package of mcpgen: {problem!r}") from problem


def _schemas(module: ast.Module) -> Iterator[tuple[str, Schema]]:
    for node in module.body:
        if isinstance(node, ast.AnnAssign) and node.value is not None:
            yield from ast.literal_eval(node.value).items()


def _components(module: ast.Module) -> Iterator[tuple[str, Component]]:
    """The variables that hold a call, and what such a call says of an operation."""
    for node in module.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            (variable,) = (one.id for one in node.targets if isinstance(one, ast.Name))
            given = {one.arg: one.value for one in node.value.keywords}
            yield (
                variable,
                Component(
                    name=ast.literal_eval(given["name"]),
                    method=ast.literal_eval(given["method"]),
                    path=ast.literal_eval(given["path"]),
                    arguments=tuple(_arguments(given.get("arguments"))),
                ),
            )


def _arguments(value: ast.expr | None) -> Iterator[Argument]:
    for call in value.elts if isinstance(value, ast.Tuple) else ():
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
            raise TypeError("an argument is no plain call")
        given = {one.arg: one.value for one in call.keywords}
        required = given.get("required")
        yield Argument(
            name=ast.literal_eval(call.args[0]),
            schema=ast.literal_eval(call.args[1]),
            required=(
                call.func.id == "Path"
                if required is None
                else ast.literal_eval(required)
            ),
            hidden="hidden" in given,
        )
