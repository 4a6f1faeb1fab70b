"""From a source to a document: the text as it was, and the value that it holds.

JSON is parsed as JSON. YAML is read by the core schema of YAML 1.2, as OpenAPI asks
(3.1, 4.3): `no` and `on` are text, a date is text, and a key is text as it is written.
This is the only stage that reads anything.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import httpx

from . import rfc8259, yaml12
from .application import fetched, is_application
from .diagnostics import Diagnostic, InputError, Location
from .discovery import located

STDIN = "-"
_MOST_BYTES = 64 * 1024 * 1024
_MOST_VALUES = 5_000_000
_TIMEOUT = 30.0
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """An OpenAPI document; `source` is as the user gave it, but for a URL's secrets.

    `repeated` holds the JSON Pointers of keys that a mapping has twice.
    """

    source: str
    text: str
    format: Literal["json", "yaml"]
    value: Mapping[str, Any]
    repeated: tuple[str, ...] = ()


def load(source: str, *, read_stdin: Callable[[], bytes]) -> Document:
    """The document in a file, behind an http(s) URL, on standard input (`-`), or of an
    application, which is given by its import path or by the URL where it runs.

    Raises InputError when it can't be read or is not an OpenAPI 3.0 or 3.1 document.
    """
    if source == STDIN:
        source, content = "<stdin>", read_stdin()
    elif source.startswith(("http://", "https://")):
        source = located(source)
        source, content = _without_secrets(source), _fetched(source)
    elif is_application(source):
        content = fetched(source).encode()
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


def _without_secrets(url: str) -> str:
    """A URL as it may be shown: without user, password, query and fragment."""
    parts = urlsplit(url)
    return parts._replace(
        netloc=parts.netloc.rpartition("@")[2], query="", fragment=""
    ).geturl()


def _fetched(address: str) -> bytes:
    url = _without_secrets(address)
    try:
        with httpx.stream(
            "GET", address, timeout=_TIMEOUT, follow_redirects=True
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
                found = rfc8259.read(text)
                value = found.value
                if _SURROGATE.search(text):
                    value = _without_surrogates(value)
                return _document(source, text, "json", value, found.repeated)
            except json.JSONDecodeError as problem:
                if start == "[" or source.lower().endswith(".json"):
                    raise _syntax(source, text, problem) from None
                return _yaml_or(source, text, _syntax(source, text, problem))
        return _yaml(source, text)
    except RecursionError:
        raise _unusable(source, "too-deep", "is nested too deeply") from None
    except ValueError:
        raise _unusable(source, "syntax", "holds a number of too many digits") from None


def _without_surrogates(value: Any) -> Any:
    """The value with its halves of characters, which no file can hold, replaced."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_without_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {
            _without_surrogates(key): _without_surrogates(member)
            for key, member in value.items()
        }
    return value


def _yaml_or(source: str, text: str, problem: InputError) -> Document:
    """What starts like JSON may still be YAML in flow style."""
    try:
        return _yaml(source, text)
    except InputError:
        raise problem from None


def _yaml(source: str, text: str) -> Document:
    try:
        found = yaml12.read(text)
    except yaml12.YamlError as problem:
        raise _unusable(
            source,
            "syntax",
            f"is not YAML: {problem}",
            at=Location(source, "", (problem.line, problem.column)),
            text=text,
        ) from None
    _check_aliases(source, found.value, {})
    return _document(source, text, "yaml", found.value, found.repeated)


def _check_aliases(source: str, value: Any, sizes: dict[int, int]) -> int:
    """The number of values, each alias counted as what it stands for."""
    if not isinstance(value, dict | list):
        return 1
    key = id(value)
    if key not in sizes:
        members = value.values() if isinstance(value, dict) else value
        sizes[key] = 1 + sum(
            _check_aliases(source, member, sizes) for member in members
        )
        if sizes[key] > _MOST_VALUES:
            raise _unusable(
                source, "alias", f"has YAML aliases for over {_MOST_VALUES} values"
            )
    return sizes[key]


def _document(
    source: str,
    text: str,
    format: Literal["json", "yaml"],
    value: Any,
    repeated: tuple[str, ...] = (),
) -> Document:
    if not isinstance(value, dict):
        kind = "a list" if isinstance(value, list) else "a single value"
        raise _unusable(
            source,
            "not-openapi",
            f"holds {kind}, not an OpenAPI document",
            "an OpenAPI document starts with `openapi: 3.1.0` or the like",
        )
    return Document(
        source=source, text=text, format=format, value=value, repeated=repeated
    )


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
