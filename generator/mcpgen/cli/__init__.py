"""The command line: `mcpgen SPEC -o out/` and the commands beside it."""

from __future__ import annotations

from pathlib import Path

import click
from mcpgen_runtime._version import __version__

from ..settings import has_settings
from .bundle import bundle
from .check import check
from .diff import diff
from .doctor import doctor
from .explain import explain
from .generate import generate
from .init import init
from .serve import serve


class _Commands(click.Group):
    """Commands by name; a line that starts with none of them is for `generate`, and so
    is an empty one in a folder with settings.

    A document that has the name of a command is meant by `./NAME`.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own = {*self.commands, *ctx.help_option_names, "--version"}
        if args[0] not in own if args else has_settings(Path()):
            args = ["generate", *args]
        return super().parse_args(ctx, args)

    def format_options(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        shown = (*generate.params, *self.get_params(ctx))
        records = (
            one.get_help_record(ctx) for one in shown if isinstance(one, click.Option)
        )
        with formatter.section("Options"):
            formatter.write_dl([record for record in records if record])
        self.format_commands(ctx, formatter)


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 88},
    options_metavar="",
    subcommand_metavar="SPEC -o DIR [OPTIONS] | COMMAND …",
    epilog=generate.epilog,
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


main.add_command(generate)
main.add_command(check)
main.add_command(diff)
main.add_command(doctor)
main.add_command(explain)
main.add_command(serve)
main.add_command(init)
main.add_command(bundle)

__all__ = ["main"]
