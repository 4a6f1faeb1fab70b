"""`server.json`, `manifest.json`, and the bundle that `mcpgen bundle` makes of a package."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from click.testing import Result

FIXTURES = Path(__file__).parents[2] / "fixtures"
CASES = sorted(path.name for path in (FIXTURES / "cases").iterdir())
Mcpgen = Callable[..., Result]


def schema(name: str) -> Any:
    return json.loads((FIXTURES / "schemas" / f"{name}.schema.json").read_text())


@pytest.fixture
def out(mcpgen: Mcpgen, tmp_path: Path) -> Path:
    spec = FIXTURES / "specs" / "shop.yaml"
    assert mcpgen(str(spec), "-o", "out", cwd=tmp_path).exit_code == 0
    return tmp_path / "out"


@pytest.mark.parametrize(
    ("file", "published"),
    [("server", "server"), ("manifest", "mcpb-manifest-v0.4")],
)
@pytest.mark.parametrize("case", CASES)
def test_a_file_fits_its_published_schema(case: str, file: str, published: str) -> None:
    path = FIXTURES / "cases" / case / "expected" / f"{file}.json"
    validator = jsonschema_rs.Draft7Validator(schema(published), validate_formats=True)
    assert list(validator.iter_errors(json.loads(path.read_text()))) == []


def test_secrets_are_marked(out: Path) -> None:
    (package,) = json.loads((out / "server.json").read_text())["packages"]
    secret = {one["name"]: one["isSecret"] for one in package["environmentVariables"]}
    asked = json.loads((out / "manifest.json").read_text())["user_config"]
    assert secret["SHOP_TOKEN"]
    assert not secret["SHOP_PASSWORD_USERNAME"]
    assert {name.upper(): one["sensitive"] for name, one in asked.items()} == secret


def test_a_bundle_holds_the_package_and_nothing_else(
    mcpgen: Mcpgen, out: Path, tmp_path: Path
) -> None:
    (out / ".env").write_text("SHOP_TOKEN=sesame\n")
    (out / "shop_mcp" / ".env").write_text("SHOP_TOKEN=sesame\n")
    (out / "shop_mcp" / "__pycache__").mkdir()
    (out / "shop_mcp" / "__pycache__" / "a.pyc").touch()
    (tmp_path / "secret").write_text("sesame")
    (out / "shop_mcp" / "link.py").symlink_to(tmp_path / "secret")
    result = mcpgen("bundle", "out", cwd=tmp_path)
    assert (result.exit_code, result.stderr) == (0, "wrote out/shop-mcp.mcpb\n")
    path = out / "shop-mcp.mcpb"
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        entry = json.loads(archive.read("manifest.json"))["server"]["entry_point"]
    assert {entry, "pyproject.toml", "README.md", "shop_mcp/catalog.jsonl"} < {*names}
    assert {name.partition("/")[0] for name in names} == {
        "README.md",
        "manifest.json",
        "pyproject.toml",
        "shop_mcp",
    }
    unwanted = (".env", ".pyc", "link.py")
    assert not [name for name in names if name.endswith(unwanted)]
    first = path.read_bytes()
    assert mcpgen("bundle", "out", "-o", "again", cwd=tmp_path).exit_code == 0
    assert (tmp_path / "again").read_bytes() == first


@pytest.mark.parametrize(
    ("manifest", "sentence"),
    [
        (None, "can't be read"),
        ("{", "is not the manifest of a bundle"),
        ('{"name": "a"}', "is not the manifest of a bundle"),
        ('{"name": "../a", "server": {"entry_point": "a.py"}}', "name of a file"),
        ('{"name": "a", "server": {"entry_point": "a.py"}}', "there is no file 'a.py'"),
    ],
)
def test_a_folder_that_is_no_package(
    mcpgen: Mcpgen, tmp_path: Path, manifest: str | None, sentence: str
) -> None:
    if manifest is not None:
        (tmp_path / "manifest.json").write_text(manifest)
    result = mcpgen("bundle", ".", cwd=tmp_path)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert "help: " in result.stderr
    assert not list(tmp_path.glob("*.mcpb"))
