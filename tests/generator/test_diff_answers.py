"""`mcpgen diff`: what tools tell of their answers, each change judged."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

Run = Callable[..., Result]
TEXT, NUMBER, INTEGER = {"type": "string"}, {"type": "number"}, {"type": "integer"}
ITEMS = {"type": "array", "items": {"type": "object", "properties": {"id": TEXT}}}
MANY = {f"member_{number:02}": TEXT for number in range(40)}


def document(answer: Any) -> str:
    content = {"application/json": {"schema": answer}} if answer else {}
    responses = {"200": {"description": "ok", "content": content}}
    operation = {"operationId": "find", "responses": responses}
    return json.dumps(
        {
            "openapi": "3.1.0",
            "info": {"title": "Shop", "version": "1"},
            "servers": [{"url": "https://shop.example"}],
            "paths": {"/items": {"post": operation}},
        }
    )


def answer(**members: Any) -> dict[str, Any]:
    return {"type": "object", "properties": members}


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        (answer(a=TEXT), answer(a=TEXT | {"title": "A"}), []),
        (answer(a=TEXT, b=TEXT), answer(a=TEXT), ["breaking    b is gone"]),
        (answer(a=TEXT), answer(a=TEXT, b=TEXT), ["compatible  b is told, too"]),
        (
            answer(a=TEXT),
            answer(a=INTEGER),
            ["breaking    a is integer, was string"],
        ),
        (
            answer(a=NUMBER),
            answer(a=INTEGER),
            ["compatible  a is integer, was number"],
        ),
        (
            answer(a=INTEGER),
            answer(a=NUMBER),
            ["breaking    a is number, was integer"],
        ),
        (answer(a={}), answer(a=TEXT), ["compatible  a is string, was any"]),
        (answer(a=TEXT), answer(a={}), ["breaking    a is any, was string"]),
        (
            answer(a=TEXT | {"enum": ["x"]}),
            answer(a=TEXT | {"enum": ["x", "y"]}),
            ["compatible  a is string: x, y, was string: x"],
        ),
        (answer(a=ITEMS), answer(a=TEXT), ["breaking    a is string, was array"]),
        (
            answer(a=ITEMS),
            answer(a={"type": "array", "items": answer(name=TEXT)}),
            [
                "breaking    a[].id is gone",
                "compatible  a[].name is told, too",
            ],
        ),
        (
            answer(a=answer(b=TEXT)),
            answer(a={"type": "object"}),
            ["compatible  a is told in other depth"],
        ),
    ],
)
def test_members(
    mcpgen: Run, tmp_path: Path, old: Any, new: Any, lines: list[str]
) -> None:
    for name, schema in (("old", old), ("new", new)):
        (tmp_path / f"{name}.json").write_text(document(schema))
        mcpgen(f"{name}.json", "-o", name, cwd=tmp_path)
    for sides in (("old.json", "new.json"), ("old", "new")):
        result = mcpgen("diff", *sides, cwd=tmp_path)
        told = [
            line.replace("tool find: answer: ", "")
            for line in result.stdout.split("\n")
        ]
        assert told[:-2] == lines


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ({}, answer(a=TEXT), "compatible  tool find: tells what it answers"),
        (answer(a=TEXT), {}, "breaking    tool find: no longer tells what it answers"),
        (
            answer(z=TEXT),
            answer(**MANY, z=TEXT),
            "compatible  tool find: answer: z is no longer told",
        ),
    ],
)
def test_the_whole(mcpgen: Run, tmp_path: Path, old: Any, new: Any, line: str) -> None:
    """And a member that is still there, but for which there is no room any more."""
    for name, schema in (("old", old), ("new", new)):
        (tmp_path / f"{name}.json").write_text(document(schema))
    told = mcpgen("diff", "old.json", "new.json", cwd=tmp_path).stdout
    assert line in told.split("\n")
    assert ("breaking    " in told) == line.startswith("breaking")
