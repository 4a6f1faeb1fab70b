"""A component and its arguments become one HTTP request.

The rule: every argument goes where its component says and nowhere else. A path value
stays in its segment, a header value in its line, a query value in its pair; what no
encoding makes safe is refused, and then nothing is sent.

Pure: values in, values out.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import quote, unquote, urlsplit

from .._version import __version__
from ..components import (
    Argument,
    Component,
    Cookie,
    Header,
    Path,
    Query,
    QueryString,
    with_defaults,
)
from . import serialization
from .body import encode, is_json, query
from .serialization import ArgumentError, Pair, naming

__all__ = ["ArgumentError", "RequestParts", "build"]

Headers = tuple[tuple[str, str], ...]
Given = Mapping[type[Argument], Sequence[tuple[Any, Any]]]
"""The arguments that have a value, and their values, by the kind of the argument."""

_KINDS = (Path, Query, Header, Cookie, QueryString)

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_COOKIE_OCTETS = "!#$%&'()*+-./:<=>?@[]^_`{|}~"
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_NEVER_FROM_ARGUMENTS = re.compile(
    "accept|accept-encoding|authorization|connection|content-(encoding|length|type)"
    "|cookie|expect|host|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade",
    re.IGNORECASE,
)


class RequestParts(NamedTuple):
    """One HTTP request. Its `repr` shows nothing that could be secret.

    `url` is absolute and percent-encoded; `content` is None where there is no body.
    """

    method: str
    url: str
    headers: Headers = ()
    content: bytes | None = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}(method={self.method!r})"

    def with_header(self, name: str, value: str) -> RequestParts:
        """This request with one header set, in place of those of the same name."""
        kept = tuple(h for h in self.headers if h[0].lower() != name.lower())
        return self._replace(headers=(*kept, (name, value)))

    def with_cookie(self, name: str, value: str) -> RequestParts:
        """This request with one cookie set, in place of those of the same name.

        Of the value, only what a cookie can't hold is encoded (RFC 6265, 4.1.1).
        """
        known = next((v for n, v in self.headers if n.lower() == "cookie"), "")
        kept = [c for c in known.split("; ") if c and c.partition("=")[0] != name]
        cookie = f"{name}={quote(value, safe=_COOKIE_OCTETS)}"
        return self.with_header("Cookie", "; ".join((*kept, cookie)))

    def with_query(self, name: str, value: str) -> RequestParts:
        """This request with one query parameter set, in place of those so named."""
        pair = Pair(name, (value,)).encoded()
        url, mark, fragment = self.url.partition("#")
        location, _, given = url.partition("?")
        given = _merged(given, [pair], {name})
        return self._replace(url=f"{location}?{given}{mark}{fragment}")


def build(
    component: Component,
    arguments: Mapping[str, Any],
    base_url: str,
    credentials: Collection[tuple[type[Argument], str]] = (),
) -> RequestParts:
    """The request of a call, without credentials.

    `arguments` have passed the component's input schema; the values are sent as they
    are, with the defaults of those left out. The query of `base_url` and a fixed query
    in the component's path are kept; an argument replaces a fixed pair of its name.
    `credentials` are the kinds and names of parameters that hold one, whether they are
    sent or not. Raises ArgumentError.
    """
    arguments = with_defaults(component, arguments)
    content = encode(component, arguments)
    given = _given(component, arguments)
    headers = [("Accept", component.accept)]
    if content is not None:
        headers.append(("Content-Type", content.media_type))
    headers += _headers(given)
    if not any(name.lower() == "user-agent" for name, _ in headers):
        headers.insert(1, ("User-Agent", f"mcpgen/{__version__}"))
    taken = _Taken(component, credentials)
    cookies = _cookies(given, taken)
    if cookies:
        headers.append(("Cookie", cookies))
    return RequestParts(
        component.method,
        _url(component.path, given, base_url, taken),
        tuple(headers),
        None if content is None else content.content,
    )


class _Taken(NamedTuple):
    """The names that the members of an object must not send a value under."""

    component: Component
    credentials: Collection[tuple[type[Argument], str]]

    def refuse(self, argument: Argument, sent: Iterable[str], fixed: str = "") -> None:
        """Raises ValueError; `fixed` is the query that is sent in any case."""
        kind = Cookie if isinstance(argument, Cookie) else Query
        taken = [
            other.wire_name
            for other in self.component.arguments
            if other is not argument and _kind(type(other)) is kind
        ]
        taken += (name for of, name in self.credentials if of is kind)
        taken += (unquote(pair.partition("=")[0]) for pair in fixed.split("&") if pair)
        serialization.refuse_taken(argument.wire_name, sent, taken)


def _url(template: str, given: Given, base_url: str, taken: _Taken) -> str:
    base, base_query = _base(base_url)
    location, mark, fragment = template.partition("#")
    path_template, _, fixed_template = location.partition("?")
    in_path = {argument.wire_name: (argument, v) for argument, v in given[Path]}
    path = _path(in_path, path_template)
    fixed = _filled(in_path, fixed_template, _in_query)
    fixed = "&".join(filter(None, (base_query, fixed)))
    pairs: list[str] = []
    names: set[str] = set()
    for argument, value in given[Query]:
        with naming(argument.name, value):
            found = _pairs(argument, value, argument.style)
            if isinstance(value, Mapping):
                taken.refuse(argument, (pair.name for pair in found), fixed)
            for pair in found:
                names.add(pair.name)
                pairs.append(pair.encoded(allow_reserved=argument.allow_reserved))
    for whole, value in given[QueryString]:
        with naming(whole.name, value):
            if isinstance(value, Mapping):
                taken.refuse(whole, value, fixed)
            pairs.append(query(whole, value))
    sent = _merged(fixed, pairs, names)
    return base + path + (f"?{sent}" if sent else "") + mark + fragment


@lru_cache(maxsize=64)
def _base(url: str) -> tuple[str, str]:
    """What stands before the path of an operation, and the query behind it."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path.rstrip('/')}", parts.query


