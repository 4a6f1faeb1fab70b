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
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from mcpgen_runtime import application as runtime

from . import probe
from .diagnostics import Diagnostic, InputError, Location

_PATIENCE = 120.0
"""Seconds that an application has to be imported and to make its document."""
_REFERENCES = "#/components/"
_FILE = re.compile(r"(?:\./)?((?:\w+/)*\w+)\.py(?::(.+))?")

Document: TypeAlias = dict[str, Any]


def is_application(source: str) -> bool:
    """Whether a source is the import path of an application, or means to be one."""
    if _FILE.fullmatch(source):
        return True
    return runtime.is_import_path(source) and not Path(source).exists()


def fetched(source: str) -> str:
    """The text of an application's document: its own, or all as one JSON document.

    Raises InputError.
    """
    if file := _FILE.fullmatch(source):
        path = f"{file[1].removeprefix('src/').replace('/', '.')}:{file[2] or 'app'}"
        raise _unusable(
            source, "this is a Python file", f"give the import path of the app: {path}"
        )
    found = _answer(source)
    if "problem" in found:
        raise _unusable(source, found["problem"], found["hint"])
    documents = found["documents"]
    if "text" in documents[0]:
        text: str = documents[0]["text"]
        return text
    whole = combined((one["path"], one["value"]) for one in documents)
    return json.dumps(whole, ensure_ascii=False, indent=2)


def combined(documents: Iterable[tuple[str, Document]]) -> Document:
    """One document of several, each with the path that its own paths stand below.

    A component whose name another one has, with another value, is renamed after its
    path; what a document says for all of its operations moves to each of them.
    """
    whole: Document = {}
    for path, document in documents:
        if not whole and not path:
            whole = dict(document)
            continue
        whole.setdefault("openapi", document.get("openapi", "3.1.0"))
        whole.setdefault("info", document.get("info", {}))
        added = _renamed(document, whole.get("components", {}), path)
        whole["paths"] = {**whole.get("paths", {}), **_paths(added, path)}
        components = dict(whole.get("components", {}))
        for kind, members in added.get("components", {}).items():
            components[kind] = {**components.get(kind, {}), **members}
        whole["components"] = components
    return whole


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
        answer: Mapping[str, Any] = json.loads(done.stdout)
        return answer
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
    except ValueError:
        raise _unusable(
            source,
            f"the process that imports {source} ended with {done.returncode}, and "
            "without an answer",
            f"try `{Path(command[0]).name} -c 'import {source.partition(':')[0]}'`",
        ) from None


def _python() -> str:
    """The Python of the active virtual environment, or else the one that runs this."""
    active = os.environ.get("VIRTUAL_ENV")
    if not active:
        return sys.executable
    folder, name = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
    return str(Path(active, folder, name))


def _renamed(document: Document, taken: Mapping[str, Any], path: str) -> Document:
    """The document with other names where they are taken by something else."""
    prefix = "_".join(filter(str.isalnum, path.replace("{", "").split("/")))
    names = {
        f"{_REFERENCES}{kind}/{name}": f"{prefix}_{name}"
        for kind, members in document.get("components", {}).items()
        for name, member in members.items()
        if name in taken.get(kind, {}) and taken[kind][name] != member
    }
    if not names:
        return document
    moved: Document = _rewritten(document, names)
    moved["components"] = {
        kind: {
            names.get(f"{_REFERENCES}{kind}/{name}", name): member
            for name, member in members.items()
        }
        for kind, members in moved["components"].items()
    }
    schemes = {
        reference.rpartition("/")[2]: name
        for reference, name in names.items()
        if reference.startswith(f"{_REFERENCES}securitySchemes/")
    }
    return _with_schemes(moved, schemes) if schemes else moved


def _with_schemes(document: Document, schemes: Mapping[str, str]) -> Document:
    """The document with other names for what its security requirements refer to."""

    def renamed(holder: Document) -> Document:
        if "security" not in holder:
            return holder
        ways = [
            {schemes.get(name, name): scopes for name, scopes in way.items()}
            for way in holder["security"]
        ]
        return holder | {"security": ways}

    return renamed(document) | {"paths": _each_operation(document, renamed)}


def _rewritten(value: Any, names: Mapping[str, str]) -> Any:
    """The value with its references, also those of discriminators, led elsewhere."""
    if isinstance(value, dict):
        return {key: _rewritten(member, names) for key, member in value.items()}
    if isinstance(value, list):
        return [_rewritten(item, names) for item in value]
    if isinstance(value, str) and value in names:
        return value.rpartition("/")[0] + "/" + names[value]
    return value


def _paths(document: Document, path: str) -> Document:
    """The paths of a document below a path, with all that holds for them."""
    common = {key: document[key] for key in ("security",) if key in document}
    paths = _each_operation(document, lambda operation: common | operation)
    return {path + key: item for key, item in paths.items()}


def _each_operation(
    document: Document, change: Callable[[Document], Document]
) -> Document:
    return {
        key: {
            name: change(member) if isinstance(member, dict) else member
            for name, member in item.items()
        }
        for key, item in document.get("paths", {}).items()
    }


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
