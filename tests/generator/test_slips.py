"""Texts as people really have them: read, or refused with a place, a sentence and a fix."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import pytest
from mcpgen.config import Config
from mcpgen.diagnostics import InputError, Report
from mcpgen.load import load

YAML = """\
openapi: 3.0.3
info: {title: Ünïcode, version: "1"}
paths:
  /a:
    get:
      responses:
        200:
          description: ok
"""
JSON = '{"openapi": "3.0.3", "paths": {"/a": {"get": {"responses": {"200": {}}}}}}'


def read(path: Path) -> dict[str, object]:
    value: dict[str, object] = load(
        str(path), Config(), Report(), read_stdin=lambda: b""
    ).root.value
    return value


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("bom.yaml", b"\xef\xbb\xbf" + YAML.encode()),
        ("utf-16.yaml", YAML.encode("utf-16")),
        ("utf-16.json", JSON.encode("utf-16")),
        ("utf-32.json", JSON.encode("utf-32")),
        ("windows.yaml", YAML.replace("\n", "\r\n").encode()),
        ("old mac.yaml", YAML.replace("\n", "\r").encode()),
        ("yaml in.json", YAML.encode()),
        ("flow.yaml", JSON.replace("}}}}}}", "},},},},},}").encode()),
        ("marked.yaml", f"---\n{YAML}...\n".encode()),
        ("no suffix", YAML.encode()),
    ],
)
def test_a_text_is_read_however_it_is_written(
    tmp_path: Path, name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)
    paths = read(tmp_path / name)["paths"]
    assert isinstance(paths, dict)
    assert list(paths["/a"]["get"]["responses"]) == ["200"]


@pytest.mark.parametrize(
    ("name", "content", "place", "fix"),
    [
        ("a.json", JSON.replace("}}}}}}", "},}}}}}"), (1, 71), "take away the comma"),
        ("a.json", JSON[:40], (1, 39), "cut off"),
        ("a.json", JSON + JSON, (1, 75), "keep one document"),
        ("a.json", JSON.replace('"', "'"), (1, 2), "double quotes"),
        ("a.json", JSON.replace('"openapi"', "“openapi”"), (1, 2), "double quotes"),
        ("a.json", JSON.replace(", ", ", // no\n"), (1, 22), "take away the comment"),
        ("a.json", JSON.replace('": {"/a', '" {"/a'), (1, 30), "mend the document"),
        ("a.json", JSON.replace(", ", " "), (1, 21), "a comma or a bracket"),
        ("a.json", f"<<<<<<< HEAD\n{JSON}", (2, 11), "merge conflict"),
        ("a.yaml", YAML.replace("    get", "\tget"), (5, 1), "indent with spaces"),
        ("a.yaml", YAML.replace("ok", "@ok"), (8, 24), "in quotes"),
        ("a.yaml", YAML.replace("ok", "*ok"), (8, 24), "in quotes"),
        ("a.yaml", YAML.replace("ok", "ok: fine"), (8, 26), "it has a colon"),
        (
            "a.yaml",
            YAML.replace("3.0.3", "{{ version }}"),
            (1, 11),
            "fill the template",
        ),
        ("a.yaml", f"<<<<<<< HEAD\n{YAML}", (2, 8), "merge conflict"),
        ("a.json", f"\n // no\n{JSON}", (2, 2), "take away the comment"),
        ("a.json", JSON.replace("/a", "/\ta"), (1, 34), "control character"),
        ("a.yaml", YAML.replace("ok", "o\x07k"), (8, 25), "control character"),
        ("a.yaml", f"{YAML}? [a]\n: b\n", (9, 3), "plain text"),
        ("a.yaml", YAML.replace("    get", "     get"), None, "indented like"),
    ],
)
def test_a_slip_is_told_with_its_place_and_fix(
    tmp_path: Path, name: str, content: str, place: tuple[int, int] | None, fix: str
) -> None:
    if name == "a.yaml" and "     get" in content:
        content = content.replace("      responses", "    responses")
    for text in (content, content.replace("\n", "\r\n")):
        (tmp_path / name).write_text(text, newline="")
        with pytest.raises(InputError) as raised:
            read(tmp_path / name)
        found = raised.value.diagnostic
        assert found.code == "syntax"
        assert found.location
        assert place is None or found.location.mark == place
        assert fix in (found.hint or "")


@pytest.mark.parametrize(
    ("content", "code", "fix"),
    [
        (b"", "empty", "name the file"),
        (b"# nothing\n", "not-openapi", "starts with"),
        (b"hello", "not-openapi", "starts with"),
        (gzip.compress(YAML.encode()), "binary", "unpack it first"),
        (b"%PDF-1.7\n", "binary", "name the file"),
        ("Ü: 1".encode("latin-1"), "binary", "UTF-8"),
        (b"<!DOCTYPE html><title>Sign in</title>", "html", "name the JSON or YAML"),
    ],
)
def test_what_is_no_document_is_told_with_a_fix(
    tmp_path: Path, content: bytes, code: str, fix: str
) -> None:
    (tmp_path / "a.yaml").write_bytes(content)
    with pytest.raises(InputError) as raised:
        read(tmp_path / "a.yaml")
    assert raised.value.diagnostic.code == code
    assert fix in (raised.value.diagnostic.hint or "")


def test_names_in_an_archive_are_in_any_case(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "api.zip", "w") as archive:
        archive.writestr("api-main/", "")
        archive.writestr("api-main/OpenAPI.YAML", YAML)
        archive.writestr("__MACOSX/api-main/._OpenAPI.YAML", b"\0")
    assert "/a" in read(tmp_path / "api.zip")["paths"]  # type: ignore[operator]
    with zipfile.ZipFile(tmp_path / "empty.zip", "w"):
        pass
    with pytest.raises(InputError, match="no OpenAPI document"):
        read(tmp_path / "empty.zip")
