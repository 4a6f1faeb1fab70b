"""URI templates: a resource's URI read back into its variables (RFC 6570).

The rule: URIs are compared in one normal form, because clients re-encode what they are
given. Of RFC 6570, the expressions `{var}`, `{+var}`, `{?a,b}` and `{&a,b}` are known,
those of the query at the end; a variable repeated in the query is a list. A bare comma
divides the items of a list, and one that is encoded is part of an item.

Pure: text in, values out.
"""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from typing import Any
from urllib.parse import quote, unquote

from .upstream.serialization import to_text

_EXPRESSION = re.compile(r"\{([+?&]?)([^{}]*)\}")
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_RESERVED = "/?:@!$&'()*+,;="  # without what ends a query or an authority
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
        self.names = {
            name
            for match in _EXPRESSION.finditer(query)
            for name in match[2].split(",")
        }.union(self._path_names)
        fixed = _pairs(_EXPRESSION.sub("", query))
        self._fixed = [(name, unquote(text)) for name, text in fixed]

    def match(
        self, uri: str, lists: Container[str] = ()
    ) -> dict[str, str | list[str]] | None:
        """The variables of a URI, decoded; None when it isn't of this template.

        `lists` are the variables that are a list, of however many items; "" stands for
        itself there, as a schema may allow both.
        """
        texts = self._texts(uri)
        if texts is None or not texts.keys() <= self.names:
            return None
        values: dict[str, str | list[str]] = {}
        for name, given in texts.items():
            if name in lists and given != [""]:
                items = [item for text in given if text for item in text.split(",")]
                values[name] = [unquote(item) for item in items]
            elif len(given) > 1:
                values[name] = [unquote(text) for text in given]
            else:
                values[name] = unquote(given[0])
        return values

    def unknown(self, uri: str) -> list[str]:
        """The names in the query that keep a URI from being of this template."""
        return [name for name in self._texts(uri) or () if name not in self.names]

    def _texts(self, uri: str) -> dict[str, list[str]] | None:
        """What stands in the place of each variable, and in other pairs, encoded."""
        location, _, query = normalize(uri, self._has_host).partition("?")
        found = self._path.fullmatch(location)
        pairs = _pairs(query)
        decoded = [(name, unquote(text)) for name, text in pairs]
        if found is None or any(pair not in decoded for pair in self._fixed):
            return None
        texts = {
            name: [text]
            for name, text in zip(self._path_names, found.groups(), strict=True)
        }
        for name, text in pairs:
            if (name, unquote(text)) not in self._fixed:
                texts.setdefault(name, []).append(text)
        return texts

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
    return location + mark + _recoded(query, "/:@?!$'()*")


def unfilled(uri: str, template: str) -> str:
    """The first expression of a template that a URI still has; "" for none."""
    decoded = unquote(uri)
    found = (match[0] for match in _EXPRESSION.finditer(template))
    return next((expression for expression in found if expression in decoded), "")


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
        name: _value(values[name], _RESERVED if operator == "+" else "")
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
    return [(unquote(name), text) for name, _, text in pairs]


def _path_form(path: str) -> str:
    return _recoded(path, ":@!$&'()*+;=")


def _recoded(text: str, bare: str) -> str:
    def escape(match: re.Match[str]) -> str:
        character = chr(int(match[0][1:], 16))
        free = _UNRESERVED.match(character) or character in bare
        return character if free else match[0].upper()

    decoded = _ESCAPE.sub(escape, text)
    return quote(decoded, safe="%[]" + _RESERVED, errors="replace")
