"""`mcpgen init SPEC`: a commented `mcpgen.toml` to start from.

What is behind `#` at once, without a space, is a setting as it would be by itself: the
file says what can be decided, and decides nothing but the document and the folder.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click

from .. import pipeline
from ..config import Config
from ..diagnostics import InputError, Report
from ..emit.text import toml
from ..name import Named
from ..settings import FILE, LIMITS
from .output import refuse, shown


@click.command(
    short_help=f"Write a commented {FILE}.",
    epilog=f"Exit codes: 0 done; 2 unusable input, or there is a {FILE} already.",
)
@click.argument("spec")
def init(spec: str) -> None:
    """Write a commented mcpgen.toml for SPEC into the working folder.

    `mcpgen` without arguments uses it from then on.
    """
    report = Report()
    try:
        understood = shown(pipeline.understand, Config(source=spec), report)
    except InputError as problem:
        refuse(problem, report, problem.documents, "text")
    text = "\n".join(_lines(spec, understood))
    try:
        with Path(FILE).open("x", encoding="utf-8") as file:
            file.write(f"{text}\n")
    except FileExistsError:
        raise click.UsageError(
            f"there is a {FILE} already: remove it, or edit it"
        ) from None
    except OSError as problem:
        raise click.UsageError(f"{FILE} can't be written: {problem.strerror}") from None
    click.echo(f"wrote {FILE}; edit it, then run mcpgen", err=True)


def _lines(spec: str, understood: pipeline.Understood) -> Iterator[str]:
    package, named = understood.package, understood.parts[0].named
    first = named[0]
    yield f"# What mcpgen makes of {toml(package.title)}. See docs/configuration.md."
    yield f"source = {toml(spec)}"
    yield f"output = {toml(package.distribution)}"
    yield ""
    yield "# semantic: GET becomes a resource or a template, all else a tool."
    yield "# tools: all operations become tools."
    yield '#preset = "semantic"'
    yield f"#name = {toml(package.slug)}"
    if package.settings.base_url:
        yield f"#base_url = {toml(package.settings.base_url)}"
    yield ""
    yield "# A Python file with functions that decide: route, name, component."
    yield '# plugin = "rules.py"'
    yield ""
    yield "# Rules before those of the preset: the first that matches decides. methods,"
    yield "# path (a regular expression), tags and operations are the conditions; kind is"
    yield "# tool, resource, template or exclude."
    yield "#[[routes]]"
    yield f"#methods = [{toml(first.route.operation.method.upper())}]"
    path = re.escape(first.route.operation.path).replace(r"\-", "-")
    yield f"#path = {toml(f'^{path}$')}"
    yield f"#kind = {toml(first.route.kind)}"
    yield ""
    yield "# Names that stay as they are, whatever becomes of the document."
    yield "#[names]"
    yield from (f"#{toml(_key(one))} = {toml(one.name)}" for one in named)
    yield ""
    yield "# Words for models, where the document's don't do."
    yield "#[descriptions]"
    yield f"#{toml(_key(first))} = {toml('What it does, and when to use it.')}"
    yield ""
    yield "# All else of one operation: kind, title, annotations, body, uri,"
    yield "# output_schema, and its arguments: name, description, hidden, value, default."
    yield f"#[operations.{toml(_key(first))}]"
    yield f"#title = {toml(first.name.replace('_', ' ').capitalize())}"
    yield ""
    yield "# Prompts that users choose; {topic} is what they give for that argument."
    yield "#[[prompts]]"
    yield '#name = "find"'
    yield '#arguments.topic = { description = "What to look for." }'
    yield '#messages = [{ text = "Find out what there is about {topic}." }]'
    yield ""
    yield "# What the server says of itself."
    yield "#[server]"
    yield f"#title = {toml(package.title)}"
    yield f"#version = {toml(package.version)}"
    yield ""
    yield "# Defaults of its settings; the environment variables still win."
    yield "#[limits]"
    yield from (f"#{name} = {getattr(package.settings, name)}" for name in LIMITS)


def _key(named: Named) -> str:
    """How the file calls an operation."""
    return named.route.operation.id or named.route.operation.subject
