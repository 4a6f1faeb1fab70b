"""The second judge: reads a request by the words of the specification alone.

openapi-core has gaps; whether an objection of its is one of them is decided here, by
code that shares nothing with the first judge and with mcpgen: urllib and the standard
library's parsers take the request apart, each style is read by OpenAPI's table, and
the schemas of the document are applied by openapi-schema-validator.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlsplit
from xml.etree import ElementTree

import httpx
from original import Node, Original

ABSENT: Any = object()
_OURS = re.compile(
    "accept|accept-encoding|user-agent|host|content-length|content-type|cookie"
    "|authorization|connection|transfer-encoding"
)
_DELIMITERS = {"spaceDelimited": r"%20|\+| ", "pipeDelimited": r"%7C|\|"}


@dataclass(frozen=True, slots=True)
class Given:
    """What was asked for, by the document's own names. A file in the body is bytes."""

    values: Mapping[tuple[str, str], Any] = field(default_factory=dict)
    body: Any = ABSENT


@dataclass(frozen=True)
class SecondJudge:
    """Judges the requests of one operation, given its path item and its method."""

    original: Original
    path: str
    method: str
    base_url: str

    def objections(self, request: httpx.Request, given: Given) -> list[str]:
        """What is wrong with a request; empty when nothing is."""
        return list(self._objections(request, given))

    def _objections(self, request: httpx.Request, given: Given) -> Iterator[str]:
        if request.method != self.method.upper():
            yield f"method {request.method}"
        url = urlsplit(str(request.url))
        base = urlsplit(self.base_url)
        if _origin(url) != _origin(base):
            yield f"origin {url.scheme}://{url.netloc}"
        parameters = dict(self._parameters())
        for key in given.values.keys() - parameters.keys():
            yield f"{key} is no parameter of the document"
        prefix = base.path.rstrip("/")
        yield from self._of_path(prefix, url.path, given, parameters)
        yield from self._of_query(url.query, base.query, given, parameters)
        yield from self._of_headers(request.headers, given, parameters)
        yield from self._of_cookies(
            request.headers.get("cookie", ""), given, parameters
        )
        yield from self._of_body(request, given)
        for key, value in given.values.items():
            if key in parameters and value is not None:
                schema = _schema(parameters[key])
                for problem in self.original.objections(schema, value):
                    yield f"schema of {key}: {problem}"

    @property
    def item(self) -> Node:
        return self.original.root.child("paths", self.path)

    @property
    def operation(self) -> Node:
        return self.item.child(self.method)

    def _parameters(self) -> Iterator[tuple[tuple[str, str], Node]]:
        for owner in (self.item, self.operation):
            listed = owner.child("parameters")
            for index in range(len(listed.value or ())):
                one = listed.child(index)
                yield (one.get("in"), str(one.get("name"))), one
        for name in re.findall(r"\{[.;/?&#+]?([^{}*]*)\*?\}", self.path):
            known = Node({"name": name, "in": "path", "schema": {}}, self.item.uri)
            declared = [
                p
                for owner in (self.item, self.operation)
                for p in owner.get("parameters") or ()
            ]
            found = [Node(p, self.item.uri).resolved for p in declared]
            if not any((p.get("in"), p.get("name")) == ("path", name) for p in found):
                yield ("path", name), known

    def _of_path(
        self, prefix: str, path: str, given: Given, parameters: Mapping[Any, Node]
    ) -> Iterator[str]:
        template = self.path.partition("#")[0].partition("?")[0]
        pieces = re.split(r"\{[.;/?&#+]?([^{}*]*)\*?\}", template)
        names = pieces[1::2]
        pattern = re.escape(prefix) + "".join(
            "(.+?)" if i % 2 else _literal(piece) for i, piece in enumerate(pieces)
        )
        found = re.fullmatch(pattern, path)
        if found is None:
            yield f"path {path} is not one of {prefix}{template}"
            return
        for name, raw in zip(names, found.groups(), strict=True):
            value = given.values.get(("path", name))
            parameter = parameters["path", name]
            if not _in_path(parameter, raw, value):
                yield f"path parameter {name} reads {raw!r}, given was {value!r}"
            if "/" in raw and not parameter.get("allowReserved"):
                yield f"path parameter {name} leaves its segment: {raw!r}"

    def _of_query(
        self, query: str, fixed: str, given: Given, parameters: Mapping[Any, Node]
    ) -> Iterator[str]:
        pairs = [pair.partition("=")[::2] for pair in query.split("&") if pair]
        raw = [(unquote(name), value) for name, value in pairs]
        inside = self.path.partition("#")[0].partition("?")[2]
        known = [name for name, _ in parse_qsl(f"{fixed}&{inside}", True)]
        known += self._keys("query")
        for (location, name), value in given.values.items():
            if location != "query" or value is None:
                continue
            parameter = parameters.get((location, name))
            if parameter is None:
                continue
            names, good = _in_query(parameter, raw, value)
            known += names
            if not good:
                yield f"query parameter {name} given as {value!r} is sent as {query!r}"
        for name, _ in raw:
            if name not in known:
                yield f"query has {name!r}, which nobody gave"

    def _of_headers(
        self, headers: httpx.Headers, given: Given, parameters: Mapping[Any, Node]
    ) -> Iterator[str]:
        known = [key.lower() for key in self._keys("header")]
        for (location, name), value in given.values.items():
            if location != "header" or value is None:
                continue
            known.append(name.lower())
            text = headers.get(name)
            if text is None:
                if value not in ([], {}):
                    yield f"header {name} is not sent"
            elif not _in_header(parameters[location, name], text, value):
                yield f"header {name} given as {value!r} is sent as {text!r}"
        for name in headers:
            if name.lower() not in known and not _OURS.fullmatch(name.lower()):
                yield f"header {name} is sent, which nobody gave"

    def _of_cookies(
        self, cookies: str, given: Given, parameters: Mapping[Any, Node]
    ) -> Iterator[str]:
        pairs = [pair.partition("=")[::2] for pair in cookies.split("; ") if pair]
        raw = [(unquote(name), value) for name, value in pairs]
        known = self._keys("cookie")
        for (location, name), value in given.values.items():
            if location == "cookie" and value is not None:
                names, good = _in_query(parameters[location, name], raw, value)
                known += names
                if not good:
                    yield f"cookie {name} given as {value!r} is sent as {cookies!r}"
        for name, _ in raw:
            if name not in known:
                yield f"cookie {name} is sent, which nobody gave"

    def _keys(self, location: str) -> list[str]:
        """The names of API keys in one place, of any scheme of the document."""
        schemes = self.original.root.child("components", "securitySchemes")
        found = [schemes.child(name) for name in schemes.value or ()]
        return [
            str(s.get("name"))
            for s in found
            if s.get("type") == "apiKey" and s.get("in") == location
        ]

    def _of_body(self, request: httpx.Request, given: Given) -> Iterator[str]:
        content = request.content
        declared = self.operation.child("requestBody", "content")
        if given.body is ABSENT:
            required = self.operation.child("requestBody").get("required")
            if content and not (required in (True, "true") and _is_empty(content)):
                yield f"a body is sent, which nobody gave: {content[:80]!r}"
            return
        kind = request.headers.get("content-type", "")
        essence = kind.partition(";")[0].strip().lower()
        names = [
            name
            for name in declared.value or ()
            if _covers(str(name).partition(";")[0].strip().lower(), essence)
        ]
        if not names:
            yield f"content type {kind!r} is not one of {list(declared.value or ())}"
            return
        media = declared.child(names[0])
        try:
            good = _body_reads(essence, kind, content, given.body, media)
        except (ValueError, ElementTree.ParseError) as error:
            yield f"body {content[:80]!r}: {error}"
            return
        if not good:
            yield f"body given as {str(given.body)[:200]} is sent as {content[:200]!r}"
        schema = media.get("schema")
        if schema is not None and not _has_bytes(given.body):
            for problem in self.original.objections(
                Node(schema, media.uri), given.body
            ):
                yield f"schema of the body: {problem}"


