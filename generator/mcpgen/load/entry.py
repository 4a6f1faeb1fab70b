"""Which file of a folder or an archive is the document.

A file with a usual name, the one nearest to the top, or else the only one that has the
shape of a document. Where several could be meant, they are named and none is taken.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath

from .problems import Unreadable

_SUFFIXES = frozenset({".json", ".yaml", ".yml"})
_USUAL_NAMES = frozenset({"openapi", "swagger"})
_VERSION = re.compile(rb"""^["']?(openapi|swagger)["']?\s*:""", re.MULTILINE)
_PATHS = re.compile(rb"""^["']?paths["']?\s*:""", re.MULTILINE)
_MOST_FILES = 20_000
_MOST_SHOWN = 10


def files_below(folder: Path) -> list[str]:
    """The names of the files below a folder, without hidden ones. Raises Unreadable."""
    found: list[str] = []
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += (Path(parent, name).as_posix() for name in names if name[0] != ".")
        if len(found) > _MOST_FILES:
            raise Unreadable("too-large", f"holds more than {_MOST_FILES} files")
    return sorted(found)


def entry(names: Iterable[str], read: Callable[[str], bytes]) -> str:
    """The name of the document; files are read only where their names don't tell.
    Raises Unreadable."""
    candidates = [
        name for name in names if PurePosixPath(name).suffix.lower() in _SUFFIXES
    ]
    usual = [
        name for name in candidates if PurePosixPath(name).stem.lower() in _USUAL_NAMES
    ]
    found = _nearest(usual) or [
        name for name in candidates if _has_shape(name, read(name))
    ]
    if len(found) == 1:
        return found[0]
    if not found:
        raise Unreadable(
            "not-found", "holds no OpenAPI document", "name the file that is one"
        )
    more = f" and {len(found) - _MOST_SHOWN} more" if found[_MOST_SHOWN:] else ""
    raise Unreadable(
        "ambiguous",
        f"holds several documents: {', '.join(found[:_MOST_SHOWN])}{more}",
        "name one of them",
    )


def _nearest(names: list[str]) -> list[str]:
    depth = min((name.count("/") for name in names), default=0)
    return [name for name in names if name.count("/") == depth]


def _has_shape(name: str, content: bytes) -> bool:
    if not name.lower().endswith(".json"):
        return bool(_VERSION.search(content) and _PATHS.search(content))
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return False
    return (
        isinstance(value, dict)
        and "paths" in value
        and bool({"openapi", "swagger"} & value.keys())
    )
