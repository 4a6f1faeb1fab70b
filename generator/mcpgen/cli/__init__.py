"""The command line: `mcpgen SPEC -o out/` and the commands beside it.

A command is imported when it is asked for.
"""

from __future__ import annotations

import difflib
from importlib import import_module
from pathlib import Path

import click
from mcpgen_runtime._version import __version__

from ..settings import has_settings

_COMMANDS = (
    "generate",
    "check",
    "diff",
    "doctor",
    "explain",
    "serve",
    "init",
    "bundle",
)
"""Each is a function of the module of its name."""


class _Commands(click.Group):
    """Commands by name; a line that starts with none of them is for `generate`, and so
    is an empty one in a folder with settings.

    A document that has the name of a command is meant by `./NAME`.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module = import_module(f".{cmd_name}", __name__)
        command: click.Command = getattr(module, cmd_name)
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own = {*_COMMANDS, *ctx.help_option_names, "--version"}
        if args and (meant := _meant(args[0])):
            ctx.fail(
                f"there is no command or document {args[0]!r}; did you mean {meant}?"
            )
        if args[0] not in own if args else has_settings(Path()):
            args = ["generate", *args]
        return super().parse_args(ctx, args)

    def format_options(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        shown = (*self._generate(ctx).params, *self.get_params(ctx))
        records = (
            one.get_help_record(ctx) for one in shown if isinstance(one, click.Option)
        )
        with formatter.section("Options"):
            formatter.write_dl([record for record in records if record])
        self.format_commands(ctx, formatter)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        self._generate(ctx).format_epilog(ctx, formatter)

    def _generate(self, ctx: click.Context) -> click.Command:
        command = self.get_command(ctx, "generate")
        assert command is not None
        return command


def _meant(word: str) -> str | None:
    """The command that is nearest to a word which names nothing."""
    if word in _COMMANDS or not word.isalpha() or Path(word).exists():
        return None
    return next(iter(difflib.get_close_matches(word, _COMMANDS, n=1)), None)


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 88},
    options_metavar="",
    subcommand_metavar="SPEC -o DIR [OPTIONS] | COMMAND …",
)
@click.version_option(__version__, prog_name="mcpgen")
def main() -> None:
    """Turn an OpenAPI document into a standalone MCP server package.

    SPEC is a file, a folder or a zip archive that holds one, an http(s) URL, or - for
    standard input; OpenAPI 3 or Swagger 2.0, in JSON or YAML. It may also be the URL of
    a running API, or an ASGI application by its import path, such as shop.main:app or
    shop.main:create_app(). What a line leaves out is taken from mcpgen.toml, or from
    [tool.mcpgen] of pyproject.toml, in the working folder.
    """


__all__ = ["main"]
