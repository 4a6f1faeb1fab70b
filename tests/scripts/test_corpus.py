"""The corpus script tells good, refused and failed apart, and says so by its status."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from corpus import Finished, Report, decide_failure, examine_code, find_specs
from harness import ROOT, SPECS, generate


def test_a_folder(tmp_path: Path) -> None:
    shutil.copy(SPECS / "minimal.yaml", tmp_path)
    (tmp_path / "old.json").write_text('{"swagger": "1.2", "apis": []}')
    (tmp_path / "broken.yaml").write_text("{")
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "corpus.py", tmp_path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "old.json     refused: old.json:1:2: error[version]" in done.stdout
    assert "broken.yaml  refused:" in done.stdout
    assert done.stdout.splitlines()[-1] == (
        "1 operations, 0 left out; specs: 1 ok, 2 refused, 0 failed"
    )


@pytest.mark.parametrize(
    ("status", "output", "decided", "message"),
    [
        (2, "spec.yaml: error[empty]: no", "refused", "spec.yaml: error[empty]: no"),
        (1, "Traceback (most recent call last):\nKeyError: 1", "failed", "KeyError: 1"),
        (2, "Traceback (most recent call last):\nKeyError: 1", "failed", "KeyError: 1"),
        (2, "", "failed", "without a word"),
        (-9, "", "failed", "killed by signal 9"),
    ],
)
def test_failures(
    status: int, output: str, decided: str, message: str, tmp_path: Path
) -> None:
    report = Report(spec="spec.yaml")
    decide_failure(report, Finished(status, output, 1.0, 50), tmp_path)
    assert report.status == decided
    assert message in report.message


def test_half_written_is_failed(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    report = Report(spec="spec.yaml")
    decide_failure(report, Finished(2, "error: no", 1.0, 50), tmp_path)
    assert report.status == "failed"


def test_bad_code_is_a_fault(tmp_path: Path) -> None:
    package = generate(SPECS / "minimal.yaml", tmp_path / "out")
    (package / "extensions.py").write_text("import os\ndef extend( server ): pass\n")
    report = Report(spec="minimal.yaml")
    examine_code(report, package.parent, package)
    assert [fault.partition(":")[0] for fault in report.faults] == [
        "black",
        "ruff",
        "mypy",
    ]


def test_specs_of_a_folder(tmp_path: Path) -> None:
    for path, text in {
        "a.yaml": "anything",
        "notes.txt": "openapi: 3.1.0",
        "multi/entry.yaml": "openapi: 3.1.0\npaths: {}\n",
        "multi/part.yaml": "type: object\n",
        "multi/entry.json": '{"openapi": "3.1.0", "paths": {}}',
        "multi/part.json": '{"paths": {}}',
    }.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    found = [path.relative_to(tmp_path).as_posix() for path in find_specs(tmp_path)]
    assert found == ["a.yaml", "multi/entry.json", "multi/entry.yaml"]
