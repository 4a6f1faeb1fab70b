"""Where an API is and what it asks of its callers: servers and security."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any
from urllib.parse import urljoin

from openapi_pydantic.v3.v3_1 import SecurityScheme as SecuritySchemeModel
from openapi_pydantic.v3.v3_1 import Server as ServerModel

from ..diagnostics import Location, Report
from ..spec import Spec
from .model import SecurityScheme, Server
from .reading import Malformed, members, resolved, text, typed

_VARIABLE = re.compile(r"\{([^{}]+)\}")


def security_schemes(spec: Spec, report: Report) -> Mapping[str, SecurityScheme]:
    """The security schemes by id; one that can't be used is reported and left out."""
    found: dict[str, SecurityScheme] = {}
    components = spec.value.get("components")
    declared = (
        components.get("securitySchemes") if isinstance(components, Mapping) else {}
    )
    at = spec.root.child("components", "securitySchemes")
    for id, node, place in members(declared, at):
        try:
            node, place = resolved(spec, node, place)
            model = typed(
                SecuritySchemeModel, node, place, "type", "name", "in", "scheme"
            )
        except Malformed as problem:
            report.warning(
                "security-scheme",
                f"security scheme `{id}` can't be used: {problem.problem}",
                at=problem.at,
            )
            continue
        found[id] = SecurityScheme(
            id=id,
            type=model.type,
            name=model.name,
            location=model.security_scheme_in,
            scheme=model.scheme,
            token_urls=dict(_token_urls(node.get("flows"))),
            discovery_url=text(node, "openIdConnectUrl"),
            at=place,
        )
    return found


def _token_urls(flows: Any) -> Iterator[tuple[str, str]]:
    for name, flow in flows.items() if isinstance(flows, Mapping) else ():
        url = text(flow, "tokenUrl") if isinstance(flow, Mapping) else None
        if url and url.strip():
            yield name, url.strip()


def security(
    node: Any,
    at: Location,
    schemes: Mapping[str, SecurityScheme],
    report: Report,
    subject: str | None,
) -> tuple[tuple[str, ...], ...]:
    """The alternatives of a security requirement list, `[{a: []}, {b: [], c: []}]`.

    A scheme that isn't declared can't be met, so its alternative counts for nothing.
    """
    alternatives: list[tuple[str, ...]] = []
    for requirement in node if isinstance(node, list) else ():
        ids = tuple(requirement) if isinstance(requirement, Mapping) else ()
        unknown = [id for id in ids if id not in schemes]
        if unknown:
            report.warning(
                "security-scheme",
                f"security scheme `{unknown[0]}` is not declared; no credential is "
                "sent for it",
                at=at,
                subject=subject,
                hint="declare it in components.securitySchemes",
            )
        else:
            alternatives.append(ids)
    return tuple(alternatives)


def scopes(node: Any) -> Mapping[str, tuple[str, ...]]:
    """The scopes that a security requirement list asks for, by the scheme's id.

    A scheme in several alternatives has those of the first, which is tried first.
    """
    found: dict[str, tuple[str, ...]] = {}
    for requirement in node if isinstance(node, list) else ():
        for id, names in (
            requirement.items() if isinstance(requirement, Mapping) else ()
        ):
            listed = names if isinstance(names, list) else ()
            found.setdefault(id, tuple(n for n in listed if isinstance(n, str)))
    return found


def servers(spec: Spec, node: Any, at: Location, report: Report) -> tuple[Server, ...]:
    """The usable servers, relative ones resolved where the document has a URL."""
    return tuple(_servers(spec, node, at, report))


def _servers(spec: Spec, node: Any, at: Location, report: Report) -> Iterator[Server]:
    source = spec.source
    for index, value in enumerate(node if isinstance(node, list) else ()):
        place = at.child(index)
        try:
            value, place = resolved(spec, value, place)
            url = typed(ServerModel, value, place, "url").url.strip()
        except Malformed as problem:
            report.warning(
                "server", f"server can't be used: {problem.problem}", at=problem.at
            )
            continue
        url = _VARIABLE.sub(partial(_default, value.get("variables")), url)
        if source.startswith(("http://", "https://")):
            url = urljoin(source, url)
        yield Server(url=url, description=text(value, "description"))


def _default(variables: Any, match: re.Match[str]) -> str:
    """A variable's default, or its first allowed value; itself without either."""
    variable = variables.get(match[1]) if isinstance(variables, Mapping) else None
    if not isinstance(variable, Mapping):
        return match[0]
    allowed = variable.get("enum")
    values = [variable.get("default"), *(allowed if isinstance(allowed, list) else ())]
    return next((str(value) for value in values if value is not None), match[0])
