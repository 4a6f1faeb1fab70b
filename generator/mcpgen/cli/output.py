"""How a command tells what was found: text to standard error, or one document to
standard output, which then holds nothing else."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import IO, Literal, NoReturn, Protocol, Self, TypeAlias, TypeVar

import click

from ..config import Config
from ..diagnostics import (
    Diagnostic,
    InputError,
    Paint,
    Report,
    Text,
    as_github,
    as_json,
    as_sarif,
    grouped,
    plain,
    render,
    render_group,
)

Made_co = TypeVar("Made_co", covariant=True)
Format: TypeAlias = Literal["text", "json", "sarif", "github"]

_MACHINE: Mapping[str, Callable[[Iterable[Diagnostic], Mapping[str, Text]], str]] = {
    "json": as_json,
    "sarif": as_sarif,
    "github": as_github,
}
_SHOWN_BY_DEFAULT = 20
_PLACES_BY_DEFAULT = 3
_COLOURS = {
    "error": "red",
    "warning": "yellow",
    "note": "cyan",
    "mark": "green",
    "help": "green",
    "added": "green",
    "removed": "red",
    "hunk": "cyan",
}


class Progress:
    """One line of standard error that says what is being done, gone afterwards."""

    def __init__(self, *, enabled: bool) -> None:
        self._enabled = enabled and sys.stderr.isatty()

    def __enter__(self) -> Self:
        return self

    def show(self, step: str) -> None:
        if self._enabled:
            click.echo(f"\r\x1b[2K{step} …", err=True, nl=False)

    def __exit__(self, *_: object) -> None:
        if self._enabled:
            click.echo("\r\x1b[2K", err=True, nl=False)


class Stage(Protocol[Made_co]):
    """What a command has the pipeline do."""

    def __call__(
        self,
        config: Config,
        report: Report,
        *,
        read_stdin: Callable[[], bytes],
        progress: Callable[[str], None],
    ) -> Made_co: ...


def shown(
    stage: Stage[Made_co],
    config: Config,
    report: Report,
    *,
    quiet: bool = False,
) -> Made_co:
    """What a stage makes of the settings of a run, its steps shown. Raises InputError."""
    with Progress(enabled=not quiet) as progress:
        return stage(
            config,
            report,
            read_stdin=sys.stdin.buffer.read,
            progress=progress.show,
        )


def is_painted(stream: IO[str]) -> bool:
    """Whether a stream is a terminal, and NO_COLOR (no-color.org) isn't set."""
    return stream.isatty() and not os.environ.get("NO_COLOR")


def paint_for(stream: IO[str]) -> Paint:
    return _colour if is_painted(stream) else plain


def _colour(role: str, text: str) -> str:
    return click.style(text, fg=_COLOURS.get(role), bold=True)


def tell(
    diagnostics: Iterable[Diagnostic],
    documents: Mapping[str, Text],
    format: Format,
    *,
    quiet: bool = False,
    verbose: bool = False,
) -> None:
    """Prints findings; see `told`."""
    say(told(diagnostics, documents, format, quiet=quiet, verbose=verbose), format)


def say(findings: str, format: Format) -> None:
    """Prints what was told of findings."""
    click.echo(findings, nl=False, err=format == "text")


def told(
    diagnostics: Iterable[Diagnostic],
    documents: Mapping[str, Text],
    format: Format,
    *,
    quiet: bool,
    verbose: bool,
) -> str:
    """Errors always, warnings unless quiet, notes if verbose; a program gets them all."""
    if format != "text":
        document = _MACHINE[format](diagnostics, documents)
        return f"{document}\n" if document else ""
    severities = {"error"}
    if not quiet:
        severities.add("warning")
    if verbose:
        severities.add("note")
    shown = [one for one in grouped(diagnostics) if one.severity in severities]
    cut = len(shown) if verbose else _SHOWN_BY_DEFAULT
    paint = paint_for(sys.stderr)
    most = None if verbose else _PLACES_BY_DEFAULT
    lines = [
        render_group(group, documents, most=most, paint=paint) for group in shown[:cut]
    ]
    if shown[cut:]:
        lines.append(f"and {len(shown) - cut} more; -v shows all")
    return "".join(f"{line}\n" for line in lines)


def refuse(
    problem: InputError,
    report: Report,
    documents: Mapping[str, Text],
    format: Format,
    *,
    quiet: bool = False,
    verbose: bool = False,
) -> NoReturn:
    """As `tell_why`; exits with 2."""
    tell_why(problem, report, documents, format, quiet=quiet, verbose=verbose)
    sys.exit(2)


def tell_why(
    problem: InputError,
    report: Report,
    documents: Mapping[str, Text],
    format: Format,
    *,
    quiet: bool = False,
    verbose: bool = False,
) -> None:
    """Tells what was found, and last why the run can't go on."""
    for other in problem.others:
        report.add(other)
    if format != "text":
        report.add(problem.diagnostic)
    tell(report.diagnostics, documents, format, quiet=quiet, verbose=verbose)
    if format == "text":
        paint = paint_for(sys.stderr)
        reason = render(problem.diagnostic, documents, paint=paint)
        click.echo(reason, err=True)
