"""Asks an application for its OpenAPI documents, in a process of its own.

    python probe.py application.py shop.main:app

`application.py` is the runtime's. This file needs nothing but the standard library, so
that it runs in the environment of the application, which needs nothing of mcpgen. The
answer is one JSON object on standard output: `documents`, each with the `path` that it
is mounted at, the `text` of one that came as text or else its `value`; or a `problem`
with its `hint`; and `modules`, the files of the application's own code. What the
application prints goes to standard error.
"""

from __future__ import annotations

import asyncio
import json
import os
import runpy
import sys
import sysconfig
from collections.abc import Callable, Iterator
from typing import Any

USUAL = (
    "/openapi.json",
    "/schema/openapi.json",
    "/api/openapi.json",
    "/openapi.yaml",
    "/schema",
)
"""Where frameworks serve their documents."""


class NoDocument(Exception):
    """The application has no document; the text says where it was looked for."""


def documents(application: Any, lifespan: Callable[[Any], Any]) -> list[dict[str, Any]]:
    """The document of an application, and those of the applications mounted in it."""
    own = described(application)
    mounted = list(below(application))
    if own is None and not mounted:
        return [{"path": "", "text": asyncio.run(asked(application, lifespan))}]
    if own is not None:
        mounted.insert(0, ("", with_root_path(application, own)))
    return [{"path": path, "value": value} for path, value in mounted]


def described(application: Any) -> Any:
    """What an application says of itself in Python; None where it doesn't."""
    if callable(getattr(application, "openapi", None)):
        return application.openapi()
    if getattr(application, "openapi_config", None) is not None:
        return application.openapi_schema.to_schema()
    return None


def with_root_path(application: Any, document: Any) -> Any:
    """The document with the path of the proxy in front, as FastAPI serves it."""
    root = (getattr(application, "root_path", None) or "").rstrip("/")
    servers = document.get("servers", [])
    known = not root or any(server.get("url") == root for server in servers)
    if known or not getattr(application, "root_path_in_servers", False):
        return document
    return {**document, "servers": [{"url": root}, *servers]}


def below(application: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """The documents of mounted applications, with their paths."""
    for route in getattr(application, "routes", None) or ():
        mounted = getattr(route, "_base_app", None) or getattr(route, "app", None)
        at = getattr(route, "path", None)
        if mounted is None or mounted is application or not isinstance(at, str):
            continue
        if callable(getattr(mounted, "openapi", None)):
            yield path + at, mounted.openapi()
        if hasattr(mounted, "routes"):
            yield from below(mounted, path + at)


async def asked(application: Any, lifespan: Callable[[Any], Any]) -> str:
    """The document that a running application serves; raises NoDocument."""
    running = lifespan(application)
    await running.start()
    said = []
    try:
        for path in USUAL:
            status, body = await get(application, path, dict(running.state))
            text = body.decode("utf-8", "replace")
            if status == 200 and ("openapi" in text[:4096] or "swagger" in text[:4096]):
                return text
            said.append(f"{path} ({status})")
    finally:
        await running.stop()
    raise NoDocument(", ".join(said))


async def get(application: Any, path: str, state: dict[str, Any]) -> tuple[int, bytes]:
    """Status and body of one GET; 500 when the application raises."""
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"localhost"), (b"accept", b"*/*")],
        "client": ("127.0.0.1", 0),
        "server": ("localhost", 80),
        "state": state,
    }
    status, body = 500, bytearray()
    sent: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    sent.put_nowait({"type": "http.request", "body": b"", "more_body": False})

    async def send(event: dict[str, Any]) -> None:
        nonlocal status
        if event["type"] == "http.response.start":
            status = event["status"]
        body.extend(event.get("body", b""))

    try:
        await application(scope, sent.get, send)
    except Exception:  # noqa: BLE001 - it may raise anything
        return 500, b""
    return status, bytes(body)


def modules() -> list[str]:
    """The files of all modules but for those that were installed."""
    installed = {os.path.realpath(path) for path in sysconfig.get_paths().values()}
    files = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
    return sorted(
        file
        for file in files
        if isinstance(file, str)
        and os.path.isfile(file)
        and file != os.path.abspath(__file__)
        and not any(
            os.path.realpath(file).startswith(f"{p}{os.sep}") for p in installed
        )
    )


def answer(runtime: str, path: str) -> dict[str, Any]:
    """What is printed."""
    tools = runpy.run_path(runtime)
    try:
        application = tools["load"](path)
        return {"documents": documents(application, tools["Lifespan"])}
    except tools["ApplicationError"] as error:
        return {"problem": str(error), "hint": error.hint}
    except NoDocument as error:
        hint = "save its document to a file, and give that"
        problem = f"has no OpenAPI document: it was asked for {error}"
        return {"problem": f"{path} {problem}", "hint": hint}
    except Exception as error:  # noqa: BLE001 - it may raise anything
        cause = tools["cause"](error)
        hint = "its own /openapi.json fails in the same way"
        return {"problem": f"{path} can't make its document: {cause}", "hint": hint}


def main() -> None:
    own = os.path.dirname(os.path.abspath(__file__))
    kept = [place for place in sys.path if os.path.abspath(place) != own]
    sys.path[:] = [os.getcwd(), *kept]
    output = os.dup(1)
    os.dup2(2, 1)
    found = answer(*sys.argv[1:]) | {"modules": modules()}
    with open(output, "w", encoding="utf-8") as stream:
        json.dump(found, stream, default=str)
        stream.flush()
        os._exit(0)  # threads of the application may go on


if __name__ == "__main__":
    main()
