"""URIs of resources: derived from the path, or chosen by the user, and never shared.

A choice that can't be kept is a warning, and the derived URI stands.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from dataclasses import replace
from urllib.parse import quote

from mcpgen_runtime.components import Argument, Path, Query
from mcpgen_runtime.upstream.serialization import to_text
from mcpgen_runtime.uri import UriTemplate

from ..diagnostics import Report
from ..name import Named
from ..operations import Operation
from ..settings import nearest
from .overrides import warn

URI_LITERALS = "/:@!$&'()*+,;=-._~?"
"""What stands in a URI as it stands in a path key. A `#` would end the URI, and `%`
is left to encoding, so that no two paths have one URI."""
_EXPRESSIONS = re.compile(r"[^{}]*(\{\+?[\w.-]+\}[^{}]*)*(\{[?&][\w.-]+(,[\w.-]+)*\})*")
_OPTIONAL = re.compile(r"\{[?&][^{}]*\}")
_VARIABLE = re.compile(r"\{[^{}]*\}")
_HINT = "use {name} in the path, and {?a,b} or {&a,b} at the end"


def derived_uri(
    server: str, path: str, found: Sequence[Argument], carried: Container[str]
) -> str:
    """`/pets/{petId}` with a query `limit` -> `api://shop/pets/{petId}{?limit}`.

    `carried` has the query parameters that a URI can carry, by their wire names.
    """
    variables = {
        argument.wire_name: (
            quote(to_text(argument.default), safe="")
            if argument.hidden
            else "{" + "+" * argument.allow_reserved + argument.name + "}"
        )
        for argument in found
        if isinstance(argument, Path)
    }
    pieces = re.split(r"\{([^{}]*)\}", path)
    text = "".join(
        variables[piece] if index % 2 else quote(piece, URI_LITERALS)
        for index, piece in enumerate(pieces)
    )
    queries = ",".join(
        argument.name
        for argument in found
        if isinstance(argument, Query)
        and argument.wire_name in carried
        and not argument.hidden
    )
    expansion = f"{{{'&' if '?' in path else '?'}{queries}}}" if queries else ""
    return f"api://{server}{text}{expansion}"


def chosen_uri(
    default: str, shown: Sequence[Argument], operation: Operation, report: Report
) -> str:
    """The URI of a resource: the one that was chosen, where its arguments fit it."""
    chosen = operation.override.uri
    if chosen is None:
        return default
    names = {one.name for one in shown}
    needed = {one.name for one in shown if one.required}
    if not _EXPRESSIONS.fullmatch(chosen):
        warn(operation, report, f"can't have the URI `{chosen}`", _HINT)
        return default
    used = UriTemplate(chosen).names
    for name in sorted(used - names):
        message = f"has no argument `{name}` for the URI `{chosen}`"
        warn(operation, report, message, nearest(name, names))
    for name in sorted(needed - used):
        warn(operation, report, f"needs `{name}` in the URI `{chosen}`", None)
    return chosen if needed <= used <= names else default


def uris_apart(
    named: Sequence[Named], server: str, report: Report
) -> tuple[Named, ...]:
    """The operations without those chosen URIs that are another resource's already.

    A derived URI stays, and of the chosen ones the first; each that was chosen gets a
    warning at its place, also the one that stays.
    """
    alike: dict[str, list[Operation]] = {}
    for one in named:
        if one.route.kind == "resource":
            operation = one.route.operation
            alike.setdefault(_matched(operation, server), []).append(operation)
    moved: set[str] = set()
    for together in (ones for ones in alike.values() if len(ones) > 1):
        chosen = [operation for operation in together if operation.override.uri]
        derived = [operation for operation in together if operation not in chosen]
        stays = (derived or chosen)[0]
        for operation in chosen:
            other = next(other for other in together if other is not operation)
            report.warning(
                "setting",
                f"has the URI `{operation.override.uri}`, and so has {other.subject}",
                at=operation.override.at,
                subject=operation.subject,
                hint=f"{stays.subject} keeps it; choose another one for the other",
            )
        moved |= {one.subject for one in chosen if one is not stays}
    return tuple(
        _with_derived_uri(one) if one.route.operation.subject in moved else one
        for one in named
    )


def _matched(operation: Operation, server: str) -> str:
    """What the URI of an operation matches, whatever its variables are called."""
    derived = f"api://{server}{quote(operation.path, URI_LITERALS + '{}')}"
    return _VARIABLE.sub("{}", _OPTIONAL.sub("", operation.override.uri or derived))


def _with_derived_uri(named: Named) -> Named:
    operation = named.route.operation
    said = replace(operation.override, uri=None)
    route = replace(named.route, operation=replace(operation, override=said))
    return replace(named, route=route)
