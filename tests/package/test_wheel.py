"""The wheel of mcpgen does the whole job, far away from its source folders."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from harness import ROOT, SPECS, environment, new_environment, run
from raw_client import StdioClient


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment with mcpgen installed from its wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    build = (sys.executable, "-m", "build", "--no-isolation", "--outdir", folder)
    run(*build, ROOT, cwd=folder)
    (wheel,) = folder.glob("*.whl")
    return new_environment(folder / "venv", wheel)


def test_it_is_the_wheel_that_runs(python: Path, tmp_path: Path) -> None:
    code = "import mcpgen, mcpgen_runtime as r; print(mcpgen.__file__, r.__file__)"
    home = python.parent.parent
    files = run(python, "-c", code, cwd=tmp_path).split()
    assert all(Path(file).is_relative_to(home) for file in files)


def test_version(python: Path, tmp_path: Path) -> None:
    from mcpgen_runtime._version import __version__

    assert __version__ in run(python.with_name("mcpgen"), "--version", cwd=tmp_path)


def test_from_a_spec_to_a_listing(python: Path, tmp_path: Path) -> None:
    mcpgen = python.with_name("mcpgen")
    run(mcpgen, SPECS / "shop.yaml", "-o", "out", cwd=tmp_path)
    command = [str(python), "-m", "shop_mcp"]
    with StdioClient(command, cwd=tmp_path / "out", env=environment()) as client:
        client.initialize()
        tools = client.list_all("tools/list", "tools")
        resources = client.list_all("resources/list", "resources")
    assert "place_order" in [tool["name"] for tool in tools]
    assert "api://shop/health" in [resource["uri"] for resource in resources]


def test_it_is_typed(python: Path, tmp_path: Path) -> None:
    code = (
        "from importlib.resources import files\n"
        "for name in ('mcpgen', 'mcpgen_runtime', 'mcpgen_templates'):\n"
        "    assert files(name).joinpath('py.typed').is_file(), name"
    )
    run(python, "-c", code, cwd=tmp_path)
