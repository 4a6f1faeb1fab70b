"""`mcpgen bundle DIR`: a package as one file that desktop clients install."""

from __future__ import annotations

from pathlib import Path

import click

from ..bundle import bundle as write_bundle
from ..diagnostics import InputError, Report
from .output import refuse


@click.command(
    short_help="Make an MCPB bundle of a package that was written.",
    epilog="Exit codes: 0 done; 2 wrong usage, no package, or it can't be written.",
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The bundle; by default <name>.mcpb in DIR.",
)
def bundle(folder: Path, output: Path | None) -> None:
    """Make one file of the package in DIR, for clients that install MCPB bundles.

    What stands in its manifest.json, which is yours, is what users will see.
    """
    try:
        path = write_bundle(folder, output)
    except InputError as problem:
        refuse(problem, Report(), problem.documents, "text", verbose=False)
    click.echo(f"wrote {path}", err=True)
