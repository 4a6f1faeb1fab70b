"""Findings for programs: what `--format` prints, and that standard output has nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import Result
from mcpgen.diagnostics import (
    Diagnostic,
    Location,
    Severity,
    as_github,
    as_json,
    as_sarif,
    grouped,
)

SPEC = """\
openapi: 3.1.0
info: {title: Shop, version: "1"}
servers: [{url: https://shop.example}]
paths:
  /items/{id}: {get: {operationId: item}}
  /unplaced: {get: {parameters: [{name: q}]}}
  /lost: {get: {parameters: [{$ref: "#/lost"}]}}
  /gone: {get: {parameters: [{$ref: "#/gone"}]}}
"""
HOSTILE = "\x1b[2J%\r\n::error::`x`,\u202e\x9b\ud800"

Run = Callable[..., Result]


def finding(
    severity: Severity = "warning", message: str = "sentence", **members: Any
) -> Diagnostic:
    return Diagnostic(severity=severity, code="name", message=message, **members)


FINDINGS = (
    finding("error", location=Location("a b.yaml", mark=(3, 4)), subject="GET /"),
    finding("note", location=Location("/tmp/a.yaml", "/x"), hint="do this"),
    finding(location=Location("https://x.example/a", "/y~1z")),
    finding(location=Location("<stdin>")),
    finding(message=HOSTILE, subject=HOSTILE, hint=HOSTILE),
)


def run(mcpgen: Run, format: str, cwd: Path, *options: str) -> Result:
    (cwd / "spec.yaml").write_text(SPEC)
    return mcpgen("spec.yaml", "-o", "out", "--format", format, *options, cwd=cwd)


def test_json_has_each_finding_with_its_place(mcpgen: Run, tmp_path: Path) -> None:
    result = run(mcpgen, "json", tmp_path, "--dry-run")
    told = json.loads(result.stdout)
    assert told["version"] == 1
    assert told["counts"] == {"error": 3, "warning": 1, "note": 0}
    assert told["findings"][0] == {
        "severity": "warning",
        "code": "path-parameter",
        "message": "path parameter `id` is not declared; it is taken as text",
        "operation": "GET /items/{id}",
        "file": "spec.yaml",
        "line": 5,
        "column": 3,
        "pointer": "/paths/~1items~1{id}",
        "help": None,
    }
    assert "created " in result.stderr
    assert "error[" not in result.stderr


@pytest.mark.parametrize("format", ["json", "sarif"])
def test_a_document_that_cannot_be_used_is_told_as_well(
    mcpgen: Run, tmp_path: Path, format: str
) -> None:
    (tmp_path / "broken.json").write_text("{\n  oops}")
    result = mcpgen("broken.json", "-o", "out", "--format", format, cwd=tmp_path)
    assert result.exit_code == 2
    told = json.loads(result.stdout)
    if format == "json":
        (found,) = told["findings"]
        assert (found["code"], found["line"], found["column"]) == ("syntax", 2, 3)
        assert found["pointer"] is None
    else:
        (found,) = told["runs"][0]["results"]
        assert found["ruleId"] == "syntax"


def test_sarif_is_what_its_schema_says(
    mcpgen: Run, tmp_path: Path, sarif_schema: Any
) -> None:
    result = run(mcpgen, "sarif", tmp_path)
    for log in (result.stdout, as_sarif(FINDINGS, {}), as_sarif((), {})):
        jsonschema.validate(json.loads(log), sarif_schema)
    (told,) = json.loads(result.stdout)["runs"]
    rules = told["tool"]["driver"]["rules"]
    assert {rules[one["ruleIndex"]]["id"] == one["ruleId"] for one in told["results"]}
    (place,) = told["results"][0]["locations"]
    assert place["physicalLocation"] == {
        "artifactLocation": {"uri": "spec.yaml"},
        "region": {"startLine": 5, "startColumn": 3, "endColumn": 14},
    }


def test_sarif_names_files_by_uri() -> None:
    (told,) = json.loads(as_sarif(FINDINGS, {}))["runs"]
    uris = [
        place["physicalLocation"]["artifactLocation"]["uri"]
        for one in told["results"]
        for place in one.get("locations", ())
    ]
    assert uris == ["a%20b.yaml", "file:///tmp/a.yaml", "https://x.example/a"]


def test_github_has_one_annotation_a_message(mcpgen: Run, tmp_path: Path) -> None:
    lines = run(mcpgen, "github", tmp_path).stdout.splitlines()
    assert lines == [
        (
            "::error file=spec.yaml,line=6,col=34,title=mcpgen malformed::"
            "GET /unplaced: `in`: is missing; it is left out"
        ),
        (
            "::error file=spec.yaml,line=7,col=30,title=mcpgen unresolved-reference::"
            "GET /lost: reference `#/lost` leads nowhere; it is left out"
            "%0Aand 1 more like it"
        ),
        (
            "::warning file=spec.yaml,line=5,col=3,title=mcpgen path-parameter::"
            "GET /items/{id}: path parameter `id` is not declared; it is taken as text"
        ),
    ]


def test_github_commands_cannot_be_forged() -> None:
    lines = as_github(FINDINGS, {}).splitlines()
    assert len(lines) == len(grouped(FINDINGS))
    for line in lines:
        assert line.isprintable()
        assert re.match(r"::(error|warning|notice) ([a-z]+=[^:,]*,?)+::", line)


@pytest.mark.parametrize("printed", [as_json, as_sarif])
def test_machine_formats_are_ascii(printed: Callable[..., str]) -> None:
    text = printed(FINDINGS, {})
    assert text.isascii()
    assert all(line.isprintable() for line in text.splitlines())


def test_nothing_found_is_an_empty_list() -> None:
    assert json.loads(as_json((), {}))["findings"] == []
    assert as_github((), {}) == ""
