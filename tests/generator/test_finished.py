"""A run that would change nothing isn't done, and nobody can tell but by the time.

Every row is done twice, with a cache and in a copy of the folder without one: what is
said, the exit code and the files must be the same.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import Result
from harness import run
from mcpgen import cache, pipeline
from mcpgen.cli import finished
from mcpgen.config import Config

Run = Callable[..., Result]
Change = Callable[[Path], object]

SPEC = """\
openapi: 3.1.0
info: {title: Shop, version: "1"}
servers: [{url: https://shop.example}]
paths:
  /pets: {$ref: parts/pets.yaml}
  /toys: {$ref: link.yaml}
  /gone: {$ref: gone.yaml}
  /cats:
    get: {operationId: cats, responses: {}, parameters: [{in: query, name: near, schema: {type: object}}]}
"""
FILES = {
    "openapi.yaml": SPEC,
    "parts/pets.yaml": "post: {operationId: addPet, responses: {}}\n",
    "toys.yaml": "get: {operationId: toys, responses: {}}\n",
    "public.yaml": "overlay: 1.0.0\nactions: [{target: \"$.paths['/cats'].get\", update: {summary: Cats.}}]\n",
    "mcpgen.toml": 'templates = "own"\noverlays = ["public.yaml"]\n',
    "own/TOOLS.md.jinja": "# {{ package.title }}\n",
}
LINE = ("openapi.yaml", "-o", "out")


def _write(name: str, text: str) -> Change:
    def change(folder: Path) -> None:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)

    return change


def _replace(name: str, old: str, new: str) -> Change:
    return lambda folder: (folder / name).write_text(
        (folder / name).read_text().replace(old, new)
    )


def _delete(name: str) -> Change:
    return lambda folder: (folder / name).unlink()


def _lead_outside(folder: Path) -> None:
    outside = folder.parent / "toys.yaml"
    outside.write_text(FILES["toys.yaml"])
    (folder / "link.yaml").unlink()
    (folder / "link.yaml").symlink_to(outside)


def _touch(folder: Path) -> None:
    for name in ("openapi.yaml", "mcpgen.toml", "out/shop_mcp/server.py"):
        os.utime(folder / name, (1, 1))


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The documents that were read by a run."""
    found: list[str] = []
    done = pipeline.generate

    def generate(config: Config, *given: Any, **named: Any) -> pipeline.Generated:
        found.append(str(config.source))
        return done(config, *given, **named)

    monkeypatch.setattr(pipeline, "generate", generate)
    return found


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a document, its settings, and a cache of its own."""
    monkeypatch.setenv(cache.FOLDER, str(tmp_path / "cache"))
    here = tmp_path / "cached" / "here"
    for name, text in FILES.items():
        (here / name).parent.mkdir(parents=True, exist_ok=True)
        (here / name).write_text(text)
    (here / "link.yaml").symlink_to("toys.yaml")
    return here


def _files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted((folder / "out").rglob("*"))
        if path.is_file()
    }


def _same_with_and_without(
    mcpgen: Run,
    monkeypatch: pytest.MonkeyPatch,
    folder: Path,
    change: Change,
    line: tuple[str, ...],
) -> None:
    plain = folder.parent.parent / "plain" / "here"
    shutil.copytree(folder, plain, symlinks=True)
    change(folder)
    change(plain)
    found = mcpgen(*line, cwd=folder)
    with monkeypatch.context() as without:
        without.setenv(cache.FOLDER, os.devnull)
        expected = mcpgen(*line, cwd=plain)
    assert (found.exit_code, found.stdout, found.stderr) == (
        expected.exit_code,
        expected.stdout,
        expected.stderr,
    )
    assert _files(folder) == _files(plain)


@pytest.mark.parametrize(
    ("change", "options"),
    [
        (lambda _: None, ()),
        (lambda _: None, ("--dry-run",)),
        (lambda _: None, ("--force",)),
        (_touch, ()),
        (_write("notes.txt", "mine"), ()),
        (_write("out/shop_mcp/mine.py", "mine"), ()),
        (_write("out/README.md", "mine"), ()),
    ],
)
def test_what_changes_nothing_isnt_done(
    mcpgen: Run,
    monkeypatch: pytest.MonkeyPatch,
    folder: Path,
    ran: list[str],
    change: Change,
    options: tuple[str, ...],
) -> None:
    assert mcpgen(*LINE, cwd=folder).exit_code == 0
    _same_with_and_without(mcpgen, monkeypatch, folder, change, (*LINE, *options))
    assert len(ran) == 2, "at first, and without a cache"


@pytest.mark.parametrize(
    ("change", "options"),
    [
        (_replace("openapi.yaml", "title: Shop", "title: SHOP"), ()),
        (_replace("openapi.yaml", "operationId: cats", "operationId: dogs"), ()),
        (_write("openapi.yaml", "nothing"), ()),
        (_delete("openapi.yaml"), ()),
        (_replace("parts/pets.yaml", "addPet", "add"), ()),
        (_delete("parts/pets.yaml"), ()),
        (_write("gone.yaml", FILES["toys.yaml"].replace("toys", "back")), ()),
        (_lead_outside, ()),
        (_replace("public.yaml", "Cats.", "All cats."), ()),
        (_delete("public.yaml"), ()),
        (_write("more.yaml", FILES["public.yaml"]), ("--overlay", "more.yaml")),
        (_write("mcpgen.toml", 'preset = "tools"\n'), ()),
        (_delete("mcpgen.toml"), ()),
        (_write("own/TOOLS.md.jinja", "other"), ()),
        (_write("own/env.example.jinja", "other"), ()),
        (_write("other/TOOLS.md.jinja", "other"), ("--templates", "other")),
        (_write("out/shop_mcp/server.py", "edited"), ()),
        (_write("out/shop_mcp/server.py", "edited"), ("--force",)),
        (_delete("out/shop_mcp/server.py"), ()),
        (_delete("out/shop_mcp/_runtime/server.py"), ("--dry-run",)),
        (_delete("out/README.md"), ()),
        (_delete("out/.mcpgen.json"), ()),
        (_replace("out/.mcpgen.json", '"files"', ' "files"'), ()),
        (_write("out/.mcpgen-new/manifest.json", "{}"), ()),
        (lambda folder: shutil.rmtree(folder / "out"), ()),
        (lambda _: None, ("-o", "other")),
        (lambda _: None, ("--name", "store")),
        (lambda _: None, ("--exclude", "/cats")),
        (lambda _: None, ("--preset", "tools")),
        (lambda _: None, ("--allow-remote-refs",)),
        (lambda _: None, ("--no-output-schemas",)),
        (lambda _: None, ("-v",)),
        (lambda _: None, ("--strict",)),
        (lambda _: None, ("--format", "json")),
    ],
)
def test_what_changes_something_is_done(
    mcpgen: Run,
    monkeypatch: pytest.MonkeyPatch,
    folder: Path,
    ran: list[str],
    change: Change,
    options: tuple[str, ...],
) -> None:
    assert mcpgen(*LINE, cwd=folder).exit_code == 0
    _same_with_and_without(mcpgen, monkeypatch, folder, change, (*LINE, *options))
    assert ran[1:] in ([*ran[:1] * 2], []), "by both, or by none: refused before"


@pytest.mark.parametrize(
    "options", [("-q",), ("-v",), ("--format", "json"), ("--format", "sarif")]
)
def test_it_says_the_same_in_every_way(
    mcpgen: Run,
    monkeypatch: pytest.MonkeyPatch,
    folder: Path,
    ran: list[str],
    options: tuple[str, ...],
) -> None:
    line = (*LINE, *options)
    mcpgen(*line, cwd=folder)
    _same_with_and_without(mcpgen, monkeypatch, folder, lambda _: None, line)
    assert len(ran) == 2


@pytest.mark.parametrize(
    ("where", "what"),
    [
        ("_installed", lambda: ["black-99.dist-info"]),
        ("sys", SimpleNamespace(version="9.9", path=sys.path)),
        ("_files", lambda _: [("pipeline.py", b"changed")]),
    ],
)
def test_other_makers_do_it_again(
    mcpgen: Run,
    monkeypatch: pytest.MonkeyPatch,
    folder: Path,
    ran: list[str],
    where: str,
    what: object,
) -> None:
    mcpgen(*LINE, cwd=folder)
    monkeypatch.setattr(finished, where, what)
    for _ in range(2):
        mcpgen(*LINE, cwd=folder)
    assert len(ran) == 2


def test_what_makes_packages_is_not_even_imported(folder: Path) -> None:
    program = (
        "import sys; from mcpgen.cli import main; "
        "main(sys.argv[1:], standalone_mode=False); print(*sys.modules)"
    )
    for _ in range(2):
        imported = run(sys.executable, "-c", program, *LINE, cwd=folder).split()
    makers = {"black", "datamodel_code_generator", "jinja2", "openapi_pydantic"}
    assert not {*makers, "httpx", "jsonpath", "mcpgen.pipeline"} & {*imported}


def test_a_plugin_is_asked_every_time(
    mcpgen: Run, folder: Path, ran: list[str]
) -> None:
    (folder / "rules.py").write_text("def name(*_):\n    return None\n")
    (folder / "mcpgen.toml").write_text('plugin = "rules.py"\n')
    for _ in range(2):
        assert mcpgen(*LINE, cwd=folder).exit_code == 0
    assert len(ran) == 2


def _named(name: str) -> Change:
    return lambda folder: shutil.copy(folder / "openapi.yaml", folder / name)


def _archived(folder: Path) -> None:
    with zipfile.ZipFile(folder / "api.zip", "w") as archive:
        for name in ("openapi.yaml", "parts/pets.yaml"):
            archive.write(folder / name, name)


def _changed_and_archived(folder: Path) -> None:
    _replace("parts/pets.yaml", "addPet", "add")(folder)
    _archived(folder)


@pytest.mark.parametrize(
    ("source", "change"),
    [
        (".", _named("openapi.json")),
        (".", _named("swagger.yaml")),
        (".", _delete("openapi.yaml")),
        ("api.zip", _changed_and_archived),
        ("api.zip", _delete("api.zip")),
    ],
)
def test_folders_and_archives(
    mcpgen: Run,
    monkeypatch: pytest.MonkeyPatch,
    folder: Path,
    ran: list[str],
    source: str,
    change: Change,
) -> None:
    _archived(folder)
    line = (source, "-o", "out")
    for _ in range(3):
        assert mcpgen(*line, cwd=folder).exit_code == 0
    assert len(ran) == (2 if source == "." else 1), "the package lies in `.`"
    _same_with_and_without(mcpgen, monkeypatch, folder, change, line)


def test_several_apis(
    mcpgen: Run, monkeypatch: pytest.MonkeyPatch, folder: Path, ran: list[str]
) -> None:
    apis = "[apis.shop]\nsource='openapi.yaml'\n[apis.toys]\nsource='other.yaml'\n"
    (folder / "mcpgen.toml").write_text(apis)
    (folder / "other.yaml").write_text(SPEC)
    line = ("-o", "out")
    for _ in range(2):
        assert mcpgen(*line, cwd=folder).exit_code == 0
    assert len(ran) == 1
    change = _replace("other.yaml", "operationId: cats", "operationId: dogs")
    _same_with_and_without(mcpgen, monkeypatch, folder, change, line)
    (folder / "rules.py").write_text("def name(*_):\n    return None\n")
    (folder / "mcpgen.toml").write_text(f"{apis}plugin = 'rules.py'\n")
    for _ in range(2):
        assert mcpgen(*line, cwd=folder).exit_code == 0
    assert len(ran) == 5


def test_a_check_isnt_done_either(mcpgen: Run, folder: Path, ran: list[str]) -> None:
    check = ("check", *LINE)
    for line in (LINE, check, check):
        result = mcpgen(*line, cwd=folder)
        assert result.exit_code == 0
    assert result.stderr == "out is up to date\n"
    assert len(ran) == 1
    _replace("openapi.yaml", "title: Shop", "title: SHOP")(folder)
    assert mcpgen(*check, cwd=folder).exit_code == 1
    _replace("openapi.yaml", "title: SHOP", "title: Shop ")(folder)
    for _ in range(2):
        assert mcpgen(*check, cwd=folder).exit_code == 0
    assert len(ran) == 3


def test_a_broken_record_is_none(mcpgen: Run, folder: Path, ran: list[str]) -> None:
    mcpgen(*LINE, cwd=folder)
    (record,) = (folder.parent.parent / "cache" / "entries").iterdir()
    record.write_bytes(record.read_bytes()[:-1] + b"!")
    mcpgen(*LINE, cwd=folder)
    assert len(ran) == 2


def test_the_record_tells_nothing_of_the_settings(mcpgen: Run, folder: Path) -> None:
    (folder / "mcpgen.toml").write_text('base_url = "https://internal.example"\n')
    mcpgen(*LINE, cwd=folder)
    (record,) = (folder.parent.parent / "cache" / "entries").iterdir()
    assert b"internal.example" not in record.read_bytes()
    assert json.loads(record.read_bytes()[32:]).keys() == {"answers", "tree", "told"}
