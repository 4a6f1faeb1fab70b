"""`mcpgen.toml`, its JSON Schema and its documentation say the same of each setting."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import Result
from mcpgen.config import ArgumentOverride, Config, Override, RouteMap, ServerWords
from mcpgen.diagnostics import Location
from mcpgen.settings import LIMITS, SCHEMA, settings
from mcpgen.settings.values import config
from mcpgen_runtime.prompts import PromptArgument, PromptMessage, PromptTemplate
from mcpgen_runtime.settings import Settings

DOCS = Path(__file__).parents[2] / "docs"
EXAMPLE = r"^```toml\n(.*?)^```$"


def test_every_field_has_its_key_in_the_schema() -> None:
    """A setting that the schema has is one that is kept, and the other way round."""
    definitions = SCHEMA["$defs"]
    server = SCHEMA["properties"]["server"]
    for values, schema in (
        (RouteMap, definitions["route"]),
        (Override, definitions["operation"]),
        (ArgumentOverride, definitions["argument"]),
        (ServerWords, server),
        (PromptTemplate, definitions["prompt"]),
        (PromptMessage, definitions["promptMessage"]),
    ):
        names = {one.name for one in fields(values)} - {"at", "name_at"}
        assert names == schema["properties"].keys()
    names = {one.name for one in fields(PromptArgument)} - {"name"}  # its key
    assert names == definitions["promptArgument"]["properties"].keys()
    of_command_line = {"include", "exclude", "allow_remote_refs", "application"}
    kept = {one.name for one in fields(Config)} - of_command_line
    sections = {"names", "descriptions"}  # they become part of `operations`
    assert (
        kept - {"output_schemas", "texts", "arguments"}
        == SCHEMA["properties"].keys() - sections
    )
    assert set(Settings._fields) >= set(LIMITS)


FULL = """
source = "spec.json"
output = "out"
overlays = []
preset = "tools"
name = "full"
base_url = "https://full.example"
plugin = "rules.py"
templates = "own"
[[routes]]
kind = "tool"
methods = ["GET"]
path = "^/items"
tags = ["items"]
operations = ["listItems"]
add_tags = ["more"]
[names]
getItem = "one_item"
[descriptions]
getItem = "One."
[operations.listItems]
kind = "tool"
name = "all_items"
title = "All"
description = "All of them."
annotations = { readOnlyHint = false }
body = "application/json"
uri = "shop://all"
output_schema = false
[operations.listItems.arguments.limit]
name = "count"
description = "How many."
hidden = false
value = 1
default = 2
[[prompts]]
name = "find"
title = "Find"
description = "Finds."
messages = [{ role = "assistant", text = "{topic}" }]
[prompts.arguments.topic]
description = "What."
required = false
enum = ["tea"]
values = ["tea"]
[server]
title = "T"
instructions = "I"
version = "V"
[limits]
timeout = 1
connect_timeout = 1
max_response_bytes = 1
max_result_bytes = 1
max_request_bytes = 1
max_concurrency = 1
max_redirects = 0
"""


def test_every_key_of_the_schema_is_read_as_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mcpgen.toml").write_text(FULL)
    (tmp_path / "rules.py").write_text("def name(operation, default): ...\n")
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "gitignore.jinja").write_text("build/\n")
    monkeypatch.chdir(tmp_path)
    table = tomllib.loads(FULL)
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(table, SCHEMA)  # as an editor does it
    assert table.keys() == SCHEMA["properties"].keys() - {"apis"}
    read = settings(Path())
    (rule,) = read.routes
    listed = read.operations["listItems"]
    argument = listed.arguments["limit"]
    assert_read(rule, table["routes"][0])
    assert_read(argument, table["operations"]["listItems"]["arguments"]["limit"])
    assert_read(listed, table["operations"]["listItems"], "arguments")
    (prompt,) = read.prompts
    told = table["prompts"][0]
    assert_read(prompt, told, "arguments", "messages")
    assert_read(prompt.arguments[0], told["arguments"]["topic"])
    assert_read(prompt.messages[0], told["messages"][0])
    assert_read(read.server, table["server"])
    assert read.limits == table["limits"]
    assert read.operations["getItem"].name == "one_item"
    assert read.operations["getItem"].description == "One."
    assert read.plugin is not None
    assert read.plugin.source == table["plugin"]
    (own,) = read.templates.values()
    assert own.source == f"{table['templates']}/gitignore.jinja"
    plain = ("source", "output", "overlays", "preset", "name", "base_url")
    assert_read(read, {key: table[key] for key in plain})


def test_an_api_is_read_as_the_settings_of_one_document_are() -> None:
    of_api = SCHEMA["$defs"]["api"]["properties"].keys()
    table = {key: one for key, one in tomllib.loads(FULL).items() if key in of_api}
    assert table.keys() == of_api
    jsonschema.validate({"apis": {"full": table}}, SCHEMA)
    at = Location("mcpgen.toml")
    read = config({"apis": {"full": table}}, at, {}).apis["full"]
    alone = config(table, at.child("apis", "full"), {})
    assert read == replace(alone, name="full")


def assert_read(value: object, table: dict[str, Any], *apart: str) -> None:
    for key in table.keys() - set(apart):
        read = getattr(value, key)
        assert (list(read) if isinstance(read, tuple) else read) == table[key], key


def parameter(name: str, place: str = "query", **more: Any) -> dict[str, Any]:
    return {"name": name, "in": place, "schema": {"type": "string"}, **more}


DOCUMENTED: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Orders", "version": "1"},
    "paths": {
        "/{tenant}/orders": {
            "get": {
                "operationId": "OrderController_index",
                "parameters": [
                    parameter("tenant", "path", required=True),
                    parameter("per_page", schema={"type": "integer"}),
                    parameter("debug"),
                ],
                "responses": {},
            },
        },
        "/orders": {"post": {"responses": {}}},
        "/orders/{order_id}": {
            "get": {
                "operationId": "OrderController_show",
                "parameters": [parameter("order_id", "path", required=True)],
                "responses": {},
            }
        },
        "/search": {"get": {"operationId": "search", "responses": {}}},
        "/users": {"delete": {"tags": ["admin"], "responses": {}}},
    },
}


def test_the_example_of_the_documentation_works(
    mcpgen: Callable[..., Result], tmp_path: Path
) -> None:
    """Each of its settings finds what it is about, so that nothing is said."""
    text = (DOCS / "configuration.md").read_text()
    examples = re.findall(EXAMPLE, text, re.MULTILINE | re.DOTALL)
    (tmp_path / "mcpgen.toml").write_text(examples[0])
    table = tomllib.loads(examples[0])
    (tmp_path / table["source"]).write_text(json.dumps(DOCUMENTED))
    (tmp_path / table["overlays"][0]).write_text(
        'overlay: 1.0.0\ninfo: {title: Words, version: "1"}\n'
        "actions: [{target: $.info, update: {title: Orders of all}}]\n"
    )
    result = mcpgen("--strict", cwd=tmp_path)
    assert result.exit_code == 0, result.output
    catalog = tmp_path / table["output"] / "shop_mcp" / "catalog.jsonl"
    lines = map(json.loads, catalog.read_text().splitlines())
    assert {line["entry"]["name"] for line in lines} == {
        "list_orders",
        "place_order",
        "chase_order",
        "order_show",
        "search",
    }
