"""The settings of a folder: its `mcpgen.toml`, or `[tool.mcpgen]` of its `pyproject.toml`.

The first of them that has settings is read, and nothing of the other. This is the only
file that reads settings from a disk.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NoReturn

from ..config import Config
from ..diagnostics import Diagnostic, InputError, Location, Text
from ..hooks import plugin
from .contradictions import contradictions
from .templates import templates
from .validate import problems
from .values import config

FILE = "mcpgen.toml"
SHARED = "pyproject.toml"
_MARK = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsFile:
    """The text of a file of settings, for findings to show."""

    source: str
    text: str
    format: str = "toml"


def has_settings(folder: Path) -> bool:
    """Whether a folder has a file in which settings stand, readable or not."""
    shared = folder / SHARED
    return (folder / FILE).exists() or (
        shared.exists() and b"tool.mcpgen" in shared.read_bytes()
    )


def settings(folder: Path) -> Config:
    """The settings in a folder; the defaults where it has none.

    The plugin that they name is imported, and the templates are read. Raises
    InputError for a file that can't be read, or with all that is wrong in it, and for a
    plugin or templates that can't be had.
    """
    for name in (FILE, SHARED):
        file = _read(folder, name)
        if file is None or (name == SHARED and "tool.mcpgen" not in file.text):
            continue
        table = _parsed(file)
        at = _top(file.source)
        if name == SHARED:
            table = table.get("tool", {}).get("mcpgen")
        if table is None:
            continue
        texts: dict[str, Text] = {file.source: file}
        found = [*problems(table, at, "error")] or [*contradictions(table, at)]
        if found:
            raise InputError(found[-1], texts, tuple(found[:-1]))
        read = _with_plugin(config(table, at, texts), table, texts)
        apis = {
            name: _with_plugin(one, table["apis"][name], texts)
            for name, one in read.apis.items()
        }
        read = replace(read, apis=apis)
        if "templates" in table:
            read = replace(read, templates=templates(folder / table["templates"]))
        return read
    return Config()


def place_of(config: Config, *tokens: str | int) -> Location:
    """Where a setting stands in the file that it was read from, by its keys."""
    source = FILE if FILE in config.texts else SHARED
    return _top(source).child(*tokens)


def _top(source: str) -> Location:
    at = Location(source)
    return at.child("tool", "mcpgen") if source == SHARED else at


def _with_plugin(
    read: Config, table: Mapping[str, Any], texts: dict[str, Text]
) -> Config:
    """The settings with the plugin that they name, whose text joins those read."""
    if "plugin" not in table:
        return read
    asked = plugin(table["plugin"])
    texts[asked.source] = asked.text
    return replace(read, plugin=asked)


def _read(folder: Path, name: str) -> SettingsFile | None:
    try:
        return SettingsFile(source=name, text=(folder / name).read_text("utf-8"))
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        _refuse(name, "is not UTF-8 text", "save it as UTF-8")
    except OSError as problem:
        _refuse(name, f"can't be read: {problem.strerror}")


def _refuse(name: str, message: str, hint: str | None = None) -> NoReturn:
    raise InputError(
        Diagnostic(
            severity="error",
            code="setting",
            message=message,
            location=Location(name),
            hint=hint,
        )
    )


def _parsed(file: SettingsFile) -> Any:
    try:
        table = tomllib.loads(file.text)
    except tomllib.TOMLDecodeError as problem:
        found = _MARK.search(str(problem))
        last = (file.text.count("\n") + 1, 1)
        mark = (int(found[1]), int(found[2])) if found and found[1] else last
        raise InputError(
            Diagnostic(
                severity="error",
                code="setting",
                message=f"this is not TOML: {_MARK.sub('', str(problem))}",
                location=Location(file.source, mark=mark),
            ),
            {file.source: file},
        ) from None
    # As JSON has it, which the schema is for: a date is text.
    return json.loads(json.dumps(table, default=str))
