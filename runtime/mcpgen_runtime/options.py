"""What the command line says: arguments first, then the environment, then a default.

Every option but those that print something is also an environment variable: `--port`
is `<PREFIX>_PORT`. A value is checked in one place, wherever it came from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from string import ascii_letters, digits
from typing import Final, NamedTuple

from .settings import Settings, SettingsError

_WITH_VALUE: Final = ("transport", "host", "port", "path")
_IN_PATH: Final = frozenset(ascii_letters + digits + "._~!$&'()*+,;=:@%/-")

_EXIT_CODES: Final = """\
Each option with a value, and --resources-as-tools, is also an environment variable:
{prefix}_PORT for --port. Variables are read from .env in the working directory, too.

exit codes:
  0    done, or the client has closed its end
  1    the server can't run: its address is in use, say
  2    wrong usage, or a setting that can't be used
  130  interrupted; 143 terminated
"""


class Options(NamedTuple):
    transport: str = "stdio"
    host: str = "127.0.0.1"
    port: int = 8000
    path: str = "/mcp"
    base_url: str | None = None
    resources_as_tools: bool = False
    mock: bool = False
    list: bool = False
    version: bool = False


_DEFAULTS: Final = Options()


def read(
    program: str,
    arguments: Sequence[str],
    environment: Callable[[], Mapping[str, str]],
    settings: Settings,
) -> Options:
    """The options of one start; `--version` depends on no other.

    Raises SettingsError for a value that can't be used, and SystemExit after `--help`
    or for arguments that don't exist.
    """
    given: dict[str, str | bool] = {}
    if arguments:
        given = _parse(program, arguments, settings.prefix)
    if "version" in given:
        return Options(version=True)
    variables = environment()
    texts: dict[str, str] = {}
    sources: dict[str, str] = {}
    for name in _WITH_VALUE:
        default = getattr(_DEFAULTS, name)
        variable = settings.variable(name)
        sources[name] = f"--{name}" if name in given else variable
        texts[name] = str(given.get(name, variables.get(variable) or default))
    _check(
        texts["transport"] in ("stdio", "http"),
        sources["transport"],
        texts["transport"],
        "stdio or http",
    )
    _check(bool(texts["host"]), sources["host"], "", "an address to listen on")
    port = texts["port"]
    _check(
        port.isascii() and port.isdigit() and int(port) < 65536,
        sources["port"],
        port,
        "a number from 0 to 65535",
    )
    base_url = given.get("base_url")
    return Options(
        transport=texts["transport"],
        host=texts["host"],
        port=int(port),
        path=checked_path(texts["path"], sources["path"]),
        base_url=None if base_url is None else str(base_url),
        resources_as_tools="resources_as_tools" in given,
        mock="mock" in given,
        list="list" in given,
    )


def checked_path(path: str, source: str) -> str:
    """A path that can be served; raises SettingsError for any other."""
    allowed = "a path that starts with /, without spaces, ? or #"
    fine = path.startswith("/") and _IN_PATH.issuperset(path)
    _check(fine, source, path, allowed)
    return path


def _check(fine: bool, source: str, text: str, allowed: str) -> None:
    if not fine:
        raise SettingsError(f"{source} is {text!r}: give {allowed}")


def _parse(
    program: str, arguments: Sequence[str], prefix: str
) -> dict[str, str | bool]:
    import argparse

    parser = argparse.ArgumentParser(
        prog=program,
        description="Serve this API to MCP clients, or set one up: "
        f"{program} install --help",
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
    add(
        "--mock",
        action="store_true",
        help="answer from the examples of the API's document: no API, no credentials",
    )
    add("--list", action="store_true", help="print what is served, and exit")
    add("--version", action="store_true", help="print the version, and exit")
    return vars(parser.parse_args(arguments))
