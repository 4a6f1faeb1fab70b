"""The runtime is copied into packages: it works under any name, and twice at once."""

from __future__ import annotations

import ast
import asyncio
import shutil
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import mcpgen_runtime
import pytest

RUNTIME = Path(mcpgen_runtime.__file__).parent
MODULES = sorted(RUNTIME.rglob("*.py"))


@pytest.mark.parametrize("module", MODULES, ids=lambda m: str(m.relative_to(RUNTIME)))
def test_it_never_names_itself(module: Path) -> None:
    tree = ast.parse(module.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [node.module or ""]
        else:
            continue
        for name in names:
            assert name.partition(".")[0] != "mcpgen_runtime"
            assert name != "importlib.metadata"
    assert "mcpgen_runtime" not in ast.unparse(tree)


@pytest.fixture
def copies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The names of two packages with a runtime each."""
    names = ["first_copy", "second_copy"]
    for name in names:
        shutil.copytree(RUNTIME, tmp_path / name / "_runtime")
        (tmp_path / name / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    yield names
    for module in [m for m in sys.modules if m.partition(".")[0] in names]:
        del sys.modules[module]


def test_two_copies_in_one_process(copies: list[str]) -> None:
    listed = [asyncio.run(tools_of_a_server(name)) for name in copies]
    assert listed == [["ping_first_copy"], ["ping_second_copy"]]
    first, second = (import_module(f"{name}._runtime") for name in copies)
    assert first.Tool is not second.Tool
    assert first.Server is not mcpgen_runtime.Server


async def tools_of_a_server(name: str) -> list[str]:
    """Builds a server with the runtime of a package, and asks it for its tools."""
    runtime: Any = import_module(f"{name}._runtime")
    memory: Any = import_module(f"{name}._runtime.client")
    server = runtime.Server(
        name=name, version="1", settings=runtime.Settings(prefix="COPY")
    )
    server.add(runtime.Tool(name=f"ping_{name}", method="POST", path="/ping"))
    async with memory.connect(server) as client:
        return [tool["name"] for tool in await client.list_tools()]
