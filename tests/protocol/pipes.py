"""The wire over standard input and output: a process for each client."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from harness import environment

from .wire import PATIENCE, Answer, Json, Wire

HERE = Path(__file__).parent
COMMAND = (sys.executable, "-m", "served")


class Pipes(Wire):
    transport = "stdio"
    process: asyncio.subprocess.Process
    stderr: asyncio.Task[bytes]

    @classmethod
    async def open(cls, version: str, capabilities: Json, **variables: str) -> Self:
        wire = cls(version, capabilities)
        wire.process = await asyncio.create_subprocess_exec(
            *COMMAND,
            cwd=HERE,
            env=environment(**variables),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=2**26,
        )
        assert wire.process.stderr
        wire.run(wire._read())
        wire.stderr = wire.run(wire.process.stderr.read())
        return wire

    async def raw(
        self, data: bytes, headers: Mapping[str, str] | None = None
    ) -> Answer:
        before = len(self.strange)
        await self._deliver(data)
        await self.until(lambda: len(self.strange) > before)
        answer: Answer = self.strange[before]
        return answer

    async def cancel(self, request_id: Any) -> None:
        await self.tell("notifications/cancelled", requestId=request_id)

    async def end(self) -> int:
        """Close the client's end; the exit code, once everything was received."""
        assert self.process.stdin
        self.process.stdin.close()
        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(*self._tasks)
            return await self.process.wait()

    async def close(self) -> None:
        if self.process.returncode is None:
            self.process.kill()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.process.wait()

    def _send(
        self, message: Json, data: bytes, headers: Mapping[str, str] | None
    ) -> None:
        self._write(data)

    async def _deliver(self, data: bytes) -> Answer | None:
        self._write(data)
        return None

    def _write(self, data: bytes) -> None:
        assert self.process.stdin
        self.process.stdin.write(data + b"\n")

    async def _read(self) -> None:
        assert self.process.stdout
        while line := await self.process.stdout.readline():
            assert line.endswith(b"\n"), line
            await self.take(json.loads(line.decode(), parse_constant=_refuse))


def _refuse(constant: str) -> Any:
    raise AssertionError(f"{constant} is not JSON")
