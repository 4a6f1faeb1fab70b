"""What agents see of a package: its listing entries, and the arguments behind them.

It is the same whether it is taken from a package that was just understood, or from the
files of one: there, entries stand in the catalog, and methods, paths, arguments and the
messages of prompts are read from the source, which is never run.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Iterator, Mapping
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
from mcpgen_runtime.prompts import PromptArgument, PromptMessage, PromptTemplate

from ..schema import Package

_PROMPTS: Mapping[str, Callable[..., Any]] = {
    one.__name__: one for one in (PromptTemplate, PromptArgument, PromptMessage)
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """One entry: `key` is the name of a tool or prompt or the URI of a resource,
    `operation` what it calls (`GET /pets/{id}`), `arguments` their object schema. What
    a prompt says, `messages`, is a member of its entry here.
    """

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
    ) + tuple(map(_of_prompt, package.prompts))


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
            if kind != "prompt"
            for line in catalog.entries(kind)
            for component in (components[line.at],)
        ) + tuple(_prompts(ast.parse(files.get("prompts.py", ""))))
    except (KeyError, SyntaxError, TypeError, IndexError) as problem:
        raise ValueError(f"not a package of mcpgen: {problem!r}") from problem


def _of_prompt(prompt: PromptTemplate) -> Served:
    ((kind, entry),) = prompt.entries()
    return Served(
        kind=kind,
        key=prompt.name,
        operation=prompt.name,
        entry={**entry, "messages": prompt.messages},
        arguments=prompt.schema,
    )


def _prompts(module: ast.Module) -> Iterator[Served]:
    for node in module.body:
        if isinstance(node, ast.Assign):
            yield _of_prompt(_prompt_value(node.value))


def _prompt_value(node: ast.expr) -> Any:
    """What a prompt, or a part of one, is written as."""
    if isinstance(node, ast.Tuple):
        return tuple(map(_prompt_value, node.elts))
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        return ast.literal_eval(node)
    given = {str(one.arg): _prompt_value(one.value) for one in node.keywords}
    return _PROMPTS[node.func.id](*map(_prompt_value, node.args), **given)


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
