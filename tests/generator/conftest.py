"""Running mcpgen as its users do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from mcpgen.cli import main


@pytest.fixture
def mcpgen(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs mcpgen in a folder: `mcpgen("spec.yaml", "-o", "out", cwd=folder)`."""

    def run(*arguments: str, cwd: Path, input: bytes | None = None) -> Result:
        monkeypatch.chdir(cwd)
        return CliRunner().invoke(main, arguments, input=input)

    return run
