"""`mcpgen.toml` and `x-mcp`: what they change, what wins, and what is said of a slip."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

Run = Callable[..., Result]

SPEC: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Shop", "version": "1"},
    "servers": [{"url": "https://shop.example"}],
    "paths": {
        "/items": {
            "get": {
                "operationId": "listItems",
                "tags": ["items"],
                "parameters": [
                    {"name": "limit", "in": "query", "schema": {"type": "integer"}}
                ],
                "responses": {},
            },
            "post": {
                "operationId": "addItem",
                "tags": ["items"],
                "requestBody": {"content": {"application/json": {"schema": {}}}},
                "responses": {},
            },
        },
        "/things": {"get": {"operationId": "listThings", "responses": {}}},
        "/items/{id}": {
            "get": {
                "operationId": "getItem",
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": {}}
                ],
                "responses": {},
            },
        },
    },
}


def made(
    mcpgen: Run,
    folder: Path,
    toml: str,
    *arguments: str,
    x_mcp: dict[str, Any] | None = None,
    file: str = "mcpgen.toml",
) -> tuple[dict[str, Any], str]:
    """The listing entries by name, and what was printed."""
    spec = json.loads(json.dumps(SPEC))
    if x_mcp is not None:
        spec["paths"]["/items"]["get"]["x-mcp"] = x_mcp
    (folder / "spec.json").write_text(json.dumps(spec))
    (folder / file).write_text(toml)
    result = mcpgen("spec.json", "-o", "out", *arguments, cwd=folder)
    if result.exit_code:
        return {}, result.stderr
    (catalog,) = folder.glob("out/*/catalog.jsonl")
    lines = map(json.loads, catalog.read_text().splitlines())
    return {line["entry"]["name"]: line["entry"] for line in lines}, result.stderr


def test_the_file_names_document_and_folder(mcpgen: Run, tmp_path: Path) -> None:
    (tmp_path / "spec.json").write_text(json.dumps(SPEC))
    (tmp_path / "mcpgen.toml").write_text('source = "spec.json"\noutput = "here"\n')
    assert mcpgen(cwd=tmp_path).exit_code == 0
    assert (tmp_path / "here" / "shop_mcp").is_dir()
    assert mcpgen("-o", "there", "--name", "other", cwd=tmp_path).exit_code == 0
    assert (tmp_path / "there" / "other_mcp").is_dir()


@pytest.mark.parametrize(
    ("toml", "missing"),
    [('output = "out"', "name a SPEC"), ('source = "spec.json"', "name a folder")],
)
def test_what_no_one_names_is_asked_for(
    toml: str, missing: str, mcpgen: Run, tmp_path: Path
) -> None:
    (tmp_path / "mcpgen.toml").write_text(toml)
    result = mcpgen(cwd=tmp_path)
    assert result.exit_code == 2
    assert missing in result.stderr


def test_pyproject_holds_the_same(mcpgen: Run, tmp_path: Path) -> None:
    toml = '[tool.mcpgen.names]\nlistItems = "all_items"\n'
    found, _ = made(mcpgen, tmp_path, toml, file="pyproject.toml")
    assert "all_items" in found
    _, said = made(
        mcpgen, tmp_path, "[tool.mcpgen]\ntools = 1\n", file="pyproject.toml"
    )
    assert "pyproject.toml:2:1: error[setting]: `tools` is not a setting" in said


NAMED = {"names": '[names]\nlistItems = "from_file"\n', "x": {"name": "from_document"}}


@pytest.mark.parametrize(
    ("toml", "x_mcp", "expected"),
    [
        ("", None, "list_items"),
        ("", NAMED["x"], "from_document"),
        (NAMED["names"], NAMED["x"], "from_file"),
        (NAMED["names"], {"title": "All"}, "from_file"),
        ('[names]\n"GET /items" = "by_path"', None, "by_path"),
    ],
)
def test_the_file_wins_over_the_document(
    toml: str, x_mcp: dict[str, Any] | None, expected: str, mcpgen: Run, tmp_path: Path
) -> None:
    found, _ = made(mcpgen, tmp_path, toml, x_mcp=x_mcp)
    assert expected in found
    assert found[expected].get("title") == (x_mcp or {}).get("title")


@pytest.mark.parametrize(
    ("toml", "x_mcp", "expected"),
    [
        ('preset = "tools"', None, "tool"),
        ('preset = "tools"', {"kind": "resource"}, "resource"),
        ('[[routes]]\ntags = ["items"]\nkind = "tool"', {"kind": "resource"}, "tool"),
        (
            '[operations.listItems]\nkind = "resource"\n[[routes]]\nkind = "exclude"',
            None,
            "resource",
        ),
        (
            '[[routes]]\npath = "^/items$"\nmethods = ["GET"]\nkind = "exclude"',
            None,
            "",
        ),
    ],
)
def test_the_nearest_rule_decides(
    toml: str, x_mcp: dict[str, Any] | None, expected: str, mcpgen: Run, tmp_path: Path
) -> None:
    found, said = made(mcpgen, tmp_path, toml, x_mcp=x_mcp)
    entry = found.get("list_items")
    kind = "" if entry is None else "tool" if "inputSchema" in entry else "resource"
    assert kind == expected, said


def test_the_command_line_wins(mcpgen: Run, tmp_path: Path) -> None:
    found, _ = made(mcpgen, tmp_path, 'preset = "tools"', "--preset", "semantic")
    assert "inputSchema" not in found["list_items"]


REFUSED = [
    ('tilte = "x"', "1:1", "`tilte` is not a setting", "what stands here: source"),
    ("[limit]\ntimeout = 1", "1:1", "`limit` is not a setting", "mean limits?"),
    ("[limits]\n\ntimeot = 1", "3:1", "`timeot` is not a setting", "mean timeout?"),
    ("[limits]\ntimeout = 'x'", "2:1", "`timeout` must be a number", "Seconds"),
    (
        "[[routes]]\nkind = 'tool'\nmethods = ['get']",
        "3:1",
        '`methods[0]` can\'t have this value: "get" does not match',
        "",
    ),
    (
        "[limits]\ntimeout = -1",
        "2:1",
        "`timeout` can't have this value: -1 is",
        "Seconds",
    ),
    ("[limits]\ntimeout = 2020-01-01", "2:1", "`timeout` must be a number", "Seconds"),
    ("[limits]\ntimeout = inf", "2:1", "`timeout` must be a number", "Seconds"),
    ('preset = "tool"', "1:1", "`preset` must be one of semantic, tools", "tools?"),
    ('base_url = "shop"', "1:1", "`base_url` can't have this value", "https URL"),
    ("[[routes]]\nkind='tool'\n[[routes]]", "3:1", "`kind` is missing", ""),
    ("[[routes]]\nkind='tool'\npath='('", "3:1", "`path` can't have this", "regular"),
    ("a = ", "1:1", "this is not TOML: Invalid value", ""),
    ("[a]\nb = [", "2:1", "this is not TOML", ""),
    (
        "[names]\nlistItems = 'a'\n[operations.listItems]\nname = 'b'",
        "2:1",
        "`listItems` has a name here and under `operations`",
        "keep one",
    ),
]


@pytest.mark.parametrize(("toml", "place", "message", "hint"), REFUSED)
def test_a_slip_is_refused_with_its_place(
    toml: str, place: str, message: str, hint: str, mcpgen: Run, tmp_path: Path
) -> None:
    found, said = made(mcpgen, tmp_path, toml)
    assert not found
    assert f"mcpgen.toml:{place}: error[setting]: {message}" in said
    assert hint in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("toml", "lines"),
    [
        ('tilte = "x"\n[limits]\ntimeot = 1\npage = 2', (1, 3, 4)),
        (
            "[names]\na='x'\nb='x'\n[operations.a]\nname='z'\n[operations.b]\nname='z'",
            (2, 3),
        ),
    ],
)
def test_all_slips_are_told_at_once(
    toml: str, lines: tuple[int, ...], mcpgen: Run, tmp_path: Path
) -> None:
    _, said = made(mcpgen, tmp_path, toml)
    for line in lines:
        assert f"mcpgen.toml:{line}:1: error[setting]: " in said


WARNED = [
    ("[names]\nlistItem = 'a'", "`listItem` is no operation", "mean listItems?"),
    ("[names]\n'GET /item' = 'a'", "`GET /item` is no operation", "mean GET /items?"),
    (
        "[[routes]]\nkind='tool'\noperations=['addItems']",
        "the rule addItems -> tool matches no operation",
        "did you mean addItem?",
    ),
    (
        "[operations.listItems.arguments]\nlimt = { hidden = true }",
        "GET /items: has no argument `limt`",
        "did you mean limit?",
    ),
    (
        "[operations.listItems.arguments.limit]\nvalue = 'many'",
        "can't have the value given for `limit`",
        "is not of type",
    ),
    (
        "[operations.getItem.arguments.id]\nhidden = true",
        "can't do without `id`, which is hidden",
        "give it a value",
    ),
    (
        "[operations.getItem]\nuri = 'shop://{item}'",
        "has no argument `item` for the URI",
        "",
    ),
    (
        "[operations.getItem]\nuri = 'shop://{id*}'",
        "can't have the URI `shop://{id*}`",
        "use {name}",
    ),
    ("[operations.addItem]\nuri = 'shop://x'", "is a tool, which has no uri", ""),
    (
        "[operations.listItems.annotations]\nreadOnlyHint = true",
        "is a resource, which has no annotations",
        "",
    ),
    (
        "[operations.addItem]\nbody = 'application/jsn'",
        "has no body of the media type `application/jsn`",
        "did you mean application/json?",
    ),
    (
        "[operations.addItem]\nkind = 'resource'",
        "is a tool, because a URI can't carry its request body",
        "",
    ),
]


@pytest.mark.parametrize(("toml", "message", "hint"), WARNED)
def test_what_cannot_be_kept_is_told(
    toml: str, message: str, hint: str, mcpgen: Run, tmp_path: Path
) -> None:
    found, said = made(mcpgen, tmp_path, toml)
    assert {"list_items", "add_item", "get_item"} <= found.keys()
    assert message in said
    assert hint in said
    assert "mcpgen.toml:" in said


def test_two_resources_cannot_have_one_uri(mcpgen: Run, tmp_path: Path) -> None:
    toml = (
        "[operations.listItems]\nuri = 'shop://all{?limit}'\n"
        "[operations.listThings]\nuri = 'shop://all'\n"
        "[operations.getItem]\nuri = 'shop://{id}'\n"
    )
    found, said = made(mcpgen, tmp_path, toml)
    assert found["list_items"]["uriTemplate"] == "shop://all{?limit}"
    assert found["get_item"]["uriTemplate"] == "shop://{id}"
    assert found["list_things"]["uri"] == "api://shop/things"
    for line, subject, other in (
        (1, "GET /items", "GET /things"),
        (3, "GET /things", "GET /items"),
    ):
        assert f"mcpgen.toml:{line}:1: warning[setting]: {subject}: has the URI" in said
        assert f"and so has {other}" in said
    assert said.count("GET /items keeps it") == 2
    toml = "[operations.listItems]\nuri = 'api://shop/things{?limit}'\n"
    found, said = made(mcpgen, tmp_path, toml)
    assert found["list_items"]["uriTemplate"] == "api://shop/items{?limit}"
    assert found["list_things"]["uri"] == "api://shop/things"
    assert "GET /things keeps it" in said


DEEP: Any = 1
for _ in range(300):
    DEEP = [DEEP]


@pytest.mark.parametrize(
    ("x_mcp", "message", "hint"),
    [
        ({"naem": "a"}, "`naem` is not a setting", "did you mean name?"),
        (["a"], "`x-mcp` must be a group of settings", ""),
        ({"arguments": DEEP}, "is nested too deeply", ""),
        (
            {"arguments": {"limit": {"value": DEEP}}},
            "can't have the value given for `limit`",
            "nested too deeply",
        ),
        (
            {"kind": "tool", "arguments": {"limit": {"default": math.inf}}},
            "can't have the default given for `limit`",
            "",
        ),
    ],
)
def test_a_slip_in_the_document_is_told_and_left(
    x_mcp: Any, message: str, hint: str, mcpgen: Run, tmp_path: Path
) -> None:
    found, said = made(mcpgen, tmp_path, "", x_mcp=x_mcp)
    assert "list_items" in found, said
    assert f"GET /items: {message}" in said
    assert hint in said
    assert "spec.json:1:" in said


def test_init_writes_a_file_that_changes_nothing(mcpgen: Run, tmp_path: Path) -> None:
    (tmp_path / "spec.json").write_text(json.dumps(SPEC))
    assert mcpgen("spec.json", "-o", "plain", cwd=tmp_path).exit_code == 0
    result = mcpgen("init", "spec.json", cwd=tmp_path)
    assert result.exit_code == 0, result.output
    again = mcpgen("init", "spec.json", cwd=tmp_path)
    assert again.exit_code == 2
    assert "there is a mcpgen.toml already" in again.stderr
    file = tmp_path / "mcpgen.toml"
    result = mcpgen("--strict", cwd=tmp_path)
    assert result.exit_code == 0, result.output
    assert_same_tree(tmp_path / "shop-mcp", tmp_path / "plain")

    # With all of its settings on, it says what is so anyway, but for the examples.
    on = re.sub(r"^#(?=\S)", "", file.read_text(), flags=re.MULTILINE)
    kept = [line for line in on.split("\n") if "What it does" not in line]
    file.write_text("\n".join(kept))
    result = mcpgen("--strict", cwd=tmp_path)
    assert result.exit_code == 0, result.output


def assert_same_tree(left: Path, right: Path) -> None:
    """But for the files that name the command which made it, and their digests."""
    of_command = {"mcpgen.yml", ".pre-commit-config.yaml", ".mcpgen.json"}
    files = [
        {
            path.relative_to(folder): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file() and path.name not in of_command
        }
        for folder in (left, right)
    ]
    assert files[0] == files[1]
