"""A component and its arguments become one HTTP request.

The rule: every argument goes where its component says and nowhere else. A path value
stays in its segment, a header value in its line, a query value in its pair; what no
encoding makes safe is refused, and then nothing is sent.

Pure: values in, values out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from .._version import __version__
from ..components import Component, Cookie, Header, Path, Query
from . import serialization
from .body import encode, is_json
from .serialization import ArgumentError, Pair

__all__ = ["ArgumentError", "RequestParts", "build"]

Headers = tuple[tuple[str, str], ...]

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_COOKIE_OCTETS = "!#$%&'()*+-./:<=>?@[]^_`{|}~"
_NEVER_FROM_ARGUMENTS = re.compile(
    "host|content-.*|transfer-encoding|connection|keep-alive|te|trailer|upgrade|expect"
    "|authorization|cookie|accept|accept-encoding|user-agent|proxy-.*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class RequestParts:
    """One HTTP request. Its `repr` shows nothing that could be secret.

    `url` is absolute and percent-encoded; `content` is None where there is no body.
    """

    method: str
    url: str = field(repr=False)
    headers: Headers = field(default=(), repr=False)
    content: bytes | None = field(default=None, repr=False)

    def with_header(self, name: str, value: str) -> RequestParts:
        """This request with one header set, in place of those of the same name."""
        kept = tuple(h for h in self.headers if h[0].lower() != name.lower())
        return RequestParts(self.method, self.url, (*kept, (name, value)), self.content)

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
        location, _, query = url.partition("?")
        query = _merged(query, [pair], {name})
        return RequestParts(
            self.method,
            f"{location}?{query}{mark}{fragment}",
            self.headers,
            self.content,
        )


def build(
    component: Component, arguments: Mapping[str, Any], base_url: str
) -> RequestParts:
    """The request of a call, without credentials.

    `arguments` have passed the component's input schema; the values are sent as they
    are. The query of `base_url` and a fixed query in the component's path are kept; an
    argument replaces a fixed pair of its name. Raises ArgumentError.
    """
    content = encode(component, arguments)
    headers = [("Accept", component.accept), ("User-Agent", f"mcpgen/{__version__}")]
    if content is not None:
        headers.append(("Content-Type", content.media_type))
    headers += _headers(component, arguments)
    cookies = _cookies(component, arguments)
    if cookies:
        headers.append(("Cookie", cookies))
    return RequestParts(
        component.method,
        _url(component, arguments, base_url),
        tuple(headers),
        None if content is None else content.content,
    )


def _url(component: Component, arguments: Mapping[str, Any], base_url: str) -> str:
    template, mark, fragment = component.path.partition("#")
    path_template, _, fixed = template.partition("?")
    base = urlsplit(base_url)
    path = _path(component, arguments, path_template)
    fixed = _PLACEHOLDER.sub(lambda m: _fixed_value(component, arguments, m[1]), fixed)
    pairs: list[str] = []
    names: set[str] = set()
    for query in component.arguments:
        if isinstance(query, Query) and arguments.get(query.name) is not None:
            for pair in _query_pairs(query, arguments[query.name]):
                names.add(pair.name)
                pairs.append(
                    _encoded(query.name, pair, allow_reserved=query.allow_reserved)
                )
    query_text = _merged("&".join(filter(None, (base.query, fixed))), pairs, names)
    host = base.netloc.rpartition("@")[2]
    url = f"{base.scheme}://{host}{base.path.rstrip('/')}{path}"
    return url + (f"?{query_text}" if query_text else "") + mark + fragment


def _path(component: Component, arguments: Mapping[str, Any], template: str) -> str:
    def value(match: re.Match[str]) -> str:
        argument, given = _path_argument(component, arguments, match[1])
        if argument.content is not None:
            given = _content(argument.name, given, argument.content)
        try:
            return serialization.path(
                argument.wire_name,
                given,
                argument.style,
                argument.explode,
                allow_reserved=argument.allow_reserved,
            )
        except UnicodeEncodeError:
            raise _not_unicode(argument.name) from None
        except ValueError as error:
            raise ArgumentError(
                f"{argument.name} {error}: {_shown(given)} was given"
            ) from None

    path = _PLACEHOLDER.sub(value, template)
    if any(map(serialization.is_dot_segment, path.split("/"))):
        raise ArgumentError(f"the values given for {template} make a '..' segment")
    return path if path.startswith("/") else f"/{path}"


def _fixed_value(component: Component, arguments: Mapping[str, Any], wire: str) -> str:
    argument, given = _path_argument(component, arguments, wire)
    try:
        return quote(serialization.to_text(given), safe="")
    except UnicodeEncodeError:
        raise _not_unicode(argument.name) from None


def _path_argument(
    component: Component, arguments: Mapping[str, Any], wire: str
) -> tuple[Path, Any]:
    for argument in component.arguments:
        if isinstance(argument, Path) and argument.wire_name == wire:
            if arguments.get(argument.name) is None:
                raise ArgumentError(f"{argument.name} is missing: the path needs it")
            return argument, arguments[argument.name]
    raise ArgumentError(f"no argument fills {{{wire}}} in the path {component.path}")


def _query_pairs(argument: Query, value: Any) -> list[Pair]:
    if argument.content is not None:
        text = _content(argument.name, value, argument.content)
        return [Pair(argument.wire_name, (text,))]
    return serialization.form(
        argument.wire_name, value, argument.style, argument.explode
    )


def _headers(component: Component, arguments: Mapping[str, Any]) -> Headers:
    headers: list[tuple[str, str]] = []
    for argument in component.arguments:
        if not isinstance(argument, Header) or arguments.get(argument.name) is None:
            continue
        if _NEVER_FROM_ARGUMENTS.fullmatch(argument.wire_name):
            continue
        value = arguments[argument.name]
        if value == [] or value == {}:
            continue
        if argument.content is not None:
            text = _content(argument.name, value, argument.content)
        else:
            text = serialization.header(value, argument.explode)
        headers.append((argument.wire_name, _header_value(argument.name, text)))
    return tuple(headers)


def _header_value(name: str, text: str) -> str:
    if _CONTROL.search(text):
        raise ArgumentError(
            f"{name} has a line break or another control character, "
            f"and a header can't hold one: {_shown(text)} was given"
        )
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        raise ArgumentError(
            f"{name} has characters outside Latin-1, and a header can't hold them: "
            f"{_shown(text)} was given"
        ) from None
    return text.strip(" \t")


def _cookies(component: Component, arguments: Mapping[str, Any]) -> str:
    cookies: list[str] = []
    for argument in component.arguments:
        if not isinstance(argument, Cookie) or arguments.get(argument.name) is None:
            continue
        value = arguments[argument.name]
        if argument.content is not None:
            text = _content(argument.name, value, argument.content)
            pairs = [Pair(argument.wire_name, (text,))]
        else:
            pairs = serialization.form(
                argument.wire_name, value, "form", argument.explode
            )
        cookies += (_encoded(argument.name, pair) for pair in pairs)
    return "; ".join(cookies)


def _content(name: str, value: Any, media_type: str) -> str:
    try:
        if is_json(media_type):
            return serialization.to_json(value)
        return serialization.to_text(value)
    except ValueError:
        raise ArgumentError(f"{name} has a number that JSON can't hold") from None


def _encoded(name: str, pair: Pair, *, allow_reserved: bool = False) -> str:
    try:
        return pair.encoded(allow_reserved=allow_reserved)
    except UnicodeEncodeError:
        raise _not_unicode(name) from None


def _merged(query: str, pairs: list[str], names: set[str]) -> str:
    kept = (
        pair
        for pair in query.split("&")
        if pair and unquote(pair.partition("=")[0]) not in names
    )
    return "&".join((*kept, *pairs))


def _not_unicode(name: str) -> ArgumentError:
    return ArgumentError(f"{name} is not valid Unicode text")


def _shown(value: Any) -> str:
    text = serialization.to_json(value)
    return text if len(text) <= 80 else f"{text[:77]}…"
