"""FastMCP's conversion of the same document at run time.

fastmcp_server.py SPEC BASE_URL [PORT]
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import httpx2
from fastmcp import FastMCP

server = FastMCP.from_openapi(
    json.loads(Path(sys.argv[1]).read_text()),
    client=httpx2.AsyncClient(base_url=sys.argv[2]),
)
if sys.argv[3:]:
    server.run(
        transport="http",
        port=int(sys.argv[3]),
        stateless_http=True,
        json_response=True,
        show_banner=False,
        log_level="ERROR",
    )
else:
    server.run(show_banner=False, log_level="ERROR")
