"""`mcpgen doctor SPEC`: how well agents will get on with an API; nothing is written."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator

import click

from .. import pipeline
from ..config import Config
from ..diagnostics import InputError, Report, count
from ..doctor import examine, page, record
from ..tokens import costs
from .options import documented, format_option
from .output import Format, paint_for, refuse, shown, tell


@click.command(
    short_help="Say what agents will stumble over, with a score.",
    epilog="Exit codes: 0 done; 1 the score is below --fail-under; 2 wrong usage or "
    "unusable input.",
)
@documented
@click.option(
    "--fail-under",
    type=click.IntRange(0, 100),
    metavar="SCORE",
    help="Exit with 1 if the score is lower.",
)
@format_option
@click.option("-v", "--verbose", is_flag=True, help="All issues, and all places.")
def doctor(
    config: Config,
    fail_under: int | None,
    format: Format,
    verbose: bool,
) -> None:
    """Say what would be made of SPEC, and what agents will stumble over.

    The score, of 100, is what a team can watch; each point lost is named with its fix.
    """
    report = Report()
    try:
        understood = shown(pipeline.understand, config, report)
    except InputError as problem:
        documents = {**config.texts, **problem.documents}
        refuse(problem, report, documents, format, verbose=verbose)
    documents = {**config.texts, **understood.texts}
    checkups = [examine(part) for part in understood.parts]
    tell((one for one in report.diagnostics if one.code == "pattern"), {}, "text")
    if format == "text":
        paint = paint_for(sys.stdout)
        pages = (page(one, documents, paint=paint, verbose=verbose) for one in checkups)
        click.echo("\n\n".join([*pages, *_together(understood)]))
    elif format == "json":
        records = [record(one, documents) for one in checkups]
        named = dict(zip(config.apis, records, strict=True)) if config.apis else None
        click.echo(json.dumps(named or records[0], indent=2))
    else:
        tell((found for one in checkups for found in one.findings), documents, format)
    lowest = min(one.score for one in checkups)
    if fail_under is not None and lowest < fail_under:
        click.echo(f"the score {lowest} is below --fail-under {fail_under}", err=True)
        sys.exit(1)


def _together(understood: pipeline.Understood) -> Iterator[str]:
    """What agents see of several APIs at once."""
    if understood.package.apis:
        tools = [one.tokens for one in costs(understood.package) if one.kind == "tool"]
        yield (
            f"{understood.package.title}, as the server {understood.package.slug}: "
            f"{count(len(tools), 'tool')} together, about {sum(tools):,} tokens"
        )
