"""The picture of an API, from `x-logo` to the icon of its server."""

from __future__ import annotations

from typing import Any

import pytest
from mcpgen.diagnostics import Location, Report
from mcpgen.operations.logo import logo

PNG = "data:image/png;base64,iVA="


@pytest.mark.parametrize(
    ("said", "source", "expected"),
    [
        ({"url": "https://x.example/logo.svg", "altText": "X"}, "a.yaml", None),
        ("https://x.example/logo.svg", "a.yaml", None),
        ({"url": PNG}, "a.yaml", None),
        ({"url": "/l.svg"}, "https://x.example/v1/a.yaml", "https://x.example/l.svg"),
    ],
)
def test_what_is_taken(said: Any, source: str, expected: str | None) -> None:
    report = Report()
    found = logo({"x-logo": said}, Location(source, "/info"), report)
    assert found == (expected or (said if isinstance(said, str) else said["url"]))
    assert not report.diagnostics


@pytest.mark.parametrize(
    "said",
    [
        {"url": "logo.png"},
        {"url": "javascript:alert(1)"},
        {"url": "data:text/html,<script>"},
        {"url": "file:///etc/passwd"},
        {"url": "https://user:secret@x.example/"},
        {"url": "https://x.example/ logo"},
        {"url": "https://x.example/" + "a" * 2_000},
        {"url": PNG + "A" * 16_000},
        {"url": 5},
        ["https://x.example/logo.svg"],
    ],
)
def test_what_is_not(said: Any) -> None:
    report = Report()
    assert logo({"x-logo": said}, Location("a.yaml", "/info"), report) is None
    assert [one.code for one in report.diagnostics] == ["logo"]


def test_an_api_needs_none() -> None:
    report = Report()
    assert logo({}, Location("a.yaml", "/info"), report) is None
    assert not report.diagnostics
