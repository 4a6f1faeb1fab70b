"""Text of the document in files that are not Python: it stays text there too.

Each function takes any value of a template and gives it in the syntax of one kind of
file, so that no value can end a string, start markup or open a line of its own.
"""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any

_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>()#+!|~&]|(?<=\d)\.(?=\s)|^[-=])")


def toml(value: Any) -> str:
    """A TOML value (TOML 1.0: basic strings and arrays are those of JSON)."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def markdown(value: Any) -> str:
    """One line of Markdown that shows the value as it is."""
    return _MARKDOWN.sub(r"\\\1", one_line(value))


def one_line(value: Any) -> str:
    """The value on one line, without control and format characters."""
    text = " ".join(str(value).split())
    return "".join(
        character for character in text if unicodedata.category(character)[0] != "C"
    )
