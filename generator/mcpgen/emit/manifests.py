"""What directories and clients are told of a server: two JSON files, yours to complete.

`server.json` is for the MCP registry (its schema of 2025-12-11), `manifest.json` for
the bundle that `mcpgen bundle` makes (MCPB, manifest version 0.4).
"""

from __future__ import annotations

import json
import re
from typing import Any

from ..schema import Package
from .text import one_line
from .variables import variables

_SERVER_SCHEMA = (
    "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json"
)
_NAMESPACE = "io.github.your-name"
"""Whom the registry knows a server by; only its owner can say."""
_LONGEST = 100
"""Characters of a title or a description in the registry."""


def version(package: Package) -> str:
    """The version of the package: the API's, where it is one for packages, too; a date
    as it is for them (`2023-05-01` -> `2023.5.1`)."""
    found = re.match(r"v?(\d+(?:\.\d+)*)(?:-(\d+)-(\d+))?", package.version)
    if found is None:
        return "0.1.0"
    parts = ".".join(filter(None, found.groups()))
    return ".".join(str(int(part)) for part in parts.split("."))


def registry_name(package: Package) -> str:
    """The name in the registry, which the package's README has to repeat."""
    return f"{_NAMESPACE}/{package.distribution}"


def server_json(package: Package) -> str:
    """The entry of the MCP registry; a package on PyPI, started by uvx."""
    return _text(
        {
            "$schema": _SERVER_SCHEMA,
            "name": registry_name(package),
            "title": _cut(package.title),
            "description": _cut(f"MCP server for {package.title}"),
            "version": version(package),
            "packages": [
                {
                    "registryType": "pypi",
                    "identifier": package.distribution,
                    "version": version(package),
                    "runtimeHint": "uvx",
                    "transport": {"type": "stdio"},
                    "environmentVariables": [
                        {
                            "name": one.name,
                            "description": one_line(one.meaning),
                            "isRequired": one.required,
                            "isSecret": one.secret,
                        }
                        for one in variables(package)
                    ],
                }
            ],
        }
    )


def bundle_manifest(package: Package) -> str:
    """The manifest of a bundle whose host sets it up with uv."""
    asked = variables(package)
    command = ["run", "--directory", "${__dirname}", package.distribution]
    return _text(
        {
            "manifest_version": "0.4",
            "name": package.distribution,
            "display_name": one_line(package.title),
            "version": version(package),
            "description": f"MCP server for {one_line(package.title)}",
            "author": {"name": one_line(package.title)},
            "server": {
                "type": "uv",
                "entry_point": f"{package.package}/__main__.py",
                "mcp_config": {
                    "command": "uv",
                    "args": command,
                    "env": {
                        one.name: f"${{user_config.{one.name.lower()}}}"
                        for one in asked
                    },
                },
            },
            "tools_generated": True,
            "compatibility": {"runtimes": {"python": ">=3.11"}},
            "user_config": {
                one.name.lower(): {
                    "type": "string",
                    "title": one.name,
                    "description": one_line(one.meaning),
                    "required": one.required,
                    "sensitive": one.secret,
                }
                | ({} if one.required else {"default": ""})
                for one in asked
            },
        }
    )


def _cut(text: str) -> str:
    line = one_line(text)
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1].rstrip()}…"


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
