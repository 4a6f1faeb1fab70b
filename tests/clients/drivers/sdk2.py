"""Drives the official SDK 2.x: a script on standard input, what happened on its output.

The script is `{"server", "mode", "steps"}` as test_clients.py writes it; every driver
of this folder takes the same one and answers in the same form.
"""

import asyncio
import json
import sys
from typing import Any

from mcp import Client, StdioServerParameters


def dumped(value: Any) -> Any:
    return value.model_dump(mode="json", by_alias=True, exclude_none=True)


async def main(script: dict[str, Any]) -> dict[str, Any]:
    server = script["server"]
    target = server["url"] if "url" in server else StdioServerParameters(**server)
    async with Client(target, mode=script["mode"], read_timeout_seconds=30) as client:
        return {
            "protocol": client.protocol_version,
            "server": client.server_info.name,
            "tools": dumped(await client.list_tools())["tools"],
            "resources": dumped(await client.list_resources())["resources"],
            "templates": dumped(await client.list_resource_templates())[
                "resourceTemplates"
            ],
            "results": [
                dumped(await getattr(client, step["do"])(*step["with"]))
                for step in script["steps"]
            ],
        }


print(json.dumps(asyncio.run(main(json.load(sys.stdin)))))
