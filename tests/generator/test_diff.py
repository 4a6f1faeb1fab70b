"""`mcpgen diff`: what changes for agents, each change judged, whatever is compared."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from mcpgen.compare.schemas import differences

Run = Callable[..., Result]
Schema = dict[str, Any]

BREAKS, FITS = True, False


def members(schema: Any, **more: Any) -> Schema:
    return {"type": "object", "properties": {"a": schema}, **more}


def shared(schema: Any, wrap: Callable[[Any], Any] = lambda one: one) -> Schema:
    return members(wrap({"$ref": "#/$defs/A"}), **{"$defs": {"A": schema}})


NESTED = {"type": "object", "properties": {"b": {"type": "string"}}}
TREE = {"type": "object", "properties": {"next": {"$ref": "#/$defs/A"}}}
TEXT, NUMBER, NULL = {"type": "string"}, {"type": "number"}, {"type": "null"}


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        (members(TEXT), members(TEXT), []),
        (members(TEXT), members(NUMBER), [("a", "is number, was string", BREAKS)]),
        (
            members(NUMBER),
            members({"type": "integer"}),
            [("a", "is integer, was number", BREAKS)],
        ),
        (
            members({"type": "integer"}),
            members(NUMBER),
            [("a", "is number, was integer", FITS)],
        ),
        (members({}), members(TEXT), [("a", "is string, was of any type", BREAKS)]),
        (members(TEXT), members({}), [("a", "is of any type, was string", FITS)]),
        (members(TEXT), {"type": "object"}, [("a", "is gone", BREAKS)]),
        ({"type": "object"}, members(TEXT), [("a", "is new, and optional", FITS)]),
        (
            {"type": "object"},
            members(TEXT, required=["a"]),
            [("a", "is new and required", BREAKS)],
        ),
        (
            members(TEXT),
            members(TEXT, required=["a"]),
            [("a", "is required now", BREAKS)],
        ),
        (
            members(TEXT, required=["a"]),
            members(TEXT),
            [("a", "is optional now", FITS)],
        ),
        (
            members({"enum": ["x", "y"]}),
            members({"enum": ["x", "z"]}),
            [("a", 'no longer takes "y"', BREAKS), ("a", 'also takes "z"', FITS)],
        ),
        (members({}), members({"const": 1}), [("a", "takes only 1", BREAKS)]),
        (
            members({"maximum": 9}),
            members({"maximum": 8}),
            [("a", "has maximum 8, was 9", BREAKS)],
        ),
        (
            members({"minLength": 2}),
            members({"minLength": 1}),
            [("a", "has minLength 1, was 2", FITS)],
        ),
        (
            members({}),
            members({"pattern": "x"}),
            [("a", 'has pattern "x"', BREAKS)],
        ),
        (
            members({"pattern": "x"}),
            members({}),
            [("a", 'has no pattern, was "x"', FITS)],
        ),
        (
            members({"description": "x"}),
            members({"description": "y", "default": 1, "format": "z"}),
            [
                ("a", "is in other words", FITS),
                ("a", "has default 1", FITS),
                ("a", 'has format "z"', FITS),
            ],
        ),
        (
            members(TEXT),
            members({"anyOf": [TEXT, NULL]}),
            [("a", "also takes null", FITS)],
        ),
        (
            members({"oneOf": [TEXT, NULL]}),
            members({"anyOf": [NULL]}),
            [("a", "no longer takes string", BREAKS)],
        ),
        (
            members({"anyOf": [{"maximum": 9}, TEXT]}),
            members({"anyOf": [TEXT, {"maximum": 8}]}),
            [("a", "has maximum 8, was 9", BREAKS)],
        ),
        (
            members({"items": NESTED}),
            members({"items": {**NESTED, "properties": {}}}),
            [("a[].b", "is gone", BREAKS)],
        ),
        (
            members({"additionalProperties": TEXT}),
            members({"additionalProperties": False}),
            [("a", "takes no other members now", BREAKS)],
        ),
        (
            shared(NESTED),
            shared({**NESTED, "required": ["b"]}),
            [("a.b", "is required now", BREAKS)],
        ),
        (
            shared(TREE, lambda one: {"items": one}),
            shared({**TREE, "maxProperties": 1}, lambda one: {"items": one}),
            [("a[]", "has maxProperties 1", BREAKS)],
        ),
        (shared(TEXT), members(TEXT), []),
    ],
)
def test_schemas(old: Schema, new: Schema, found: list[tuple[str, str, bool]]) -> None:
    told = [(one.where, one.text, one.breaking) for one in differences(old, new)]
    assert told == found


def one_of_all(one: Any) -> Schema:
    return {"allOf": [one], "description": "Words."}


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        (
            shared(members(TEXT), one_of_all),
            shared(members(NUMBER), one_of_all),
            [("a.a", "is number, was string", BREAKS)],
        ),
        (
            shared(members(TEXT), one_of_all),
            shared(members(TEXT, required=["a"]), one_of_all),
            [("a.a", "is required now", BREAKS)],
        ),
        (
            shared(members(TEXT), one_of_all),
            shared(members(TEXT)),
            [("a", "is in other words", FITS)],
        ),
        (
            shared(members(TEXT), lambda one: {"allOf": [one, members(NUMBER)]}),
            shared({"type": "object"}, lambda one: {"allOf": [one, members(NUMBER)]}),
            [("a.a", "is number, was string", BREAKS)],
        ),
    ],
)
def test_what_all_of_adds(
    old: Schema, new: Schema, found: list[tuple[str, str, bool]]
) -> None:
    told = [(one.where, one.text, one.breaking) for one in differences(old, new)]
    assert told == found


def recursive(wrap: Callable[[Any], Any], **more: Any) -> Schema:
    """An object of which one member is the same again, in a union."""
    again = wrap({"$ref": "#/$defs/A"})
    inner = {"type": "object", "properties": {"n": TEXT, "next": again, **more}}
    return shared(inner, wrap)


@pytest.mark.parametrize(
    "wrap",
    [
        lambda one: {"anyOf": [one, NULL]},
        lambda one: {"oneOf": [{"allOf": [one]}, TEXT]},
        lambda one: {"anyOf": [{"type": "array", "items": one}, one]},
    ],
)
def test_what_refers_to_itself_in_a_union(wrap: Callable[[Any], Any]) -> None:
    words = [*differences(recursive(wrap), recursive(wrap, n={**TEXT, "title": "N"}))]
    assert not any(one.breaking for one in words)
    gone = [*differences(recursive(wrap, old=TEXT), recursive(wrap))]
    assert any(one.breaking for one in gone), gone


def document(paths: dict[str, Any]) -> str:
    return json.dumps(
        {
            "openapi": "3.1.0",
            "info": {"title": "Shop", "version": "1"},
            "servers": [{"url": "https://shop.example"}],
            "paths": paths,
        }
    )


def parameter(name: str, schema: Any = TEXT, **more: Any) -> Any:
    where = {"in": "query", "schema": schema} | more
    return {"name": name, "required": where["in"] == "path"} | where


def operation(id: str, *parameters: Any, **more: Any) -> Any:
    return {"operationId": id, "parameters": parameters, "responses": {}} | more


def answer(media_type: str) -> Any:
    return {"200": {"description": "Items.", "content": {media_type: {}}}}


ITEM_LIST = "resource api://shop/items"
ITEMS = "template api://shop/items{?limit}"
ADD, LIST = operation("addItem"), operation("listItems", parameter("limit"))


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        (
            {"post": ADD},
            {"post": ADD, "put": LIST},
            ["compatible  tool list_items: is new"],
        ),
        (
            {"post": ADD, "put": LIST},
            {"post": ADD},
            ["breaking    tool list_items: is gone"],
        ),
        (
            {"post": ADD},
            {"post": operation("createItem")},
            [
                "breaking    tool add_item: is called create_item now",
                "compatible  tool add_item: is in other words",
            ],
        ),
        (
            {"post": ADD},
            {"put": ADD},
            [
                "compatible  tool add_item: calls PUT /items, was POST /items",
                "compatible  tool add_item: is in other words",
                "compatible  tool add_item: has other annotations",
            ],
        ),
        (
            {"get": LIST},
            {"get": operation("listItems", parameter("limit"), parameter("page"))},
            [
                f"compatible  {ITEMS}: argument page: is new, and optional",
            ],
        ),
        (
            {"get": LIST},
            {"get": operation("listItems", parameter("limit", required=True))},
            [
                f"breaking    {ITEM_LIST}: is gone: GET /items is the {ITEMS} now",
                f"breaking    {ITEMS}: argument limit: is required now",
            ],
        ),
        (
            {"get": operation("getItems", responses=answer("application/json"))},
            {"get": operation("getItems", responses=answer("text/csv"))},
            [
                f"breaking    {ITEM_LIST}: answers are text/csv, were application/json",
            ],
        ),
        (
            {"post": ADD},
            {"post": ADD | {"description": "Adds an item."}},
            ["compatible  tool add_item: is in other words"],
        ),
    ],
)
def test_entries(
    mcpgen: Run, tmp_path: Path, old: Any, new: Any, lines: list[str]
) -> None:
    """Of documents and of the packages that are made of them, the same."""
    for name, item in (("old", old), ("new", new)):
        (tmp_path / f"{name}.json").write_text(document({"/items": item}))
        mcpgen(f"{name}.json", "-o", name, cwd=tmp_path)
    for sides in (("old.json", "new.json"), ("old", "new"), ("old", "new.json")):
        result = mcpgen("diff", *sides, cwd=tmp_path)
        assert (result.exit_code, result.stderr) == (0, "")
        assert result.stdout.splitlines()[:-1] == lines


def test_a_parameter_of_a_path_by_another_name(mcpgen: Run, tmp_path: Path) -> None:
    for name in ("id", "itemId"):
        key = parameter(name, **{"in": "path"})
        item = {
            "get": operation("getItem", key, summary="Item."),
            "put": operation("putItem", key, summary="Item."),
        }
        text = document({f"/items/{{{name}}}": item})
        (tmp_path / f"{name}.json").write_text(text)
    result = mcpgen("diff", "id.json", "itemId.json", cwd=tmp_path)
    uri = "template api://shop/items/{id}"
    assert result.stdout.splitlines()[:-1] == [
        "breaking    tool put_item: argument id: is called itemId now",
        f"breaking    {uri}: has another URI: api://shop/items/{{itemId}}",
        f"breaking    {uri}: argument id: is called itemId now",
    ]


@pytest.fixture
def moved(tmp_path: Path) -> Path:
    """A tool that loses its name, in a folder where the old document is in git."""
    (tmp_path / "api").mkdir()
    spec, part = tmp_path / "api" / "spec.json", tmp_path / "api" / "part.json"
    part.write_text(json.dumps({"post": operation("do_`it`_<b>")}))
    spec.write_text(document({"/items": {"$ref": "part.json"}}))
    me = ("-c", "user.name=me", "-c", "user.email=me@example.com")
    for command in (["init", "-q"], ["add", "."], [*me, "commit", "-qm", "one"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    part.write_text(json.dumps({"post": operation("done")}))
    return tmp_path


def written(folder: Path) -> str:
    """The id of what is staged, as a tree."""
    done = subprocess.run(
        ["git", "write-tree"], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


@pytest.mark.parametrize("path", ["HEAD:api/spec.json", "HEAD:./api/spec.json"])
def test_a_document_in_git_finds_the_files_beside_it(
    mcpgen: Run, moved: Path, path: str
) -> None:
    result = mcpgen("diff", path, "api/spec.json", cwd=moved)
    assert result.stdout.startswith("breaking    tool do_it_b: is called done now\n")


def test_a_package_in_git(mcpgen: Run, moved: Path) -> None:
    mcpgen("api/spec.json", "-o", "out", cwd=moved)
    subprocess.run(["git", "add", "."], cwd=moved, check=True)
    result = mcpgen("diff", f"{written(moved)}:out", "api/spec.json", cwd=moved)
    assert (result.exit_code, result.stdout) == (0, "no changes\n")


def test_a_broken_document_in_git_is_named_as_it_was_given(
    mcpgen: Run, moved: Path
) -> None:
    (moved / "api" / "spec.json").write_text("{")
    subprocess.run(["git", "add", "."], cwd=moved, check=True)
    result = mcpgen("diff", f"{written(moved)}:api/spec.json", "x", cwd=moved)
    assert result.exit_code == 2
    assert result.stderr.startswith(
        f"{written(moved)}:api/spec.json:1:2: error[syntax]"
    )


@pytest.mark.parametrize(("fail_on", "code"), [((), 0), (("--fail-on", "breaking"), 1)])
@pytest.mark.parametrize("shape", ["text", "markdown", "json"])
def test_shapes(
    mcpgen: Run, moved: Path, shape: str, fail_on: tuple[str, ...], code: int
) -> None:
    command = ("diff", "HEAD:api/spec.json", "api/spec.json", "--format", shape)
    result = mcpgen(*command, *fail_on, cwd=moved)
    assert result.exit_code == code
    if shape == "json":
        told = json.loads(result.stdout)
        assert (told["version"], told["breaking"], told["compatible"]) == (1, 1, 1)
        assert told["changes"][0] == {
            "kind": "tool",
            "name": "do_it_b",
            "what": "renamed",
            "text": "is called done now",
            "breaking": True,
            "argument": None,
        }
    if shape == "markdown":
        assert "- :warning: tool do\\_it\\_b: is called done now\n" in result.stdout


@pytest.mark.parametrize(
    "side", ["absent.json", "HEAD:absent.json", ":api/spec.json", "empty", "strange"]
)
def test_what_cannot_be_compared(mcpgen: Run, moved: Path, side: str) -> None:
    (moved / "empty").mkdir()
    (moved / "strange" / "package").mkdir(parents=True)
    (moved / "strange" / "package" / "catalog.jsonl").write_text("strange")
    result = mcpgen("diff", side, "api/spec.json", cwd=moved)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"{side}: error[")
