"""To a server in the same process: every message is real bytes all the same."""

from __future__ import annotations

import json
from collections.abc import Mapping

from ..dispatch import Connection
from ..messages import dumps, parse
from ..server import Server
from .channel import Channel, Json


class MemoryChannel(Channel):
    """A connection of its own to `server`."""

    def __init__(self, server: Server) -> None:
        super().__init__()
        self._connection = Connection(server, lambda data: self.heard(json.loads(data)))

    async def send(self, message: Json, headers: Mapping[str, str]) -> None:
        await self._connection.room()
        self._connection.receive(parse(dumps(message)))

    async def close(self) -> None:
        await self._connection.close(grace=0)
