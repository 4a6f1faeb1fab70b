"""The document as it was: loaded, referenced and validated without any of mcpgen's code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import yaml
from jsonschema import Draft202012Validator
from jsonschema.validators import extend
from openapi_schema_validator import OAS30WriteValidator, OAS31Validator
from referencing import Registry, Resource
from referencing.exceptions import NoSuchResource, Unresolvable
from referencing.jsonschema import DRAFT202012

METHODS = ("delete", "get", "head", "options", "patch", "post", "put", "trace")


def _one_of(validator: Any, branches: Any, value: Any, schema: Any) -> Any:
    """`oneOf`, and `anyOf` where a discriminator tells the branches apart."""
    union = "anyOf" if "discriminator" in schema else "oneOf"
    return Draft202012Validator.VALIDATORS[union](validator, branches, value, schema)


# A discriminator is a hint, and validates nothing by itself (OpenAPI 3.1, 4.8.25).
_UNIONS = {k: Draft202012Validator.VALIDATORS[k] for k in ("allOf", "anyOf")}
_V30: Any
_V31: Any
_V30, _V31 = (
    extend(judge, _UNIONS | {"oneOf": _one_of})  # type: ignore[no-untyped-call]
    for judge in (OAS30WriteValidator, OAS31Validator)
)


class _Loader(yaml.CSafeLoader):
    """YAML 1.2 as far as documents need it: dates, `yes` and `on` are text."""


_Loader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern)
        for tag, pattern in resolvers
        if tag != "tag:yaml.org,2002:timestamp"
        and not (tag == "tag:yaml.org,2002:bool" and first not in "tTfF")
    ]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


@cache
def load(uri: str) -> Any:
    """The JSON or YAML document at a `file:` URI."""
    text = Path(unquote(urlsplit(uri).path)).read_text("utf-8-sig")
    try:
        return json.loads(text)
    except ValueError:
        return _plain(yaml.load(text, _Loader))


def _plain(value: Any) -> Any:
    """JSON's own types: a key such as 200 is text."""
    if isinstance(value, dict):
        return {str(key): _plain(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value


@dataclass(frozen=True)
class Node:
    """A part of a document; `uri` is that of the file which holds it."""

    value: Any
    uri: str

    def child(self, *steps: Any) -> Node:
        """The part behind some steps, references followed; None where it ends."""
        node = self.resolved
        for step in steps:
            value = node.value
            if isinstance(value, Mapping):
                value = value.get(step)
            elif isinstance(value, list) and isinstance(step, int):
                value = value[step]
            else:
                value = None
            node = Node(value, node.uri).resolved
        return node

    @property
    def resolved(self) -> Node:
        """The part that references lead to; `{}` where one leads nowhere."""
        try:
            return self._resolved()
        except (KeyError, IndexError, OSError, ValueError, TypeError):
            return Node({}, self.uri)

    def _resolved(self) -> Node:
        node = self
        for _ in range(20):
            if not isinstance(node.value, Mapping) or "$ref" not in node.value:
                break
            file, pointer = urldefrag(urljoin(node.uri, str(node.value["$ref"])))
            value = load(file)
            for step in filter(None, unquote(pointer).split("/")):
                step = step.replace("~1", "/").replace("~0", "~")
                value = value[int(step) if isinstance(value, list) else step]
            node = Node(value, file)
        return node

    def get(self, name: str, default: Any = None) -> Any:
        return (
            self.value.get(name, default)
            if isinstance(self.value, Mapping)
            else default
        )


class Original:
    """A document; `operations` are its own, by method and path key."""

    def __init__(self, path: Path) -> None:
        self.root = Node(load(path.resolve().as_uri()), path.resolve().as_uri())

    @property
    def version(self) -> str:
        return str(self.root.get("openapi") or self.root.get("swagger"))

    @cached_property
    def _registry(self) -> Registry[Any]:
        def retrieve(uri: str) -> Resource[Any]:
            try:
                return DRAFT202012.create_resource(load(uri))
            except OSError as problem:
                raise NoSuchResource(uri) from problem

        return Registry(retrieve=retrieve)  # type: ignore[call-arg]

    def objections(self, schema: Node, value: Any) -> list[str]:
        """Why a schema of the document refuses a value in a request."""
        kind = _V30 if self.version.startswith("3.0") else _V31
        validator = kind(
            schema.value,
            registry=self._registry,
            _resolver=self._registry.resolver(base_uri=schema.uri),
        )
        try:
            errors = list(validator.iter_errors(value))
        except (Unresolvable, RecursionError):
            return []  # the document's own fault: nobody can say what it allows
        return [error.message[:200] for error in errors[:3]]
