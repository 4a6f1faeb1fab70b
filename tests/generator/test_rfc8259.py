"""JSON with keys that are given twice: the last one counts, and each is told."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from mcpgen import rfc8259


@pytest.mark.parametrize(
    ("text", "value", "repeated"),
    [
        ("[]", [], ()),
        ('{"a": {"b": 1}, "b": 2}', {"a": {"b": 1}, "b": 2}, ()),
        ('{"a": 1, "b": 2, "a": 3}', {"a": 3, "b": 2}, ("/a",)),
        ('{"a": 1, "a": 2, "a": 3}', {"a": 3}, ("/a",)),
        ('{"a": [{}, {"/": 1, "/": 2}]}', {"a": [{}, {"/": 2}]}, ("/a/1/~1",)),
        ('{"a": {"~": 1, "~": 1}}', {"a": {"~": 1}}, ("/a/~0",)),
        ('{"a": {"b": 1, "b": 1}, "a": 0}', {"a": 0}, ("/a",)),
        (
            '{"x": {"a": 1, "a": 2}, "y": {"b": 1, "b": 2}}',
            {"x": {"a": 2}, "y": {"b": 2}},
            ("/x/a", "/y/b"),
        ),
        ('{"a": 1.50, "b": NaN}', {"a": 1.5, "b": "NaN"}, ()),
    ],
)
def test_what_is_read(text: str, value: Any, repeated: tuple[str, ...]) -> None:
    assert rfc8259.read(text) == rfc8259.Json(value, repeated)


def test_a_repeated_key_is_told_with_its_line(
    mcpgen: Callable[..., Result], tmp_path: Path
) -> None:
    (tmp_path / "spec.json").write_text(
        '{"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {\n'
        '  "/a": {"post": {},\n'
        '         "post": {"summary": "kept"}}\n'
        "}}"
    )
    result = mcpgen("spec.json", "-o", "out", "--format", "json", cwd=tmp_path)
    found = json.loads(result.stdout)["findings"][0]
    assert (found["code"], found["severity"]) == ("repeated-key", "warning")
    assert (found["line"], found["column"]) == (2, 10)
