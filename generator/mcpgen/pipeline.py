"""The line from a document to the tree of files, stage by stage."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .config import Config
from .diagnostics import Diagnostic, InputError, Location, Report
from .emit import Tree, emit
from .load import Documents, load
from .name import name
from .operations import Api, operations
from .route import route
from .schema import Package, package
from .spec import spec
from .swagger import swagger
from .upgrade import upgrade


@dataclass(frozen=True, slots=True, kw_only=True)
class Generated:
    """What a run made: the tree, the package it shows, and where it came from."""

    documents: Documents
    package: Package
    tree: Tree


def generate(
    source: str,
    config: Config,
    report: Report,
    *,
    read_stdin: Callable[[], bytes],
    progress: Callable[[str], None],
) -> Generated:
    """The server package for an OpenAPI document.

    Findings go to `report`. Raises InputError when the document can't be used.
    """
    try:
        return _generated(source, config, report, read_stdin, progress)
    except RecursionError:
        raise InputError(
            Diagnostic(
                severity="error",
                code="too-deep",
                message="the document is nested too deeply",
                location=Location(source),
            )
        ) from None


def _without_operations(documents: Documents, api: Api, report: Report) -> InputError:
    message, hint = "the document has no operations under `paths`", None
    if documents.root.value.get("webhooks"):
        message = (
            "the document has no operations under `paths`, only webhooks, and those "
            "are called by the API"
        )
    if api.operations:
        message, hint = "no operation is selected", "see --include and --exclude"
    elif report.errors:
        message = "no operation is left to serve: all are left out, as said above"
    return InputError(
        Diagnostic(
            severity="error",
            code="no-operations",
            message=message,
            location=Location(documents.root.source),
            hint=hint,
        ),
        documents.texts,
    )


def _generated(
    source: str,
    config: Config,
    report: Report,
    read_stdin: Callable[[], bytes],
    progress: Callable[[str], None],
) -> Generated:
    progress(f"reading {source}")
    documents = load(source, config, report, read_stdin=read_stdin)
    progress("finding operations")
    found = upgrade(swagger(spec(documents)))
    report.trace(found.written_at)
    api = operations(found, report)
    routes = route(api, config, report)
    if not routes:
        raise _without_operations(documents, api, report)
    progress(f"translating {len(routes)} operations")
    made = package(name(routes, config, report), api, config, report)
    progress("writing code")
    return Generated(documents=documents, package=made, tree=emit(made))
