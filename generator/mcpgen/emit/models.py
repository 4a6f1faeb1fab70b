"""models.py: the values of the API as types, by datamodel-code-generator.

Its output is other people's code made of text of the document. So it is looked at
before it is emitted: it may hold declarations of types and nothing else, and it must
import.
"""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.metadata import version
from itertools import accumulate
from typing import Any, NamedTuple, TypeGuard

from ..diagnostics import Report
from ..schema import Package
from .declarations import declarations
from .layout import formatted, laid_out

_LARGEST = 2_000
"""Declarations up to which it is made: so many take about ten seconds."""
_OPENING = '''{marker}
"""The values of the API as types, for extensions.py and for type checkers.

Nothing imports this file when the server runs. At run time each value is plain JSON.
"""
'''
_IMPORTS = """
from __future__ import annotations

from typing import {names}
"""
_TYPING = frozenset(
    {"Any", "Literal", "NotRequired", "Optional", "TypeAlias", "TypedDict", "Union"}
)
_CONTENTS: Mapping[str, bytes] = {"dict": b"[str, Any]", "list": b"[Any]"}
_BUILTINS = frozenset({"bool", "dict", "float", "int", "list", "str"})

_ALLOWED = (
    ast.Module,
    ast.ImportFrom,
    ast.alias,
    ast.Expr,  # the docstring
    ast.ClassDef,
    ast.Pass,
    ast.Assign,
    ast.AnnAssign,
    ast.Call,
    ast.Dict,
    ast.Subscript,
    ast.Tuple,
    ast.BinOp,
    ast.BitOr,
    ast.UnaryOp,
    ast.USub,
    ast.Constant,
    ast.Name,
    ast.expr_context,
)


class Unusable(Exception):
    """What datamodel-code-generator made is not what may be emitted."""


class Models(NamedTuple):
    """The source of models.py, and the digest of what it depends on."""

    text: str
    made_of: str | None = None


def models(
    package: Package, marker: str, report: Report, known: Callable[[str], str | None]
) -> Models | None:
    """models.py, or None where there can be none, with a warning.

    `known` gives the source that was once made of the same, if it is still there.
    """
    declared = declarations(package)
    if not declared:
        return Models(_OPENING.format(marker=marker))
    made_of = _digest(declared, marker)
    source = known(made_of)
    if source is not None:
        return Models(source, made_of)
    try:
        if len(declared) > _LARGEST:
            raise Unusable(f"there would be {len(declared):,} types in it")
        source = _module(_generated(declared), marker)
        _check(source, declared)
    except Unusable as problem:
        report.warning(
            "no-models",
            f"models.py and calls.py are left out: {problem}",
            hint="the server is complete without; extensions.py can use server.call",
        )
        return None
    return Models(source, made_of)


def _digest(declared: dict[str, Any], marker: str) -> str:
    makers = ("mcpgen", "datamodel-code-generator", "black")
    depends_on = [marker, [version(maker) for maker in makers], declared]
    return hashlib.sha256(json.dumps(depends_on).encode()).hexdigest()


def _generated(declared: dict[str, Any]) -> str:
    # Imported here, since it takes longer than all the rest of mcpgen.
    from datamodel_code_generator import Error, generate
    from datamodel_code_generator.enums import DataModelType, InputFileType
    from datamodel_code_generator.format import PythonVersion
    from datamodel_code_generator.parser import LiteralType

    document = {
        "openapi": "3.1.0",
        "info": {"title": "API", "version": "1"},
        "paths": {},
        "components": {"schemas": declared},
    }
    try:
        return str(
            generate(
                json.dumps(document),
                input_file_type=InputFileType.OpenAPI,
                output_model_type=DataModelType.TypingTypedDict,
                target_python_version=PythonVersion.PY_311,
                enum_field_as_literal=LiteralType.All,
                keep_model_order=True,
                use_standard_collections=True,
                use_union_operator=True,
                use_double_quotes=True,
                special_field_name_prefix="",
                disable_timestamp=True,
                formatters=[],
            )
        )
    except (Error, RecursionError, ValueError, TypeError, KeyError) as problem:
        reason = type(problem).__name__
        raise Unusable(f"datamodel-code-generator fails ({reason})") from problem


