"""The stage: where the document is, what it says, what changes it, what it refers to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from ..application import fetched, is_application
from ..config import Config
from ..diagnostics import InputError, Location, Report
from .disk import Disk
from .documents import Document, Documents
from .entry import entry
from .gather import gathered
from .network import Network, shown
from .parse import Unparsable, parse
from .problems import Unreadable, refused
from .sources import Archive, Folder, Nowhere, Source
from .version import version

STDIN = "-"


def load(
    source: str,
    config: Config,
    report: Report,
    *,
    read_stdin: Callable[[], bytes],
) -> Documents:
    """The document in a file, behind an http(s) URL or on standard input (`-`), that of
    a folder or a zip archive, or of an application, which is given by its import path
    or by the URL where it runs; with the overlays of `config` applied, and all
    files that it refers to. Raises InputError when it can't be used.
    """
    disk = Disk()
    try:
        name, content, files = _opened(source, config, read_stdin, disk)
    except Unreadable as problem:
        raise refused(_shown(source), problem) from None
    except OSError as problem:
        raise refused(source, _system(problem)) from None
    try:
        root = parse(name, content)
        _check_kind(root)
    except Unparsable as problem:
        text = Document(source=name, text=problem.text, format="json", value={})
        raise refused(name, problem, text) from None
    except Unreadable as problem:
        raise refused(name, problem) from None
    changed = Documents(root=root)
    if config.overlays:
        from .overlay import overlaid

        changed = overlaid(root, config.overlays, disk, report)
    try:
        root = replace(changed.root, version=version(changed.root, report))
    except Unreadable as problem:
        raise InputError(refused(name, problem).diagnostic, changed.texts) from None
    modules = files.modules if isinstance(files, Nowhere) else ()
    found = gathered(replace(changed, root=root, modules=modules), files)
    for document in (one for one in found.texts.values() if one.next):
        report.warning(
            "several-documents",
            "another document begins here, and only the first of the file is read",
            at=Location(document.source, mark=document.next),
            hint="keep one document in a file: move the others into files of their own",
        )
    return replace(found, answers=disk.answers)


def _shown(source: str) -> str:
    """A source as it may be printed."""
    return shown(source) if _is_url(source) else source


def _is_url(source: str) -> bool:
    return source.startswith(("http://", "https://"))


def _opened(
    source: str, config: Config, read_stdin: Callable[[], bytes], disk: Disk
) -> tuple[str, bytes, Source]:
    """The name and content of the document, and where its other files are read."""
    url = _is_url(source)
    if url or config.allow_remote_refs or source == STDIN or is_application(source):
        disk.leave()
    if url:
        from ..discovery import located

        source = located(source)
    network = Network(source if url else None, config.allow_remote_refs)
    if source == STDIN:
        return "<stdin>", read_stdin(), Nowhere(network)
    if url:
        return shown(source), network.document(), Nowhere(network)
    if is_application(source):
        made = fetched(source)
        return source, made.text.encode(), Nowhere(network, made.modules)
    path = Path(source)
    if disk.kind(path) == "folder":
        below = Folder(path, disk, network)
        name = entry(disk.names(path), below.read)
        return name, below.read(name), below
    content = disk.content(path)
    if content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        archive = Archive(source, content, network)
        name = entry(archive.names(), archive.read)
        return name, archive.read(name), archive
    return source, content, Folder(_boundary(path), disk, network)


def _boundary(path: Path) -> Path:
    """The folder whose files a document may refer to: that of the document, or the
    working directory where its path leads down from there."""
    here = Path.cwd()
    if path.is_absolute() or ".." in path.parts or here in (Path(here.anchor), _home()):
        return path.parent
    return Path()


def _home() -> Path | None:
    try:
        return Path.home()
    except RuntimeError:
        return None


def _check_kind(document: Document) -> None:
    if not isinstance(document.value, dict):
        kind = "a list" if isinstance(document.value, list) else "a single value"
        if document.value is None:
            kind = "nothing"
        raise Unreadable(
            "not-openapi",
            f"holds {kind}, not an OpenAPI document",
            "an OpenAPI document starts with `openapi: 3.1.0` or the like",
        )


def _system(problem: OSError) -> Unreadable:
    if isinstance(problem, FileNotFoundError):
        return Unreadable("not-found", "is not there: no such file")
    return Unreadable("unreadable", f"can't be read: {problem.strerror}")
