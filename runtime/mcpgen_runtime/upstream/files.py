"""Files that an argument names: read from one folder that the operator allowed.

The rule: `file:report.pdf` is a path below that folder, whatever it says; links are
followed only as far as they stay inside. The argument then holds what a client could
have sent itself, a `data:` URL, so that nothing behind this module reads a disk.
"""

from __future__ import annotations

import asyncio
import base64
import os
import stat
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, unquote

from ..components import Body, Component, Field
from .serialization import ArgumentError

_SCHEME: Final = "file:"


async def with_files(
    component: Component,
    arguments: Mapping[str, Any],
    folder: str | None,
    folder_variable: str,
    limit: int,
) -> Mapping[str, Any]:
    """The arguments with the content of the files that they name.

    `limit` is in bytes for each file, `folder_variable` the environment variable that
    `folder` comes from. Raises ArgumentError for a file that can't be had.
    """

    async def content(argument: str, value: Any) -> Any:
        if isinstance(value, list):
            return [await content(argument, item) for item in value]
        if not isinstance(value, str) or value[:5].lower() != _SCHEME:
            return value
        if folder is None:
            raise ArgumentError(
                f"{argument} names a file, and this server reads none: give its "
                f"content as base64 text or a data: URL ({folder_variable} would name "
                "a folder to read from)"
            )
        path = unquote(value[5:].removeprefix("//")).lstrip("/")
        return await asyncio.to_thread(_data_url, argument, folder, path, limit)

    found = dict(arguments)
    for argument in component.arguments:
        value = arguments.get(argument.name)
        if isinstance(argument, Field | Body) and argument.binary:
            found[argument.name] = await content(argument.name, value)
        elif isinstance(argument, Body) and isinstance(value, Mapping):
            found[argument.name] = {
                key: (
                    await content(f"{argument.name}.{key}", member)
                    if argument.has_file(key)
                    else member
                )
                for key, member in value.items()
            }
    return {name: found[name] for name in arguments}


def _data_url(argument: str, folder: str, path: str, limit: int) -> str:
    import mimetypes

    content = _read(argument, folder, path, limit)
    name = os.path.basename(path)
    media_type = mimetypes.guess_type(name)[0] or ""
    data = base64.b64encode(content).decode("ascii")
    return f"data:{media_type};name={quote(name, safe='')};base64,{data}"


def _read(argument: str, folder: str, path: str, limit: int) -> bytes:
    root = os.path.realpath(folder)
    try:
        found = os.path.realpath(os.path.join(root, path), strict=True)
        if os.path.commonpath([root, found]) != root:
            raise FileNotFoundError
        # Without waiting for a writer, should it be a pipe.
        with open(
            os.open(found, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb"
        ) as f:
            status = os.fstat(f.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise FileNotFoundError
            content = f.read(limit + 1)
    except (OSError, ValueError):
        raise ArgumentError(
            f"{argument} names the file {path!r}, which can't be read in the folder "
            "that this server reads files from: give a path below that folder"
        ) from None
    if len(content) > limit:
        raise ArgumentError(
            f"{argument} names the file {path!r}, which has more than {limit:,} bytes, "
            "and this server sends no more"
        )
    return content
