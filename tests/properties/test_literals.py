"""Text of a document never becomes code: literals give back exactly their value."""

from __future__ import annotations

import ast
import tomllib
from typing import Any

import black
from hypothesis import given, settings
from hypothesis import strategies as st
from mcpgen.emit.literal import docstring, literal, quoted
from mcpgen.emit.text import markdown, one_line, toml
from mcpgen_runtime.components import Encoding, Field, Path, Query, Tool

HOSTILE = st.text(alphabet="\"'\\\n\r\t {}%#$abc\x00\x1b\u2028\ud800é", max_size=120)
TEXT = st.text(max_size=60) | HOSTILE
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
    max_leaves=15,
)


@given(JSON, st.integers(0, 24))
def test_a_literal_evaluates_to_its_value(value: Any, column: int) -> None:
    assert ast.literal_eval(literal(value, column=column)) == value


@settings(deadline=None)
@given(st.dictionaries(TEXT, JSON, min_size=1))
def test_black_finds_nothing_to_change(value: dict[str, Any]) -> None:
    source = f"VALUE = {literal(value, before=8)}\n"
    assert black.format_str(source, mode=black.Mode()) == source


@given(TEXT, TEXT, JSON)
def test_a_component_evaluates_to_itself(name: str, text: str, default: Any) -> None:
    tool = Tool(
        name=name,
        method="POST",
        path=text,
        description=text,
        arguments=(
            Path(name, {"type": "string", "default": default}, wire=text),
            Query(text, {}, explode=False, required=True),
            Field(text, {}, encoding=Encoding(style=text)),
        ),
        security=((), (text,)),
    )
    known = {one.__name__: one for one in (Tool, Path, Query, Field, Encoding)}
    assert eval(literal(tool), known) == tool


@given(TEXT)
def test_a_quoted_text_stays_on_its_line(text: str) -> None:
    assert "\n" not in quoted(text)
    assert "\r" not in quoted(text)


@given(HOSTILE | st.text())
def test_a_docstring_is_one_string_and_nothing_else(text: str) -> None:
    tree = ast.parse(docstring(text))
    assert [type(node) for node in tree.body] == [ast.Expr]
    assert isinstance(ast.literal_eval(docstring(text)), str)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_a_toml_value_is_its_value(text: str) -> None:
    assert tomllib.loads(f"value = {toml(text)}")["value"] == text


@given(HOSTILE | st.text())
def test_other_files_keep_text_on_its_line(text: str) -> None:
    for shown in (markdown(text), one_line(text)):
        assert shown.isprintable() or "\u3000" in shown or "\xa0" in shown
        assert len(shown.splitlines()) <= 1


def test_markdown_shows_markup_as_text() -> None:
    assert markdown("<b>[a](b)</b> *c* `d` # e | f") == (
        r"\<b\>\[a\]\(b\)\</b\> \*c\* \`d\` \# e \| f"
    )


def test_a_long_text_is_cut_at_lines_and_words() -> None:
    text = "First line, which is short.\n" + "many words " * 12
    assert literal({"description": text}, before=8) == (
        "{\n"
        '    "description": (\n'
        '        "First line, which is short.\\n"\n'
        '        "many words many words many words many words many words many words '
        'many words "\n'
        '        "many words many words many words many words many words "\n'
        "    ),\n"
        "}"
    )
