"""requirements.md and the marks of the tests, held to each other in both directions."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from harness import ROOT

from .requirements import HERE, marks, read

RULES = read((HERE / "requirements.md").read_text())
KEPT = {rule.id for rule in RULES if not rule.why_not}


def test_each_rule_has_an_id_of_its_own() -> None:
    ids = Counter(rule.id for rule in RULES)
    assert {id_ for id_, times in ids.items() if times > 1} == set()


def test_each_rule_that_is_kept_has_a_test() -> None:
    assert KEPT - {id_ for id_, _ in marks(ROOT / "tests")} == set()


def test_each_mark_is_of_a_rule_that_is_kept() -> None:
    strange = {(id_, test) for id_, test in marks(ROOT / "tests") if id_ not in KEPT}
    assert strange == set()


def test_only_what_does_not_bind_the_server_gives_a_reason() -> None:
    assert {rule.id for rule in RULES if rule.why_not} == {
        rule.id for rule in RULES if rule.id.startswith("none-")
    }


def test_marks_are_found_with_their_tests(tmp_path: Path) -> None:
    mark = "@pytest.mark.requirement"
    (tmp_path / "test_a.py").write_text(
        f'{mark}("a-1", "a-2")\n{mark}(\n    "a-3"\n)\nasync def test_b() -> None: ...\n'
        "def test_c() -> None: ...\n"
    )
    assert list(marks(tmp_path)) == [
        (id_, "test_a.py::test_b") for id_ in ("a-1", "a-2", "a-3")
    ]
    (tmp_path / "test_d.py").write_text(f'{mark}("a-4")\ndef helper() -> None: ...\n')
    with pytest.raises(ValueError, match="helper is marked"):
        list(marks(tmp_path))


@pytest.mark.parametrize("row", ["| a-1 | x | MUST |", "| a-1 | x | WILL | y |"])
def test_a_row_that_is_none_is_named(row: str) -> None:
    with pytest.raises(ValueError, match="line 2"):
        read(f"# Title\n{row}\n")
