"""A client, for tests: in memory, over stdio or over HTTP, in any protocol version.

    async with connect(server) as client:                          # in this process
    async with connect(["shop-mcp"], env={"SHOP_TOKEN": "…"}) as client:   # its own
    async with connect("http://127.0.0.1:8000/mcp") as client:     # one that runs
        await client.call_tool("add_pet", {"name": "Rex"})

No server imports any of this.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

from .. import protocol
from .channel import Channel, Lost
from .client import Answerer, Client, Progress

if TYPE_CHECKING:
    from ..server import Server

__all__ = ["Answerer", "Client", "Lost", "Progress", "Target", "connect"]

Target: TypeAlias = "Server | str | Sequence[str | os.PathLike[str]]"
"""A server of this process, the URL of one, or the command that starts one."""


@asynccontextmanager
async def connect(
    target: Target,
    protocol_version: str = protocol.LATEST,
    *,
    elicit: Answerer | None = None,
    sample: Answerer | None = None,
    roots: Answerer | None = None,
    on_log: Callable[[dict[str, Any]], None] | None = None,
    env: Mapping[str, str] | None = None,
    cwd: str | os.PathLike[str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> AsyncIterator[Client]:
    """A client that has shaken hands, where its version asks for it.

    It speaks `protocol_version`: the handshake of that version, or, for the stateless
    one, the metadata with each request. The questions of the server are answered by
    `elicit`, `sample` and `roots`: each takes the parameters of the server's request
    and gives its result; what has no function isn't declared as a capability.
    `on_log` is given the parameters of each log message, from the level `info` on.

    A command is started in `cwd`, with `env` on top of the environment; what it writes
    to standard error goes there. A URL is sent `headers` with every request. Raises
    Lost when there is no server, and RequestError when it refuses the handshake.
    """
    answerers = {
        "elicitation/create": elicit,
        "sampling/createMessage": sample,
        "roots/list": roots,
    }
    async with _channel(target, env, cwd, headers) as channel:
        client = Client(
            channel,
            protocol_version,
            {method: found for method, found in answerers.items() if found},
            on_log,
        )
        try:
            await client.start()
            yield client
        finally:
            await client.close()


@asynccontextmanager
async def _channel(
    target: Target,
    env: Mapping[str, str] | None,
    cwd: str | os.PathLike[str] | None,
    headers: Mapping[str, str] | None,
) -> AsyncIterator[Channel]:
    if headers is not None and not isinstance(target, str):
        raise TypeError("headers go with a URL")
    if isinstance(target, str):
        if env is not None or cwd is not None:
            raise TypeError("env and cwd go with a command")
        from .http import HttpChannel

        yield HttpChannel(target, headers or {})
    elif isinstance(target, Sequence):
        from .process import ProcessChannel

        yield ProcessChannel(target, env or {}, cwd)
    else:
        from .memory import MemoryChannel

        async with target.running():
            yield MemoryChannel(target)
