"""Findings as they are printed: a place, a sentence, a fix, and nothing that isn't text."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

import pytest
from mcpgen.diagnostics import (
    Diagnostic,
    InputError,
    Location,
    Report,
    Severity,
    grouped,
    printable,
    render,
    render_group,
)
from mcpgen.position import locate


@dataclass(frozen=True)
class Source:
    text: str
    format: str


YAML = """\
openapi: 3.1.0
paths:
  /pets:
    get: &get
      parameters:
        - name: limit
        - {name: offset, in: query}
    put: *get
  "/a~b": {200: x}
"""
JSON = """\
{
  "openapi": "3.1.0",
  "paths": {
    "/pets": {"get": {"parameters": [{"name": "limit"}, {"name": "a\\"}"}]}},
    "/a\\u007eb": {"200": ["x", [], {}, null, -1.5e3]}
  }
}
"""


def printed(
    location: Location | None,
    text: str | None = YAML,
    *,
    severity: Severity = "error",
    message: str = "sentence",
    subject: str | None = None,
    hint: str | None = None,
    format: str = "yaml",
) -> str:
    diagnostic = Diagnostic(
        severity=severity,
        code="code",
        message=message,
        location=location,
        subject=subject,
        hint=hint,
    )
    return render(
        diagnostic, {} if text is None else {"pets.yaml": Source(text, format)}
    )


def test_a_finding_shows_its_line_and_what_to_do() -> None:
    location = Location("pets.yaml").child("paths", "/pets", "get")
    assert printed(location, subject="GET /pets", hint="do this") == (
        "pets.yaml:4:5: error[code]: GET /pets: sentence\n"
        "     4 |     get: &get\n"
        "       |     ^~~\n"
        "  help: do this"
    )


def test_without_the_text_the_pointer_is_the_place() -> None:
    location = Location("pets.yaml").child("paths", "/pets")
    assert printed(location, None) == "pets.yaml#/paths/~1pets: error[code]: sentence"
    assert printed(Location("pets.yaml"), None) == "pets.yaml: error[code]: sentence"
    assert printed(None, severity="warning") == "warning[code]: sentence"


def test_a_mark_is_a_place_where_no_pointer_leads() -> None:
    assert printed(Location("pets.yaml", mark=(9, 12))) == (
        "pets.yaml:9:12: error[code]: sentence\n"
        '     9 |   "/a~b": {200: x}\n'
        "       |            ^"
    )


def test_a_line_that_is_empty_or_beyond_the_end_is_not_shown() -> None:
    for mark in ((10, 1), (99, 1)):
        line, column = mark
        assert printed(Location("pets.yaml", mark=mark)) == (
            f"pets.yaml:{line}:{column}: error[code]: sentence"
        )


def test_of_a_long_line_what_surrounds_the_place_is_shown() -> None:
    text = '{"a": "' + "x" * 300 + '", "here": 1, "z": "' + "y" * 300 + '"}'
    _, line, caret = printed(
        Location("pets.yaml", "/here"), text, format="json"
    ).splitlines()
    assert len(line) <= 112
    assert line.startswith("     1 | …xxx")
    assert line.endswith("yyy…")
    assert line[caret.index("^") :].startswith('"here": 1')


def test_nothing_of_a_document_reaches_the_terminal_raw() -> None:
    hostile = "\x1b[2J\r\x07\u202e\u2028\x9b\ud800\U000e0001"
    shown = printed(
        Location("pets.yaml", "/a"),
        f"{{\ta: '{hostile}\x00'}}",
        message=f"`{hostile}` is",
        subject=f"GET /{hostile}",
        hint=hostile,
        format="json",
    )
    assert all(
        character.isprintable() for line in shown.split("\n") for character in line
    )
    assert "\\x1b[2J\\r\\x07\\u202e\\u2028\\x9b\\ud800\\U000e0001" in shown
    assert len(shown.split("\n")) == 4


def test_what_is_only_foreign_stays_as_it_is() -> None:
    assert printable("größe 名前 \U0001f600") == "größe 名前 \U0001f600"
    assert printable("a\tb") == "a b"


@pytest.mark.parametrize(
    ("pointer", "position"),
    [
        ("", (1, 1)),
        ("/openapi", (1, 1)),
        ("/paths/~1pets/get/parameters/0", (6, 11)),
        ("/paths/~1pets/get/parameters/0/name", (6, 11)),
        ("/paths/~1pets/get/parameters/1/in", (7, 26)),
        ("/paths/~1pets/put", (8, 5)),
        ("/paths/~1pets/put/parameters/0", (8, 5)),  # behind an alias
        ("/paths/~1a~0b/200", (9, 12)),
        ("/paths/~1other/get", (2, 1)),
        ("/elsewhere", (1, 1)),
    ],
)
def test_a_pointer_into_yaml(pointer: str, position: tuple[int, int]) -> None:
    assert locate(YAML, "yaml", pointer) == position


@pytest.mark.parametrize(
    ("pointer", "position"),
    [
        ("", (1, 1)),
        ("/openapi", (2, 3)),
        ("/paths/~1pets/get", (4, 15)),
        ("/paths/~1pets/get/parameters/0", (4, 38)),
        ("/paths/~1pets/get/parameters/1/name", (4, 58)),
        ("/paths/~1a~0b", (5, 5)),
        ("/paths/~1a~0b/200/2", (5, 36)),
        ("/paths/~1a~0b/200/4", (5, 46)),
        ("/paths/~1a~0b/200/5", (5, 19)),
    ],
)
def test_a_pointer_into_json(pointer: str, position: tuple[int, int]) -> None:
    assert locate(JSON, "json", pointer) == position


@pytest.mark.parametrize(
    ("text", "format"),
    [("", "yaml"), ("a: [", "yaml"), ("", "json"), ("]", "json"), ('{"a', "json")],
)
def test_a_text_that_cannot_be_read_has_a_beginning(text: str, format: str) -> None:
    assert locate(text, format, "/b") == (1, 1)


def test_a_report_counts_and_says_everything_once() -> None:
    report = Report()
    report.warning("w", "one")
    report.error("e", "two", at=Location("s", "/a"))
    report.error("e", "two", at=Location("s", "/a"))
    report.error("e", "two", at=Location("s", "/b"))
    report.note("n", "three", subject="GET /")
    assert (report.errors, report.warnings) == (2, 1)
    assert [found.message for found in report.diagnostics] == [
        "one",
        "two",
        "two",
        "three",
    ]


def test_an_input_error_says_what_its_finding_says() -> None:
    finding = Diagnostic(severity="error", code="c", message="is empty")
    assert str(InputError(finding)) == "is empty"
    assert InputError(finding).documents == {}


@pytest.mark.parametrize(
    ("text", "column", "underlined"),
    [
        ("  get:", 3, "get"),
        ("  /a/{b}: {get: 1}", 3, "/a/{b}"),
        ("  'a: b': 1", 3, "'a: b'"),
        ('{"a": {"b c": 1}}', 8, '"b c"'),
        ("  - limit", 5, "limit"),
        ("  - limit # the first", 5, "limit"),
        ("tags: [one, two]", 13, "two"),
        ('{"a":[1,2.5,"c"]}', 9, "2.5"),
        ('{"a":[true]}', 7, "true"),
        ("a: 1 is enough", 4, "1 is enough"),
        ("x: {a: 1}", 4, "{"),
    ],
)
def test_the_word_that_is_meant_is_underlined(
    text: str, column: int, underlined: str
) -> None:
    source = Source(text, "yaml")
    mark = Location("s", "/somewhere")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mcpgen.position.locate", lambda *_: (1, column))
        finding = Diagnostic(severity="note", code="c", message="m", location=mark)
        _, line, marks = render(finding, {"s": source}).splitlines()
    start = marks.index("^")
    assert line[start : start + len(marks.strip("| "))] == underlined


def test_wide_characters_take_two_columns() -> None:
    source = Source("{名: {e\u0301: {値段: 1}}}", "yaml")
    location = Location("s", "/名/e\u0301/値段")
    finding = Diagnostic(severity="note", code="c", message="m", location=location)
    assert render(finding, {"s": source}).splitlines()[2] == f"       | {' ' * 10}^~~~"


def repeated(times: int) -> Report:
    report = Report()
    for number in range(times):
        report.warning(
            "code",
            f"`x{number}` is wrong",
            at=Location("pets.yaml", "/openapi"),
            subject=f"GET /{number}",
            hint="mend it",
        )
    report.error("code", "`x` is wrong", subject="GET /")
    return report


def test_one_mistake_made_often_is_one_message() -> None:
    error, warning = grouped(repeated(300).diagnostics)
    documents = {"pets.yaml": Source(YAML, "yaml")}
    assert render_group(error, documents) == "error[code]: GET /: `x` is wrong"
    assert render_group(warning, documents, most=2).splitlines() == [
        "pets.yaml:1:1: warning[code]: GET /0: `x0` is wrong",
        "     1 | openapi: 3.1.0",
        "       | ^~~~~~~",
        "  and 299 more like it:",
        "    pets.yaml:1:1: GET /1: `x1`",
        "    pets.yaml:1:1: GET /2: `x2`",
        "    …",
        "  help: mend it",
    ]
    assert len(render_group(warning, documents).splitlines()) == 304


def test_what_differs_in_more_than_names_stays_apart() -> None:
    report = Report()
    for severity in (report.note, report.warning):
        severity("a", "`x` is wrong")
        severity("a", "`x` is wrong", hint="mend it")
        severity("b", "`x` is wrong")
        severity("b", "`x` is bad")
    assert [group.severity for group in grouped(report.diagnostics)] == [
        *["warning"] * 4,
        *["note"] * 4,
    ]


def test_colours_are_for_roles_and_never_of_the_document() -> None:
    finding = Diagnostic(
        severity="error",
        code="code",
        message="\x1b[31m",
        location=Location("pets.yaml", "/paths"),
        hint="do this",
    )
    shown = render(
        finding,
        {"pets.yaml": Source(YAML, "yaml")},
        paint=lambda role, text: f"<{role}>{text}</>",
    )
    assert shown == (
        "<place>pets.yaml:2:1:</> <error>error[code]:</> \\x1b[31m\n"
        "     2 | paths:\n"
        "       | <mark>^~~~~</>\n"
        "  <help>help:</> do this"
    )


def test_a_text_is_read_once_for_ten_thousand_findings() -> None:
    number = 10_000
    text = "{" + ",\n".join(f'"key{one}": {one}' for one in range(number)) + "}"
    order = list(range(number))
    random.Random(1).shuffle(order)
    reads: list[str] = []

    class Counted(str):
        def split(self, *arguments: Any, **named: Any) -> list[str]:
            reads.append("split")
            return super().split(*arguments, **named)

    source = Source(Counted(text), "json")
    for one in order:
        finding = Diagnostic(
            severity="note", code="c", message="m", location=Location("s", f"/key{one}")
        )
        assert render(finding, {"s": source}).startswith(f"s:{one + 1}:")
    assert len(reads) == 1
