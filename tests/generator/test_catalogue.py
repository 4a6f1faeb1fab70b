"""Codes of findings: what the code emits, what the catalogue lists and what the
documentation explains are the same."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import mcpgen
from mcpgen.diagnostics import MEANINGS
from mcpgen.doctor.checks import CHECKS

ROOT = Path(__file__).parents[2]
CODE = re.compile(r"[a-z]+(-[a-z]+)*")
ISSUES_OF_SEVERAL_CODES = {"assumed", "left-out"}


def trees() -> Iterator[ast.Module]:
    for path in Path(str(mcpgen.__file__)).parent.rglob("*.py"):
        if path.name != "catalogue.py":
            yield ast.parse(path.read_text())


def takers(tree: ast.Module) -> dict[str, int]:
    """The functions that take a `code`, and its place among their arguments."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            names = [one.arg for one in node.args.args if one.arg != "self"]
            if "code" in names:
                found[node.name] = names.index("code")
    return found


def emitted() -> set[str]:
    """The codes that are given where a finding is made."""
    found = set()
    parsed = list(trees())
    methods = {name: place for tree in parsed for name, place in takers(tree).items()}
    for tree in parsed:
        functions = takers(tree)
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            nodes = [one.value for one in call.keywords if one.arg == "code"]
            match call.func:
                case ast.Name(id=name) if name in functions:
                    nodes += call.args[functions[name] :][:1]
                case ast.Attribute(attr=name) if name in methods:
                    nodes += call.args[methods[name] :][:1]
            found |= {one.value for one in nodes if isinstance(one, ast.Constant)}
    return {str(code) for code in found} - ISSUES_OF_SEVERAL_CODES


def constants() -> set[str]:
    """All texts in the source that could be a code."""
    return {
        node.value
        for tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and CODE.fullmatch(node.value)
    }


def documented() -> dict[str, str]:
    """The sections of docs/diagnostics.md that are about a code."""
    text = (ROOT / "docs" / "diagnostics.md").read_text()
    sections = re.split(r"^### `([a-z-]+)`\n", text, flags=re.MULTILINE)[1:]
    return dict(zip(sections[::2], sections[1::2], strict=True))


def test_each_code_that_is_emitted_is_in_the_catalogue() -> None:
    assert emitted() - MEANINGS.keys() == set()


def test_each_code_that_was_ever_printed_is_in_the_catalogue() -> None:
    reports = (ROOT / "fixtures" / "cases").glob("*/report.txt")
    printed = {
        code
        for report in reports
        for code in re.findall(
            r"(?:error|warning|note)\[([a-z-]+)\]", report.read_text()
        )
    }
    assert printed
    assert printed - MEANINGS.keys() == set()


def test_each_code_of_the_catalogue_is_in_the_source() -> None:
    assert MEANINGS.keys() - constants() == set()


def test_each_code_is_explained_with_an_example_and_a_fix() -> None:
    sections = documented()
    codes = MEANINGS.keys() | ISSUES_OF_SEVERAL_CODES
    assert sections.keys() == codes
    for code, meaning in MEANINGS.items():
        section = " ".join(sections[code].split())
        assert section.startswith(meaning), code
        assert "Example: " in section, code
        assert "Fix: " in section, code


def test_the_weights_are_those_that_are_documented() -> None:
    text = (ROOT / "docs" / "diagnostics.md").read_text()
    rows = re.findall(r"^\| `([a-z-]+)` \| (\d+) \|", text, flags=re.MULTILINE)
    weights = {code: int(weight) for code, weight in rows}
    assert weights == {check.code: check.weight for check in CHECKS}
    assert sum(weights.values()) == 100
