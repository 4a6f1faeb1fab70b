"""The parameters of an operation, those of its path included (OpenAPI 3.1, 4.8.12).

What a document leaves out but can only mean one thing is filled in: a path parameter
is required, a placeholder that nobody declares is text. What a client must not decide
(credentials, negotiation) is no parameter. One that can't be used costs its operation
only where no request is right without it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from openapi_pydantic.v3.v3_1 import Parameter as ParameterModel

from ..diagnostics import Location, Report
from ..spec import Spec
from ..upgrade.schemas import rewriting
from .bodies import encodings, examples
from .model import Parameter, ParameterLocation, SecurityScheme
from .reading import Malformed, is_true, resolved, text, typed

_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")
_RFC_6570 = re.compile(r"\{[.;]?([^{}*]+)\*?\}")
_NOT_THE_CLIENTS = re.compile(  # 4.8.12.1, and what frames a request
    "accept|accept-encoding|authorization|connection|content-(encoding|length|type)"
    "|cookie|expect|host|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade"
)
_MEMBERS = frozenset(
    """allowEmptyValue allowReserved collectionFormat content deprecated description
    example examples explode in name required schema style""".split()  # noqa: SIM905
)
"""What a parameter itself has (4.8.12.2); anything else is a keyword of its schema, as
in Swagger 2.0."""
_DELIMITED = ("spaceDelimited", "pipeDelimited", "tabDelimited")
_STYLES: Mapping[str, tuple[str, ...]] = {
    "path": ("simple", "label", "matrix", *_DELIMITED),
    "query": ("form", *_DELIMITED, "deepObject"),
    "querystring": ("form",),
    "header": ("simple", *_DELIMITED),
    "cookie": ("form", "cookie"),
}
"""The styles of each location, its default first; Swagger 2.0 delimits everywhere."""


def parameters(
    spec: Spec,
    path: str,
    declared: list[tuple[Any, Location]],
    schemes: Iterable[SecurityScheme],
    report: Report,
    subject: str,
) -> tuple[Parameter, ...]:
    """The parameters of an operation, but those of the `schemes` that it is secured by.

    `declared` holds those of the path item first, so that an operation's own win.
    Raises Malformed for one that can't be used.
    """
    placeholders = dict.fromkeys(_PLACEHOLDER.findall(path))
    credentials = {
        _identity(scheme.location, scheme.name or "")
        for scheme in schemes
        if scheme.type == "apiKey"
    }
    found: dict[tuple[str | None, str], Parameter] = {}
    places: dict[tuple[str | None, str], Location] = {}
    for node, at in declared:
        try:
            parameter = _parameter(spec, node, at, report, subject)
        except Malformed as problem:
            if not _is_optional(spec, node, at):
                raise
            told = f"{problem.problem}; the parameter is left out"
            report.warning(problem.code, told, at=problem.at, subject=subject)
            continue
        name = parameter.name.lower()
        identity = _identity(parameter.location, parameter.name)
        if parameter.location == "path" and parameter.name not in placeholders:
            report.warning(
                "path-parameter",
                f"path parameter `{parameter.name}` has no place in the path",
                at=at,
                subject=subject,
            )
        elif parameter.location == "header" and _NOT_THE_CLIENTS.fullmatch(name):
            continue
        elif parameter.location in ("header", "cookie") and not _is_token(name):
            _refuse_name(parameter, at, report, subject)
        elif identity in found and _in_one_list(places[identity], at, spec):
            first = places[identity].pointer
            report.warning(
                "malformed",
                f"{parameter.location} parameter `{parameter.name}` is declared before, "
                f"at `#{first}`; that one is used",
                at=at,
                subject=subject,
                hint="leave one of them out, or give them different names",
            )
        elif identity not in credentials:
            found[identity], places[identity] = parameter, at
    for name in placeholders:
        if ("path", name) not in found:
            found["path", name] = _undeclared(spec, name, path, report, subject)
    return tuple(found.values())


def _identity(location: str | None, name: str) -> tuple[str | None, str]:
    """Where a value is sent, and by which name: that of a header has no case."""
    return location, name.lower() if location == "header" else name


def _in_one_list(first: Location, second: Location, spec: Spec) -> bool:
    """Whether two parameters are declared in the same list. One of the path item and
    one of the operation are not, also where Swagger 2.0 had them brought together."""
    lists = [spec.written_at(at).pointer.rpartition("/") for at in (first, second)]
    (one, _, first_index), (other, _, second_index) = lists
    indices = first_index + second_index
    return one == other and first_index != second_index and indices.isdecimal()


def _is_token(name: str) -> bool:
    """Whether a name can stand in a header (RFC 9110, 5.6.2; RFC 6265, 4.1.1)."""
    return _TOKEN.fullmatch(name) is not None


def _refuse_name(
    parameter: Parameter, at: Location, report: Report, subject: str
) -> None:
    problem = f"a {parameter.location} can't have the name `{parameter.name}`"
    if parameter.required:
        raise Malformed(problem, at)
    report.warning("name", f"{problem}; it is left out", at=at, subject=subject)


def _is_optional(spec: Spec, node: Any, at: Location) -> bool:
    """Whether a parameter that can't be used says at least that it may be left out."""
    found, _ = resolved(spec, node, at)
    optional = found.get("in") in ("query", "header", "cookie")
    return optional and not is_true(found, "required")


