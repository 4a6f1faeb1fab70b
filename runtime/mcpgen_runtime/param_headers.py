"""Arguments that are repeated as HTTP headers: `x-mcp-header` in an input schema.

A proxy can route by `Mcp-Param-Region` when the property `region` has the annotation
`"x-mcp-header": "Region"`. So a call whose header and argument differ is refused
(2026-07-28, streamable HTTP, custom headers).

Pure: values in, values out; no I/O, no asyncio.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from . import stateless
from .errors import HEADER_MISMATCH, RequestError, shortened

ANNOTATION: Final = "x-mcp-header"

_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")
_TYPES: Final = frozenset({"string", "integer", "boolean"})
_INTEGER: Final = re.compile(r"-?\d{1,16}(\.0+)?\Z", re.ASCII)


class _Annotated(NamedTuple):
    path: tuple[str, ...]
    """The names that lead to the argument."""
    name: Any
    type: Any


def problem(schema: Mapping[str, Any]) -> str | None:
    """What is wrong with the annotations of an input schema, None when nothing is."""
    seen: set[str] = set()
    for path, name, type_ in _annotated(schema):
        where = f"{ANNOTATION} of {'.'.join(path)!r}"
        if not isinstance(name, str) or not _TOKEN.match(name):
            return f"{where} is {name!r}: give the name of a header, such as 'Region'"
        if name.lower() in seen:
            return f"{where} is {name!r}, which another property has"
        if type_ not in _TYPES:
            return f"{where} needs a property of type string, integer or boolean"
        seen.add(name.lower())
    if len(seen) < _occurrences(schema):
        return f"{ANNOTATION} may only stand in what `properties` alone lead to"
    return None


def check(
    schema: Mapping[str, Any], arguments: Any, headers: stateless.Headers
) -> None:
    """Raise RequestError unless the headers repeat the arguments of a call."""
    for path, name, _ in _annotated(schema):
        header = f"Mcp-Param-{name}"
        expected = _argument(arguments, path)
        given = stateless.header(headers, header)
        if given is None and expected is None:
            continue
        if given is None:
            raise _mismatch(f"the {header} header is missing")
        if expected is None:
            raise _mismatch(f"{header} has no argument {'.'.join(path)!r} to repeat")
        if not _same(stateless.decoded(header, given), expected):
            raise _mismatch(
                f"{header} header value {shortened(given)!r} does not match the body"
            )


def headers(schema: Mapping[str, Any], arguments: Any) -> dict[str, str]:
    """The headers that a client repeats the arguments of a call in."""
    found = {}
    for path, name, _ in _annotated(schema):
        argument = _argument(arguments, path)
        if isinstance(argument, bool):
            argument = "true" if argument else "false"
        if argument is not None:
            found[f"Mcp-Param-{name}"] = stateless.encoded(str(argument))
    return found


def _annotated(
    schema: Mapping[str, Any], path: tuple[str, ...] = ()
) -> Iterator[_Annotated]:
    properties = schema.get("properties")
    if not isinstance(properties, Mapping):
        return
    for name, property_ in properties.items():
        if isinstance(property_, Mapping):
            here = (*path, name)
            if ANNOTATION in property_:
                yield _Annotated(here, property_[ANNOTATION], property_.get("type"))
            yield from _annotated(property_, here)


def _occurrences(node: Any) -> int:
    """How many annotations there are, wherever they stand."""
    if isinstance(node, Mapping):
        return (ANNOTATION in node) + sum(map(_occurrences, node.values()))
    return sum(map(_occurrences, node)) if isinstance(node, list | tuple) else 0


def _argument(arguments: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        if not isinstance(arguments, Mapping):
            return None
        arguments = arguments.get(name)
    return arguments


def _same(given: str, expected: Any) -> bool:
    if isinstance(expected, bool):
        return given == ("true" if expected else "false")
    if isinstance(expected, int | float):
        return bool(_INTEGER.match(given)) and float(given) == expected
    return isinstance(expected, str) and given == expected


def _mismatch(sentence: str) -> RequestError:
    return RequestError(HEADER_MISMATCH, f"Header mismatch: {sentence}")
