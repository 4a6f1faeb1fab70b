"""models.py: a class for each object, under a name that nothing else moves."""

from __future__ import annotations

import ast
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from mcpgen.config import Config
from mcpgen.diagnostics import Report
from mcpgen.emit import emit, models
from mcpgen.load import Document, Documents
from mcpgen.name import name
from mcpgen.operations import operations
from mcpgen.route import route
from mcpgen.schema import Package, package
from mcpgen.spec import spec
from mcpgen.write import known, write

TEXT = {"type": "string"}


def made(schemas: dict[str, Any], body: Any = None) -> Package:
    """A package in which `POST /used` takes the first schema, or `body`."""
    body = body or {"$ref": f"#/components/schemas/{next(iter(schemas))}"}
    content = {"application/json": {"schema": {"type": "array", "items": body}}}
    operation = {"operationId": "use", "requestBody": {"content": content}}
    value = {
        "openapi": "3.1.0",
        "info": {"title": "Shop"},
        "servers": [{"url": "https://shop.example"}],
        "paths": {"/used": {"post": operation}},
        "components": {"schemas": schemas},
    }
    document = Document(source="spec", text="", format="json", value=value)
    report, config = Report(), Config()
    api = operations(spec(Documents(root=document)), report)
    return package(
        name(route(api, config, report).served, api, report), api, config, report
    )


def nothing(path: str, made_of: str) -> None:
    """No earlier run."""


def declared(schemas: dict[str, Any], body: Any = None) -> dict[str, str]:
    """The source of each declaration, by name."""
    report = Report()
    source = emit(made(schemas, body), Config(), report, nothing)[
        "shop_mcp/models.py"
    ].text
    assert not report.diagnostics
    found = {}
    for one in ast.parse(source).body:
        if isinstance(one, ast.ClassDef):
            found[one.name] = "; ".join(map(ast.unparse, one.body))
        elif isinstance(one, ast.AnnAssign) and one.value is not None:
            found[ast.unparse(one.target)] = ast.unparse(one.value)
        elif isinstance(one, ast.Assign):
            found[ast.unparse(one.targets[0])] = ast.unparse(one.value)
    return found


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        (
            {"type": "object", "required": ["a"], "properties": {"a": TEXT, "b": {}}},
            {"Thing": "a: str; b: NotRequired[Any]"},
        ),
        (
            {
                "type": "array",
                "items": {"anyOf": [{"$ref": "#/components/schemas/Thing"}, TEXT]},
            },
            {"Thing": "list[Any]"},
        ),
        (
            {
                "required": ["in"],
                "properties": {"in": {"type": ["array", "null"], "items": TEXT}},
            },
            {"Thing": "TypedDict('Thing', {'in': list[str] | None})"},
        ),
        (
            {"type": "object", "properties": {"in": {"properties": {"x": TEXT}}}},
            {
                "Thing": "TypedDict('Thing', {'in': NotRequired['ThingIn']})",
                "ThingIn": "x: NotRequired[str]",
            },
        ),
        (
            {"type": "object", "properties": {"__typename": TEXT}},
            {"Thing": "dict[str, Any]"},
        ),
        (
            {"type": "object", "properties": {"__proto__": TEXT, "_x": TEXT}},
            {"Thing": "__proto__: NotRequired[str]; _x: NotRequired[str]"},
        ),
        ({"enum": ["a", 'b"', None]}, {"Thing": "Literal['a', 'b\"'] | None"}),
        ({"enum": [1.5]}, {"Thing": "Any"}),
        ({"type": ["string", "null"], "format": "date-time"}, {"Thing": "str | None"}),
        ({"type": "object"}, {"Thing": "dict[str, Any]"}),
        ({"additionalProperties": TEXT, "type": "object"}, {"Thing": "dict[str, str]"}),
        (
            {"oneOf": [{"properties": {"a": TEXT}}, {"properties": {"b": TEXT}}]},
            {
                "Thing": "Thing1 | Thing2",
                "Thing1": "a: NotRequired[str]",
                "Thing2": "b: NotRequired[str]",
            },
        ),
        (
            {
                "allOf": [
                    {"$ref": "#/components/schemas/Base"},
                    {"properties": {"b": TEXT}, "required": ["a", "b"]},
                ]
            },
            {"Thing": "a: str; b: str"},
        ),
        (
            {"properties": {"a": TEXT}, "anyOf": [{"required": ["a"]}]},
            {"Thing": "a: NotRequired[str]"},
        ),
    ],
)
def test_a_schema_becomes_a_type(schema: Any, expected: dict[str, str]) -> None:
    base = {"type": "object", "properties": {"a": TEXT}}
    found = declared({"Thing": schema, "Base": base})
    found.pop("UseArguments")
    assert {key: found[key] for key in expected} == expected


def test_names_are_those_of_classes() -> None:
    schemas = {"my.type-name": TEXT, "My_type_name": TEXT, "list": TEXT, "Any": TEXT}
    union = {"anyOf": [{"$ref": f"#/components/schemas/{one}"} for one in schemas]}
    names = {"MyTypeName", "MyTypeName2", "List2", "Any2", "UseArguments"}
    assert declared(schemas, union).keys() == names


def test_what_is_declared_elsewhere_renames_nothing() -> None:
    inner = {"type": "object", "properties": {"x": TEXT}}
    thing = {"type": "object", "properties": {"inner": inner}}
    one = declared({"Thing": thing})
    union = {
        "anyOf": [{"$ref": f"#/components/schemas/{n}"} for n in ("Else", "Thing")]
    }
    other = declared({"Else": thing, "Thing": thing}, union)
    assert one.items() - {("UseArguments", one["UseArguments"])} <= other.items()


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    text = "x'); __import__('os').mkdir('made') #\"\"\"\n"
    schema = {"type": "object", "properties": {text: {"enum": [text]}}, "title": text}
    source = emit(made({text: schema}), Config(), Report(), nothing)[
        "shop_mcp/models.py"
    ].text
    assert not [one for one in ast.walk(ast.parse(source)) if is_call(one)]


def is_call(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func) != "TypedDict"


@pytest.mark.parametrize(
    "generated",
    [
        "import os\nos.remove('x')",
        "from typing import TypedDict\nclass Thing(TypedDict):\n    a: Missing",
        "Thing: TypeAlias = Literal[print('x')]",
        "Thing: TypeAlias = list[Other]\nOther: TypeAlias = str",
        "Other: TypeAlias = str",
    ],
)
def test_what_is_no_declaration_is_left_out(
    generated: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models, "_generated", lambda declared: generated)
    report = Report()
    tree = emit(made({"Thing": TEXT}), Config(), report, nothing)
    assert [one.code for one in report.diagnostics] == ["no-models"]
    assert not {"shop_mcp/models.py", "shop_mcp/calls.py"} & tree.keys()


def test_what_was_made_of_the_same_is_not_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class MadeAgain(Exception):
        pass

    def generated(declared: object) -> str:
        raise MadeAgain

    thing = {"type": "object", "properties": {"a": TEXT}}
    first = emit(made({"Thing": thing}), Config(), Report(), nothing)
    write(first, tmp_path, force=False, dry_run=False)
    monkeypatch.setattr(models, "_generated", generated)
    earlier = partial(known, tmp_path)
    assert emit(made({"Thing": thing}), Config(), Report(), earlier) == first
    with pytest.raises(MadeAgain):
        emit(made({"Other": thing}), Config(), Report(), earlier)
    (tmp_path / "shop_mcp/models.py").write_text("edited = True\n")
    with pytest.raises(MadeAgain):
        emit(made({"Thing": thing}), Config(), Report(), earlier)
