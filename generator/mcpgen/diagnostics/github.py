"""Findings as annotations of GitHub Actions: one line a message, at its first place.

GitHub shows ten of a severity for each step, so findings are grouped. Format:
GitHub Docs, "Workflow commands for GitHub Actions".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .groups import Group, grouped
from .model import Diagnostic, Text
from .place import place
from .text import printable

_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


def as_github(diagnostics: Iterable[Diagnostic], documents: Mapping[str, Text]) -> str:
    """One workflow command a line; nothing where nothing was found."""
    return "\n".join(_command(group, documents) for group in grouped(diagnostics))


def _command(group: Group, documents: Mapping[str, Text]) -> str:
    first = group.first
    properties: dict[str, str | int] = {}
    if first.location:
        at = place(first.location, documents)
        properties["file"] = first.location.source
        if at is not None:
            properties |= {"line": at.line, "col": at.column}
    properties["title"] = f"mcpgen {first.code}"
    subject = f"{first.subject}: " if first.subject else ""
    lines = [f"{subject}{first.message}"]
    if group.others:
        lines.append(f"and {len(group.others)} more like it")
    if first.hint:
        lines.append(f"help: {first.hint}")
    told = ",".join(f"{name}={_property(one)}" for name, one in properties.items())
    text = "%0A".join(_data(line) for line in lines)
    return f"::{_COMMANDS[first.severity]} {told}::{text}"


def _data(text: str) -> str:
    return printable(text).replace("%", "%25")


def _property(value: str | int) -> str:
    return _data(str(value)).replace(":", "%3A").replace(",", "%2C")
