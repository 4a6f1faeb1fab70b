"""The start of a server: `python -m <package>` and its console script.

The server is imported only when the options are known and standard output is the
protocol's, so that nothing that extension code prints, even while it is imported, can
reach a client.
"""

from __future__ import annotations

import atexit
import gc
import logging
import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from importlib import import_module
from typing import TYPE_CHECKING, Final, NoReturn

from .errors import CompositionError
from .options import Options, read
from .settings import Settings, SettingsError, environment

if TYPE_CHECKING:
    from .server import Server

FAILED: Final = 1
WRONG_USAGE: Final = 2
INTERRUPTED: Final = 130

_WIDEST: Final = 60
_TAG: Final = r"</?[A-Za-z][^<>]*>"


def main(package: str, arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the server of a package, and exit with the codes that `--help` names.

    `package` holds `settings.SETTINGS`, `settings.APIS` where there are several, and
    `server.server`; `arguments` are those of the command line.
    """
    given = sys.argv[1:] if arguments is None else arguments
    try:
        sys.exit(_run(package, given))
    except (SettingsError, CompositionError) as error:
        _say(package, str(error))
        sys.exit(WRONG_USAGE)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def _run(package: str, arguments: Sequence[str]) -> int:
    module = import_module(f"{package}.settings")
    settings: Settings = module.SETTINGS
    if arguments[:1] == ["install"]:
        apis = getattr(module, "APIS", {"": settings})
        return _install(package, settings, tuple(apis.values()), arguments[1:])
    options = read(_program(package), arguments, environment, settings)
    if options.list or options.version:
        return _print(package, options)
    if options.transport == "http":
        return _serve_http(package, options)
    return _serve_stdio(package, options)


def _install(
    package: str,
    settings: Settings,
    apis: Sequence[Settings],
    arguments: Sequence[str],
) -> int:
    from .install import InstallError, run

    try:
        run(_program(package), package, settings, apis, arguments)
    except InstallError as error:
        _say(package, str(error))
        return FAILED
    return 0


def _serve_stdio(package: str, options: Options) -> NoReturn:
    with _loading():
        import asyncio

        from .transports import stdio

        try:
            streams = stdio.claim()
        except OSError as error:
            _say(package, f"standard input or output can't be used: {error.strerror}")
            sys.exit(FAILED)
        server = _configured(package, options)
    _leave(asyncio.Runner().run(stdio.serve(server, streams)))


def _serve_http(package: str, options: Options) -> int:
    with _loading():
        from .transports import network
        from .transports.http import App

        server = _configured(package, options)
        app = App(server, options.path)
    try:
        listener = network.listen(options.host, options.port)
    except OSError as error:
        where = f"{options.host}:{options.port}"
        _say(package, f"can't listen on {where}: {error.strerror}")
        return FAILED
    port = listener.getsockname()[1]
    host = f"[{options.host}]" if ":" in options.host else options.host
    _say(package, f"serving on http://{host}:{port}{options.path}")
    return 0 if network.serve(app, listener) else FAILED


@contextmanager
def _loading() -> Iterator[None]:
    """Keep the garbage collector from what is loaded, now and later: it all stays."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _server(package: str) -> Server:
    """The server of a package, with its extension code."""
    try:
        server: Server = import_module(f"{package}.server").server
    except SyntaxError as error:
        place = f"{error.filename}:{error.lineno}"
        raise CompositionError(f"{place}: {error.msg}") from None
    except AttributeError as error:
        extensions = sys.modules.get(f"{package}.extensions")
        if extensions is None or error.obj is not extensions or error.name != "extend":
            raise
        raise CompositionError(
            f"{extensions.__file__}:1: there is no extend: write def extend(server)"
        ) from None
    return server


def _configured(package: str, options: Options) -> Server:
    """The server of a package, ready to serve."""
    server = _server(package)
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s")
    server.configure(
        base_url=options.base_url,
        resources_as_tools=options.resources_as_tools,
        mock=options.mock,
    )
    if options.mock:
        _say(package, "answers come from examples; nothing is sent to the API")
        return server
    credentials = [
        found for one in server.apis.values() for found in one.credentials.values()
    ]
    for credential in credentials:
        for variable in (name for way in credential.ways for name in way):
            if not server.environment.get(variable, "").strip().isprintable():
                _say(
                    package,
                    f"the value of {variable} has a line break or another character "
                    "that can't be sent, so calls that need it will fail: set it again",
                )
    for variable in server.api.unknown:
        _say(
            package,
            f"{variable} is not set, so calls will answer with an error: "
            "set it to the base URL of the API",
        )
    return server


def _print(package: str, options: Options) -> int:
    with redirect_stdout(sys.stderr):
        server = _server(package)
        if options.list:
            server.configure(resources_as_tools=options.resources_as_tools)
    lines = [f"{server.name} {server.version}"] if options.version else _listing(server)
    try:
        for line in lines:
            print(line)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read it has seen enough; the interpreter must not flush again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return 0


def _listing(server: Server) -> Iterator[str]:
    """What is served, aligned: the kind, the name or URI, the first line about it."""
    import json

    from .components import KEYS

    rows = []
    for kind, key in KEYS.items():
        for text in server.entries(kind):
            entry = json.loads(text)
            about = re.sub(_TAG, "", entry.get("description", "")).strip()
            rows.append((kind, entry[key], about.partition("\n")[0].rstrip()))
    width = max((len(name) for _, name, _ in rows), default=0)
    width = min(width, _WIDEST)
    for kind, name, about in rows:
        line = f"{kind:8}  {name:{width}}  {about}".rstrip()
        # A terminal obeys what isn't printable.
        yield "".join(one if one.isprintable() else " " for one in line)


def _program(package: str) -> str:
    """What the user typed to start this."""
    called = os.path.basename(sys.argv[0])
    return f"python -m {package}" if called == "__main__.py" else called


def _say(package: str, sentence: str) -> None:
    called = os.path.basename(sys.argv[0])
    name = package if called in ("", "-c", "-m", "__main__.py") else called
    print(f"{name}: {sentence}", file=sys.stderr)


def _leave(code: int) -> NoReturn:
    """End the process now, whatever its threads are waiting for."""
    atexit._run_exitfuncs()
    sys.stderr.flush()
    os._exit(code)
