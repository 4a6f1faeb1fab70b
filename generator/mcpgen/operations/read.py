"""All operations of a document, each read by itself.

A path item or an operation that can't be used is reported with its place and left out;
it never stops the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from openapi_pydantic.v3.v3_1 import Operation as OperationModel

from ..diagnostics import Location, Report
from ..spec import Spec
from .access import scopes, security, security_schemes, servers
from .bodies import request_body, responses
from .logo import logo
from .model import Api, Operation, SecurityScheme
from .parameters import braced_path, declared, parameters, plain_path
from .reading import Malformed, is_true, members, resolved, text, typed
from .tags import Tags

_ORIGIN = [{"url": "/"}]
"""Without servers, an API is where its document is (OpenAPI 3.1, 4.8.1)."""
_HAS_DOTS = re.compile(r"(^|/)\.{1,2}(/|$)")
METHODS = (
    "delete",
    "get",
    "head",
    "options",
    "patch",
    "post",
    "put",
    "query",
    "trace",
)
_METHOD = re.compile(r"[A-Z][A-Z0-9_-]*")
"""What methods look like (RFC 9110, 16.1.1); they are sent in capitals."""


def operations(spec: Spec, report: Report) -> Api:
    """The API that a document describes, without what can't be used of it."""
    value = spec.value
    for document in spec.documents:
        for pointer in document.repeated:
            report.warning(
                "repeated-key",
                "key is given twice, and only the last one counts",
                at=Location(document.source, pointer),
            )
    info = value.get("info")
    info = info if isinstance(info, Mapping) else {}
    schemes = security_schemes(spec, report)
    reader = _Reader(
        spec,
        report,
        schemes,
        security(
            value.get("security"), spec.root.child("security"), schemes, report, None
        ),
        scopes(value.get("security")),
        Tags(value.get("tags")),
    )
    return Api(
        title=text(info, "title") or "API",
        version=str(info.get("version") or "0"),
        description=text(info, "description"),
        logo=logo(info, spec.root.child("info"), report),
        servers=servers(
            spec, value.get("servers") or _ORIGIN, spec.root.child("servers"), report
        ),
        security_schemes=schemes,
        operations=tuple(
            sorted(
                reader.all(),
                key=lambda found: (
                    found.path,
                    found.method,
                    found.at.source,
                    found.at.pointer,
                ),
            )
        ),
        spec=spec,
    )


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads operations, given what the whole document says."""

    spec: Spec
    report: Report
    schemes: Mapping[str, SecurityScheme]
    security: tuple[tuple[str, ...], ...]
    scopes: Mapping[str, tuple[str, ...]]
    tags: Tags

    def all(self) -> Iterator[Operation]:
        paths, start = self.spec.value.get("paths"), self.spec.root.child("paths")
        if isinstance(paths, Mapping) and "$ref" in paths:
            try:
                paths, start = resolved(self.spec, paths, start)
            except Malformed as problem:
                self._left_out(problem, "all paths")
                return
        for path, item, at in members(paths, start):
            try:
                own, place = resolved(self.spec, item, at)
                if isinstance(item, Mapping):
                    own = {**own, **{k: v for k, v in item.items() if k != "$ref"}}
            except Malformed as problem:
                self._left_out(problem, path)
                continue
            for method in own:
                if method not in METHODS and method.lower() in METHODS:
                    meant = f"the method must be in lower case, `{method.lower()}`"
                    capitals = Malformed(meant, place.child(method))
                    self._left_out(capitals, f"{method.upper()} {path}")
            for method, node, found_at in _operations(own, place):
                subject = f"{method.upper()} {path}"
                try:
                    if not _METHOD.fullmatch(method.upper()):
                        raise Malformed("no request can have this method", found_at)
                    yield self._operation(path, method, node, found_at, own, place)
                except Malformed as problem:
                    self._left_out(problem, subject)

    def _operation(
        self,
        path: str,
        method: str,
        node: Any,
        at: Location,
        item: Mapping[str, Any],
        item_at: Location,
    ) -> Operation:
        subject = f"{method.upper()} {path}"
        template = plain_path(path)
        if "{}" in template or _HAS_DOTS.search(unquote(template)):
            raise Malformed("no request can have this path", item_at)
        node, at = resolved(self.spec, node, at)
        shown = node
        if isinstance(node.get("operationId"), int | float):
            shown = {"operationId": str(node["operationId"])}
        model = typed(OperationModel, shown, at, "operationId")
        own_servers, servers_at = (
            (node["servers"], at)
            if isinstance(node.get("servers"), list)
            else (item.get("servers"), item_at)
        )
        secured = self.security
        if "security" in node:
            place = at.child("security")
            secured = security(
                node["security"], place, self.schemes, self.report, subject
            )
        tags = node.get("tags")
        given = [*declared(item, item_at), *declared(node, at)]
        template = braced_path(self.spec, template, given, self.report, subject)
        return Operation(
            method=method,
            path=template,
            id=(model.operationId or "").strip() or None,
            summary=text(node, "summary") or text(item, "summary"),
            description=text(node, "description") or text(item, "description"),
            tags=self.tags.of(tags),
            deprecated=is_true(node, "deprecated"),
            parameters=parameters(
                self.spec,
                template,
                given,
                [self.schemes[id] for alternative in secured for id in alternative],
                self.report,
                subject,
            ),
            body=request_body(
                self.spec,
                node.get("requestBody"),
                at.child("requestBody"),
                self.report,
                subject,
            ),
            responses=responses(
                self.spec, node.get("responses"), at.child("responses")
            ),
            security=secured,
            scopes=scopes(node["security"]) if "security" in node else self.scopes,
            servers=servers(
                self.spec, own_servers, servers_at.child("servers"), self.report
            ),
            extensions={key: node[key] for key in node if key.startswith("x-")},
            at=at,
        )

    def _left_out(self, problem: Malformed, subject: str) -> None:
        self.report.error(
            problem.code,
            f"{problem.problem}; it is left out",
            at=problem.at,
            subject=subject,
        )


def _operations(
    item: Mapping[str, Any], at: Location
) -> Iterator[tuple[str, Any, Location]]:
    """The operations of a path item, each with its method in lower case."""
    for method in METHODS:
        if method in item:
            yield method, item[method], at.child(method)
    more = item.get("additionalOperations")
    for method, node, place in members(more, at.child("additionalOperations")):
        if item.get(method.lower()) is None:
            yield method.lower(), node, place
