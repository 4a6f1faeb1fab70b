"""Options that several commands have: which document, what becomes of it, how it is told.

What only some lines need is imported where they need it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Any, get_args

import click

from ..application import is_application
from ..config import Config, Preset
from ..diagnostics import InputError, Report
from ..settings import FILE, settings, templates
from .output import Format, refuse


def _checked_name(
    _: click.Context, __: click.Parameter, name: str | None
) -> str | None:
    if name is None:
        return None
    from ..name import words

    if not words(name):
        raise click.BadParameter(f"{name!r} has no letter or digit to name a server by")
    return name


def _checked_url(_: click.Context, __: click.Parameter, url: str | None) -> str | None:
    if url is None:
        return None
    from ..schema import is_absolute

    if not is_absolute(url):
        raise click.BadParameter(f"{url!r} is not an http or https URL")
    return url


_OPTIONS = (
    click.option(
        "--preset",
        type=click.Choice(["semantic", "tools"]),
        help="semantic: GET becomes a resource or a template, all else a tool. "
        "tools: all operations become tools.  [default: semantic]",
    ),
    click.option(
        "--name",
        callback=_checked_name,
        help="Name of the server; by default from the API's title.",
    ),
    click.option(
        "--base-url",
        callback=_checked_url,
        help="Where the API is, if not where the document says.",
    ),
    click.option(
        "--include",
        multiple=True,
        metavar="PATTERN",
        help="Only operations with this tag, or path where it starts with '/'; "
        "'*' matches anything. May be repeated.",
    ),
    click.option(
        "--exclude",
        multiple=True,
        metavar="PATTERN",
        help="Leave these out; as --include, and stronger.",
    ),
    click.option(
        "--output-schemas/--no-output-schemas",
        default=True,
        show_default=True,
        help="Whether tools tell what their answers look like.",
    ),
    click.option(
        "--overlay",
        "overlays",
        multiple=True,
        metavar="FILE",
        help="OpenAPI Overlay to apply to the document. May be repeated, in order.",
    ),
    click.option(
        "--allow-remote-refs",
        is_flag=True,
        help="Let the document refer to other hosts, at public addresses.",
    ),
)


def _arguments(
    given: Mapping[str, str | tuple[str, ...] | bool | None],
) -> tuple[str, ...]:
    """Options as a command line has them, without those that say nothing."""
    found: list[str] = []
    for option, value in given.items():
        if value is True:
            found.append(option)
        elif isinstance(value, str):
            found += (option, value)
        elif value:
            found += (part for one in value for part in (option, one))
    return tuple(found)


def reconfigurable(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command the options of a run, by `configure`, which reads them each time:
    those of the settings of the working folder, and over them those of the command
    line. It raises InputError."""

    @wraps(command)
    def with_options(
        *,
        preset: Preset | None,
        name: str | None,
        base_url: str | None,
        include: tuple[str, ...],
        exclude: tuple[str, ...],
        output_schemas: bool,
        overlays: tuple[str, ...],
        allow_remote_refs: bool,
        **others: Any,
    ) -> None:
        arguments = _arguments(
            {
                "--preset": preset,
                "--name": name,
                "--base-url": base_url,
                "--include": include,
                "--exclude": exclude,
                "--no-output-schemas": not output_schemas,
                "--overlay": overlays,
                "--allow-remote-refs": allow_remote_refs,
            }
        )

        def of_any(written: Config) -> Config:
            return replace(
                written,
                preset=preset or written.preset,
                output_schemas=output_schemas,
                allow_remote_refs=allow_remote_refs,
            )

        def configure() -> Config:
            written = settings(Path())
            if written.apis and (base_url or include or exclude or overlays):
                raise click.UsageError(
                    "--base-url, --include, --exclude and --overlay are for one API: "
                    f"say it in {FILE}, where each has settings of its own"
                )
            return replace(
                of_any(written),
                name=name or written.name,
                base_url=base_url or written.base_url,
                include=include,
                exclude=exclude,
                overlays=overlays or written.overlays,
                arguments=arguments,
                apis={key: of_any(one) for key, one in written.apis.items()},
            )

        command(configure=configure, **others)

    for option in reversed(_OPTIONS):
        with_options = option(with_options)
    return with_options


def configured(command: Callable[..., None]) -> Callable[..., None]:
    """As `reconfigurable`, for a command that reads them once, as `config`."""

    @wraps(command)
    def with_config(*, configure: Callable[[], Config], **others: Any) -> None:
        try:
            config = configure()
        except InputError as problem:
            format = others.get("format", "text")
            refuse(problem, Report(), problem.documents, format)
        command(config=config, **others)

    return reconfigurable(with_config)


def documented(command: Callable[..., None]) -> Callable[..., None]:
    """As `configured`, for a command with a document, or with all that the settings
    name."""

    @wraps(command)
    def with_spec(*, spec: str | None, config: Config, **others: Any) -> None:
        command(config=with_document(config, spec), **others)

    return click.argument("spec", required=False)(configured(with_spec))


def with_document(config: Config, spec: str | None) -> Config:
    """The settings of a run with the document of the command line, if one is named;
    else it is `source` of the settings, or there are several APIs."""
    if config.apis:
        if spec is not None:
            known = ", ".join(config.apis)
            raise click.UsageError(
                f"no SPEC goes here: {FILE} names several APIs ({known})"
            )
        return config
    if spec is not None:
        return replace(config, source=spec, arguments=(spec, *config.arguments))
    if config.source is None:
        raise click.UsageError(f"name a SPEC here, or as `source` in {FILE}")
    return config


def folder(output: Path | None, config: Config) -> Path:
    """The folder of the package: `-o`, or else `output` of the settings."""
    if output is None and config.output is None:
        raise click.UsageError(f"name a folder by -o, or as `output` in {FILE}")
    return output or Path(config.output or "")


templates_option = click.option(
    "--templates",
    "own_templates",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder with templates that take the place of mcpgen's own.",
)


def with_templates(config: Config, own_templates: Path | None) -> Config:
    """The settings of a run with the templates of a folder. Raises InputError."""
    if own_templates is None:
        return config
    arguments = (*config.arguments, "--templates", own_templates.as_posix())
    return replace(config, templates=templates(own_templates), arguments=arguments)


in_process_option = click.option(
    "--in-process",
    is_flag=True,
    help="The package calls the application SPEC in its own process, not over HTTP.",
)


def with_application(config: Config, *, in_process: bool) -> Config:
    """The settings of a run that may call its application in process."""
    if not in_process:
        return config
    if config.source is None:
        raise click.UsageError(
            "--in-process is for one application, not for several APIs"
        )
    if not is_application(config.source):
        raise click.UsageError(
            "--in-process needs an application, such as shop.main:app, "
            f"not {config.source!r}"
        )
    arguments = (*config.arguments, "--in-process")
    return replace(config, application=config.source, arguments=arguments)


format_option = click.option(
    "--format",
    type=click.Choice(get_args(Format)),
    default="text",
    show_default=True,
    help="How findings are told: for people, or on standard output for programs.",
)
