"""`mcpgen serve SPEC`: an MCP server for a document at once; nothing is written.

Standard output carries the protocol and nothing else; findings go to standard error. A
change of the document or the settings is served as soon as it can be understood, and
until then what was served before; clients are told which lists have changed.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable

import click
from mcpgen_runtime.settings import SettingsError

from .. import live, pipeline
from ..config import Config
from ..diagnostics import InputError, Report, count
from ..load import STDIN
from ..schema import Package
from ..settings import FILE, SHARED
from .options import reconfigurable, with_document
from .output import refuse, shown, tell, tell_why
from .watch import Watch


@click.command(
    short_help="Serve a document at once, and again when it changes.",
    epilog="Exit codes: 0 done, or the client has closed its end; 1 the address can't "
    "be served; 2 wrong usage or unusable input; 130 interrupted.",
)
@click.argument("spec", required=False)
@reconfigurable
@click.option(
    "--transport",
    type=click.Choice(["stdio", "http"]),
    default="stdio",
    show_default=True,
    help="How clients connect.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address of http.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="Port of http; 0 for any free one.",
)
@click.option(
    "--mock", is_flag=True, help="Answer from the examples of SPEC: no API is asked."
)
def serve(
    spec: str | None,
    configure: Callable[[], Config],
    transport: str,
    host: str,
    port: int,
    mock: bool,
) -> None:
    """Serve SPEC to MCP clients, for a first try and while you shape it.

    All that is read from files is read again when one of them changes: SPEC and what it
    refers to, mcpgen.toml, overlays, the plugin, the modules of an application. What is
    behind a URL is asked for at the start and with them, not by itself. Where the API is
    and the credentials come from the variables that the emitted package would take.
    """
    streams = live.claim() if transport == "stdio" else None
    run = _Run(spec, configure, stdio=streams is not None, mock=mock)
    try:
        server = live.Live(run.understood(), mock=mock)
    except InputError as problem:
        refuse(problem, run.report, problem.documents, "text")
    except SettingsError as problem:
        raise click.UsageError(str(problem)) from None
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s")
    watch = Watch(run.files, lambda: run.again(server))
    if streams is not None:
        server.over_stdio(streams)
    try:
        served = server.over_http(host, port, lambda url: _say(f"serving on {url}"))
    except OSError as problem:
        _say(f"can't listen on {host}:{port}: {problem.strerror}")
        served = False
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        watch.end()
    sys.exit(0 if served else 1)


class _Run:
    """What is read, and read again; `files` are those that it depends on."""

    def __init__(
        self,
        spec: str | None,
        configure: Callable[[], Config],
        *,
        stdio: bool,
        mock: bool,
    ) -> None:
        self._spec = spec
        self._configure = configure
        self._stdio = stdio
        self._unneeded = {"no-base-url"} if mock else frozenset[str]()
        self.report = Report()
        self.files: frozenset[str] = frozenset({FILE, SHARED})

    def understood(self) -> Package:
        """The package as the document is now, its findings told. Raises InputError."""
        self.report = Report()
        config = self._configure()
        config = with_document(config, self._spec)
        for one in config.documents:
            if one.source == STDIN and self._stdio:
                raise click.UsageError("standard input is the client's: name a file")
            self.files |= {one.source or "", *one.overlays}
            if one.plugin is not None:
                self.files |= {one.plugin.source}
        found = shown(pipeline.understand, config, self.report)
        self.files |= found.texts.keys()
        for documents in (part.documents for part in found.parts):
            self.files |= {*documents.unreadable, *documents.modules}
        findings = (
            one for one in self.report.diagnostics if one.code not in self._unneeded
        )
        tell(findings, {**config.texts, **found.texts}, "text")
        served = sum(len(module.components) for module in found.package.modules)
        _say(f"{found.package.slug}: {count(served, 'operation')} served")
        return found.package

    def again(self, server: live.Live) -> frozenset[str]:
        """Serve what is there now; where that can't be, say so."""
        try:
            if not server.show(self.understood()):
                _say("the base URL or the credentials are others: start again for them")
        except InputError as problem:
            tell_why(problem, self.report, problem.documents, "text")
            _say("what was served before still is")
        except click.UsageError as problem:
            _say(f"{problem.message}; what was served before still is")
        return self.files


def _say(sentence: str) -> None:
    click.echo(f"mcpgen: {sentence}", err=True)
