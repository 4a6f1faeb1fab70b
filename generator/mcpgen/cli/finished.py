"""Runs that need not be done again, since all that decides them is as it was.

What decides a run: the code that makes the package, the settings and options, the folder
that it is called in, and what its document was read from. Its record, in the cache, has
what it told. A run that asks more than the disk has no record, nor has one with a
plugin, which may ask anything. Where a file that it wrote is not as it wrote it, the run
is done again, too.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from .. import cache
from ..config import Config
from ..diagnostics import InputError
from ..load import Answers, are_same
from ..write import Changes, unchanged

_CODE = ("mcpgen", "mcpgen_runtime", "mcpgen_templates")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a run tells but for its changes: the findings as they are printed, and what
    the package serves. `how` has the options that decide it; a check has none."""

    how: str = ""
    findings: str = ""
    served: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A run that changes nothing, and what it told when it was done."""

    told: Told
    changes: Changes


def key_of(config: Config, folder: Path) -> str | None:
    """What decides a run into a folder, but for its documents; None where more does."""
    if any(one.plugin for one in config.documents):
        return None
    code = hashlib.sha256()
    for package in _CODE:
        for name, content in _files(resources.files(package)):
            code.update(f"{package}/{name} {len(content)}\n".encode() + content)
    places = (Path.cwd(), os.path.expanduser("~"), folder)
    return repr((code.hexdigest(), sys.version, _installed(), places, config))


def finished(key: str | None, folder: Path) -> Finished | None:
    """The run, if it is known that doing it again would change nothing."""
    found = cache.recall(key) if key is not None else None
    if found is None:
        return None
    record = json.loads(found)
    try:
        changes = unchanged(folder, record["tree"])
    except InputError:
        return None
    if changes is None or not are_same(record["answers"]):
        return None
    return Finished(told=Told(**record["told"]), changes=changes)


def finish(key: str | None, answers: Answers | None, tree: str, told: Told) -> None:
    """Records a run that gives the tree of an identity."""
    if key is None or answers is None:
        return
    record = {"answers": dict(answers), "tree": tree, "told": asdict(told)}
    cache.keep(key, json.dumps(record).encode())


def _installed() -> list[str]:
    """The packages of the environment with their versions, as the folders of their
    metadata are called (PyPA, Recording installed projects)."""
    found = (one for folder in sys.path for one in Path(folder).glob("*.dist-info"))
    return sorted(one.name for one in found)


def _files(folder: Traversable, above: str = "") -> Iterator[tuple[str, bytes]]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        name = f"{above}{entry.name}"
        if entry.is_dir() and entry.name != "__pycache__":
            yield from _files(entry, f"{name}/")
        elif entry.is_file():
            yield name, entry.read_bytes()
