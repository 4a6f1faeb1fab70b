"""Changes as text for people, as Markdown for a pull request, as JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from ..diagnostics import Paint, count, plain, printable
from ..emit.text import markdown
from .changes import Change

FORMAT_VERSION = 1


def as_text(changes: Sequence[Change], *, paint: Paint = plain) -> str:
    """A line for each change, and one that counts them."""
    lines = []
    for one in changes:
        judged = f"{'breaking' if one.breaking else 'compatible':10}"
        role = "error" if one.breaking else "note"
        lines.append(f"{paint(role, judged)}  {printable(_sentence(one))}")
    return "\n".join((*lines, _count(changes)))


def as_markdown(changes: Sequence[Change]) -> str:
    """A comment for a pull request: what breaks first, the rest folded."""
    return "\n".join(_markdown(changes))


def as_json(changes: Sequence[Change]) -> str:
    """`{"version": 1, "breaking": 2, "compatible": 3, "changes": [...]}`"""
    breaking = sum(one.breaking for one in changes)
    record = {
        "version": FORMAT_VERSION,
        "breaking": breaking,
        "compatible": len(changes) - breaking,
        "changes": [asdict(one) for one in changes],
    }
    return json.dumps(record, indent=2, ensure_ascii=False)


def _markdown(changes: Sequence[Change]) -> Iterator[str]:
    yield f"**For agents: {_count(changes)}**"
    breaking = [one for one in changes if one.breaking]
    if breaking:
        yield ""
        yield from (f"- :warning: {markdown(_sentence(one))}" for one in breaking)
    compatible = [one for one in changes if not one.breaking]
    if compatible:
        yield f"\n<details><summary>{count(len(compatible), 'compatible change')}"
        yield "</summary>\n"
        yield from (f"- {markdown(_sentence(one))}" for one in compatible)
        yield "\n</details>"


def _sentence(one: Change) -> str:
    argument = f"argument {one.argument}: " if one.argument else ""
    return f"{one.kind} {one.name}: {argument}{one.text}"


def _count(changes: Sequence[Change]) -> str:
    if not changes:
        return "no changes"
    breaking = sum(one.breaking for one in changes)
    return (
        f"{count(breaking, 'breaking change')}, "
        f"{count(len(changes) - breaking, 'compatible change')}"
    )
