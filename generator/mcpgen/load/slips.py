"""What to do about a text that is not JSON or not YAML: the slips that people make.

A parser says where it stopped, not why; the text around that place tells the usual
reasons. Each answer is one sentence to act on.
"""

from __future__ import annotations

import re

_CONFLICT = re.compile(r"(<{7}|={7}|>{7})( |$)")
_SIGNS = "@`%*&!|>"
_QUOTE = "put the value in quotes"
_CONTROL = "take the control character away, or write it as an escape"


def slip_in_json(text: str, position: int) -> str:
    """The fix for a text that a JSON parser stopped in at a character."""
    before = text[:position].rstrip()
    rest = text[position:].lstrip()
    if _is_conflict(text, text.count("\n", 0, position)):
        return "resolve the merge conflict"
    if not rest or (rest[0] == '"' and '"' not in rest[1:]):
        return "the document is cut off: get the whole of it"
    if text[position] < " ":
        return _CONTROL
    if before.endswith(",") and rest[0] in "}]":
        return "take away the comma before it: JSON has none after the last member"
    if rest.startswith(("//", "/*", "#")) or before.endswith("/"):
        return "take away the comment: JSON has none (or name the file .yaml)"
    if rest[0] in "'\u2018\u2019\u201c\u201d":
        return 'put names and texts in plain double quotes (")'
    if before.endswith(("}", "]")) and before.count("{") == before.count("}"):
        return "keep one document in the file"
    if rest[0] == '"':
        return "a comma or a bracket is missing before this place"
    return "mend the document at this place, or save it again from its editor"


def slip_in_yaml(text: str, problem: str, line: int, column: int) -> str:
    """The fix for a text that a YAML parser stopped in, at a line and column from 1,
    with a problem in its own words."""
    lines = text.split("\n")
    here = lines[line - 1] if line <= len(lines) else ""
    value = here[column - 1 :].lstrip()
    if _is_conflict(text, line - 1):
        return "resolve the merge conflict"
    if "\t" in here[: len(here) - len(here.lstrip())]:
        return "indent with spaces: YAML has no tabs"
    if "{{" in here:
        return f"{_QUOTE}, or fill the template in first"
    if value[:1] and value[0] in _SIGNS:
        return f"{_QUOTE}: it begins with a sign that means something in YAML"
    if "mapping values" in problem:
        return f"{_QUOTE}: it has a colon"
    if "control characters" in problem:
        return _CONTROL
    if "key must be text" in problem:
        return "name each member by a plain text"
    if not value and line >= len(lines):
        return "the document is cut off: get the whole of it"
    return "see that this line is indented like its neighbours, and that quotes end"


def _is_conflict(text: str, index: int) -> bool:
    """Whether a line, or the one before it, is what git leaves of a conflict."""
    lines = text.split("\n")[max(0, index - 1) : index + 1]
    return any(map(_CONFLICT.match, lines))
