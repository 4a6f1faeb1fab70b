"""The stage: a document of Swagger 2.0 in the shape of OpenAPI 3.0.

Schemas stay where they are, `definitions` included, so that references to them need no
change; they are rewritten with all others. What is put together anew remembers where
it was written. What can't be followed or read stays as it is, and is reported by
whoever needs it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from ..diagnostics import Location
from ..references import is_uri
from ..spec import Spec, UnresolvedReference
from .moves import Moves
from .parameters import Declared, body, parameter, schema

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
_JSON = ("application/json",)
_FLOWS: Mapping[str, str] = {
    "implicit": "implicit",
    "password": "password",
    "application": "clientCredentials",
    "accessCode": "authorizationCode",
}


def swagger(spec: Spec) -> Spec:
    """The documents with their root in the shape of OpenAPI 3, whatever it was."""
    if spec.version(spec.source) != "2.0":
        return spec
    moves = Moves(spec)
    converted = _Converter(spec, moves).document()
    return replace(
        spec,
        values={**spec.values, spec.source: converted},
        moved=moves.written,
        _found={},
        _ends={},
    )


class _Converter:
    def __init__(self, spec: Spec, moves: Moves) -> None:
        self._spec = spec
        self._moves = moves
        self._root = spec.value

    def document(self) -> dict[str, Any]:
        root = self._root
        replaced = {
            "servers": self._servers(self._root.get("schemes")),
            "paths": self._paths(root.get("paths")),
            "components": {"securitySchemes": self._security_schemes()},
        }
        return {**root, **replaced}

    def _servers(self, schemes: Any) -> list[dict[str, Any]]:
        """`schemes`, `host` and `basePath` (5.2.1); https first, and where no host is
        named the one that the document came from."""
        host, path = self._root.get("host"), self._root.get("basePath")
        path = f"/{path.strip('/')}" if isinstance(path, str) else "/"
        if not isinstance(host, str) or not host:
            return [{"url": path}]
        known = [one for one in _texts(schemes) if one in ("https", "http")]
        if not known:
            came = self._spec.source
            known = [urlsplit(came).scheme if is_uri(came) else "https"]
        known.sort(reverse=True)
        return [{"url": f"{scheme}://{host}{path}"} for scheme in known]

    def _paths(self, paths: Any) -> Any:
        at = self._spec.root.child("paths")
        try:
            found, place = self._moves.found(paths, at)
        except UnresolvedReference:
            return paths
        return {
            path: (
                item
                if path.startswith("x-")
                else self._path_item(item, place.child(path), at.child(path))
            )
            for path, item in found.items()
        }

    def _path_item(self, node: Any, before: Location, now: Location) -> Any:
        try:
            item, place = self._moves.found(node, before)
        except UnresolvedReference:
            return node
        if isinstance(node, Mapping):
            item = {**item, **{k: v for k, v in node.items() if k != "$ref"}}
        self._moves.note(now, place)
        converted = {
            key: item[key] for key in item if key not in ("parameters", "$ref")
        }
        shared = item.get("parameters")
        for method in _METHODS:
            if method in item:
                converted[method] = self._operation(
                    item[method], place.child(method), now.child(method), shared, place
                )
        return converted

    def _operation(
        self, node: Any, before: Location, now: Location, shared: Any, item: Location
    ) -> Any:
        try:
            operation, place = self._moves.found(node, before)
        except UnresolvedReference:
            return node
        self._moves.note(now, place)
        replaced = ("parameters", "consumes", "produces", "schemes", "responses")
        converted = {key: operation[key] for key in operation if key not in replaced}
        declared: list[Declared | Any] = [
            *self._declared(shared, item.child("parameters")),
            *self._declared(operation.get("parameters"), place.child("parameters")),
        ]
        converted["parameters"] = list(self._parameters(declared, now))
        consumes = self._media_types(operation, "consumes") or _JSON
        known = [one for one in declared if isinstance(one, Declared)]
        made = body(known, consumes, now.child("requestBody"), self._moves)
        if made is not None:
            converted["requestBody"] = made
        converted["responses"] = self._responses(
            operation, place.child("responses"), now.child("responses")
        )
        if "schemes" in operation:
            converted["servers"] = self._servers(operation["schemes"])
        return converted

    def _declared(self, nodes: Any, at: Location) -> Iterator[Declared | Any]:
        """The parameters of a list; one that can't be followed as it is."""
        for index, node in enumerate(nodes if isinstance(nodes, list) else ()):
            try:
                yield Declared(*self._moves.found(node, at.child(index)))
            except UnresolvedReference:
                yield node

    def _parameters(
        self, declared: list[Declared | Any], now: Location
    ) -> Iterator[Any]:
        kept = [
            one
            for one in declared
            if not isinstance(one, Declared) or one.location not in ("body", "formData")
        ]
        for index, one in enumerate(kept):
            if not isinstance(one, Declared):
                yield one
                continue
            place = now.child("parameters", index)
            self._moves.note(place, one.at)
            self._moves.note(place.child("schema"), one.at)
            yield parameter(one.node)

    def _responses(
        self, operation: Mapping[str, Any], before: Location, now: Location
    ) -> Any:
        try:
            responses, place = self._moves.found(operation.get("responses"), before)
        except UnresolvedReference:
            return {}
        produces = self._media_types(operation, "produces")
        return {
            status: self._response(
                node, place.child(status), now.child(status), produces
            )
            for status, node in responses.items()
        }

    def _response(
        self, node: Any, before: Location, now: Location, produces: tuple[str, ...]
    ) -> Any:
        try:
            response, place = self._moves.found(node, before)
        except UnresolvedReference:
            return node
        self._moves.note(now, place)
        kept = ("schema", "headers", "examples")
        converted = {key: response[key] for key in response if key not in kept}
        media_type: dict[str, Any] = {}
        types = produces or (_JSON if "schema" in response else ())
        for type in types if "schema" in response else ():
            now_at = now.child("content", type, "schema")
            written = self._moves.schema(
                response["schema"], place.child("schema"), now_at
            )
            media_type = {"schema": written}
        headers = response.get("headers")
        if isinstance(headers, Mapping):
            converted["headers"] = {
                name: {"schema": schema(header)}
                for name, header in headers.items()
                if isinstance(header, Mapping)
            }
        return converted | {"content": dict.fromkeys(types, media_type)}

    def _media_types(
        self, operation: Mapping[str, Any], member: str
    ) -> tuple[str, ...]:
        """What an operation consumes or produces: its own list, or the document's."""
        own = operation.get(member, self._root.get(member))
        return tuple(_texts(own))

    def _security_schemes(self) -> dict[str, Any]:
        at = self._spec.root.child("securityDefinitions")
        try:
            found, place = self._moves.found(self._root.get("securityDefinitions"), at)
        except UnresolvedReference:
            return {}
        now = self._spec.root.child("components", "securitySchemes")
        self._moves.note(now, place)
        return {name: _security_scheme(scheme) for name, scheme in found.items()}


def _security_scheme(scheme: Any) -> Any:
    """A security scheme (5.2.31)."""
    if not isinstance(scheme, Mapping):
        return scheme
    if scheme.get("type") == "basic":
        kept = {key: scheme[key] for key in scheme if key != "type"}
        return {**kept, "type": "http", "scheme": "basic"}
    if scheme.get("type") != "oauth2":
        return scheme
    name = _FLOWS.get(str(scheme.get("flow")), "authorizationCode")
    members = ("authorizationUrl", "tokenUrl", "scopes")
    flow = {member: scheme[member] for member in members if member in scheme}
    kept = {key: scheme[key] for key in scheme if key not in ("flow", *members)}
    return {**kept, "flows": {name: flow}}


def _texts(value: Any) -> list[str]:
    return (
        [one for one in value if isinstance(one, str)]
        if isinstance(value, list)
        else []
    )
