"""URI templates: a resource's URI read back into its variables (RFC 6570).

The rule: URIs are compared in one normal form, because clients re-encode what they are
given. Of RFC 6570, the expressions `{var}`, `{+var}`, `{?a,b}` and `{&a,b}` are known,
those of the query at the end; a variable repeated in the query is a list.

Pure: text in, values out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote

from .upstream.serialization import RESERVED, to_text

_EXPRESSION = re.compile(r"\{([+?&]?)([^{}]*)\}")
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")
_LOCATION = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*:)//([^/]*)(.*)", re.DOTALL)


class UriTemplate:
    """A template such as `api://shop/items/{item_id}{?limit,offset}`."""

    def __init__(self, template: str) -> None:
        self._template = template
        location, *rest = re.split(r"(?=\{[?&]|\?)", template, maxsplit=1)
        query = "".join(rest)
        self._path_names = [match[2] for match in _EXPRESSION.finditer(location)]
        parts = _LOCATION.fullmatch(location)
        self._has_host = parts is None or "{" not in parts[2]
        self._path = re.compile(_pattern(location, self._has_host), re.DOTALL)
        self._query_names = {
            name
            for match in _EXPRESSION.finditer(query)
            for name in match[2].split(",")
        }
        self._fixed = _pairs(_EXPRESSION.sub("", query))

    def match(self, uri: str) -> dict[str, str | list[str]] | None:
        """The variables of a URI, decoded; None when it isn't of this template."""
        location, _, query = normalize(uri, self._has_host).partition("?")
        found = self._path.fullmatch(location)
        pairs = _pairs(query)
        if found is None or any(pair not in pairs for pair in self._fixed):
            return None
        values: dict[str, str | list[str]] = {
            name: unquote(text)
            for name, text in zip(self._path_names, found.groups(), strict=True)
        }
        for name, value in pairs:
            if (name, value) in self._fixed:
                continue
            if name not in self._query_names:
                return None
            known = values.get(name, [])
            items = [*known, value] if isinstance(known, list) else [known, value]
            values[name] = items if len(items) > 1 else value
        return values

    def expand(self, values: Mapping[str, Any]) -> str:
        """The URI of the values; an absent variable is left out."""
        return _EXPRESSION.sub(lambda m: _expanded(m[1], m[2], values), self._template)


def normalize(uri: str, has_host: bool = True) -> str:
    """The normal form of a URI (RFC 3986, 6.2.2), without its fragment.

    Scheme and host are in lower case, an empty path is `/`, what needs no escape has
    none and what needs one has it in upper case. Without `has_host`, what stands in
    the place of the host is a value and treated like a path.
    """
    location, mark, query = uri.partition("#")[0].partition("?")
    parts = _LOCATION.fullmatch(location)
    if parts is None:
        location = _path_form(location)
    elif not has_host:
        scheme, value, path = parts.groups()
        location = f"{scheme.lower()}//" + _path_form(value + path)
    else:
        scheme, host, path = parts.groups()
        location = f"{scheme}//{host}".lower() + (_path_form(path) or "/")
    return location + mark + _recoded(query, "/:@?!$'()*,")


def prefix(template: str) -> str:
    """What the normal form of each URI of a template starts with."""
    head = template.partition("{")[0]
    parts = _LOCATION.fullmatch(head)
    return head.lower() if parts and not parts[3] else normalize(head)


def _pattern(location: str, has_host: bool) -> str:
    start = _EXPRESSION.search(location)
    head = location[: start.start()] if start else location
    pattern, end = re.escape(normalize(head, has_host)), len(head)
    for expression in _EXPRESSION.finditer(location):
        pattern += re.escape(_path_form(location[end : expression.start()]))
        pattern += "(.+?)" if expression[1] == "+" else "([^/]+?)"
        end = expression.end()
    return pattern + re.escape(_path_form(location[end:]))


def _expanded(operator: str, names: str, values: Mapping[str, Any]) -> str:
    texts = {
        name: _value(values[name], RESERVED if operator == "+" else "")
        for name in names.split(",")
        if values.get(name) is not None
    }
    if operator not in ("?", "&"):
        return ",".join(texts.values())
    pairs = "&".join(f"{name}={text}" for name, text in texts.items())
    return operator + pairs if pairs else ""


def _value(value: Any, safe: str) -> str:
    items = value if isinstance(value, list) else [value]
    return ",".join(quote(to_text(item), safe=safe) for item in items)


def _pairs(query: str) -> list[tuple[str, str]]:
    pairs = (pair.partition("=") for pair in query.lstrip("?").split("&") if pair)
    return [(unquote(name), unquote(value)) for name, _, value in pairs]


def _path_form(path: str) -> str:
    return _recoded(path, ":@!$&'()*+,;=")


def _recoded(text: str, bare: str) -> str:
    def escape(match: re.Match[str]) -> str:
        character = chr(int(match[0][1:], 16))
        free = _UNRESERVED.match(character) or character in bare
        return character if free else match[0].upper()

    decoded = _ESCAPE.sub(escape, text)
    return quote(decoded, safe="%[]" + RESERVED, errors="replace")
