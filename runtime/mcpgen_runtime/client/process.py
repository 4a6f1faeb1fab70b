"""To a server that is started for it: one message a line, over its standard streams."""

from __future__ import annotations

import asyncio
import json
import os
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Final

from ..messages import dumps
from .channel import Channel, Json, Lost

_LONGEST: Final = 2**30
"""Bytes of one line."""
_PATIENCE: Final = 5.0
"""Seconds that the server has to end once its input has."""


class ProcessChannel(Channel):
    """The process of `command`."""

    def __init__(
        self,
        command: Sequence[str | os.PathLike[str]],
        env: Mapping[str, str],
        cwd: str | os.PathLike[str] | None,
    ) -> None:
        super().__init__()
        self._command = command
        self._env = {**os.environ, **env}
        self._cwd = cwd
        self._process: Process | None = None
        self._reading: asyncio.Task[None] | None = None

    async def open(self) -> None:
        try:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                cwd=self._cwd,
                env=self._env,
                stdin=PIPE,
                stdout=PIPE,
                limit=_LONGEST,
            )
        except OSError as error:
            raise Lost(f"{self._command[0]} can't be started: {error}") from None
        self._reading = asyncio.create_task(self._read(self._process))

    async def send(self, message: Json, headers: Mapping[str, str]) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        with suppress(ConnectionError):  # what has ended is told by its reader
            self._process.stdin.write(dumps(message) + b"\n")
            await self._process.stdin.drain()

    async def _read(self, process: Process) -> None:
        assert process.stdout is not None
        async for line in process.stdout:
            try:
                message = json.loads(line)
            except ValueError:
                self.lost(None, Lost(f"the server wrote what is no message: {line!r}"))
            else:
                self.heard(message)
        status = await process.wait()
        self.lost(None, Lost(f"the server ended with status {status}"))

    async def close(self) -> None:
        if self._process is None or self._reading is None:
            return
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._reading
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