def _origin(url: SplitResult) -> tuple[str, str | None, int | None]:
    port = url.port or {"http": 80, "https": 443}.get(url.scheme)
    return url.scheme, url.hostname, port


def _schema(parameter: Node) -> Node:
    content = parameter.get("content")
    if content:
        media = parameter.child("content", next(iter(content)))
        return Node(media.get("schema", {}), media.uri)
    return Node(parameter.get("schema", {}), parameter.uri)


def _literal(piece: str) -> str:
    """A piece of a path key, each character as it is or percent-encoded."""
    return "".join(
        f"(?:{re.escape(c)}|{''.join(f'%{byte:02X}' for byte in c.encode())})"
        for c in unquote(piece)
    )


def _style(parameter: Node, default: str) -> tuple[str, bool]:
    style = parameter.get("style", default)
    if style not in (
        *("simple", "label", "matrix", "form"),
        *("spaceDelimited", "pipeDelimited", "deepObject"),
    ):
        style = default
    return style, parameter.get("explode", style == "form") in (True, "true")


def _reads(text: str, value: Any) -> bool:
    """Whether a decoded text is how a value reads."""
    if isinstance(value, str):
        return text == value
    try:
        read = json.loads(text)
    except ValueError:
        return False
    return same(read, value)


def same(one: Any, other: Any) -> bool:
    """Equality that tells true from 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(one[k], other[k]) for k in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def _all_read(raw: list[str], values: list[Any]) -> bool:
    values = [value for value in values if value is not None]
    return len(raw) == len(values) and all(
        _reads(unquote(text), value) for text, value in zip(raw, values, strict=True)
    )


def _flat(value: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [
        (key, item)
        for key, member in value.items()
        for item in (member if isinstance(member, list) else [member])
        if item is not None
    ]


def _in_path(parameter: Node, raw: str, value: Any) -> bool:
    if parameter.get("content"):
        return _reads(unquote(raw), value)
    style, explode = _style(parameter, "simple")
    name = str(parameter.get("name"))
    separator = ","
    if style == "label":
        if not raw.startswith("."):
            return False
        raw, separator = raw[1:], "." if explode else ","
    if style == "matrix":
        if not raw.startswith(";"):
            return False
        raw = raw[1:]
        if explode and isinstance(value, list):
            return _all_read(
                [p.removeprefix(f"{name}=") for p in raw.split(";")], value
            )
        if not (explode and isinstance(value, Mapping)):
            raw = raw.removeprefix(f"{name}=")
        separator = ";" if explode else ","
    if isinstance(value, list):
        return _all_read(raw.split(separator), value)
    if isinstance(value, Mapping):
        return _members_read(raw, separator, explode, value)
    return _reads(unquote(raw), value)


def _members_read(
    raw: str, separator: str, explode: bool, value: Mapping[str, Any]
) -> bool:
    flat = _flat(value)
    parts = raw.split(separator) if raw else []
    if explode:
        parts = [piece for part in parts for piece in part.partition("=")[::2]]
    return _all_read(parts, [one for pair in flat for one in pair])


def _in_query(
    parameter: Node, raw: list[tuple[str, str]], value: Any
) -> tuple[list[str], bool]:
    """The names of the pairs that a value has, and whether they read as it."""
    name = str(parameter.get("name"))
    mine = [text for key, text in raw if key == name]
    if parameter.get("content"):
        return [name], len(mine) == 1 and _reads(unquote(mine[0]), value)
    style, explode = _style(parameter, "form")
    return _in_pairs(name, style, explode, raw, value)


def _in_pairs(
    name: str, style: str, explode: bool, raw: list[tuple[str, str]], value: Any
) -> tuple[list[str], bool]:
    mine = [text for key, text in raw if key == name]
    if style == "deepObject" and isinstance(value, Mapping | list):
        expected = list(_deep(name, value))
        texts: dict[str, list[str]] = {}
        for key, text in raw:
            texts.setdefault(re.sub(r"\[\d+\]$", "[]", key), []).append(text)
        wanted: dict[str, list[Any]] = {}
        for key, one in expected:
            wanted.setdefault(key, []).append(one)
        good = all(_all_read(texts.get(key, []), ones) for key, ones in wanted.items())
        return [key for key, _ in raw if key.startswith(f"{name}[")], good
    if isinstance(value, Mapping) and explode:
        wanted = {}
        for key, one in _flat(value):
            wanted.setdefault(key, []).append(one)
        # Another parameter may have members of the same name.
        good = all(
            any(_reads(unquote(text), one) for found, text in raw if found == key)
            for key, ones in wanted.items()
            for one in ones
        )
        return list(wanted), good
    if isinstance(value, list) and explode:
        return [name], _all_read(mine, value)
    if isinstance(value, list | Mapping):
        if not value:
            return [name], not mine
        if len(mine) != 1:
            return [name], False
        parts = re.split(_DELIMITERS.get(style, ","), mine[0])
        flat: list[Any] = (
            value
            if isinstance(value, list)
            else [one for pair in _flat(value) for one in pair]
        )
        return [name], _all_read(parts, flat)
    return [name], _all_read(mine, [value])


def _deep(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, member in value.items():
            yield from _deep(f"{name}[{key}]", member)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            nested = isinstance(item, Mapping | list)
            yield from _deep(f"{name}[{index if nested else ''}]", item)
    elif value is not None:
        yield name, value


def _in_header(parameter: Node, text: str, value: Any) -> bool:
    if parameter.get("content"):
        return _reads(text, value)
    explode = parameter.get("explode") in (True, "true")
    if isinstance(value, list):
        values = [one for one in value if one is not None]
        return text == ",".join(map(_shown, values))
    if isinstance(value, Mapping):
        joint = "=" if explode else ","
        return text == ",".join(f"{k}{joint}{_shown(v)}" for k, v in _flat(value))
    return _reads(text, value)


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _is_empty(content: bytes) -> bool:
    """Whether a body is that of an object without members, JSON or multipart."""
    return content == b"{}" or re.fullmatch(rb"--\w+--\r\n", content) is not None


def _covers(declared: str, sent: str) -> bool:
    if declared in ("*/*", sent):
        return True
    return declared.endswith("/*") and sent.startswith(declared[:-1])


def _has_bytes(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(map(_has_bytes, value.values()))
    if isinstance(value, list):
        return any(map(_has_bytes, value))
    return isinstance(value, bytes)


def _body_reads(
    essence: str, kind: str, content: bytes, value: Any, media: Node
) -> bool:
    if isinstance(value, bytes):
        return content == value
    if essence.endswith("json"):
        if essence.endswith(("ndjson", "x-json-seq")) and isinstance(value, list):
            return same([json.loads(line) for line in content.splitlines()], value)
        return same(json.loads(content), value)
    if essence == "application/x-www-form-urlencoded":
        text = content.decode("ascii")
        pairs = [pair.partition("=")[::2] for pair in text.split("&") if pair]
        raw = [(unquote(name.replace("+", " ")), text) for name, text in pairs]
        return _form_reads(raw, value, media)
    if essence.startswith("multipart/"):
        return _multipart_reads(kind, content, value, media)
    if essence.endswith("xml") and not isinstance(value, str):
        root = ElementTree.fromstring(content)
        texts = [e.text for e in root.iter() if e.text and e.text.strip()]
        texts += [text for e in root.iter() for text in e.attrib.values()]
        return sorted(texts) == sorted(_leaves(value))
    return content.decode() == _shown(value)


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for member in value.values():
            yield from _leaves(member)
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    elif value not in (None, ""):
        yield _shown(value)


def _form_reads(
    raw: list[tuple[str, str]], value: Mapping[str, Any], media: Node
) -> bool:
    known: list[str] = []
    for name, member in value.items():
        encoding = media.child("encoding", name)
        if encoding.get("style") or encoding.get("explode") is not None:
            names, good = _in_pairs(name, *_style(encoding, "form"), raw, member)
        else:
            mine = [text for key, text in raw if key == name]
            listed = isinstance(member, list) and "json" not in str(
                encoding.get("contentType")
            )
            names = [name]
            good = _all_read(mine, member if listed else [member])
        known += names
        if not good:
            return False
    return {name for name, _ in raw} <= set(known)


def _multipart_reads(
    kind: str, content: bytes, value: Mapping[str, Any], media: Node
) -> bool:
    head = f"Content-Type: {kind}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(head + content)
    found: list[tuple[str, bytes]] = []
    for part in message.iter_parts():
        payload = part.get_payload(decode=True)
        assert isinstance(payload, bytes)
        disposition = part["content-disposition"]
        found.append((unquote(disposition.params["name"]), payload))
    known: list[str] = []
    for name, member in value.items():
        encoding = media.child("encoding", name)
        if encoding.get("style") and not _has_bytes(member):
            raw = [
                (key, quote(text.decode("utf-8", "replace"), " ,|"))
                for key, text in found
            ]
            names, good = _in_pairs(name, *_style(encoding, "form"), raw, member)
        else:
            mine = [payload for key, payload in found if key == name]
            listed = isinstance(member, list) and "json" not in str(
                encoding.get("contentType")
            )
            wanted = member if listed else [member]
            wanted = [one for one in wanted if one is not None]
            names = [name]
            good = len(mine) == len(wanted) and all(
                (
                    payload == one
                    if isinstance(one, bytes)
                    else _reads(payload.decode(), one)
                )
                for payload, one in zip(mine, wanted, strict=True)
            )
        known += names
        if not good:
            return False
    return {name for name, _ in found} <= set(known)
