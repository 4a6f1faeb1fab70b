"""What one server does on two hosts of two workers each, behind nginx.

A line for each thing that must hold, with its figures; exits with 1 where one doesn't.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from load_server import META, VERSION, Fault, text
from scale_hosts import HERE, HOSTS, network, nginx, redis, server

API, STORE, BALANCER = 8101, 8102, 8103
URL = f"http://127.0.0.1:{BALANCER}/mcp"
PER_MINUTE = 2000

DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Who", "version": "1"},
    "paths": {
        "/who": {
            "get": {
                "operationId": "who",
                "summary": "Say who asks",
                "responses": {"200": {"description": "The address"}},
            }
        }
    },
    "security": [{"machine": []}],
    "components": {
        "securitySchemes": {
            "machine": {
                "type": "oauth2",
                "flows": {
                    "clientCredentials": {"tokenUrl": "/token", "scopes": {}},
                },
            }
        }
    },
}
EXTENSIONS = '''"""Asks before it answers."""

from __future__ import annotations

from ._runtime import Context, Server


def extend(server: Server) -> None:
    @server.tool
    async def confirm(ctx: Context) -> str:
        answer = await ctx.elicit("Sure?", {"sure": {"type": "boolean"}})
        return f"{answer.action} {answer.content}"
'''


class Api:
    """The API and its authorization server; it counts tokens, and calls by address."""

    def __init__(self) -> None:
        self.tokens = 0
        self.calls: Counter[str] = Counter()

    async def __call__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = head.partition(b"content-length: ")[2].partition(b"\r\n")[0]
                await reader.readexactly(int(length or 0))
                value = self._answer(head, writer.get_extra_info("peername")[0])
                body = json.dumps(value).encode()
                kind = b"Content-Type: application/json\r\n"
                size = b"Content-Length: %d\r\n\r\n" % len(body)
                writer.write(b"HTTP/1.1 200 OK\r\n" + kind + size + body)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def _answer(self, head: bytes, address: str) -> dict[str, Any]:
        if head.startswith(b"post /token"):
            self.tokens += 1
            return {"access_token": f"token-{self.tokens}", "token_type": "bearer"}
        self.calls[address] += 1
        return {"from": address}


async def post(
    client: httpx.AsyncClient, method: str, params: dict[str, Any], **headers: str
) -> Any:
    """The answer to a request; of a stream, its last event."""
    message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    accept = {"Accept": "application/json, text/event-stream"}
    response = await client.post(URL, json=message, headers=accept | headers)
    if response.status_code != 200:
        raise Fault(f"{method}: {response.status_code} {response.text[:200]}")
    body = response.text.rpartition("data: ")[2]
    return json.loads(body) | {"session": response.headers.get("mcp-session-id")}


async def modern(client: httpx.AsyncClient, tool: str, **more: Any) -> Any:
    can: dict[str, Any] = {
        "io.modelcontextprotocol/clientCapabilities": {"elicitation": {}}
    }
    headers = {"MCP-Protocol-Version": VERSION}
    headers |= {"Mcp-Method": "tools/call", "Mcp-Name": tool}
    params = {"name": tool, "arguments": {}, "_meta": META | can, **more}
    return await post(client, "tools/call", params, **headers)


async def calls(client: httpx.AsyncClient, count: int, at_once: int = 16) -> list[Any]:
    left = iter(range(count))
    answers: list[Any] = []

    async def several() -> None:
        for _ in left:
            answers.append(await modern(client, "who"))

    await asyncio.gather(*(several() for _ in range(at_once)))
    return answers


async def any_process(client: httpx.AsyncClient, api: Api) -> str:
    for answer in await calls(client, 400):
        text(answer)
    if set(api.calls) != set(HOSTS.values()) or api.tokens != 1:
        raise Fault(f"{dict(api.calls)}, {api.tokens} tokens")
    shares = " and ".join(str(count) for count in api.calls.values())
    return f"400 calls: {shares} by host, {api.tokens} token for all"


async def sessions(client: httpx.AsyncClient, api: Api) -> str:
    params = {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "scale", "version": "1"},
    }
    before = Counter(api.calls)
    for _ in range(10):
        answer = await post(client, "initialize", params)
        headers = {"Mcp-Session-Id": answer["session"]}
        headers["MCP-Protocol-Version"] = "2025-11-25"
        for _ in range(10):
            call = {"name": "who", "arguments": {}}
            text(await post(client, "tools/call", call, **headers))
    used = api.calls - before
    if len(used) < len(HOSTS):
        raise Fault(f"only {dict(used)}")
    return "10 sessions of 10 calls each, which any host takes"


async def rounds(client: httpx.AsyncClient, api: Api) -> str:
    for _ in range(40):
        asked = (await modern(client, "confirm"))["result"]
        (name,) = asked["inputRequests"]
        given = {"action": "accept", "content": {"sure": True}}
        answered = await modern(
            client,
            "confirm",
            requestState=asked["requestState"],
            inputResponses={name: given},
        )
        if not text(answered).startswith("accept"):
            raise Fault(text(answered))
    return "40 questions, answered to whichever host is next"


async def rate(client: httpx.AsyncClient, api: Api) -> str:
    """Two minutes at most may be counted in; more would be one count for each process."""
    answers = await calls(client, 2 * PER_MINUTE + 500, 32)
    refused = [one for one in answers if one["result"].get("isError")]
    served = len(answers) - len(refused)
    if not refused or served > 2 * PER_MINUTE:
        raise Fault(f"{served} of {len(answers)} were served")
    return f"{served} of {len(answers)} calls served, at {PER_MINUTE} a minute for all"


async def lost_host(client: httpx.AsyncClient, api: Api) -> str:
    before = Counter(api.calls)
    for answer in await calls(client, 100):
        text(answer)
    used = api.calls - before
    if used != {HOSTS["a"]: 100}:
        raise Fault(f"{dict(used)}")
    return "100 calls answered with one host gone"


Check = Callable[[httpx.AsyncClient, Api], Awaitable[str]]


async def told(name: str, check: Check, client: httpx.AsyncClient, api: Api) -> bool:
    try:
        print(f"ok      {name}: {await check(client, api)}", flush=True)
    except Fault as fault:
        print(f"FAILED  {name}: {fault}", flush=True)
        return False
    return True


@asynccontextmanager
async def clients() -> AsyncIterator[tuple[httpx.AsyncClient, Api]]:
    api = Api()
    listening = await asyncio.start_server(api, HERE, API)
    async with listening, httpx.AsyncClient(timeout=60) as client:
        yield client, api


def generated(folder: Path) -> Path:
    """The folder of the package that is served."""
    spec, out = folder / "who.json", folder / "out"
    spec.write_text(json.dumps(DOCUMENT))
    options = ["--preset", "tools", "--base-url", f"http://{HERE}:{API}", "-q"]
    command = [sys.executable, "-m", "mcpgen", str(spec), "-o", str(out), *options]
    subprocess.run(command, check=True)
    (out / "who_mcp" / "extensions.py").write_text(EXTENSIONS)
    return out


async def run(folder: Path, package: Path) -> bool:
    environment = {
        "WHO_MACHINE_CLIENT_ID": "scale",
        "WHO_MACHINE_CLIENT_SECRET": "a secret of the test",
        "WHO_STATE_SECRET": "shared by all processes",
        "WHO_CALLS_PER_MINUTE": str(PER_MINUTE),
        "WHO_ALLOWED_HOSTS": "127.0.0.1",
    }

    def host(name: str) -> AbstractContextManager[None]:
        return server(name, sys.executable, "who_mcp.server:app", package, environment)

    async with clients() as (client, api):

        async def holds(check: Check) -> bool:
            name = check.__name__.replace("_", " ")
            return await told(name, check, client, api)

        with redis(STORE, folder) as store:
            environment["WHO_STORE_URL"] = store
            with host("a"):
                with host("b"), nginx(BALANCER, folder):
                    done = [await holds(one) for one in (any_process, sessions, rounds)]
                with nginx(BALANCER, folder):
                    done.append(await holds(lost_host))
                with host("b"), nginx(BALANCER, folder):
                    done.append(await holds(rate))
    return all(done)


def main() -> None:
    with tempfile.TemporaryDirectory() as name, network():
        Path(name).chmod(0o755)  # nginx's workers run as another user
        sys.exit(0 if asyncio.run(run(Path(name), generated(Path(name)))) else 1)


if __name__ == "__main__":
    main()
