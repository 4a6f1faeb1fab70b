"""`mcpgen doctor`: what each check finds and takes, and the page and the record of it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import Result

Run = Callable[..., Result]
Change = Callable[[dict[str, Any]], object]


def parameter(name: str, where: str = "query", **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "in": where,
        "required": where == "path",
        "description": f"The {name} that is meant.",
        "schema": {"type": "string"},
        **more,
    }


def operation(id: str, description: str, **more: Any) -> dict[str, Any]:
    return {"operationId": id, "description": description, "responses": {}, **more}


def answer(schema: dict[str, Any]) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}}
    return {"200": {"description": "ok", "content": content}}


HEALTHY: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Shop", "version": "1"},
    "servers": [{"url": "https://shop.example"}],
    "security": [{"key": []}],
    "paths": {
        "/items": {
            "get": operation(
                "listItems",
                "What the shop sells today, newest first.",
                parameters=[parameter("limit"), parameter("color")],
                responses=answer({"type": "array", "items": {"type": "object"}}),
            ),
            "post": operation(
                "addItem",
                "Offers something new to customers, at once.",
                parameters=[parameter("color")],
            ),
        },
        "/items/{id}": {
            "parameters": [parameter("id", "path")],
            "get": operation("getItem", "One article with price and stock."),
            "delete": operation("dropItem", "Takes an article off sale for good."),
        },
    },
    "components": {
        "securitySchemes": {"key": {"type": "apiKey", "name": "key", "in": "header"}}
    },
}
LIST = ("paths", "/items", "get")
ADD = ("paths", "/items", "post")
GET = ("paths", "/items/{id}", "get")
DROP = ("paths", "/items/{id}", "delete")


def put(path: tuple[str | int, ...], value: Any) -> Change:
    """Puts a value into a document; None takes it out."""

    def change(spec: Any) -> None:
        for key in path[:-1]:
            spec = spec[key]
        if value is None:
            del spec[path[-1]]
        else:
            spec[path[-1]] = value

    return change


def many(number: int, description: str = "Does its own thing, number {}.") -> Change:
    def change(spec: dict[str, Any]) -> None:
        for one in range(number):
            name = f"/{chr(97 + one % 26)}{chr(97 + one // 26)}x"
            said = description.format(one)
            spec["paths"][name] = {"post": operation(f"do{name[1:]}", said)}

    return change


def nested(levels: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(levels):
        schema = {"type": "object", "properties": {"in": schema}}
    return schema


def examined(mcpgen: Run, tmp_path: Path, spec: Any, *options: str) -> Result:
    (tmp_path / "spec.json").write_text(json.dumps(spec, indent=1))
    return mcpgen("doctor", "spec.json", *options, cwd=tmp_path)


def test_a_healthy_document_has_all_points(mcpgen: Run, tmp_path: Path) -> None:
    told = json.loads(examined(mcpgen, tmp_path, HEALTHY, "--format", "json").stdout)
    assert told["issues"] == []
    assert told["score"] == 100
    assert (told["version"], told["title"], told["server"]) == (1, "Shop", "shop")
    assert told["operations"] == {"served": 4, "left_out": 0}
    assert told["listed"] == {"tool": 2, "resource": 1, "template": 2}
    assert told["groups"] == {"items": 4}
    assert told["tokens"]["tool"].keys() == {"add_item", "drop_item"}
    assert [path.name for path in tmp_path.iterdir()] == ["spec.json"]


CASES: list[tuple[str, Change, tuple[int, int, int], str]] = [
    (
        "left-out",
        put((*ADD, "parameters", 0, "in"), None),
        (1, 4, 3),
        "`in`: is missing; it is left out",
    ),
    (
        "assumed",
        put((*GET, "parameters"), [parameter("id", "path", style="bold")]),
        (1, 4, 2),
        "style `bold` doesn't exist in a path; `simple` is used",
    ),
    (
        "security-scheme",
        put((*ADD, "security"), [{"nokey": []}]),
        (1, 1, 4),
        "security scheme `nokey` is not declared; no credential is sent for it",
    ),
    (
        "no-base-url",
        put(("servers",), None),
        (1, 1, 3),
        "the document doesn't say where the API is",
    ),
    (
        "dropped-parameter",
        put((*GET, "parameters"), [parameter("X-A", "header")]),
        (1, 7, 1),
        "is read by URI, which has no place for the header `X-A`",
    ),
    (
        "undescribed-change",
        put((*ADD, "description"), None),
        (1, 2, 6),
        "has neither a summary nor a description",
    ),
    (
        "undescribed-read",
        put((*GET, "description"), None),
        (1, 2, 3),
        "has neither a summary nor a description",
    ),
    (
        "undescribed-argument",
        put((*ADD, "parameters", 0, "description"), None),
        (1, 5, 2),
        "its argument `color` has no description",
    ),
    (
        "short-description",
        put((*DROP, "description"), "Drop an item."),
        (1, 4, 1),
        "is described as `Drop an item.`",
    ),
    (
        "short-description",
        put((*DROP, "description"), "将商品从商店中永久下架。"),
        (0, 0, 0),
        "",
    ),
    (
        "duplicate-description",
        put((*DROP, "description"), "One article with price  and stock."),
        (2, 4, 2),
        "is described in the same words as `DELETE /items/{id}`",
    ),
    (
        "no-operation-id",
        put((*DROP, "operationId"), None),
        (1, 4, 1),
        "is named `delete_item_by_id`",
    ),
    (
        "ambiguous-name",
        put((*GET, "operationId"), "itemList"),
        (2, 4, 2),
        "its name `list_items` is nearly that of `item_list`",
    ),
    (
        "ambiguous-name",
        put((*GET, "operationId"), "get"),
        (1, 4, 1),
        "its name `get` doesn't say what it is about",
    ),
    (
        "many-tools",
        many(78),
        (40, 80, 4),
        "the server has 80 tools; agents choose worse beyond 40",
    ),
    (
        "giant-enum",
        put(
            (*ADD, "parameters", 0, "schema"), {"enum": [str(one) for one in range(51)]}
        ),
        (1, 5, 1),
        "its argument `color` lists `51` values",
    ),
    (
        "deep-schema",
        put((*ADD, "parameters", 0, "schema"), nested(6)),
        (1, 4, 1),
        "its argument `color` is nested `6` levels deep",
    ),
    (
        "unpaged-list",
        put((*LIST, "parameters", 0, "name"), "size_of_shop_in_feet"),
        (0, 0, 0),
        "",
    ),
    (
        "unpaged-list",
        put((*LIST, "parameters", 0, "name"), "colour"),
        (1, 1, 6),
        "gives a list that no argument can limit",
    ),
]


@pytest.mark.parametrize(("code", "change", "numbers", "said"), CASES)
def test_a_check(
    mcpgen: Run,
    tmp_path: Path,
    code: str,
    change: Change,
    numbers: tuple[int, int, int],
    said: str,
) -> None:
    spec = copy.deepcopy(HEALTHY)
    change(spec)
    told = json.loads(examined(mcpgen, tmp_path, spec, "--format", "json").stdout)
    issues = {one["code"]: one for one in told["issues"]}
    if not numbers[0]:
        assert code not in issues
        return
    issue = issues[code]
    assert (issue["affected"], issue["total"], issue["points"]) == numbers
    assert said in [one["message"] for one in issue["findings"]]
    assert told["score"] == 100 - sum(one["points"] for one in told["issues"])


def test_large_tools_cost_points(mcpgen: Run, tmp_path: Path) -> None:
    spec = copy.deepcopy(HEALTHY)
    spec["paths"]["/items"]["post"].setdefault("parameters", []).extend(
        {
            "name": f"q{number}",
            "in": "query",
            "description": "word " * 79,
            "schema": {"type": "string"},
        }
        for number in range(400)
    )
    told = json.loads(examined(mcpgen, tmp_path, spec, "--format", "json").stdout)
    tokens = sum(told["tokens"]["tool"].values())
    issues = {one["code"]: one for one in told["issues"]}
    assert tokens > 25_000
    assert issues["token-cost"]["affected"] == tokens - 20_000
    assert issues["large-tool"]["affected"] == 1
    assert f"{told['tokens']['tool']['add_item']:,}" in (
        issues["large-tool"]["findings"][0]["message"]
    )


def test_the_page_names_place_and_fix(mcpgen: Run, tmp_path: Path) -> None:
    spec = copy.deepcopy(HEALTHY)
    for method in (ADD, DROP):
        put((*method, "description"), None)(spec)
    put((*ADD, "operationId"), None)(spec)
    result = examined(mcpgen, tmp_path, spec)
    lines = (tmp_path / "spec.json").read_text().splitlines()
    add, drop = (
        1 + next(i for i, line in enumerate(lines) if f'"{method}"' in line)
        for method in ("post", "delete")
    )
    assert result.exit_code == 0
    assert result.stderr == ""
    head, _, issues = result.stdout.partition("  lost  by what helps most\n")
    assert head.startswith("""\
