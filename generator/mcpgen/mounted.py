"""One document of several: of an application, and of those that are mounted in it.

Each has a path below which its own paths stand. A component whose name another one has
with another value is renamed after that path, and what a document says for all of its
operations moves to each of them. Servers of a mounted document are left out: where it
is mounted, it is served.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

Document: TypeAlias = dict[str, Any]

_COMPONENTS = "#/components/"


def combined(documents: Iterable[tuple[str, Document]]) -> Document:
    """The document of all; what it says of itself is what the first one says."""
    whole: Document = {}
    for path, document in documents:
        if not whole:
            whole = {key: document[key] for key in document if key != "servers"}
            whole |= {"paths": {}, "components": {}}
            if not path:
                whole |= {"servers": document.get("servers", [])}
        added = _renamed(document, whole["components"], path)
        for kind, members in added.get("components", {}).items():
            whole["components"].setdefault(kind, {}).update(members)
        for key, item in added.get("paths", {}).items():
            whole["paths"][path + key] = _moved(item, key, path, added)
    return whole


def _moved(item: Document, key: str, path: str, document: Document) -> Document:
    """A path item of a document, as it is below `path`."""
    common = {key: document[key] for key in ("security",) if key in document}
    return {
        name: (
            common | member | _operation_id(member, name, key, path)
            if isinstance(member, dict)
            else member
        )
        for name, member in item.items()
    }


def _operation_id(
    operation: Document, method: str, key: str, path: str
) -> dict[str, str]:
    """The id that FastAPI would give below `path`, where it gave the one there is."""
    given = operation.get("operationId", "")
    name = given.removesuffix(re.sub(r"\W", "_", f"{key}_{method}"))
    if name == given:
        return {}
    return {"operationId": re.sub(r"\W", "_", f"{name}{path}{key}_{method}")}


def _renamed(document: Document, taken: Mapping[str, Any], path: str) -> Document:
    """The document with other names for the components whose names are taken."""
    names = _names(document.get("components", {}), taken, path)
    if not names:
        return document
    moved: Document = _rewritten(document, names)
    moved["components"] = {
        kind: {
            _last(f"{_COMPONENTS}{kind}/{name}", names): members[name]
            for name in members
        }
        for kind, members in moved["components"].items()
    }
    return moved


def _names(
    components: Mapping[str, Any], taken: Mapping[str, Any], path: str
) -> dict[str, str]:
    """New references for old ones, for components that are something else than those
    of their names; a reference to such a one makes something else of a component, too.
    """
    prefix = "_".join(re.findall(r"\w+", path))
    names: dict[str, str] = {}
    known = -1
    while known != len(names):
        known = len(names)
        names |= {
            f"{_COMPONENTS}{kind}/{name}": f"{_COMPONENTS}{kind}/{prefix}_{name}"
            for kind, members in components.items()
            for name, member in members.items()
            if name in taken.get(kind, {})
            and taken[kind][name] != _rewritten(member, names)
        }
    return names


def _rewritten(value: Any, names: Mapping[str, str]) -> Any:
    """The value with what it refers to by name: schemas, also of discriminators, and
    the schemes of security requirements."""
    if isinstance(value, list):
        return [_rewritten(item, names) for item in value]
    if isinstance(value, str):
        return names.get(value, value)
    if not isinstance(value, dict):
        return value
    rewritten = {key: _rewritten(member, names) for key, member in value.items()}
    if isinstance(value.get("security"), list):
        schemes = f"{_COMPONENTS}securitySchemes/"
        rewritten["security"] = [
            {_last(schemes + name, names): scopes for name, scopes in way.items()}
            for way in value["security"]
        ]
    return rewritten


def _last(reference: str, names: Mapping[str, str]) -> str:
    return names.get(reference, reference).rpartition("/")[2]
