"""The second judge: reads a request by the words of the specification alone.

openapi-core has gaps; whether an objection of its is one of them is decided here, by
code that shares nothing with the first judge and with mcpgen: urllib and the standard
library's parsers take the request apart, each style is read by OpenAPI's table, and
the schemas of the document are applied by openapi-schema-validator.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit
from xml.etree import ElementTree

import httpx
from body_reading import body_reads, has_bytes
from nodes import Node
from original import Original
from style_reading import in_header, in_path, in_query

ABSENT: Any = object()
_OURS = re.compile(
    "accept|accept-encoding|user-agent|host|content-length|content-type|cookie"
    "|authorization|connection|transfer-encoding"
)


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
            if not in_path(parameter, raw, value):
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
            names, good = in_query(parameter, raw, value)
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
            elif not in_header(parameters[location, name], text, value):
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
                names, good = in_query(parameters[location, name], raw, value)
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
            good = body_reads(essence, kind, content, given.body, media)
        except (ValueError, ElementTree.ParseError) as error:
            yield f"body {content[:80]!r}: {error}"
            return
        if not good:
            yield f"body given as {str(given.body)[:200]} is sent as {content[:200]!r}"
        schema = media.get("schema")
        if schema is not None and not has_bytes(given.body):
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
    """A piece of a path key, each character but its slashes as it is or encoded."""
    return "".join(
        (
            "/"
            if c == "/"
            else f"(?:{re.escape(c)}|{''.join(f'%{byte:02X}' for byte in c.encode())})"
        )
        for c in unquote(piece)
    )


def _is_empty(content: bytes) -> bool:
    """Whether a body is that of an object without members, JSON or multipart."""
    return content == b"{}" or re.fullmatch(rb"--\w+--\r\n", content) is not None


def _covers(declared: str, sent: str) -> bool:
    if declared in ("*/*", sent):
        return True
    return declared.endswith("/*") and sent.startswith(declared[:-1])
