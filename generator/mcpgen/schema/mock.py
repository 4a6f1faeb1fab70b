"""What the mock API answers, and a call of each operation that it answers to.

An answer is the first success that the document describes, with its example where it
has one and a value made from its schema otherwise. A call's arguments are checked as
the server checks them, and left out when none are found that pass.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mcpgen_runtime.components import Component, Schema, input_schema
from mcpgen_runtime.schemas import Validator
from mcpgen_runtime.upstream.request import ArgumentError, build

from ..diagnostics import Location
from ..operations import MediaType, Operation, Response
from ..spec import Spec, UnresolvedReference
from .media_types import essence, is_json, is_json_lines, is_text
from .samples import NoSample, Placed, Sampler

_LARGEST = 16_000
"""Bytes of an example that is taken as it is."""
_VARIANTS = 4
_NOWHERE = Location("")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mock:
    """The answer to one operation; `body` is text, or JSON where `type` is.

    `type` is None where there is no body, `arguments` where no call is known; `api`
    names the API, where there are several.
    """

    name: str
    arguments: Mapping[str, Any] | None
    method: str
    url: str
    status: int
    type: str | None
    body: Any
    api: str | None = None


def mock(
    operation: Operation,
    component: Component,
    schemas: Mapping[str, Schema],
    spec: Spec,
) -> Mock:
    """The mock of an operation that is served as a component."""
    status, media = _success(operation.responses)
    content = None if component.method == "HEAD" or status == 204 else media
    return Mock(
        name=component.name,
        arguments=_arguments(component, schemas),
        method=component.method,
        url=(component.server or "").rstrip("/") + component.path,
        status=status,
        type=None if content is None else _concrete(content.type),
        body=None if content is None else _body(content, spec),
    )


def _success(responses: Iterable[Response]) -> tuple[int, MediaType | None]:
    """The status of the first success, and the media type that its answer comes in."""
    found = sorted(
        (one for one in responses if one.status[:1] == "2" or one.status == "default"),
        key=lambda one: (one.status == "default", one.status),
    )
    if not found:
        return 200, None
    first = found[0]
    ordered = sorted(
        first.content, key=lambda one: (not is_json(one.type), not is_text(one.type))
    )
    status = int(first.status) if first.status.isdecimal() else 200
    return status, next(iter(ordered), None)


def _concrete(media_type: str) -> str:
    return "application/json" if "*" in media_type else media_type


def _body(media: MediaType, spec: Spec) -> Any:
    body = next(filter(_is_json, media.examples), None)
    if body is None or len(_json(body)) > _LARGEST:
        body = _sample(media, spec)
    if is_json(media.type) or isinstance(body, str):
        return body
    items = body if isinstance(body, list) else [body]
    if essence(media.type) == "text/event-stream":
        return "".join(f"data: {_json(item)}\n\n" for item in items)
    if is_json_lines(media.type):
        return "".join(f"{_json(item)}\n" for item in items)
    return _json(body)


def _sample(media: MediaType, spec: Spec) -> Any:
    def resolve(node: Any, at: Location) -> Placed:
        try:
            return spec.resolve(node, at)
        except UnresolvedReference:
            return {}, at

    schema = {"type": "object"} if media.schema is None else media.schema
    for documented in (True, False):
        sampler = Sampler(
            resolve=resolve, whole=True, left_out="writeOnly", documented=documented
        )
        try:
            made = sampler.value(schema, media.at.child("schema"))
        except NoSample:
            continue
        if _is_json(made) and len(_json(made)) <= _LARGEST:
            return made
    return {} if is_json(media.type) else ""


def _arguments(
    component: Component, schemas: Mapping[str, Schema]
) -> Mapping[str, Any] | None:
    """Arguments that the server takes and can send; None where none were found."""

    def resolve(node: Any, at: Location) -> Placed:
        return schemas.get(node["$ref"].removeprefix("#/$defs/"), {}), at

    schema = input_schema(component, schemas)
    validator: Validator | None = None
    for variant in range(_VARIANTS):
        for documented in (True, False):
            sampler = Sampler(
                resolve=resolve,
                whole=False,
                left_out="readOnly",
                documented=documented,
                variant=variant,
            )
            try:
                made = sampler.value(schema, _NOWHERE)
                if not component.arguments:
                    return {}
                validator = validator or Validator(schema)
                if validator.problems(made):
                    continue
                build(component, made, "http://mock")
            except (NoSample, ArgumentError, ValueError):
                continue
            arguments: Mapping[str, Any] = made
            return arguments
    return None


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _is_json(value: Any) -> bool:
    try:
        json.dumps(value, allow_nan=False).encode()
    except (TypeError, ValueError):
        return False
    return value is not None
