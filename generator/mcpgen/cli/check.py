"""`mcpgen check SPEC -o out/`: whether a package is what would be written now.

The unified diff goes to standard output, all that is said about it to standard error.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

import click

from ..config import Config
from ..diagnostics import InputError, Report, Text, count, printable
from ..write import identity, stale, unified_diff
from .finished import Told, finish, finished, key_of
from .generate import generated
from .options import (
    documented,
    folder,
    in_process_option,
    templates_option,
    with_application,
    with_templates,
)
from .output import paint_for, refuse

_ROLES = {"+": "added", "-": "removed", "@": "hunk"}


@click.command(
    short_help="Say whether a package is up to date, with a diff.",
    epilog="Exit codes: 0 up to date; 1 stale; 2 wrong usage, unusable input, or no "
    "package in the folder.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Folder of the package.",
)
@documented
@in_process_option
@templates_option
@click.option("-q", "--quiet", is_flag=True, help="No diff, only the exit code.")
def check(
    output: Path | None,
    config: Config,
    in_process: bool,
    own_templates: Path | None,
    quiet: bool,
) -> None:
    """Say whether the package in a folder is what SPEC gives with these options.

    A unified diff shows what a run would change in the files that mcpgen owns. Your
    own files don't count.
    """
    output = folder(output, config)
    config = with_application(config, in_process=in_process)
    report = Report()
    documents: dict[str, Text] = dict(config.texts)
    try:
        config = with_templates(config, own_templates)
        run = key_of(config, output)
        if finished(run, output):
            if not quiet:
                click.echo(_closing(output, ()), err=True)
            return
        made = generated(config, output, report, quiet=quiet)
        documents |= made.understood.texts
        found = stale(made.tree, output)
        if not found.paths:
            answers = made.understood.answers
            finish(run, answers, identity(made.tree), Told())
    except InputError as problem:
        documents |= problem.documents
        refuse(problem, report, documents, "text", quiet=quiet)
    if not quiet:
        for path in found.paths:
            _print(unified_diff(made.tree, output, path))
        for path in found.edited:
            click.echo(f"edited by hand: {path}", err=True)
        if found.outdated:
            click.echo(
                f"yours, and not counted: {', '.join(found.outdated)}; mcpgen would "
                "write something else now",
                err=True,
            )
        click.echo(_closing(output, found.paths), err=True)
    sys.exit(1 if found.paths else 0)


def _print(diff: Iterable[str]) -> None:
    """The diff as it is, but for a terminal, which colours it and takes no control
    characters."""
    if not sys.stdout.isatty():
        click.echo("".join(diff), nl=False)
        return
    paint = paint_for(sys.stdout)
    for line in diff:
        role = _ROLES.get(line[0])
        shown = printable(line.rstrip("\n"))
        click.echo(paint(role, shown) if role else shown)


def _closing(output: Path, paths: tuple[str, ...]) -> str:
    if not paths:
        return f"{output} is up to date"
    return f"{output} is stale: {count(len(paths), 'file')} would change"