def _module(generated: str, marker: str) -> str:
    """The declarations that were made, below an opening of our own."""
    try:
        generated = _modern(generated)
        tree = ast.parse(generated)
    except SyntaxError:
        raise Unusable("what was made is not Python") from None
    body = [one for one in tree.body if not isinstance(one, ast.ImportFrom)]
    read = {node.id for one in body for node in ast.walk(one) if _is_read(node)}
    names = ", ".join(sorted(_TYPING & read))
    if not names:
        raise Unusable("nothing is declared in what was made")
    opening = _OPENING.format(marker=marker) + _IMPORTS.format(names=names)
    apart = "\n" * (2 if isinstance(body[0], ast.ClassDef) else 1)
    return opening + apart + laid_out(_statements(body, generated.split("\n")))


def _modern(source: str) -> str:
    """The source as strict checkers want it: `Optional[list[…]]` as `list[…] | None`,
    and `list` and `dict` with what is in them. Raises SyntaxError."""
    tree, text = ast.parse(source), source.encode()
    starts = [0, *accumulate(len(line) + 1 for line in text.split(b"\n"))]
    edits: list[tuple[int, int, bytes]] = []
    told: set[ast.expr] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript):
            told.add(node.value)
            inner = node.slice
            if isinstance(inner, ast.Subscript) and _is_named(node.value, "Optional"):
                edits.append((_start(node, starts), _start(inner, starts), b""))
                edits.append((_end(inner, starts), _end(node, starts), b" | None"))
        elif isinstance(node, ast.Name) and node.id in _CONTENTS and node not in told:
            end = _end(node, starts)
            edits.append((end, end, _CONTENTS[node.id]))
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text.decode()


def _is_named(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _start(node: ast.expr, starts: Sequence[int]) -> int:
    return starts[node.lineno - 1] + node.col_offset


def _end(node: ast.expr, starts: Sequence[int]) -> int:
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    return starts[node.end_lineno - 1] + node.end_col_offset


def _statements(body: list[ast.stmt], lines: list[str]) -> Iterator[str]:
    for one in body:
        text = "\n".join(lines[one.lineno - 1 : one.end_lineno])
        yield formatted(text) if isinstance(one, ast.Assign) else text


def _check(source: str, expected: Mapping[str, Any]) -> None:
    """Raises Unusable unless `source` declares the expected types, and only types."""
    tree = ast.parse(source)
    declared = {name for one in tree.body for name in _declared(one)}
    missing = sorted(expected.keys() - declared)
    if missing:
        raise Unusable(f"`{missing[0]}` is missing in what was made")
    known = declared | _TYPING | _BUILTINS
    for node in ast.walk(tree):
        if not isinstance(node, _ALLOWED):
            raise Unusable(f"it would hold {type(node).__name__}")
        if _is_read(node) and node.id not in known:
            raise Unusable(f"`{node.id}` is not declared")
    module: dict[str, Any] = {"__name__": "models"}
    try:
        exec(  # noqa: S102 - types and nothing else, as the lines above made sure
            compile(tree, "models.py", "exec"), module
        )
    except Exception as problem:
        raise Unusable(f"it doesn't import ({type(problem).__name__})") from problem
    for name, schema in expected.items():
        members = schema.get("properties")
        if members and module[name].__annotations__.keys() != members.keys():
            raise Unusable(f"`{name}` has members that no class can have")


def _declared(statement: ast.stmt) -> Iterator[str]:
    if isinstance(statement, ast.ClassDef):
        yield statement.name
    elif isinstance(statement, ast.AnnAssign) and isinstance(
        statement.target, ast.Name
    ):
        yield statement.target.id
    elif isinstance(statement, ast.Assign):
        yield from (one.id for one in statement.targets if isinstance(one, ast.Name))


def _is_read(node: ast.AST) -> TypeGuard[ast.Name]:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
