"""The line from a document to the tree of files, stage by stage.

Several documents go the way to their packages each for itself; then one is composed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from .compose import compose
from .config import Config
from .curate import curate
from .diagnostics import Diagnostic, InputError, Location, Report, Text
from .emit import Known, Tree, emit
from .load import Answers, Documents, load
from .name import Named, name
from .operations import Api, operations
from .rename import rename
from .route import route
from .schema import Package, package
from .spec import spec
from .swagger import swagger
from .upgrade import upgrade


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What is known of one document: its operations, those that are served with their
    names, why the others aren't, by their subjects, the package that it makes by
    itself, and what was found."""

    documents: Documents
    api: Api
    named: tuple[Named, ...]
    left_out: Mapping[str, str]
    package: Package
    report: Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """What is known before any code is written: a part for each document, and the
    package that shall be emitted."""

    parts: tuple[Part, ...]
    package: Package

    @property
    def texts(self) -> Mapping[str, Text]:
        """What was read, by source, for findings to show."""
        return _texts(self.parts)

    @property
    def answers(self) -> Answers | None:
        """Those of the disk that all documents depend on; None where one depends on
        more, or they had different ones."""
        found: dict[str, str] = {}
        for part in self.parts:
            answers = part.documents.answers
            if answers is None or any(found.get(k, v) != v for k, v in answers.items()):
                return None
            found |= answers
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Generated:
    """What a run made: the tree, and what it was made of."""

    understood: Understood
    tree: Tree


def understand(
    config: Config,
    report: Report,
    *,
    read_stdin: Callable[[], bytes],
    progress: Callable[[str], None],
) -> Understood:
    """What becomes of the document of a run, or of those of its APIs.

    Findings go to `report`. Raises InputError when a document can't be used.
    """
    parts: list[Part] = []
    for one in config.documents:
        try:
            parts.append(_part(one, report.part(), read_stdin, progress))
        except InputError as problem:
            problem.documents = {**_texts(parts), **problem.documents}
            raise
    made = [part.package for part in parts]
    whole = made[0]
    if config.apis:
        whole = compose(dict(zip(config.apis, made, strict=True)), config)
    return Understood(parts=tuple(parts), package=whole)


def generate(
    config: Config,
    report: Report,
    *,
    read_stdin: Callable[[], bytes],
    progress: Callable[[str], None],
    known: Known,
) -> Generated:
    """The server package of a run; as `understand`, and the tree.

    `known` has texts of an earlier run.
    """
    understood = understand(config, report, read_stdin=read_stdin, progress=progress)
    progress("writing code")
    with _bounded_depth(understood.parts[0].documents.root.source):
        tree = emit(understood.package, config, report, known)
    return Generated(understood=understood, tree=tree)


def _part(
    config: Config,
    report: Report,
    read_stdin: Callable[[], bytes],
    progress: Callable[[str], None],
) -> Part:
    """What becomes of the document that the settings name."""
    source = config.source
    assert source is not None
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
    return Part(
        documents=documents,
        api=api,
        named=named,
        left_out=routes.left_out,
        package=made,
        report=report,
    )


def _texts(parts: Iterable[Part]) -> dict[str, Text]:
    return {name: text for one in parts for name, text in one.documents.texts.items()}


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
