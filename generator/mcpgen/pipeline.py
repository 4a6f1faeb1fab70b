"""The line from a document to the tree of files, stage by stage."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from .config import Config
from .curate import curate
from .diagnostics import Diagnostic, InputError, Location, Report
from .emit import Known, Tree, emit
from .load import Documents, load
from .name import Named, name
from .operations import Api, operations
from .rename import rename
from .route import route
from .schema import Package, package
from .spec import spec
from .swagger import swagger
from .upgrade import upgrade


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """What is known of a document before any code is written: its operations, those
    that are served with their names, why the others aren't, by their subjects, and the
    package that shall be emitted."""

    documents: Documents
    api: Api
    named: tuple[Named, ...]
    left_out: Mapping[str, str]
    package: Package


@dataclass(frozen=True, slots=True, kw_only=True)
class Generated:
    """What a run made: the tree, the package it shows, and where it came from."""

    documents: Documents
    package: Package
    tree: Tree


def understand(
    source: str,
    config: Config,
    report: Report,
    *,
    read_stdin: Callable[[], bytes],
    progress: Callable[[str], None],
) -> Understood:
    """What becomes of an OpenAPI document.

    Findings go to `report`. Raises InputError when the document can't be used.
    """
    progress(f"reading {source}")
    documents = load(source, config, report, read_stdin=read_stdin)
    with _bounded_depth(documents.root.source):
        progress("finding operations")
        found = upgrade(swagger(spec(documents)))
        report.trace(found.written_at)
        api = curate(operations(found, report), config, report)
        routes = route(api, config, report)
        if not routes.served:
            raise _without_operations(documents, api, report)
        progress(f"translating {len(routes.served)} operations")
        named = rename(name(routes.served, api, report), api, config, report)
        made = package(named, api, config, report)
        return Understood(
            documents=documents,
            api=api,
            named=named,
            left_out=routes.left_out,
            package=made,
        )


def generate(
    source: str,
    config: Config,
    report: Report,
    *,
    read_stdin: Callable[[], bytes],
    progress: Callable[[str], None],
    known: Known,
) -> Generated:
    """The server package for an OpenAPI document; as `understand`, and the tree.

    `known` has texts of an earlier run.
    """
    understood = understand(
        source, config, report, read_stdin=read_stdin, progress=progress
    )
    progress("writing code")
    with _bounded_depth(understood.documents.root.source):
        tree = emit(understood.package, config, report, known)
    return Generated(
        documents=understood.documents, package=understood.package, tree=tree
    )


@contextmanager
def _bounded_depth(source: str) -> Iterator[None]:
    """Says of a document that exhausts Python's stack that it is nested too deeply."""
    try:
        yield
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
    message = "the document has no operations under `paths`"
    hint: str | None = "add the paths that shall be served, or name another document"
    at = Location(documents.root.source)
    if "paths" in documents.root.value:
        at = at.child("paths")
    if documents.root.value.get("webhooks"):
        message = (
            "the document has no operations under `paths`, only webhooks, and those "
            "are called by the API"
        )
    if api.operations:
        message, hint = "no operation is selected", "see --include and --exclude"
    elif report.errors:
        message = "no operation is left to serve: all are left out, as said above"
        hint = "mend one of them at least"
    return InputError(
        Diagnostic(
            severity="error",
            code="no-operations",
            message=message,
            location=at,
            hint=hint,
        ),
        documents.texts,
    )
