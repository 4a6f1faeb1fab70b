"""What each operation becomes: a tool that is called or a resource that is read.

First the user's patterns select, then the rules of the preset decide: the first that
matches. A resource is what its URI says, so an operation that needs more than a URI
can carry is a tool, whatever the rules say.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Literal

from .config import PRESETS, Config, RouteMap
from .diagnostics import Location, Report
from .operations import Api, Operation, Parameter
from .spec import Spec, UnresolvedReference


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """What an operation becomes, and the rule that said so.

    A resource is listed by its URI or, if that has variables, as a template.
    """

    operation: Operation
    kind: Literal["tool", "resource"]
    because: str


def route(api: Api, config: Config, report: Report) -> tuple[Route, ...]:
    """The routes of the selected operations, in their order."""
    _report_idle_patterns(api.operations, config, report)
    rules = PRESETS[config.preset]
    routes = (
        _routed(operation, rules, config, api.spec, report)
        for operation in api.operations
        if _is_selected(operation, config)
    )
    found = tuple(one for one in routes if one is not None)
    _report_dropped(found, api.spec, report)
    return found


def _routed(
    operation: Operation,
    rules: Sequence[RouteMap],
    config: Config,
    spec: Spec,
    report: Report,
) -> Route | None:
    rule = next((rule for rule in rules if _matches(rule, operation)), None)
    if rule is None or rule.kind == "exclude":
        return None
    because = f"preset {config.preset}: {_told(rule)}"
    if rule.kind == "tool":
        return Route(operation=operation, kind="tool", because=because)
    needed = _beyond_a_uri(operation, spec)
    if needed is None:
        return Route(operation=operation, kind="resource", because=because)
    report.note(
        "not-a-resource",
        f"is a tool, because a URI can't carry its {needed}",
        at=operation.at,
        subject=operation.subject,
    )
    return Route(
        operation=operation, kind="tool", because=f"a URI can't carry its {needed}"
    )


def _report_dropped(routes: Sequence[Route], spec: Spec, report: Report) -> None:
    """One warning for each parameter that reading by URI loses."""
    for operation in (one.operation for one in routes if one.kind == "resource"):
        for parameter in operation.parameters:
            if parameter.location != "path" and not is_uri_query(parameter, spec):
                report.warning(
                    "dropped-parameter",
                    "is read by URI, which has no place for the "
                    f"{parameter.location} `{parameter.name}`",
                    at=operation.at,
                    subject=operation.subject,
                    hint="--preset tools serves it, and --resources-as-tools of the server",
                )


def _is_selected(operation: Operation, config: Config) -> bool:
    included = not config.include or any(
        _selects(pattern, operation) for pattern in config.include
    )
    return included and not any(
        _selects(pattern, operation) for pattern in config.exclude
    )


def _selects(pattern: str, operation: Operation) -> bool:
    if pattern.startswith("/"):
        return fnmatchcase(operation.path, _glob(pattern))
    return any(
        fnmatchcase(tag.lower(), _glob(pattern.lower())) for tag in operation.tags
    )


def _glob(pattern: str) -> str:
    """A pattern in which `*` is the only wildcard."""
    return pattern.replace("[", "[[]").replace("?", "[?]")


def _matches(rule: RouteMap, operation: Operation) -> bool:
    return (
        (not rule.methods or operation.method.upper() in rule.methods)
        and (rule.path is None or re.search(rule.path, operation.path) is not None)
        and set(rule.tags) <= set(operation.tags)
        and (not rule.operations or operation.id in rule.operations)
    )


def _told(rule: RouteMap) -> str:
    conditions = [
        *rule.methods,
        *([f"path {rule.path}"] if rule.path else ()),
        *(f"tag {tag}" for tag in rule.tags),
        *rule.operations,
    ]
    return f"{', '.join(conditions) or 'anything'} -> {rule.kind}"


def _beyond_a_uri(operation: Operation, spec: Spec) -> str | None:
    """What a read needs and a URI can't hold; None where a URI is enough."""
    if operation.body is not None:
        return "request body"
    for parameter in operation.parameters:
        where = parameter.location
        if where == "querystring":
            return f"query `{parameter.name}`, which is one value"
        if parameter.required and where in ("header", "cookie"):
            return f"required {where} `{parameter.name}`"
        if where == "path" and (
            parameter.style != "simple" or _is_structured(parameter, spec)
        ):
            return f"path parameter `{parameter.name}`, which is more than one text"
        if where == "query" and parameter.required and _is_object(parameter, spec):
            return f"required query parameter `{parameter.name}`, which is an object"
    return None


def is_uri_query(parameter: Parameter, spec: Spec) -> bool:
    """Whether a query parameter has a place in a URI template."""
    return parameter.location == "query" and not _is_object(parameter, spec)


def _is_object(parameter: Parameter, spec: Spec) -> bool:
    """Whether no value of a parameter is a text or a list of texts."""
    types = _types(parameter, spec) - {"null"}
    if parameter.content is not None:
        return True
    return types == {"object"} or (parameter.style == "deepObject" and not types)


def _is_structured(parameter: Parameter, spec: Spec) -> bool:
    types = _types(parameter, spec)
    return parameter.content is not None or bool({"array", "object"} & types)


def _types(parameter: Parameter, spec: Spec) -> set[str]:
    return set(_types_of(parameter.schema, parameter.at, spec, set()))


def _types_of(
    schema: Any, at: Location, spec: Spec, seen: set[Location]
) -> Iterator[str]:
    """The types that a schema names, itself or in its branches, each of which is
    looked at once however many ways lead to it."""
    try:
        schema, at = spec.resolve(schema, at)
    except UnresolvedReference:
        return
    if not isinstance(schema, Mapping) or at in seen:
        return
    seen.add(at)
    declared = schema.get("type")
    types = declared if isinstance(declared, list) else [declared]
    yield from (one for one in types if isinstance(one, str))
    if "properties" in schema:
        yield "object"
    for union in ("allOf", "anyOf", "oneOf"):
        branches = schema.get(union)
        for index, branch in enumerate(branches if isinstance(branches, list) else ()):
            yield from _types_of(branch, at.child(union, index), spec, seen)


def _report_idle_patterns(
    operations: Sequence[Operation], config: Config, report: Report
) -> None:
    for option, patterns in (("include", config.include), ("exclude", config.exclude)):
        for pattern in patterns:
            if any(_selects(pattern, operation) for operation in operations):
                continue
            known = (
                {operation.path for operation in operations}
                if pattern.startswith("/")
                else {tag for operation in operations for tag in operation.tags}
            )
            by_lower_case = {name.lower(): name for name in sorted(known)}
            near = difflib.get_close_matches(pattern.lower(), by_lower_case, n=1)
            report.warning(
                "pattern",
                f"--{option} {pattern} matches no operation",
                hint=f"did you mean {by_lower_case[near[0]]}?" if near else None,
            )
