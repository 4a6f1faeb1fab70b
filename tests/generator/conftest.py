"""Running mcpgen as its users do."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator
from mcpgen.cli import main


@pytest.fixture
def mcpgen(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs mcpgen in a folder: `mcpgen("spec.yaml", "-o", "out", cwd=folder)`."""

    def run(*arguments: str, cwd: Path, input: bytes | None = None) -> Result:
        monkeypatch.chdir(cwd)
        return CliRunner().invoke(main, arguments, input=input, prog_name="mcpgen")

    return run


@pytest.fixture(scope="session")
def sarif_schema() -> Any:
    """The published JSON Schema of SARIF 2.1.0."""
    fixtures = Path(__file__).parents[2] / "fixtures"
    packed = (fixtures / "sarif" / "sarif-2.1.0.schema.json.gz").read_bytes()
    return json.loads(gzip.decompress(packed))


@pytest.fixture
def advertised(
    mcpgen: Callable[..., Result], tmp_path: Path
) -> Callable[..., dict[str, Any]]:
    """The input schema of the one tool whose body is a schema, through the front door."""

    def run(
        body: Any, *, version: str = "3.1.0", required: bool = True, **components: Any
    ) -> dict[str, Any]:
        content = {"application/json": {"schema": body}}
        operation = {"requestBody": {"required": required, "content": content}}
        document = {
            "openapi": version,
            "info": {"title": "T", "version": "1"},
            "servers": [{"url": "https://t.example"}],
            "paths": {"/x": {"post": operation}},
            "components": {"schemas": components},
        }
        (tmp_path / "spec.json").write_text(json.dumps(document))
        result = mcpgen("spec.json", "-o", "out", cwd=tmp_path)
        assert result.exit_code == 0, result.output
        (catalog,) = (tmp_path / "out").glob("*/catalog.jsonl")
        schema: dict[str, Any] = json.loads(catalog.read_text())["entry"]["inputSchema"]
        check_stands_alone(schema)
        return schema

    return run


def check_stands_alone(schema: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(schema)
    assert schema["type"] == "object"
    assert not schema.keys() & {"oneOf", "anyOf", "allOf", "not", "if", "enum"}
    for reference in references(schema):
        assert reference.removeprefix("#/$defs/") in schema["$defs"]


def references(node: Any) -> list[str]:
    if isinstance(node, list):
        return [found for item in node for found in references(item)]
    if not isinstance(node, dict):
        return []
    own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
    return own + [found for value in node.values() for found in references(value)]
