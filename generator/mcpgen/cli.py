"""The command line: options in, findings and one closing line out.

Standard output stays empty but for what was asked to be printed; findings, progress
and the closing line go to standard error. Nothing here decides what is generated.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Self

import click
from mcpgen_runtime._version import __version__
from mcpgen_runtime.components import kinds

from .config import Config, Preset
from .diagnostics import Diagnostic, InputError, Report, Text, render
from .name import words
from .pipeline import Generated, generate
from .schema import is_absolute
from .write import Changes, write

_SHOWN_BY_DEFAULT = 20


def _checked_name(
    _: click.Context, __: click.Parameter, name: str | None
) -> str | None:
    if name is not None and not words(name):
        raise click.BadParameter(f"{name!r} has no letter or digit to name a server by")
    return name


def _checked_url(_: click.Context, __: click.Parameter, url: str | None) -> str | None:
    if url is not None and not is_absolute(url):
        raise click.BadParameter(f"{url!r} is not an http or https URL")
    return url


@click.command(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 88},
    epilog="Exit codes: 0 done; 1 findings under --strict; 2 wrong usage, unusable "
    "input or an output folder that can't be written.",
)
@click.argument("spec")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=True),
    required=True,
    help="Folder of the package; created when absent.",
)
@click.option(
    "--preset",
    type=click.Choice(["semantic", "tools"]),
    default="semantic",
    show_default=True,
    help="semantic: GET becomes a resource or a template, all else a tool. "
    "tools: all operations become tools.",
)
@click.option(
    "--name",
    callback=_checked_name,
    help="Name of the server; by default from the API's title.",
)
@click.option(
    "--base-url",
    callback=_checked_url,
    help="Where the API is, if not where the document says.",
)
@click.option(
    "--include",
    multiple=True,
    metavar="PATTERN",
    help="Only operations with this tag, or path where it starts with '/'; "
    "'*' matches anything. May be repeated.",
)
@click.option(
    "--exclude",
    multiple=True,
    metavar="PATTERN",
    help="Leave these out; as --include, and stronger.",
)
@click.option(
    "--overlay",
    "overlays",
    multiple=True,
    metavar="FILE",
    help="OpenAPI Overlay to apply to the document. May be repeated, in order.",
)
@click.option(
    "--allow-remote-refs",
    is_flag=True,
    help="Let the document refer to other hosts, at public addresses.",
)
@click.option(
    "--force", is_flag=True, help="Overwrite files that were edited or are foreign."
)
@click.option("--strict", is_flag=True, help="Write nothing if anything was found.")
@click.option("--dry-run", is_flag=True, help="Say what would change; write nothing.")
@click.option("-q", "--quiet", is_flag=True, help="Only errors.")
@click.option("-v", "--verbose", is_flag=True, help="All findings, and each file.")
@click.version_option(__version__, prog_name="mcpgen")
def main(
    spec: str,
    output: Path,
    preset: Preset,
    name: str | None,
    base_url: str | None,
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    overlays: tuple[str, ...],
    allow_remote_refs: bool,
    force: bool,
    strict: bool,
    dry_run: bool,
    quiet: bool,
    verbose: bool,
) -> None:
    """Write an MCP server package for the OpenAPI document SPEC.

    SPEC is a file, a folder or a zip archive that holds one, an http(s) URL, or - for
    standard input; OpenAPI 3 or Swagger 2.0, in JSON or YAML.
    """
    report = Report()
    progress = _Progress(enabled=not quiet and sys.stderr.isatty())
    config = Config(
        preset=preset,
        name=name,
        base_url=base_url,
        include=include,
        exclude=exclude,
        overlays=overlays,
        allow_remote_refs=allow_remote_refs,
    )
    try:
        with progress:
            generated = generate(
                spec,
                config,
                report,
                read_stdin=sys.stdin.buffer.read,
                progress=progress.show,
            )
        documents = generated.documents.texts
        _print_findings(report.diagnostics, documents, quiet, verbose)
        if strict and (report.errors or report.warnings):
            click.echo(f"nothing written: {_findings(report)} under --strict", err=True)
            sys.exit(1)
        changes = write(generated.tree, output, force=force, dry_run=dry_run)
    except InputError as problem:
        _print_findings(report.diagnostics, problem.documents, quiet, verbose)
        click.echo(render(problem.diagnostic, problem.documents), err=True)
        sys.exit(2)
    if verbose or dry_run:
        _print_changes(changes)
    if changes.outdated and not quiet:
        click.echo(
            f"yours, and left alone: {', '.join(changes.outdated)}; mcpgen would write "
            "something else now, which a run into an empty folder shows",
            err=True,
        )
    if not quiet:
        click.echo(_closing(generated, changes, report, output, dry_run), err=True)


class _Progress:
    """One line of standard error that says what is being done, gone afterwards."""

    def __init__(self, *, enabled: bool) -> None:
        self._enabled = enabled

    def __enter__(self) -> Self:
        return self

    def show(self, step: str) -> None:
        if self._enabled:
            click.echo(f"\r\x1b[2K{step} …", err=True, nl=False)

    def __exit__(self, *_: object) -> None:
        if self._enabled:
            click.echo("\r\x1b[2K", err=True, nl=False)


def _print_findings(
    diagnostics: tuple[Diagnostic, ...],
    documents: Mapping[str, Text],
    quiet: bool,
    verbose: bool,
) -> None:
    """Errors always, warnings unless quiet, notes if verbose; errors first."""
    severities = {"error"}
    if not quiet:
        severities.add("warning")
    if verbose:
        severities.add("note")
    shown = [one for one in diagnostics if one.severity in severities]
    shown.sort(key=lambda one: one.severity != "error")
    cut = len(shown) if verbose else _SHOWN_BY_DEFAULT
    for diagnostic in shown[:cut]:
        click.echo(render(diagnostic, documents), err=True)
    if shown[cut:]:
        click.echo(f"and {len(shown) - cut} more; -v shows all", err=True)


def _print_changes(changes: Changes) -> None:
    for verb in ("created", "updated", "deleted", "kept"):
        for path in getattr(changes, verb):
            click.echo(f"{verb} {path}")


def _closing(
    generated: Generated,
    changes: Changes,
    report: Report,
    output: Path,
    dry_run: bool,
) -> str:
    """`wrote 31 files to out: 12 tools, 3 resources, 2 templates; 1 warning`"""
    listed = [
        kind
        for module in generated.package.modules
        for component in module.components
        for kind in kinds(component)
    ]
    counts = ", ".join(
        _count(listed.count(kind), kind) for kind in ("tool", "resource", "template")
    )
    verb = "would write" if dry_run else "wrote"
    files = _count(len(changes.written), "file")
    if changes.deleted:
        files += f", deleted {len(changes.deleted)}"
    return f"{verb} {files} to {output}: {counts}; {_findings(report)}"


def _findings(report: Report) -> str:
    found = _count(report.warnings, "warning")
    if report.errors:
        found += f", {_count(report.errors, 'operation')} left out"
    return found


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