Shop 1 (spec.json), as the server shop

  score    88 of 100
  serves   4 operations: 2 tools, 1 resource, 2 templates
  groups   items 4
  tokens   about """)
    assert issues == f"""\
   -11  undescribed-change: 2 of 2 operations that change things and don't say what
        spec.json:{add}:4: POST /items: has neither a summary nor a description
        spec.json:{drop}:4: DELETE /items/{{id}}
        help: say in `summary` or `description` what it does, when to use it, and what can't be undone
    -1  no-operation-id: 1 of 4 operations without an operationId
        spec.json:{add}:4: POST /items: is named `create_item`
        help: add `operationId`, a verb and its object: the name then stays when the path changes
"""


def test_what_is_left_out_comes_first_with_its_reason(
    mcpgen: Run, tmp_path: Path
) -> None:
    spec = copy.deepcopy(HEALTHY)
    many(60, "")(spec)
    put((*ADD, "parameters", 0, "in"), None)(spec)
    text = examined(mcpgen, tmp_path, spec).stdout
    first = text.partition("lost  by what helps most\n")[2].splitlines()
    assert first[0].strip() == "-1  left-out: 1 of 64 operations that are left out"
    assert "POST /items: `in`: is missing; it is left out" in first[1]


def test_the_page_fits_on_a_screen(mcpgen: Run, tmp_path: Path) -> None:
    spec = copy.deepcopy(HEALTHY)
    for _, change, _, _ in CASES:
        with suppress(KeyError):  # what a change before it has taken away
            change(spec)
    many(100, "")(spec)
    short = examined(mcpgen, tmp_path, spec).stdout.splitlines()
    assert len(short) <= 48
    assert "more; -v shows all" in short[-1]
    full = examined(mcpgen, tmp_path, spec, "-v").stdout.splitlines()
    assert len(full) > 100


@pytest.mark.parametrize(
    ("limit", "status"), [("0", 0), ("96", 0), ("97", 1), ("101", 2)]
)
def test_a_score_can_be_asked_for(
    mcpgen: Run, tmp_path: Path, limit: str, status: int
) -> None:
    spec = copy.deepcopy(HEALTHY)
    put(("servers",), None)(spec)
    put((*GET, "parameters"), [parameter("X-A", "header")])(spec)
    result = examined(mcpgen, tmp_path, spec, "--fail-under", limit)
    assert result.exit_code == status, result.output
    assert ("is below --fail-under 97" in result.stderr) == (status == 1)


@pytest.mark.parametrize("options", [[], ["--format", "json"], ["-v"]])
def test_the_same_document_gives_the_same_bytes(
    mcpgen: Run, tmp_path: Path, options: list[str]
) -> None:
    spec = copy.deepcopy(HEALTHY)
    many(30, "")(spec)
    first, second = (examined(mcpgen, tmp_path, spec, *options) for _ in range(2))
    assert first.stdout == second.stdout


def test_programs_get_what_was_found(
    mcpgen: Run, tmp_path: Path, sarif_schema: Any
) -> None:
    spec = copy.deepcopy(HEALTHY)
    put((*ADD, "description"), None)(spec)
    many(78)(spec)
    log = json.loads(examined(mcpgen, tmp_path, spec, "--format", "sarif").stdout)
    jsonschema.validate(log, sarif_schema)
    rules = {one["ruleId"] for one in log["runs"][0]["results"]}
    assert {"undescribed-change", "many-tools"} <= rules
    lines = examined(mcpgen, tmp_path, spec, "--format", "github").stdout.splitlines()
    assert any(line.startswith("::notice file=spec.json,line=") for line in lines)
    assert any("%0Ahelp: serve a part" in line for line in lines)


def test_an_unusable_document_is_refused(mcpgen: Run, tmp_path: Path) -> None:
    (tmp_path / "spec.json").write_text("{}")
    text = mcpgen("doctor", "spec.json", cwd=tmp_path)
    assert (text.exit_code, text.stdout) == (2, "")
    assert "error[not-openapi]" in text.stderr
    told = mcpgen("doctor", "spec.json", "--format", "json", cwd=tmp_path)
    assert told.exit_code == 2
    assert json.loads(told.stdout)["counts"]["error"] == 1


def test_a_pattern_without_a_match_is_told(mcpgen: Run, tmp_path: Path) -> None:
    patterns = ("--include", "/items*", "--exclude", "/itmes")
    result = examined(mcpgen, tmp_path, HEALTHY, *patterns)
    assert "score    100 of 100" in result.stdout
    assert "warning[pattern]: --exclude /itmes matches no operation" in result.stderr


def test_nothing_of_the_document_reaches_the_terminal_raw(
    mcpgen: Run, tmp_path: Path
) -> None:
    hostile = "\x1b[2J\u202e\x9b`"
    spec = copy.deepcopy(HEALTHY)
    spec["info"] = {"title": hostile, "version": hostile}
    spec["paths"]["/\x1b"] = {"post": {"tags": [hostile], "description": hostile}}
    text = examined(mcpgen, tmp_path, spec, "-v").stdout
    assert all(line.isprintable() for line in text.splitlines())


def test_schemas_that_hold_themselves_end(mcpgen: Run, tmp_path: Path) -> None:
    spec = copy.deepcopy(HEALTHY)
    node = {
        "type": "object",
        "description": "A node of the tree.",
        "properties": {"next": {"$ref": "#/components/schemas/Node"}},
    }
    spec["components"]["schemas"] = {"Node": node}
    body = {
        "content": {
            "application/json": {"schema": {"$ref": "#/components/schemas/Node"}}
        }
    }
    put((*ADD, "requestBody"), body)(spec)
    result = examined(mcpgen, tmp_path, spec)
    assert result.exit_code == 0, result.output
