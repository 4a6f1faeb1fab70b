"""All files that a document refers to, directly or through each other, each read once.

References are looked for wherever a value says `$ref`. A file that can't be used is
remembered with the reason: it costs what needs it, and only when that is asked for.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from urllib.parse import urljoin

from ..references import Scan, joined, linked, scan
from .documents import Document, Documents
from .parse import parse
from .problems import Unreadable
from .sources import Source

_MOST_FILES = 10_000
_MOST_CHARACTERS = 256 * 1024 * 1024


def gathered(documents: Documents, files: Source) -> Documents:
    """The documents with all others that their root needs."""
    root = documents.root
    others: dict[str, Document] = {}
    unreadable: dict[str, str] = {}
    scans = {root.source: scan(root.value, root.source)}
    waiting = deque(_needed(root.source, scans))
    size = len(root.text)
    while waiting:
        source = waiting.popleft()
        if source in scans or source in unreadable:
            continue
        try:
            if len(others) == _MOST_FILES or size > _MOST_CHARACTERS:
                raise Unreadable("too-large", "is one of too many files")
            others[source] = parse(source, files.read(source))
        except Unreadable as problem:
            unreadable[source] = _reason(problem)
            continue
        size += len(others[source].text)
        scans[source] = scan(others[source].value, source)
        waiting += _needed(source, scans)
    return replace(documents, others=others, unreadable=unreadable, links=linked(scans))


def _needed(source: str, scans: dict[str, Scan]) -> list[str]:
    """The files that one refers to, but for those that a known name stands for."""
    known = {resource.uri for found in scans.values() for resource in found.resources}
    return [
        joined(source, path)
        for path, uri in scans[source].references
        if urljoin(uri or "", path) not in known
    ]


def _reason(problem: Unreadable) -> str:
    if problem.mark is None:
        return problem.problem
    line, column = problem.mark
    return f"{problem.problem} (line {line}, column {column})"
