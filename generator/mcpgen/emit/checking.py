"""How a package is checked where it is kept: by the command that made it.

What is written is a line of a shell in a file of YAML; it names no place of the machine
that it was written on.
"""

from __future__ import annotations

import json
import shlex
from pathlib import PurePath
from typing import Any
from urllib.parse import urlsplit

from ..config import Config
from .templates import Source

_ANY = "openapi.json"
"""A document that has no name, or one that isn't to be repeated."""


def checking(config: Config) -> dict[str, Any]:
    """What the templates of a workflow and a hook are given: whether the run goes by a
    file of settings, and the commands that check, install and test the package."""
    settings = bool(config.texts)
    folder = PurePath(config.output or ".").as_posix() if settings else "."
    arguments = list(config.arguments)
    if config.source is not None and arguments[:1] == [config.source]:
        arguments[0] = _document(config.source)
    if not settings or config.output is None:
        arguments += ["-o", folder]
    command = ["mcpgen", "check", *arguments]
    tests = ["pytest"] if folder == "." else ["pytest", folder]
    installed = ".[dev]" if folder == "." else f"./{folder}[dev]"
    return {
        "settings": settings,
        "check": _line(command),
        "installed": Source(shlex.quote(installed)),
        "tests": _line(tests),
    }


def _document(source: str) -> str:
    """A file by its name, a URL as it is unless it may hold a secret."""
    url = urlsplit(source) if "://" in source else None
    if url is not None:
        return _ANY if url.query or "@" in url.netloc else source
    return _ANY if source == "-" else PurePath(source).name


def _line(command: list[str]) -> Source:
    """A command as a scalar of YAML."""
    text = shlex.join(command)
    plain = not set(text) & set("\"'#:{}[]&*!|>%@`\\")
    return Source(text if plain else json.dumps(text, ensure_ascii=False))
