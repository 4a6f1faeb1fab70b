"""One side of a comparison: a document, a generated package, or either in git.

`REV:PATH` is what git has by that name (gitrevisions(7)); it is unpacked aside with the
folder that it lies in, so that a document finds the files that it refers to.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from .. import pipeline
from ..compare import Surface, of_files, of_package
from ..config import Config
from ..diagnostics import Diagnostic, InputError, Location, Report

_READ = ("catalog.jsonl", "schemas.py")


def settings_for(sides: Iterable[str], config: Config) -> Config:
    """The settings that documents are compared by: where there are several APIs, those
    of the one whose source is among the sides."""
    paths = {path for side in sides for path in (side, side.partition(":")[2])}
    found = (one for one in config.apis.values() if one.source in paths)
    return next(found, replace(config, apis={}))


def surface(side: str, config: Config, progress: Callable[[str], None]) -> Surface:
    """What agents see of a side. Raises InputError."""
    if not Path(side).exists() and (found := _in_git(side)):
        return _of_revision(side, found, config, progress)
    return _of_path(side, side, config, progress)


def _of_path(
    path: str, side: str, config: Config, progress: Callable[[str], None]
) -> Surface:
    catalogs = sorted(Path(path).glob("*/catalog.jsonl")) if path != "-" else []
    if len(catalogs) == 1:
        return _of_package(catalogs[0].parent, side)
    understood = pipeline.understand(
        replace(config, source=path),
        Report(),
        read_stdin=sys.stdin.buffer.read,
        progress=progress,
    )
    return of_package(understood.package)


def _of_package(package: Path, side: str) -> Surface:
    paths = [package / name for name in _READ]
    paths += sorted([*package.glob("operations/*.py"), *package.glob("prompts.py")])
    try:
        return of_files(
            {path.relative_to(package).as_posix(): path.read_text() for path in paths}
        )
    except (OSError, ValueError) as problem:
        raise _unusable(side, f"is not a package of mcpgen ({problem})") from None


def _in_git(side: str) -> str | None:
    """The id of what git has by the name `REV:PATH`."""
    if ":" not in side:
        return None
    try:
        return _git("rev-parse", "--verify", "--quiet", "--end-of-options", side)
    except (OSError, subprocess.CalledProcessError):
        return None


def _of_revision(
    side: str, found: str, config: Config, progress: Callable[[str], None]
) -> Surface:
    revision, _, path = side.partition(":")
    name = ""
    if path.endswith(".py"):
        raise _unusable(side, "is code, which is imported as it is now only")
    with TemporaryDirectory() as aside:
        try:
            if _git("cat-file", "-t", found) == "blob":
                folder, name = _parent(path)
                found = _git(
                    "rev-parse", "--verify", "--end-of-options", f"{revision}:{folder}"
                )
            packed = subprocess.run(
                ["git", "archive", "--format=tar", found],
                capture_output=True,
                check=True,
            )
            with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
                archive.extractall(aside, filter="data")
        except (subprocess.CalledProcessError, tarfile.TarError, OSError):
            raise _unusable(side, "can't be unpacked") from None
        try:
            return _of_path(str(Path(aside, name)), side, config, progress)
        except InputError as problem:
            raise _named(problem, aside, side.removesuffix(name).rstrip("/")) from None


def _parent(path: str) -> tuple[str, str]:
    """A path as its folder, which `./` makes relative to the working one, and name."""
    folder, _, name = path.rpartition("/")
    return f"{folder}/" if folder == "." else folder, name


def _named(problem: InputError, aside: str, folder: str) -> InputError:
    """The same problem, which knows nothing of where the folder was unpacked."""

    def named(text: str) -> str:
        return text.replace(aside, folder).replace(":/", ":")

    told = problem.diagnostic
    if told.location is not None:
        at = replace(told.location, source=named(told.location.source))
        told = replace(told, location=at)
    return InputError(
        replace(told, message=named(told.message)),
        {named(source): text for source, text in problem.documents.items()},
    )


def _git(*arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def _unusable(side: str, message: str) -> InputError:
    return InputError(
        Diagnostic(
            severity="error",
            code="not-a-package",
            message=message,
            location=Location(side),
            hint="give a document, the folder of a generated package, or REV:PATH",
        )
    )
