"""What is asked of the disk is remembered, and by that a later run knows what it read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from mcpgen.config import Config
from mcpgen.diagnostics import Report
from mcpgen.load import are_same, load
from mcpgen.load.disk import Disk

SPEC = "openapi: 3.1.0\npaths: {/x: {get: {responses: {}}}}\n"


@pytest.mark.parametrize(
    ("source", "allow", "alone"),
    [
        ("openapi.yaml", False, True),
        ("openapi.yaml", True, False),
        ("-", False, False),
        ("pipe", False, False),
    ],
)
def test_only_what_is_on_the_disk_can_be_asked_again(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    source: str,
    allow: bool,
    alone: bool,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("openapi.yaml").write_text(SPEC)
    read, write = os.pipe()
    os.write(write, SPEC.encode())
    os.close(write)
    name = f"/dev/fd/{read}" if source == "pipe" else source
    config = Config(allow_remote_refs=allow)
    found = load(name, config, Report(), read_stdin=SPEC.encode)
    os.close(read)
    assert (found.answers is not None) is alone


def test_a_file_that_changes_meanwhile_is_no_answer(tmp_path: Path) -> None:
    disk, file = Disk(), tmp_path / "file"
    for text in ("one", "two"):
        file.write_text(text)
        disk.content(file)
    assert disk.answers
    for text in ("one", "two"):
        file.write_text(text)
        assert not are_same(disk.answers)