def _path(given: Mapping[str, tuple[Path, Any]], template: str) -> str:
    path = _filled(given, template, _in_path)
    if ("." in path or "%" in path) and any(
        map(serialization.is_dot_segment, path.split("/"))
    ):
        raise ArgumentError(f"the values given for {template} make a '..' segment")
    return path if path.startswith("/") else f"/{path}"


def _filled(
    given: Mapping[str, tuple[Path, Any]],
    template: str,
    write: Callable[[Path, Any], str],
) -> str:
    """A template with the path arguments, by their wire names, in its braces."""
    pieces = list(_pieces(template))
    for index in range(1, len(pieces), 2):
        name = pieces[index]
        if name not in given:
            raise ArgumentError(f"{name} is missing: the path {template} needs it")
        argument, value = given[name]
        with naming(argument.name, value):
            pieces[index] = write(argument, value)
    return "".join(pieces)


@lru_cache(maxsize=1024)
def _pieces(template: str) -> Sequence[str]:
    """A template cut at its braces: every second piece is the name within."""
    return _PLACEHOLDER.split(template)


def _in_path(argument: Path, value: Any) -> str:
    return serialization.path(
        argument.wire_name,
        value if argument.content is None else _content(value, argument.content),
        argument.style,
        argument.explode,
        allow_reserved=argument.allow_reserved,
    )


def _in_query(argument: Path, value: Any) -> str:
    return quote(serialization.to_text(value), safe="")


def _headers(given: Given) -> Headers:
    headers: list[tuple[str, str]] = []
    for argument, value in given[Header]:
        if _NEVER_FROM_ARGUMENTS.fullmatch(argument.wire_name) or value in ([], {}):
            continue
        if not _TOKEN.fullmatch(argument.wire_name):
            raise ArgumentError(
                f"{argument.name} can't be sent, leave it out: HTTP has no headers "
                f"with the name {argument.wire_name!r}"
            )
        with naming(argument.name, value):
            if argument.content is not None:
                text = _content(value, argument.content)
            else:
                text = serialization.header(value, argument.style, argument.explode)
            headers.append((argument.wire_name, _header_value(text)))
    return tuple(headers)


def _header_value(text: str) -> str:
    if _CONTROL.search(text):
        raise ValueError("has a line break or another character no header can hold")
    if any(character > "\xff" for character in text):
        raise ValueError("has characters outside Latin-1, which no header can hold")
    return text.strip(" \t")


def _cookies(given: Given, taken: _Taken) -> str:
    cookies: list[str] = []
    for argument, value in given[Cookie]:
        with naming(argument.name, value):
            found = _pairs(argument, value, argument.style)
            if isinstance(value, Mapping):
                taken.refuse(argument, (pair.name for pair in found))
            for pair in found:
                plain = argument.style == "cookie"
                cookies.append(_plain_cookie(pair) if plain else pair.encoded())
    return "; ".join(cookies)


def _plain_cookie(pair: Pair) -> str:
    text = _header_value(f"{pair.name}={pair.value}")
    if ";" in text:
        raise ValueError("has a semicolon, which would begin another cookie")
    return text


def _pairs(argument: Query | Cookie, value: Any, style: str) -> list[Pair]:
    if argument.content is not None:
        return [Pair(argument.wire_name, (_content(value, argument.content),))]
    return serialization.form(argument.wire_name, value, style, argument.explode)


def _content(value: Any, media_type: str) -> str:
    if is_json(media_type):
        return serialization.to_json(value)
    return serialization.to_text(value)


def _given(component: Component, arguments: Mapping[str, Any]) -> Given:
    """The arguments that have a value; null is none."""
    given: defaultdict[type[Argument], list[tuple[Any, Any]]] = defaultdict(list)
    for argument in component.arguments:
        value = arguments.get(argument.name)
        if value is not None:
            given[_kind(type(argument))].append((argument, value))
    return given


def _kind(of: type[Argument]) -> type[Argument]:
    """The kind of argument that a class is; an author's own is that of its base."""
    if of in _KINDS:
        return of
    return next((kind for kind in _KINDS if issubclass(of, kind)), of)


def _merged(given: str, pairs: list[str], names: set[str]) -> str:
    """A query with more pairs, which replace those of their names."""
    kept = (
        pair
        for pair in given.split("&")
        if pair and unquote(pair.partition("=")[0]) not in names
    )
    return "&".join((*kept, *pairs))
