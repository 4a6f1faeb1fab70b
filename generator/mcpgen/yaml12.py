"""YAML as JSON-like values, by the core schema of YAML 1.2 (1.2.2, 10.3.2).

`no`, `on` and dates are text, a mapping's keys are text as they are written (`200:` is
"200"), and so are the numbers that JSON has no form for (`.inf`, `.nan`). Merge keys
(`<<`) work. An alias is the very object of its anchor: nothing is copied.

libyaml reads, and the values are built from its events: some times faster than its
own constructor, and no depth of nesting exhausts the stack.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

_MOST_MERGED = 1_000_000
_DEEPEST = 1_000
_LONGEST_NUMBER = 400
_NUMBER_START = frozenset("+-.0123456789")
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_CONSTANTS: Mapping[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_TEXT_TAGS = (None, "!", "tag:yaml.org,2002:str")


class YamlError(ValueError):
    """Not YAML, or YAML that no JSON value stands for; line and column from 1."""

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


@dataclass(frozen=True, slots=True)
class Yaml:
    """The first document of a stream, and the JSON Pointers of repeated keys, of which
    the last one counts. `next` is the line and the column of another document."""

    value: Any
    repeated: tuple[str, ...]
    next: tuple[int, int] | None


def read(text: str) -> Yaml:
    """The value of a YAML text. Raises YamlError."""
    builder = _Builder()
    events = yaml.parse(text, Loader=yaml.CSafeLoader)
    try:
        for event in events:
            if isinstance(event, yaml.DocumentEndEvent):
                break
            builder.add(event)
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        said = " ".join(filter(None, (problem.problem, problem.context)))
        raise YamlError(said, line, column) from None
    except yaml.reader.ReaderError as problem:
        before = text.encode()[: problem.position].decode(errors="replace")
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        raise YamlError(problem.reason, line, column) from None
    return Yaml(builder.value, tuple(builder.repeated), _next(events))


def _next(events: Iterator[yaml.Event]) -> tuple[int, int] | None:
    """Where the first value stands in what follows a document: an empty document, such
    as a last `---` makes, has none."""
    try:
        for event in events:
            empty = isinstance(event, yaml.ScalarEvent) and not event.value
            if isinstance(event, yaml.NodeEvent) and not empty:
                return _place(event)
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        return (mark.line + 1, mark.column + 1) if mark else None
    return None


def scalar(text: str) -> Any:
    """The value of a plain scalar."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if text[0] not in _NUMBER_START:
        return text
    if len(text) > _LONGEST_NUMBER:
        return text
    if _INTEGER.fullmatch(text):
        return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    if _FLOAT.fullmatch(text) and math.isfinite(float(text)):
        return float(text)
    return text


@dataclass(slots=True)
class _Open:
    """A container whose end is still to come."""

    value: dict[str, Any] | list[Any]
    pointer: str
    anchor: str | None
    key: str | None = None
    merging: bool = False
    merges: list[Any] = field(default_factory=list)

    @property
    def wants_key(self) -> bool:
        return isinstance(self.value, dict) and self.key is None

    def child(self) -> str:
        """The pointer of the member that comes next."""
        token: str | int | None = self.key
        if isinstance(self.value, list):
            token = len(self.value)
        return f"{self.pointer}/{str(token).replace('~', '~0').replace('/', '~1')}"


class _Builder:
    """Takes the events of one document; then `value` is what it holds."""

    def __init__(self) -> None:
        self.value: Any = None
        self.repeated: list[str] = []
        self._open: list[_Open] = []
        self._anchors: dict[str, Any] = {}
        self._merged = 0

    def add(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._start(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._end(event)
        elif isinstance(event, yaml.AliasEvent):
            self._put(self._aliased(event), event)

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        value: Any = event.value
        plain = event.implicit[0]
        if self._open and self._open[-1].wants_key:
            self._open[-1].merging = plain and value == "<<"
        elif plain or event.tag not in _TEXT_TAGS:
            value = scalar(value)
        if event.anchor:
            self._anchors[event.anchor] = value
        self._put(value, event)

    def _start(self, event: yaml.CollectionStartEvent) -> None:
        if self._open and self._open[-1].wants_key:
            raise _error("a key must be text", event)
        if len(self._open) == _DEEPEST:  # libyaml's time grows with its square
            raise _error(f"it is nested more than {_DEEPEST} levels deep", event)
        value: dict[str, Any] | list[Any]
        value = {} if isinstance(event, yaml.MappingStartEvent) else []
        pointer = self._open[-1].child() if self._open else ""
        self._open.append(_Open(value, pointer, event.anchor))

    def _end(self, event: yaml.Event) -> None:
        done = self._open.pop()
        if isinstance(done.value, dict):
            for source in _sources(done.merges, event):
                self._merged += len(source)
                if self._merged > _MOST_MERGED:
                    raise _error("its merge keys (`<<`) copy too much", event)
                done.value.update(
                    (key, source[key]) for key in source.keys() - done.value.keys()
                )
        if done.anchor:
            self._anchors[done.anchor] = done.value
        self._put(done.value, event)

    def _aliased(self, event: yaml.AliasEvent) -> Any:
        name = event.anchor
        if any(container.anchor == name for container in self._open):
            raise _error(f"the alias `*{name}` stands inside of what it names", event)
        if name not in self._anchors:
            raise _error(f"the alias `*{name}` names nothing", event)
        return self._anchors[name]

    def _put(self, value: Any, event: yaml.Event) -> None:
        if not self._open:
            self.value = value
            return
        parent = self._open[-1]
        if isinstance(parent.value, list):
            parent.value.append(value)
        elif parent.key is None:
            if not isinstance(value, str):
                raise _error("a key must be text", event)
            parent.key = value
        elif parent.merging:
            parent.merges.append(value)
            parent.key, parent.merging = None, False
        else:
            if parent.key in parent.value:
                self.repeated.append(parent.child())
            parent.value[parent.key] = value
            parent.key = None


def _sources(merges: list[Any], event: yaml.Event) -> Iterator[dict[str, Any]]:
    for merged in merges:
        for source in merged if isinstance(merged, list) else [merged]:
            if not isinstance(source, dict):
                raise _error("only a mapping can be merged (`<<`)", event)
            yield source


def _error(message: str, event: yaml.Event) -> YamlError:
    return YamlError(message, *_place(event))


def _place(event: yaml.Event) -> tuple[int, int]:
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)
