"""The server under test: something of everything that a server may serve."""

from __future__ import annotations

import httpx
from mcpgen_runtime import Server

from . import asking, changing, plain, telling
from .api import OPERATIONS, api
from .settings import SETTINGS

server = Server(
    name="served",
    title="The served",
    version="1.2.3",
    instructions="Ask it anything.",
    settings=SETTINGS,
    transport=httpx.MockTransport(api),
)
for operation in OPERATIONS:
    server.add(operation)
for module in (plain, telling, asking, changing):
    module.extend(server)
