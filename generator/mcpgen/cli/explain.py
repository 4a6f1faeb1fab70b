"""`mcpgen explain 'GET /pets/{id}' SPEC`: what an operation becomes, and why."""

from __future__ import annotations

import sys

import click

from .. import pipeline
from ..config import Config
from ..diagnostics import InputError, Report, Text, printable
from ..explain import explain as explained
from ..explain import lines
from .options import documented
from .output import paint_for, refuse, shown


@click.command(
    short_help="Say what one operation becomes, and why.",
    epilog="Exit codes: 0 done; 2 wrong usage, unusable input, or no such operation.",
)
@click.argument("operation")
@documented
def explain(operation: str, config: Config) -> None:
    """Say what an OPERATION of SPEC becomes: by which rule, under which name, with
    which arguments, and where its code is.

    OPERATION is 'GET /pets/{id}', an operationId, or the name that it is served under.
    """
    documents: dict[str, Text] = dict(config.texts)
    try:
        understood = shown(pipeline.understand, config, Report())
        documents |= understood.texts
        found = explained(operation, understood)
    except InputError as problem:
        documents |= problem.documents
        refuse(problem, Report(), documents, "text")
    paint = paint_for(sys.stdout)
    for label, text in lines(found):
        click.echo(f"{paint('place', f'{label:9}')}  {printable(text)}")
