"""A live application as a source: `shop.main:app`, or a factory, `shop.main:make()`.

The application is imported in a process of its own, by the Python of the environment
that is active, so nothing that it does reaches this one, and it needn't share its
dependencies with mcpgen. What is mounted in it becomes part of its document.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mcpgen_runtime import application as runtime

from . import probe
from .diagnostics import Diagnostic, InputError, Location
from .mounted import combined

_PATIENCE = 120.0
"""Seconds that an application has to be imported and to make its document."""
_FILE = re.compile(r"(?:\./)?((?:\w+/)*\w+)\.py(?::(.+))?")


def is_application(source: str) -> bool:
    """Whether a source is the import path of an application, or means to be one."""
    if _FILE.fullmatch(source):
        return True
    return runtime.is_import_path(source) and not Path(source).exists()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """The text of an application's document: its own, or all as one JSON document; and
    the files of the application's own modules."""

    text: str
    modules: tuple[str, ...]


def fetched(source: str) -> Fetched:
    """The document of an application. Raises InputError."""
    if file := _FILE.fullmatch(source):
        path = f"{file[1].removeprefix('src/').replace('/', '.')}:{file[2] or 'app'}"
        raise _unusable(
            source, "this is a Python file", f"give the import path of the app: {path}"
        )
    found = _answer(source)
    if "problem" in found:
        raise _unusable(source, found["problem"], found["hint"])
    documents, modules = found["documents"], tuple(found["modules"])
    if "text" in documents[0]:
        return Fetched(text=documents[0]["text"], modules=modules)
    whole = combined((one["path"], one["value"]) for one in documents)
    text = json.dumps(whole, ensure_ascii=False, indent=2)
    return Fetched(text=text, modules=modules)


def _answer(source: str) -> Mapping[str, Any]:
    command = [_python(), probe.__file__, runtime.__file__, source]
    # Documents that are made of sets come out the same each time.
    environment = os.environ | {"PYTHONHASHSEED": "0"}
    try:
        done = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _unusable(
            source,
            f"{source} is not imported within {_PATIENCE:g} s",
            "an import must not serve, or wait for something that isn't there",
        ) from None
    except OSError as problem:
        raise _unusable(
            source,
            f"{command[0]} can't be run: {problem.strerror}",
            "see VIRTUAL_ENV, the environment that is active",
        ) from None
    try:
        answer: Mapping[str, Any] = json.loads(done.stdout)
    except ValueError:
        raise _unusable(
            source,
            f"the process that imports {source} ended with {done.returncode}, and "
            "without an answer",
            f"try `{Path(command[0]).name} -c 'import {source.partition(':')[0]}'`, with "
            "Python 3.11 or newer",
        ) from None
    return answer


def _python() -> str:
    """The Python of the active virtual environment, or else the one that runs this."""
    active = os.environ.get("VIRTUAL_ENV")
    if not active:
        return sys.executable
    folder, name = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
    return str(Path(active, folder, name))


def _unusable(source: str, problem: str, hint: str) -> InputError:
    return InputError(
        Diagnostic(
            severity="error",
            code="application",
            message=problem,
            location=Location(source),
            hint=hint,
        )
    )
