"""The parts of a document: read from their files, and found behind references.

None of mcpgen's code takes part.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import yaml

METHODS = ("delete", "get", "head", "options", "patch", "post", "put", "trace")


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
