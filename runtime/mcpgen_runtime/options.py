"""What the command line says: arguments first, then the environment, then a default.

Every option but those that print something is also an environment variable: `--port`
is `<PREFIX>_PORT`. A value is checked in one place, wherever it came from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from .settings import Settings, SettingsError

_DEFAULTS: Final[Mapping[str, str]] = {
    "transport": "stdio",
    "host": "127.0.0.1",
    "port": "8000",
    "path": "/mcp",
}

_EXIT_CODES: Final = """\
Each option with a value, and --resources-as-tools, is also an environment variable:
{prefix}_PORT for --port. Variables are read from .env in the working directory, too.

exit codes:
  0    done, or the client has closed its end
  1    the server can't run: its address is in use, say
  2    wrong usage, or a setting that can't be used
  130  interrupted; 143 terminated
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    transport: str
    host: str
    port: int
    path: str
    base_url: str | None = None
    resources_as_tools: bool = False
    list: bool = False
    version: bool = False


def read(
    program: str,
    arguments: Sequence[str],
    environment: Mapping[str, str],
    settings: Settings,
) -> Options:
    """The options of one start.

    Raises SettingsError for a value that can't be used, and SystemExit after `--help`
    or for arguments that don't exist.
    """
    given: dict[str, str | bool] = {}
    if arguments:
        given = _parse(program, arguments, settings.prefix)
    texts: dict[str, str] = {}
    sources: dict[str, str] = {}
    for name, default in _DEFAULTS.items():
        variable = settings.variable(name)
        sources[name] = f"--{name}" if name in given else variable
        texts[name] = str(given.get(name) or environment.get(variable) or default)
    _check(
        texts["transport"] in ("stdio", "http"),
        sources["transport"],
        texts["transport"],
        "stdio or http",
    )
    port = texts["port"]
    _check(
        port.isascii() and port.isdigit() and int(port) < 65536,
        sources["port"],
        port,
        "a number from 0 to 65535",
    )
    path = texts["path"]
    _check(path.startswith("/"), sources["path"], path, "a path that starts with /")
    base_url = given.get("base_url")
    return Options(
        transport=texts["transport"],
        host=texts["host"],
        port=int(port),
        path=path,
        base_url=str(base_url) if base_url else None,
        resources_as_tools="resources_as_tools" in given,
        list="list" in given,
        version="version" in given,
    )


def _check(fine: bool, source: str, text: str, allowed: str) -> None:
    if not fine:
        raise SettingsError(f"{source} is {text!r}: give {allowed}")


def _parse(
    program: str, arguments: Sequence[str], prefix: str
) -> dict[str, str | bool]:
    import argparse

    parser = argparse.ArgumentParser(
        prog=program,
        description="Serve this API to MCP clients.",
        epilog=_EXIT_CODES.format(prefix=prefix),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        argument_default=argparse.SUPPRESS,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--transport", metavar="stdio|http", help="how clients connect (stdio)")
    add("--host", help="the address that http listens on (127.0.0.1)")
    add("--port", help="the port that http listens on (8000); 0 for any free one")
    add("--path", help="the path that http serves (/mcp)")
    add("--base-url", metavar="URL", help="where the API is")
    add(
        "--resources-as-tools",
        action="store_true",
        help="serve every resource as a tool, too: many clients only call tools",
    )
    add("--list", action="store_true", help="print what is served, and exit")
    add("--version", action="store_true", help="print the version, and exit")
    return vars(parser.parse_args(arguments))
