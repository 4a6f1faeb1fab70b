"""Documents made to do harm: refused or harmless, within a bound of memory."""

from __future__ import annotations

import json
import re
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

_MEMORY = 2 * 1024**3
_SECONDS = 600
OK: dict[str, Any] = {"responses": {}}
Y: dict[str, Any] = {"/y": {"get": OK}}


def document(paths: dict[str, Any], **schemas: Any) -> str:
    return json.dumps(
        {
            "openapi": "3.1.0",
            "info": {"title": "T", "version": "1"},
            "paths": paths,
            "components": {"schemas": schemas},
        }
    )


def posting(schema: Any, **schemas: Any) -> str:
    """A document with an operation that takes a body of a schema, and a plain one."""
    content = {"application/json": {"schema": schema}}
    body = {"required": True, "content": content}
    return document({"/x": {"post": {"requestBody": body, **OK}}, **Y}, **schemas)


def component(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def many_paths() -> str:
    return document({f"/p{n}": {"get": OK} for n in range(100_000)})


def cycle_of_schemas() -> str:
    return posting(
        component("S0"),
        **{
            f"S{n}": {"properties": {"next": component(f"S{(n + 1) % 2000}")}}
            for n in range(2000)
        },
    )


def chain_of_references() -> str:
    links = {f"S{n}": component(f"S{n + 1}") for n in range(5000)}
    return posting(component("S0"), **links, S5000={"type": "string"})


def branches_without_end() -> str:
    levels = {f"S{n}": {"allOf": [component(f"S{n + 1}")] * 10} for n in range(30)}
    return posting(component("S0"), **levels, S30={"type": "object"})


def references_in_circles() -> str:
    circles = {
        "/a": {"$ref": "#/paths/~1b"},
        "/b": {"$ref": "#/paths/~1a"},
        "/c": {"$ref": "#/paths/~1c/get"},
    }
    return document(circles | Y)


def references_through_references() -> str:
    links = {f"S{n}": component(f"S{n + 1}/properties/a") for n in range(3000)}
    return posting(component("S0"), **links)


def deep_schema() -> str:
    schema = '{"type": "object", "properties": {"a": ' * 1000 + "{}" + "}}" * 1000
    return posting("DEEP").replace('"DEEP"', schema)


def yaml_bomb() -> str:
    levels = [f"a{n + 1}: &a{n + 1} [{f'*a{n}, ' * 9}]" for n in range(9)]
    return "\n".join(("openapi: 3.1.0", "a0: &a0 [x]", *levels))


def schema_bomb() -> str:
    levels = [
        f"    S{n + 1}: &s{n + 1} {{anyOf: [{f'*s{n}, ' * 4}]}}" for n in range(10)
    ]
    head = "openapi: 3.1.0\npaths: {/y: {get: {}}}\ncomponents:\n  schemas:"
    return "\n".join((head, "    S0: &s0 {type: string}", *levels))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (many_paths, "1 resource"),
        (cycle_of_schemas, r"1 tool \(.*\), 1 resource"),
        (chain_of_references, r"1 tool \(.*\), 1 resource"),
        (branches_without_end, r"1 tool \(.*\), 1 resource"),
        (references_in_circles, "3 operations left out"),
        (references_through_references, "nested too deeply"),
        (deep_schema, "nested too deeply"),
        (yaml_bomb, "YAML aliases"),
        (schema_bomb, "1 resource"),
    ],
)
def test_size_is_bounded(tmp_path: Path, make: Callable[[], str], said: str) -> None:
    (tmp_path / "spec").write_text(make())
    command = [sys.executable, "-m", "mcpgen", "spec", "-o", "out"]
    more = [
        "--include",
        "/p99999",
        "--include",
        "/x",
        "--include",
        "/y",
        "--exclude",
        "/z",
    ]
    done = subprocess.run(
        [*command, *more],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=_SECONDS,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY)),
    )
    assert re.search(said, done.stderr), done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) in (
        ["out", "spec"],
        ["spec"],
    )
