"""`install CLIENT`: this server in the configuration of an MCP client.

The rule: what the file holds beside this server stays as it is, and its last state is
kept beside it. A secret is written only when it is given, as `--env NAME=VALUE`. A
file that can't be understood is not touched.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

from .settings import Settings

Entry: TypeAlias = dict[str, Any]

_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class InstallError(Exception):
    """Nothing was changed; the message says why, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Where a client keeps its servers: a JSON file, and the member that holds them."""

    title: str
    file: Path
    member: str = "mcpServers"
    fixed: Mapping[str, str]


def clients() -> Mapping[str, Client]:
    """The clients that are known, with their files for this user and this system."""
    home = Path.home()
    if sys.platform == "darwin":
        data = home / "Library" / "Application Support"
    elif sys.platform == "win32":
        data = Path(os.environ.get("APPDATA") or home / "AppData" / "Roaming")
    else:
        data = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config")
    return {
        "claude-desktop": Client(
            title="Claude Desktop",
            file=data / "Claude" / "claude_desktop_config.json",
            fixed={},
        ),
        "claude-code": Client(
            title="Claude Code", file=Path.cwd() / ".mcp.json", fixed={"type": "stdio"}
        ),
        "cursor": Client(title="Cursor", file=home / ".cursor" / "mcp.json", fixed={}),
        "vscode": Client(
            title="VS Code",
            file=data / "Code" / "User" / "mcp.json",
            member="servers",
            fixed={"type": "stdio"},
        ),
    }


def run(
    program: str,
    package: str,
    settings: Settings,
    apis: Sequence[Settings],
    given: Sequence[str],
) -> None:
    """Carry out `install` with the arguments behind it.

    `settings` are those of the server, `apis` those of each API that it calls. Raises
    InstallError, and SystemExit for arguments that don't exist.
    """
    known = clients()
    parser = argparse.ArgumentParser(
        prog=f"{program} install",
        description="Add this server to the configuration of an MCP client. What is "
        "there already stays; the file as it was is kept as <file>.backup.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("client", choices=known, help="claude-code: .mcp.json in this folder")
    add(
        "--env",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a variable to write into it, a secret too; may be repeated",
    )
    add("--print", action="store_true", help="print what would be added; write nothing")
    options = parser.parse_args(given)
    client = known[options.client]
    name = settings.prefix.lower().replace("_", "-")
    entry = _entry(client, package, _variables(options.env))
    if options.print:
        print(_text({client.member: {name: entry}}), end="")
        return
    written = _install(client, name, entry)
    print(
        f"{client.title}: {name} is in {client.file}; restart it, or reload its servers."
    )
    wanted = dict.fromkeys(name for one in apis for name in _wanted(one))
    missing = [name for name in wanted if name not in written.get("env", {})]
    if missing:
        print(
            f"Without a value yet: {', '.join(missing)}. Add what your API needs with "
            "--env NAME=VALUE, or in the file."
        )


def _variables(pairs: Sequence[str]) -> dict[str, str]:
    variables = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not _VARIABLE.fullmatch(name):
            # It may hold a secret, so it is not repeated.
            raise InstallError("--env takes a variable with its value: NAME=VALUE")
        variables[name] = value
    return variables


def _wanted(settings: Settings) -> tuple[str, ...]:
    ways = [one.ways[0] for one in settings.credentials.values()]
    names = [name for way in ways for name in way]
    if settings.application is not None:
        names.insert(0, "PYTHONPATH")
    elif settings.base_url is None:
        names.insert(0, settings.variable("base_url"))
    return tuple(names)


def _entry(client: Client, package: str, variables: Mapping[str, str]) -> Entry:
    """Absolute paths: a desktop client rarely has the PATH of a shell."""
    script = Path(sys.argv[0])
    entry: Entry = {**client.fixed}
    if script.name == "__main__.py":
        entry |= {"command": sys.executable, "args": ["-m", package]}
    else:
        found = shutil.which(sys.argv[0]) or sys.argv[0]
        entry |= {"command": os.path.abspath(found), "args": []}
    if variables:
        entry["env"] = {**variables}
    return entry


def _install(client: Client, name: str, entry: Entry) -> Entry:
    """The entry as it is now, with what an older one had beside it."""
    path = Path(os.path.realpath(client.file))
    try:
        old = path.read_text("utf-8-sig") if path.exists() else None
        configuration = _parsed(client, name, entry, old)
        servers = configuration.setdefault(client.member, {})
        before = servers.get(name, {})
        servers[name] = {**before, **entry}
        if "env" in before or "env" in entry:
            servers[name]["env"] = before.get("env", {}) | entry.get("env", {})
        _write(path, _text(configuration), old)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise InstallError(f"{client.file} can't be changed: {reason}") from None
    written: Entry = servers[name]
    return written


def _parsed(client: Client, name: str, entry: Entry, text: str | None) -> Entry:
    """The configuration in a file; raises InstallError unless it can be kept whole."""
    found: Any = None
    with suppress(ValueError):
        found = json.loads(text) if text and text.strip() else {}
    servers = found.get(client.member, {}) if isinstance(found, dict) else None
    before = servers.get(name, {}) if isinstance(servers, dict) else None
    if not isinstance(before, dict) or not isinstance(before.get("env", {}), dict):
        hidden = {**entry, "env": dict.fromkeys(entry.get("env", {}), "…")}
        raise InstallError(
            f"{client.file} is not the plain JSON that {client.title} documents (it may "
            f"have comments), and was left alone. Add this to it by hand:\n"
            + _text({client.member: {name: hidden}})
        )
    configuration: Entry = found
    return configuration


def _write(path: Path, text: str, old: str | None) -> None:
    """Replace a file whole, with its last state beside it; nobody else may read it new."""
    if text == old:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    if old is not None:
        shutil.copy2(path, path.with_name(f"{path.name}.backup"))
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        if old is not None:
            shutil.copymode(path, temporary)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
