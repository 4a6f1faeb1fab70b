"""What each operation becomes: a tool that is called or a resource that is read.

First the user's patterns select. Then decides what the settings say of the operation,
or the first of their rules that matches, or `x-mcp`, or the first rule of the preset;
the user's plugin is told, and may decide otherwise. A
resource is what its URI says, so an operation that needs more than a URI can carry is a
tool, whatever the rules say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any, Literal, get_args

from .config import PRESETS, Config, RouteKind, RouteMap
from .diagnostics import Location, Report
from .operations import Api, Operation, Parameter
from .settings import nearest
from .spec import Spec, UnresolvedReference


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """What an operation becomes, and the rule that said so.

    A resource is listed by its URI or, if that has variables, as a template.
    """

    operation: Operation
    kind: Literal["tool", "resource"]
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Routes:
    """The routes of the operations that are served, in their order, and by its subject
    why each of the others isn't."""

    served: tuple[Route, ...]
    left_out: Mapping[str, str]


def route(api: Api, config: Config, report: Report) -> Routes:
    """What becomes of each operation."""
    _report_idle_patterns(api.operations, config, report)
    _report_idle_rules(api.operations, config, report)
    served: list[Route] = []
    left_out: dict[str, str] = {}
    for operation in api.operations:
        found = _unselected(operation, config) or _routed(
            operation, config, api.spec, report
        )
        if isinstance(found, Route):
            served.append(found)
        else:
            left_out[operation.subject] = found
    _report_dropped(served, api.spec, report)
    return Routes(served=tuple(served), left_out=left_out)


def _routed(
    operation: Operation, config: Config, spec: Spec, report: Report
) -> Route | str:
    """The route of an operation, or why it has none."""
    rule, because = _asked(operation, *_decided(operation, config), config, report)
    if rule.kind == "exclude":
        return because
    operation = replace(operation, tags=(*operation.tags, *rule.add_tags))
    if rule.kind == "tool":
        return Route(operation=operation, kind="tool", because=because)
    needed = _beyond_a_uri(operation, spec)
    if needed is None:
        return Route(operation=operation, kind="resource", because=because)
    tell = report.note if rule.at is None else report.warning
    tell(
        "not-a-resource",
        f"is a tool, because a URI can't carry its {needed}",
        at=rule.at or operation.at,
        subject=operation.subject,
    )
    return Route(
        operation=operation, kind="tool", because=f"a URI can't carry its {needed}"
    )


def _asked(
    operation: Operation,
    rule: RouteMap,
    because: str,
    config: Config,
    report: Report,
) -> tuple[RouteMap, str]:
    """The rule for an operation, after the plugin had its say."""
    plugin, subject = config.plugin, operation.subject
    kind = plugin.ask("route", subject, operation, rule.kind) if plugin else None
    if plugin is None or kind is None or kind == rule.kind:
        return rule, because
    if kind not in get_args(RouteKind):
        hint = f"it gives one of {', '.join(get_args(RouteKind))}, or None"
        raise plugin.refused("route", subject, repr(kind), hint)
    told = f"`route`, not {rule.kind}"
    at = plugin.at("route")
    report.note("plugin", f"becomes {kind} by {told}", at=at, subject=subject)
    return replace(rule, kind=kind, at=at), f"{plugin.source}: {kind} by {told}"


def _decided(operation: Operation, config: Config) -> tuple[RouteMap, str]:
    """The rule for an operation, and how it is told."""
    user = next((rule for rule in config.routes if _matches(rule, operation)), None)
    for key in (operation.subject, operation.id):
        own = config.operations.get(key) if key is not None else None
        if own is not None and own.kind is not None:
            tags = user.add_tags if user is not None else ()
            rule = RouteMap(kind=own.kind, add_tags=tags, at=own.at)
            return rule, f"settings of `{key}`: {own.kind}"
    if user is not None:
        number = config.routes.index(user) + 1
        return user, f"rule {number} of the settings: {_told(user)}"
    said = operation.override
    if said.kind is not None:
        rule = RouteMap(kind=said.kind, at=said.at)
        return rule, f"x-mcp: {rule.kind}"
    rule = next(one for one in PRESETS[config.preset] if _matches(one, operation))
    return rule, f"preset {config.preset}: {_told(rule)}"


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


def _report_idle_rules(
    operations: Sequence[Operation], config: Config, report: Report
) -> None:
    """One warning for each rule of the user that no operation meets."""
    for rule in config.routes:
        if any(_matches(rule, operation) for operation in operations):
            continue
        ids = {one.id for one in operations if one.id}
        tags = {tag for one in operations for tag in one.tags}
        unknown = [
            (name, known)
            for names, known in ((rule.operations, ids), (rule.tags, tags))
            for name in names
            if name not in known
        ]
        report.warning(
            "setting",
            f"the rule {_told(rule)} matches no operation",
            at=rule.at,
            hint=nearest(*unknown[0]) if unknown else None,
        )


def _unselected(operation: Operation, config: Config) -> str | None:
    """The pattern for which an operation is left out."""
    if config.include and not any(_selects(one, operation) for one in config.include):
        return f"--include {' '.join(config.include)}: not among these"
    excluding = (one for one in config.exclude if _selects(one, operation))
    return next((f"--exclude {one}" for one in excluding), None)


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
            report.warning(
                "pattern",
                f"--{option} {pattern} matches no operation",
                hint=nearest(pattern, known),
            )