def _parameter(
    spec: Spec, node: Any, at: Location, report: Report, subject: str
) -> Parameter:
    node, at = resolved(spec, node, at)
    whole = node.get("in") == "querystring"
    shown = {**node, "in": "query"} if whole else node
    model = typed(
        ParameterModel, shown, at, "name", "in", "style", "explode", "allowReserved"
    )
    location: ParameterLocation = "querystring" if whole else model.param_in.value
    media_type, schema, place = _schema(spec, node, at)
    carrier = (node, at) if media_type is None else _content(spec, node, at)
    if whole and media_type is None:
        raise Malformed("a querystring parameter must have `content`", at)
    style = _style(model.style, location, at, report, subject)
    exploded = style in ("form", "cookie")
    return Parameter(
        name=model.name,
        location=location,
        required=location == "path" or is_true(node, "required"),
        schema=schema,
        style=style,
        explode=exploded if model.explode is None else model.explode,
        allow_reserved=is_true(node, "allowReserved"),
        content=media_type,
        encoding=dict(encodings(spec, *carrier)) if whole else {},
        examples=tuple(examples(spec, *carrier)),
        description=text(node, "description"),
        deprecated=is_true(node, "deprecated"),
        at=place,
    )


def _schema(
    spec: Spec, node: Mapping[str, Any], at: Location
) -> tuple[str | None, Any, Location]:
    """The media type (if there is one), the schema and its place."""
    content = node.get("content")
    if "schema" not in node and isinstance(content, Mapping) and content:
        value, place = _content(spec, node, at)
        return next(iter(content)), value.get("schema", {}), place.child("schema")
    bare = {
        key: value
        for key, value in node.items()
        if key not in _MEMBERS and not key.startswith("x-")
    }
    if "schema" not in node and bare:
        return None, rewriting(spec.version(at.source))(bare), at
    return None, node.get("schema", {}), at.child("schema")


def _content(
    spec: Spec, node: Mapping[str, Any], at: Location
) -> tuple[Mapping[str, Any], Location]:
    """The one media type of a parameter that has `content`."""
    media_type, value = next(iter(node["content"].items()))
    return resolved(spec, value, at.child("content", media_type))


def _style(
    declared: str | None, location: str, at: Location, report: Report, subject: str
) -> str:
    known = _STYLES[location]
    if declared is None or declared in known:
        return declared or known[0]
    report.warning(
        "style",
        f"style `{declared}` doesn't exist in a {location}; `{known[0]}` is used",
        at=at.child("style"),
        subject=subject,
    )
    return known[0]


def _undeclared(
    spec: Spec, name: str, path: str, report: Report, subject: str
) -> Parameter:
    at = spec.root.child("paths", path)
    report.warning(
        "path-parameter",
        f"path parameter `{name}` is not declared; it is taken as text",
        at=at,
        subject=subject,
    )
    return Parameter(
        name=name,
        location="path",
        required=True,
        schema={"type": "string"},
        style="simple",
        explode=False,
        allow_reserved=False,
        content=None,
        encoding={},
        examples=(),
        description=None,
        deprecated=False,
        at=at,
    )


def plain_path(path: str) -> str:
    """A path key without the operators of RFC 6570 that some documents put into its
    placeholders; style and explode say the same: `/{.id*}` -> `/{id}`."""
    return _RFC_6570.sub(r"{\1}", path)


def braced_path(
    spec: Spec,
    path: str,
    declared: Iterable[tuple[Any, Location]],
    report: Report,
    subject: str,
) -> str:
    """A path in which `:id` is a placeholder, as in routers, where a path parameter of
    that name is declared: `/users/:id` -> `/users/{id}`."""
    segments = path.split("/")
    for node, at in declared:
        try:
            found, _ = resolved(spec, node, at)
        except Malformed:
            continue  # which is told where it is read
        name = found.get("name")
        if found.get("in") != "path" or f":{name}" not in segments:
            continue
        segments = [f"{{{name}}}" if one == f":{name}" else one for one in segments]
        report.warning(
            "path-parameter",
            f"the path has `:{name}`, which is taken as `{{{name}}}`",
            at=at,
            subject=subject,
        )
    return "/".join(segments)


def declared(node: Mapping[str, Any], at: Location) -> Iterator[tuple[Any, Location]]:
    """The parameters that a path item or an operation declares."""
    listed = node.get("parameters")
    if isinstance(listed, list):
        for index, one in enumerate(listed):
            yield one, at.child("parameters", index)
