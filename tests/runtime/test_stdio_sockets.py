"""The stdio transport over sockets, which is what programs on Node give to a server."""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from pathlib import Path

import pytest
from harness import environment

from .shop import write_package

REQUESTS = 500


@pytest.mark.skipif(sys.platform == "win32", reason="pipes are pipes there")
async def test_what_is_not_taken_at_once_is_written_all_the_same(
    tmp_path: Path,
) -> None:
    write_package(tmp_path)
    ours, theirs = socket.socketpair()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "shop_server"),
        cwd=tmp_path,
        env=environment(),
        stdin=theirs.fileno(),
        stdout=theirs.fileno(),
    )
    theirs.close()
    reader, writer = await asyncio.open_connection(sock=ours)
    params = {"protocolVersion": "2025-11-25", "capabilities": {}}
    for number in range(REQUESTS):
        method = "tools/list" if number else "initialize"
        asked = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
        writer.write(json.dumps(asked).encode() + b"\n")
    await writer.drain()
    async with asyncio.timeout(60):
        answers = [json.loads(await reader.readline()) for _ in range(REQUESTS)]
        writer.write_eof()
        assert await reader.read() == b""
        assert await process.wait() == 0
    writer.close()
    assert [answer["id"] for answer in answers] == list(range(REQUESTS))
    assert all(answer["result"]["tools"] for answer in answers[1:])
