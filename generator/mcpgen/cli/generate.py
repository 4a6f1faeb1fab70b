"""`mcpgen SPEC -o out/`: options in, findings and one closing line out.

Standard output stays empty but for what was asked to be printed; findings, progress
and the closing line go to standard error. Nothing here decides what is generated.
"""

from __future__ import annotations

import gc
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..config import Config
from ..diagnostics import InputError, Report, Text, count
from ..write import Changes, identity, known, write
from .finished import Told, finish, finished, key_of
from .options import (
    documented,
    folder,
    format_option,
    in_process_option,
    templates_option,
    with_application,
    with_templates,
)
from .output import Format, is_painted, refuse, say, shown, told

if TYPE_CHECKING:
    from ..pipeline import Generated


@click.command(
    short_help="Write the package; so does a line without a command.",
    epilog="Exit codes: 0 done; 1 findings under --strict; 2 wrong usage, unusable "
    "input or an output folder that can't be written.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=True),
    help="Folder of the package; created when absent.",
)
@documented
@in_process_option
@templates_option
@click.option(
    "--force", is_flag=True, help="Overwrite files that were edited or are foreign."
)
@click.option("--strict", is_flag=True, help="Write nothing if anything was found.")
@click.option("--dry-run", is_flag=True, help="Say what would change; write nothing.")
@format_option
@click.option("-q", "--quiet", is_flag=True, help="Only errors.")
@click.option("-v", "--verbose", is_flag=True, help="All findings, and each file.")
def generate(
    output: Path | None,
    config: Config,
    in_process: bool,
    own_templates: Path | None,
    force: bool,
    strict: bool,
    dry_run: bool,
    format: Format,
    quiet: bool,
    verbose: bool,
) -> None:
    """Write an MCP server package for the document SPEC (what `mcpgen SPEC` does)."""
    output = folder(output, config)
    config = with_application(config, in_process=in_process)
    how = repr((format, quiet, verbose, strict, is_painted(sys.stderr)))
    report = Report()
    documents: dict[str, Text] = dict(config.texts)
    try:
        config = with_templates(config, own_templates)
        run = key_of(config, output)
        done = finished(run, output)
        if done is not None and done.told.how == how:
            telling, changes = done.told, done.changes
        else:
            made = generated(config, output, report, quiet=quiet)
            documents |= made.understood.texts
            findings = told(
                report.diagnostics, documents, format, quiet=quiet, verbose=verbose
            )
            if strict and (report.errors or report.warnings):
                say(findings, format)
                click.echo(
                    f"nothing written: {_findings(report)} under --strict", err=True
                )
                sys.exit(1)
            changes = write(made.tree, output, force=force, dry_run=dry_run)
            telling = Told(how=how, findings=findings, served=_served(made, report))
            if not dry_run:
                answers = made.understood.answers
                finish(run, answers, identity(made.tree), telling)
    except InputError as problem:
        documents |= problem.documents
        refuse(problem, report, documents, format, quiet=quiet, verbose=verbose)
    say(telling.findings, format)
    if verbose or dry_run:
        _print_changes(changes, err=format != "text")
    if changes.outdated and not quiet:
        click.echo(
            f"yours, and left alone: {', '.join(changes.outdated)}; mcpgen would write "
            "something else now, which a run into an empty folder shows",
            err=True,
        )
    if not quiet:
        click.echo(_closing(telling.served, changes, output, dry_run), err=True)


def generated(
    config: Config, output: Path, report: Report, *, quiet: bool
) -> Generated:
    """What a run makes for a folder. Raises InputError."""
    from .. import pipeline  # it takes a second to import

    gc.freeze()  # what was imported stays, so it needn't be looked through again
    stage = partial(pipeline.generate, known=partial(known, output))
    return shown(stage, config, report, quiet=quiet)


def _print_changes(changes: Changes, *, err: bool) -> None:
    for verb in ("created", "updated", "deleted", "kept"):
        for path in getattr(changes, verb):
            click.echo(f"{verb} {path}", err=err)


def _closing(served: str, changes: Changes, output: Path, dry_run: bool) -> str:
    """`wrote 31 files to out: 12 tools; 1 warning`"""
    verb = "would write" if dry_run else "wrote"
    files = count(len(changes.written), "file")
    if changes.deleted:
        files += f", deleted {len(changes.deleted)}"
    return f"{verb} {files} to {output}: {served}"


def _served(generated: Generated, report: Report) -> str:
    """`12 tools (about 2,400 tokens), 3 resources, 2 templates; 1 warning`"""
    from ..tokens import costs

    listed = costs(generated.understood.package)
    tools, resources, templates = (
        count(sum(cost.kind == kind for cost in listed), kind)
        for kind in ("tool", "resource", "template")
    )
    tokens = sum(cost.tokens for cost in listed if cost.kind == "tool")
    if tokens:
        tools += f" (about {count(tokens, 'token')})"
    made = f"{tools}, {resources}, {templates}"
    if prompts := generated.understood.package.prompts:
        made += f", {count(len(prompts), 'prompt')}"
    return f"{made}; {_findings(report)}"


def _findings(report: Report) -> str:
    found = count(report.warnings, "warning")
    if report.errors:
        found += f", {count(report.errors, 'operation')} left out"
    return found
