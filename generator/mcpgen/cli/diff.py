"""`mcpgen diff OLD NEW`: what changes for agents, and whether it breaks them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Literal, TypeAlias

import click

from ..compare import Change, as_json, as_markdown, as_text, changes
from ..config import Config
from ..diagnostics import InputError, Report
from .options import configured
from .output import Progress, paint_for, refuse
from .sides import settings_for, surface

Shape: TypeAlias = Literal["text", "markdown", "json"]

_SHAPES: Mapping[Shape, Callable[[Sequence[Change]], str]] = {
    "text": lambda found: as_text(found, paint=paint_for(sys.stdout)),
    "markdown": as_markdown,
    "json": as_json,
}


@click.command(
    short_help="Say what changes for agents, and what breaks them.",
    epilog="Exit codes: 0 done; 1 something breaks, under --fail-on breaking; 2 wrong "
    "usage or unusable input.",
)
@click.argument("old")
@click.argument("new")
@configured
@click.option(
    "--format",
    "shape",
    type=click.Choice(list(_SHAPES)),
    default="text",
    show_default=True,
    help="For people, for a pull request, or for programs.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["breaking"]),
    help="Exit with 1 if there is such a change.",
)
def diff(old: str, new: str, config: Config, shape: Shape, fail_on: str | None) -> None:
    """Say what changes for agents from OLD to NEW, and whether it breaks them.

    Each is a document, the folder of a generated package, or REV:PATH for either of
    them in git. The options apply to documents.
    """
    config = settings_for((old, new), config)
    try:
        with Progress(enabled=True) as progress:
            found = changes(
                surface(old, config, progress.show), surface(new, config, progress.show)
            )
    except InputError as problem:
        refuse(problem, Report(), problem.documents, "text")
    click.echo(_SHAPES[shape](found))
    if fail_on and any(one.breaking for one in found):
        sys.exit(1)
