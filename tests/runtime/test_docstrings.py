"""Docstrings of three styles, and of none."""

from __future__ import annotations

import pytest
from mcpgen_runtime.functions.docstrings import parse

GOOGLE = """Adds a note.

    It is kept. Note: for long.

    Args:
        text: What to note,
            in any language.
        day (date, optional): When it is due.
        *tags: Words.

    Returns:
        text: not an argument.
    """
NUMPY = """Adds a note.

    It is kept. Note: for long.

    Parameters
    ----------
    text : str
        What to note,
        in any language.
    day : date, optional
        When it is due.
    *tags
        Words.

    Returns
    -------
    text
        not an argument.
    """
SPHINX = """Adds a note.

    It is kept. Note: for long.

    :param text: What to note,
        in any language.
    :param date day: When it is due.
    :param tags: Words.
    :returns: not an argument.
    """


@pytest.mark.parametrize("text", [GOOGLE, NUMPY, SPHINX])
def test_styles(text: str) -> None:
    description, arguments = parse(text)
    assert description == "Adds a note.\n\nIt is kept. Note: for long."
    assert arguments == {
        "text": "What to note, in any language.",
        "day": "When it is due.",
        "tags": "Words.",
    }


@pytest.mark.parametrize(
    ("text", "description"),
    [
        (None, ""),
        ("", ""),
        ("One line.", "One line."),
        ("Lists:\n\n- a: b\n- c: d", "Lists:\n\n- a: b\n- c: d"),
        ("Short.\n\nRaises:\n    KeyError: never.", "Short."),
        ("Args:\n    a: b", ""),
        ("Args:", ""),
        ("Parameters\n----------", ""),
    ],
)
def test_descriptions(text: str | None, description: str) -> None:
    assert parse(text).description == description


def test_numpy_names_that_share_a_text() -> None:
    text = "Adds.\n\nParameters\n----------\nx, y : int\n    Where."
    assert parse(text).arguments == {"x": "Where.", "y": "Where."}
