"""`mcpgen explain 'GET /pets/{id}' SPEC`: what becomes of it, and why."""

from __future__ import annotations

import sys

import click

from .. import pipeline
from ..config import Config
from ..diagnostics import InputError, Report, Text, printable
from ..explain import explain as explained
from .options import documented
from .output import paint_for, refuse, shown


@click.command(
    short_help="Say what one operation or prompt becomes, and why.",
    epilog="Exit codes: 0 done; 2 wrong usage, unusable input, or no such operation.",
)
@click.argument("operation")
@documented
def explain(operation: str, config: Config) -> None:
    """Say what an OPERATION of SPEC becomes: by which rule, under which name, with
    which arguments, what was decided about it, and where its code is.

    OPERATION is 'GET /pets/{id}', an operationId, or the name or the URI that it is
    served under; or it is the name of a prompt.
    """
    documents: dict[str, Text] = dict(config.texts)
    try:
        understood = shown(pipeline.understand, config, Report())
        documents |= understood.texts
        found = explained(operation, understood, config)
    except InputError as problem:
        documents |= problem.documents
        refuse(problem, Report(), documents, "text")
    paint = paint_for(sys.stdout)
    for label, text in found:
        click.echo(f"{paint('place', f'{label:9}')}  {printable(text)}")
