"""Running mcpgen as its users do."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
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
