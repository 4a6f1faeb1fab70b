"""Python as black has it: the last step of emitting.

The literals are laid out in black's style already, so this changes little; it is what
makes the promise hold. black is the slow part of a run: large trees are spread over
the processors.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace

import black

from .tree import File, Tree

_MODE = black.Mode()
_SPREAD_FROM = 200_000
"""Characters of source from which more processes are worth their start."""


def formatted(tree: Tree, progress: Callable[[str], None]) -> Tree:
    """The tree with all Python formatted, the runtime's copy apart."""
    sources = [
        file
        for file in tree.values()
        if file.path.endswith(".py") and "/_runtime/" not in file.path
    ]
    total = sum(len(file.text) for file in sources)
    progress(f"formatting {len(sources)} files")
    if total < _SPREAD_FROM:
        done = dict(map(_formatted, sources))
    else:
        largest_first = sorted(sources, key=lambda file: -len(file.text))
        with ProcessPoolExecutor(min(os.cpu_count() or 1, len(sources))) as pool:
            done = dict(pool.map(_formatted, largest_first))
    return {path: done.get(path, file) for path, file in tree.items()}


def _formatted(file: File) -> tuple[str, File]:
    return file.path, replace(file, text=black.format_str(file.text, mode=_MODE))
