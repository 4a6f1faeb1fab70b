"""The emitted package as values: which files it has, and what each template is given."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from functools import partial
from importlib import resources
from typing import Any, TypeAlias

from mcpgen_runtime import catalog
from mcpgen_runtime._version import __version__
from mcpgen_runtime.components import KEYS, Kind, listing_entries

from ..config import Config
from ..diagnostics import Report
from ..schema import Module, Package
from .checking import checking
from .manifests import bundle_manifest, registry_name, server_json, version
from .models import models
from .templates import MARKER, File, Source, Templates, Tree, python
from .text import markdown, one_line, toml
from .typed_calls import typed_calls
from .variables import variables

RUNTIME_DEPENDENCIES = (
    "certifi>=2025.1.31",
    "httptools>=0.6.4,<1",
    "httpx>=0.28.1,<1",
    "jsonschema-rs>=0.56,<1",
    "msgspec>=0.20,<1",
    "python-dotenv>=1.1,<2",
    "uvicorn>=0.35,<1",
)

_KINDS: tuple[Kind, ...] = tuple(KEYS)
Known: TypeAlias = Callable[[str, str], str | None]
"""The text that a file (its path) had when it was last made of the same (a digest)."""


def emit(package: Package, config: Config, report: Report, known: Known) -> Tree:
    """All files of a package; the same bytes for the same package and templates.

    What is left out of them is told to `report`; what takes long to make is taken from
    `known`, where it is. Raises InputError for a template of the user's that fails, or
    doesn't give what its file must be.

    Python is formatted by black. It is slow on long files, so modules that are made
    of nothing but literals, which `literal` lays out as black would, skip it.
    """
    return {file.path: file for file in _files(package, config, report, known)}


def _files(
    package: Package, config: Config, report: Report, known: Known
) -> Iterator[File]:
    template = Templates(package, config.templates)
    root = package.package
    yield template.user("pyproject.toml", toml, **_project(package))
    meaning = {one.name: one.meaning for one in variables(package)}.__getitem__
    yield template.user("README.md", markdown, meaning=meaning, **_readme(package))
    yield template.user(".env.example", one_line, "env.example", meaning=meaning)
    yield template.user(".gitignore", one_line, "gitignore")
    yield template.user(".gitattributes", one_line, "gitattributes")
    workflow = ".github/workflows/mcpgen.yml"
    how = {"mcpgen": __version__, **checking(config)}
    yield template.user(workflow, one_line, workflow[1:], **how)
    hooks = ".pre-commit-config.yaml"
    yield template.user(hooks, one_line, hooks[1:], **how)
    if package.settings.application is None:  # else it lives where its application does
        yield template.user("Dockerfile", one_line)
        yield template.user(".dockerignore", one_line, "dockerignore")
        yield File(path="server.json", text=server_json(package), owner="user")
        yield File(path="manifest.json", text=bundle_manifest(package), owner="user")
    yield template.markdown("TOOLS.md", rows=_tools(package))
    yield template.python(f"{root}/__init__.py")
    yield template.python(f"{root}/__main__.py")
    yield template.python(f"{root}/server.py", instructions=instructions(package))
    yield template.python(
        f"{root}/settings.py",
        credential_types=_types(
            credential
            for settings in package.upstreams
            for credential in settings.credentials.values()
        ),
        apis={one.name: one.settings for one in package.apis},
    )
    yield template.python(f"{root}/schemas.py", laid_out=True)
    yield template.user(f"{root}/extensions.py", python, "package/extensions.py")
    yield template.python(f"{root}/operations/__init__.py")
    for module in package.modules:
        yield template.python(
            f"{root}/operations/{module.name}.py",
            "package/operations/module.py",
            laid_out=True,
            module=module,
            types=_module_types(module),
        )
    if package.prompts:
        parts = [part for one in package.prompts for part in (one, *one.arguments)]
        types = _types([*parts, *package.prompts[0].messages])
        yield template.python(f"{root}/prompts.py", laid_out=True, types=types)
    path = f"{root}/models.py"
    typed = models(package, MARKER, report, partial(known, path))
    if typed is not None:
        yield File(path=path, text=typed.text, made_of=typed.made_of)
        yield File(path=f"{root}/calls.py", text=typed_calls(package, MARKER))
    yield File(path=f"{root}/catalog.jsonl", text=_catalog(package))
    yield File(path=f"{root}/mock.jsonl", text=_mock(package))
    yield File(path=f"{root}/py.typed", text="")
    yield from _runtime(f"{root}/_runtime")
    yield template.python("tests/test_server.py")


def _project(package: Package) -> dict[str, Any]:
    return {
        "version": version(package),
        "dependencies": Source(
            "[\n" + "".join(f"    {toml(one)},\n" for one in RUNTIME_DEPENDENCIES) + "]"
        ),
    }


def _readme(package: Package) -> dict[str, Any]:
    variables: list[str] = []
    for settings in package.upstreams:
        if settings.application is not None:
            variables.append("PYTHONPATH")
        elif settings.base_url is None:
            variables.append(settings.variable("base_url"))
        for credential in settings.credentials.values():
            variables.extend(credential.ways[0])

    def client_config(key: str) -> Source:
        server: dict[str, Any] = {"command": package.distribution}
        if variables:
            server["env"] = dict.fromkeys(variables, "…")
        configuration = {key: {package.slug: server}}
        return Source(json.dumps(configuration, ensure_ascii=False, indent=2))

    return {
        "variables": variables,
        "client_config": client_config,
        "registry_name": registry_name(package),
    }


def _tools(package: Package) -> dict[Kind, list[tuple[str, str]]]:
    """What is served, by kind: a name or URI, and its title or first sentence."""
    rows: dict[Kind, list[tuple[str, str]]] = {kind: [] for kind in _KINDS}
    for kind, key, _, entry in _listed(package):
        about = entry.get("title") or entry.get("description", "")
        about = about.strip().partition("\n")[0]
        rows[kind].append((key, re.split(r"(?<=[.!?])\s", about, maxsplit=1)[0]))
    return rows


def instructions(package: Package) -> str:
    """What the server tells of itself to models."""
    own = package.instructions or package.description
    return own or f"Tools and resources for {package.title}."


def _module_types(module: Module) -> list[str]:
    """The names that a module of operations imports from the runtime."""
    arguments = [one for part in module.components for one in part.arguments]
    encodings = [
        encoding
        for argument in arguments
        for encoding in _encodings(getattr(argument, "encoding", None))
    ]
    xmls = [one for one in (getattr(a, "xml", None) for a in arguments) if one]
    return _types([*module.components, *arguments, *encodings, *xmls])


def _encodings(value: Any) -> Iterable[Any]:
    if isinstance(value, Mapping):
        return value.values()
    return () if value is None else (value,)


def _types(values: Iterable[Any]) -> list[str]:
    return sorted({type(value).__name__ for value in values})


def _listed(package: Package) -> list[tuple[Kind, str, str, dict[str, Any]]]:
    """Every listing entry, in order: kind, key, place as catalog.py has it, entry."""
    found: dict[tuple[int, str], tuple[Kind, str, str, dict[str, Any]]] = {}
    for at, entries in _served(package):
        for kind, entry in entries:
            key = entry[KEYS[kind]]
            found[_KINDS.index(kind), key] = (kind, key, at, entry)
    return [found[place] for place in sorted(found)]


def _served(
    package: Package,
) -> Iterator[tuple[str, Iterable[tuple[Kind, dict[str, Any]]]]]:
    for module in package.modules:
        for component in module.components:
            at = f"{module.name}.{component.name}"
            yield at, listing_entries(component, package.schemas)
    for prompt in package.prompts:
        yield prompt.name, prompt.entries()


def _catalog(package: Package) -> str:
    return "".join(f"{catalog.line(*one)}\n" for one in _listed(package))


def _mock(package: Package) -> str:
    lines = [asdict(one) for one in package.mocks]
    for line in lines:
        if line["api"] is None:
            del line["api"]
    return "".join(
        json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n"
        for line in lines
    )


def _runtime(root: str) -> Iterator[File]:
    """The runtime, byte for byte."""
    waiting = [(root, resources.files("mcpgen_runtime"))]
    while waiting:
        folder, found = waiting.pop(0)
        for entry in sorted(found.iterdir(), key=lambda entry: entry.name):
            path = f"{folder}/{entry.name}"
            if entry.is_dir() and entry.name != "__pycache__":
                waiting.append((path, entry))
            elif entry.name.endswith((".py", ".typed")) or entry.name == "LICENSE":
                yield File(path=path, text=entry.read_text("utf-8"))
