"""A spec that moves: what a run changes then, what is told of it, what becomes of the
team's own code. Each row is one realistic change of one document."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

Run = Callable[..., Result]

TEXT = {"type": "string"}
JSON = "application/json"


def body(schema: Any, media_type: str = JSON) -> Any:
    return {"required": True, "content": {media_type: {"schema": schema}}}


def operation(id: str, tag: str, summary: str, **more: Any) -> Any:
    return {
        "operationId": id,
        "tags": [tag],
        "summary": summary,
        "responses": {},
    } | more


BASE: Any = {
    "openapi": "3.1.0",
    "info": {"title": "Shop", "version": "1"},
    "servers": [{"url": "https://shop.example"}],
    "paths": {
        "/items": {
            "post": operation(
                "addItem",
                "items",
                "Adds an item.",
                requestBody=body({"$ref": "#/components/schemas/Item"}),
            ),
            "get": operation(
                "findItems",
                "items",
                "Finds items.",
                parameters=[{"name": "limit", "in": "query", "schema": TEXT}],
            ),
        },
        "/orders": {
            "post": operation(
                "placeOrder", "orders", "Places an order.", requestBody=body({})
            ),
        },
    },
    "components": {
        "schemas": {
            "Item": {
                "type": "object",
                "properties": {"name": TEXT, "size": {"enum": ["S", "M"]}},
            }
        }
    },
}
EXTENSIONS = """
from ._runtime import Server


def extend(server: Server) -> None:
    server.describe("place_order", description="Orders, once you have asked.")
"""

ADD, FIND, ORDER = (
    ("paths", "/items", "post"),
    ("paths", "/items", "get"),
    ("paths", "/orders", "post"),
)
ITEM = ("components", "schemas", "Item")
ITEMS, ORDERS = "operations/items.py", "operations/orders.py"
CATALOG, SETTINGS = "catalog.jsonl", "settings.py"
DERIVED = {
    "TOOLS.md",
    "shop_mcp/calls.py",
    "shop_mcp/mock.jsonl",
    "shop_mcp/models.py",
}
"""What follows the operations: in words, in examples, in types."""
URI = "template api://shop/items{?limit}"


def at(document: Any, path: tuple[str, ...]) -> Any:
    for step in path:
        document = document[step]
    return document


def update(*path: str, **members: Any) -> Callable[[Any], None]:
    return lambda document: at(document, path).update(members)


def remove(*path: str) -> Callable[[Any], None]:
    return lambda document: at(document, path[:-1]).pop(path[-1])


def reordered(value: Any) -> Any:
    """The order of paths, methods and schemas, which says nothing; that of arguments
    does."""
    if isinstance(value, dict) and not {"responses", "properties"} & value.keys():
        return {key: reordered(value[key]) for key in reversed(value)}
    return value


def reorder(document: Any) -> None:
    turned = reordered(document)
    document.clear()
    document.update(turned)


CHANGES: dict[str, tuple[Callable[[Any], None], set[str], list[str], str | None]] = {
    "a field is added": (
        update(*ITEM, "properties", colour=TEXT),
        {ITEMS, CATALOG},
        ["compatible  tool add_item: argument colour: is new, and optional"],
        None,
    ),
    "a parameter is renamed": (
        update(*FIND, parameters=[{"name": "most", "in": "query", "schema": TEXT}]),
        {ITEMS, CATALOG},
        [
            f"breaking    {URI}: argument limit: is gone",
            f"compatible  {URI}: argument most: is new, and optional",
        ],
        None,
    ),
    "a value of an enum is removed": (
        update(*ITEM, "properties", size={"enum": ["S"]}),
        {ITEMS, CATALOG},
        ['breaking    tool add_item: argument size: no longer takes "M"'],
        None,
    ),
    "an operation is removed": (
        remove(*ORDER[:-1]),
        {ORDERS, CATALOG},
        ["breaking    tool place_order: is gone"],
        "nothing named 'place_order' is served",
    ),
    "an operation is renamed": (
        update(*ORDER, operationId="placeOrders"),
        {ORDERS, CATALOG},
        ["breaking    tool place_order: is called place_orders now"],
        "did you mean 'place_orders'?",
    ),
    "a tag is renamed": (
        update(*ORDER, tags=["purchases"]),
        {ORDERS, "operations/purchases.py", CATALOG},
        [],
        None,
    ),
    "all is reordered": (reorder, set(), [], None),
    "a description is fixed": (
        update(*ADD, summary="Adds an item to the shop."),
        {ITEMS, CATALOG},
        ["compatible  tool add_item: is in other words"],
        None,
    ),
    "a member becomes required": (
        update(*ITEM, required=["name"]),
        {ITEMS, CATALOG},
        ["breaking    tool add_item: argument name: is required now"],
        None,
    ),
    "a body has another type": (
        update(*ORDER, requestBody=body({"type": "object"}, "multipart/form-data")),
        {ORDERS, CATALOG},
        ["breaking    tool place_order: argument body: is object, was of any type"],
        None,
    ),
    "the server moves": (
        update(servers=[{"url": "https://new.example"}]),
        {SETTINGS},
        [],
        None,
    ),
}


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".mcpgen.json" and path.suffix != ".pyc"
    }


@pytest.mark.parametrize("change", CHANGES)
def test_a_spec_that_moves(mcpgen: Run, tmp_path: Path, change: str) -> None:
    make, paths, told, missing = CHANGES[change]
    moved = copy.deepcopy(BASE)
    make(moved)
    (tmp_path / "old.json").write_text(json.dumps(BASE))
    (tmp_path / "new.json").write_text(json.dumps(moved, indent=4))
    assert mcpgen("old.json", "-o", "out", cwd=tmp_path).exit_code == 0
    (tmp_path / "out" / "shop_mcp" / "extensions.py").write_text(EXTENSIONS)
    before = files(tmp_path / "out")

    stale = mcpgen("check", "new.json", "-o", "out", cwd=tmp_path)
    assert stale.exit_code == (1 if paths else 0)
    sides = ("out", "new.json", "--fail-on", "breaking")
    judged = mcpgen("diff", *sides, cwd=tmp_path)
    assert judged.stdout.splitlines()[:-1] == told
    assert judged.exit_code == any(line.startswith("breaking") for line in told)

    assert mcpgen("new.json", "-o", "out", cwd=tmp_path).exit_code == 0
    after = files(tmp_path / "out")
    changed = {one for one in {*before, *after} if before.get(one) != after.get(one)}
    assert changed - DERIVED == {f"shop_mcp/{path}" for path in paths}
    assert {
        path
        for path in changed
        if f"b/{path}" in stale.stdout or f"a/{path}" in stale.stdout
    } == changed
    assert mcpgen("check", "new.json", "-o", "out", cwd=tmp_path).exit_code == 0

    started = subprocess.run(
        [sys.executable, "-B", "-m", "shop_mcp", "--list"],
        cwd=tmp_path / "out",
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if missing is None:
        assert (started.returncode, started.stderr) == (0, "")
        assert "place_order" in started.stdout
    else:
        assert started.returncode == 2
        assert missing in started.stderr
