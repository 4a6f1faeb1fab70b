"""Which OpenAPI a document is written in: by what it says, and where that is missing
or plainly wrong by its shape."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..diagnostics import Location, Report
from .documents import Document, Version
from .problems import Unreadable

_LATEST: Version = "3.2"
_DECLARED: Mapping[str, Version] = {
    "2.0": "2.0",
    "3.0": "3.0",
    "3.1": "3.1",
    "3.2": _LATEST,
}
_ONLY_IN_2 = frozenset({"basePath", "host", "securityDefinitions"})
_ONLY_IN_3 = frozenset({"components", "servers", "webhooks"})
_OTHERS: Mapping[str, tuple[str, str]] = {
    "asyncapi": ("an AsyncAPI document", "give the OpenAPI document of the API"),
    "arazzo": (
        "an Arazzo document",
        "give the OpenAPI document that its `sourceDescriptions` name",
    ),
    "overlay": (
        "an overlay",
        "give the document that it changes, and this by --overlay",
    ),
    "swaggerVersion": ("Swagger 1", "convert it to Swagger 2.0 or OpenAPI 3 first"),
    "item": ("a Postman collection", "export it as OpenAPI, or convert it first"),
}
"""What else people have, by a member that tells it."""
_METHODS = frozenset({"delete", "get", "head", "options", "patch", "post", "put"})


def declared(value: Any) -> Version | None:
    """The version that a file says it has, if that is one we know."""
    if not isinstance(value, Mapping):
        return None
    said = str(value.get("swagger", value.get("openapi")))
    return _DECLARED.get(".".join(said.split(".")[:2])) or (
        "2.0" if said == "2" else None
    )


def version(document: Document, report: Report) -> Version:
    """The version of the document itself. Raises Unreadable where it is none."""
    value = document.value
    key = next((key for key in ("swagger", "openapi") if key in value), None)
    said = declared(value)
    shape = _shape(value)
    if key != "swagger" and said is None and shape is None and _has_paths(value):
        shape = "3.1"
    if key is None and shape is None:
        raise _something_else(value)
    if said is not None and (shape is None or (said == "2.0") == (shape == "2.0")):
        return said
    if shape is None and not _is_later(value.get("openapi")):
        raise Unreadable(
            "version",
            f"is {_called(key, value)}, which is not understood; "
            "Swagger 2.0 and OpenAPI 3.0, 3.1 and 3.2 are",
            "convert it to one of them first",
            pointer=f"/{key}",
        )
    taken = shape or _LATEST
    if _is_later(value.get("openapi")) and taken != "2.0":
        taken = _LATEST
    report.warning(
        "version",
        f"the document is read as {_name(taken)}: "
        + (
            f"that is what it looks like, whatever `{key}: {value[key]}` says"
            if key
            else "it doesn't say what it is, but looks like that"
        ),
        at=Location(document.source, f"/{key}" if key else ""),
    )
    return taken


def _something_else(value: Mapping[str, Any]) -> Unreadable:
    """What is said of a document without `openapi`: what it is, where that shows."""
    for member, (what, hint) in _OTHERS.items():
        if member in value:
            return Unreadable("not-openapi", f"is {what}", hint, pointer=f"/{member}")
    for member, inner in value.items():
        if isinstance(inner, Mapping) and declared(inner) is not None:
            return Unreadable(
                "not-openapi",
                f"is not an OpenAPI document, but has one in its member `{member}`",
                "save that member alone to a file, and give it",
                pointer=Location("").child(member).pointer,
            )
    return Unreadable(
        "not-openapi",
        "is not an OpenAPI document: it has no `openapi` member",
        "an OpenAPI document starts with `openapi: 3.1.0` or the like",
    )


def _shape(value: Mapping[str, Any]) -> Version | None:
    """The version that members and operations tell, None where they tell nothing."""
    if not isinstance(value.get("paths"), Mapping):
        return "3.1" if isinstance(value.get("webhooks"), Mapping) else None
    of_2, of_3 = value.keys() & _ONLY_IN_2, value.keys() & _ONLY_IN_3
    if of_2 or of_3:
        return None if of_2 and of_3 else "2.0" if of_2 else "3.1"
    for item in value["paths"].values():
        for method, operation in item.items() if isinstance(item, Mapping) else ():
            if method not in _METHODS or not isinstance(operation, Mapping):
                continue
            if "requestBody" in operation or _has(operation, "content"):
                return "3.1"
            if {"consumes", "produces"} & operation.keys() or _has(operation, "schema"):
                return "2.0"
    return None


def _has_paths(value: Mapping[str, Any]) -> bool:
    paths = value.get("paths")
    return isinstance(paths, Mapping) and any(path[:1] == "/" for path in paths)


def _has(operation: Mapping[str, Any], member: str) -> bool:
    responses = operation.get("responses")
    answers = responses.values() if isinstance(responses, Mapping) else ()
    return any(isinstance(answer, Mapping) and member in answer for answer in answers)


def _is_later(said: Any) -> bool:
    """Whether a version of OpenAPI 3 is newer than those that we know."""
    return bool(re.fullmatch(r"3\.([3-9]|\d\d+)(\..*)?", str(said)))


def _called(key: str | None, value: Mapping[str, Any]) -> str:
    return f"{'Swagger' if key == 'swagger' else 'OpenAPI'} {value.get(key or '')}"


def _name(version: Version) -> str:
    return "Swagger 2.0" if version == "2.0" else f"OpenAPI {version}"
