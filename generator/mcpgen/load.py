"""From a source to a document: the text as it was, and the value that it holds.

JSON is parsed as JSON. YAML is read by the core schema of YAML 1.2, as OpenAPI asks
(3.1, 4.3): `no` and `on` are text, a date is text, and a key is text as it is written.
This is the only stage that reads anything.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import httpx
import yaml

from .diagnostics import Diagnostic, InputError, Location

STDIN = "-"
_MOST_BYTES = 64 * 1024 * 1024
_MOST_VALUES = 5_000_000
_TIMEOUT = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """An OpenAPI document; `source` is as the user gave it, `value` never changes."""

    source: str
    text: str
    format: Literal["json", "yaml"]
    value: Mapping[str, Any]


def load(source: str, *, read_stdin: Callable[[], bytes]) -> Document:
    """The document in a file, behind an http(s) URL, or on standard input (`-`).

    Raises InputError when it can't be read or is not an OpenAPI 3.0 or 3.1 document.
    """
    if source == STDIN:
        source, content = "<stdin>", read_stdin()
    elif source.startswith(("http://", "https://")):
        content = _fetched(source)
    else:
        content = _read(source)
    text = _decoded(source, content)
    document = _parsed(source, text)
    _check_version(document)
    return document


def _read(source: str) -> bytes:
    path = Path(source)
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise _unusable(source, "too-large", f"is larger than {_MOST_BYTES} bytes")
        return path.read_bytes()
    except FileNotFoundError:
        raise _unusable(source, "not-found", "is not there: no such file") from None
    except IsADirectoryError:
        raise _unusable(
            source, "not-a-file", "is a folder", "name the file in it"
        ) from None
    except OSError as problem:
        raise _unusable(
            source, "unreadable", f"can't be read: {problem.strerror}"
        ) from None


def _fetched(url: str) -> bytes:
    try:
        with httpx.stream(
            "GET", url, timeout=_TIMEOUT, follow_redirects=True
        ) as answer:
            answer.raise_for_status()
            if "html" in answer.headers.get("content-type", ""):
                raise _unusable(
                    url,
                    "html",
                    "is an HTML page, not a document",
                    "name the JSON or YAML itself; a page behind a login "
                    "must be saved to a file first",
                )
            content = b""
            for piece in answer.iter_bytes():
                content += piece
                if len(content) > _MOST_BYTES:
                    raise _unusable(
                        url, "too-large", f"is larger than {_MOST_BYTES} bytes"
                    )
            return content
    except httpx.HTTPStatusError as problem:
        status = problem.response.status_code
        raise _unusable(
            url, "unreadable", f"can't be fetched: the server answered {status}"
        ) from None
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as problem:
        raise _unusable(
            url, "unreadable", f"can't be fetched ({type(problem).__name__})"
        ) from None


def _decoded(source: str, content: bytes) -> str:
    if not content.strip():
        raise _unusable(source, "empty", "is empty")
    encoding = json.detect_encoding(content)
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as problem:
        raise _unusable(
            source,
            "binary",
            f"is not text (byte {problem.start} is not {encoding.upper()})",
            "give a JSON or YAML document in UTF-8",
        ) from None
    if "\0" in text:
        raise _unusable(
            source, "binary", "is not text", "give a JSON or YAML document in UTF-8"
        )
    return text.removeprefix("\ufeff")


def _parsed(source: str, text: str) -> Document:
    start = text.lstrip()[:1]
    if start == "<":
        raise _unusable(
            source,
            "html",
            "is an HTML or XML page, not a document",
            "name the JSON or YAML itself",
        )
    try:
        if start in "{[":
            try:
                return _document(source, text, "json", json.loads(text))
            except json.JSONDecodeError as problem:
                if start == "[":
                    raise _syntax(source, text, problem) from None
                return _yaml_or(source, text, _syntax(source, text, problem))
        return _document(source, text, "yaml", _yaml(source, text))
    except RecursionError:
        raise _unusable(source, "too-deep", "is nested too deeply") from None


def _yaml_or(source: str, text: str, problem: InputError) -> Document:
    """What starts like JSON may still be YAML in flow style."""
    try:
        return _document(source, text, "yaml", _yaml(source, text))
    except InputError:
        raise problem from None


def _yaml(source: str, text: str) -> Any:
    try:
        value = yaml.load(text, _Loader)
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        place = Location(source, "", (mark.line + 1, mark.column + 1)) if mark else None
        said = " ".join(filter(None, (problem.problem, problem.context)))
        raise _unusable(
            source, "syntax", f"is not YAML: {said}", at=place, text=text
        ) from None
    except (yaml.YAMLError, ValueError) as problem:
        said = str(problem).splitlines()[0]
        raise _unusable(source, "syntax", f"is not YAML: {said}") from None
    _check_aliases(source, value, {}, set())
    return value


def _check_aliases(
    source: str, value: Any, sizes: dict[int, int], open_: set[int]
) -> int:
    """The number of values, each alias counted as what it stands for."""
    if not isinstance(value, dict | list):
        return 1
    key = id(value)
    if key in open_:
        raise _unusable(source, "alias", "has a YAML alias that contains itself")
    if key not in sizes:
        open_.add(key)
        members = value.values() if isinstance(value, dict) else value
        sizes[key] = 1 + sum(
            _check_aliases(source, member, sizes, open_) for member in members
        )
        open_.remove(key)
        if sizes[key] > _MOST_VALUES:
            raise _unusable(
                source, "alias", f"has YAML aliases for over {_MOST_VALUES} values"
            )
    return sizes[key]


class _Loader(yaml.CSafeLoader):
    """libyaml, with the core schema of YAML 1.2 (section 10.3.2) and textual keys."""

    def construct_mapping(
        self, node: yaml.MappingNode, deep: bool = False
    ) -> dict[Hashable, Any]:
        self.flatten_mapping(node)
        mapping: dict[Hashable, Any] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(
                    None, None, "a key must be text", key.start_mark
                )
            mapping[key.value] = self.construct_object(value, deep=deep)
        return mapping


def _integer(_: yaml.Loader, node: yaml.ScalarNode) -> int:
    base = {"0o": 8, "0x": 16}.get(node.value[:2], 10)
    return int(node.value, base)


def _number(_: yaml.Loader, node: yaml.ScalarNode) -> float:
    return float(node.value.replace(".inf", "inf").replace(".nan", "nan").lower())


_Loader.yaml_implicit_resolvers = {}
_TAG = "tag:yaml.org,2002:"
for _name, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", "~nN\0"),
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    (
        "float",
        r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.inf|\.nan",
        "-+.0123456789",
    ),
    ("merge", r"<<", "<"),
):
    _Loader.add_implicit_resolver(
        _TAG + _name,
        re.compile(rf"^(?:{_pattern})$"),
        ["" if character == "\0" else character for character in _first],
    )
_Loader.add_constructor(f"{_TAG}int", _integer)
_Loader.add_constructor(f"{_TAG}float", _number)


def _document(
    source: str, text: str, format: Literal["json", "yaml"], value: Any
) -> Document:
    if not isinstance(value, dict):
        kind = "a list" if isinstance(value, list) else "a single value"
        raise _unusable(
            source,
            "not-openapi",
            f"holds {kind}, not an OpenAPI document",
            "an OpenAPI document starts with `openapi: 3.1.0` or the like",
        )
    return Document(source=source, text=text, format=format, value=value)


def _check_version(document: Document) -> None:
    value, source = document.value, document.source
    if "swagger" in value:
        raise _unusable(
            source,
            "version",
            f"is Swagger {value['swagger']}, which is not understood yet",
            "convert it to OpenAPI 3 first, for example with swagger2openapi",
            at=Location(source, "/swagger"),
            document=document,
        )
    version = value.get("openapi")
    if version is None:
        raise _unusable(
            source,
            "not-openapi",
            "is not an OpenAPI document: it has no `openapi` member",
            "an OpenAPI document starts with `openapi: 3.1.0` or the like",
        )
    if not re.fullmatch(r"3\.[01](\..*)?", str(version)):
        raise _unusable(
            source,
            "version",
            f"is OpenAPI {version}, which is not understood yet; 3.0 and 3.1 are",
            at=Location(source, "/openapi"),
            document=document,
        )


def _syntax(source: str, text: str, problem: json.JSONDecodeError) -> InputError:
    return _unusable(
        source,
        "syntax",
        f"is not JSON: {problem.msg}",
        at=Location(source, "", (problem.lineno, problem.colno)),
        text=text,
    )


def _unusable(
    source: str,
    code: str,
    problem: str,
    hint: str | None = None,
    *,
    at: Location | None = None,
    text: str | None = None,
    document: Document | None = None,
) -> InputError:
    if text is not None:
        document = Document(source=source, text=text, format="json", value={})
    return InputError(
        Diagnostic(
            severity="error",
            code=code,
            message=f"the document {problem}",
            location=at or Location(source),
            hint=hint,
        ),
        {source: document} if document else {},
    )
