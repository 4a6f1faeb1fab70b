"""A small server and the API behind it, in this process or as a package of its own.

The API answers in the process, through httpx's own mock transport. `write_package`
writes what mcpgen would write, with this very file as its `operations/shop.py`.
"""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path as FilePath
from typing import Any

import httpx
from mcpgen_runtime import Field, Path, Query, Resource, Server, Settings, Tool

SETTINGS = Settings(prefix="SHOP", base_url="http://shop.test")

add_item = Tool(
    name="add_item",
    method="POST",
    path="/items",
    title="Add an item",
    description="Adds an item to the shop.",
    arguments=(Field("name", {"type": "string"}, required=True),),
    body="application/json",
)
wait = Tool(
    name="wait",
    method="POST",
    path="/wait",
    arguments=(Field("seconds", {"type": "number"}, required=True),),
    body="application/json",
)
answer = Tool(
    name="answer",
    method="GET",
    path="/answer",
    description="Answers as it is asked to.",
    arguments=(
        Query("body", {"type": "string"}),
        Query("media_type", {"type": "string"}),
        Query("status", {"type": "integer"}),
    ),
)
list_items = Resource(
    name="list_items",
    method="GET",
    path="/items",
    uri="api://shop/items{?limit}",
    arguments=(Query("limit", {"type": "integer"}),),
    mime_type="application/json",
)
get_item = Resource(
    name="get_item",
    method="GET",
    path="/items/{item_id}",
    uri="api://shop/items/{item_id}",
    arguments=(Path("item_id", {"type": "integer"}),),
    mime_type="application/json",
)
COMPONENTS = (add_item, wait, answer, list_items, get_item)

waiting: set[object] = set()
"""One member for each call of `wait` that the API has not answered."""


async def api(request: httpx.Request) -> httpx.Response:
    path = request.url.path
    if path == "/wait":
        token = object()
        waiting.add(token)
        try:
            await asyncio.sleep(json.loads(request.content)["seconds"])
        finally:
            waiting.discard(token)
        return httpx.Response(200, json={"waited": True})
    if path == "/answer":
        query = request.url.params
        return httpx.Response(
            int(query.get("status", "200")),
            content=query.get("body", "").encode(),
            headers={"content-type": query.get("media_type", "application/json")},
        )
    if path.startswith("/items/"):
        item_id = int(path.removeprefix("/items/"))
        if item_id in (404, 500):
            return httpx.Response(item_id, json={"detail": "no such luck"})
        return httpx.Response(200, json={"id": item_id})
    if request.method == "POST":
        return httpx.Response(201, json={"id": 1} | json.loads(request.content))
    return httpx.Response(200, json={"limit": request.url.params.get("limit")})


def shop_server(
    *components: Tool | Resource, settings: Settings = SETTINGS, **options: Any
) -> Server:
    """A server of the given components, or of all those above."""
    server = Server(
        name="shop",
        title="The shop",
        version="1.2.3",
        settings=settings,
        **{"transport": httpx.MockTransport(api), **options},
    )
    for component in components or COMPONENTS:
        server.add(component)
    return server


def write_package(folder: FilePath, extensions: str = "", prelude: str = "") -> str:
    """Write the package `shop_server` into a folder; gives its name.

    `extensions` is code at the end of its `server.py`, `prelude` at its beginning.
    """
    import mcpgen_runtime
    from mcpgen_runtime.catalog import line
    from mcpgen_runtime.components import listing_entries

    package = folder / "shop_server"
    shutil.copytree(FilePath(mcpgen_runtime.__path__[0]), package / "_runtime")
    (package / "operations").mkdir()
    source = FilePath(__file__).read_text()
    own = source.replace("from mcpgen_runtime import", "from .._runtime import")
    lines = [
        line(
            kind,
            entry.get("uri") or entry.get("uriTemplate") or entry["name"],
            f"shop.{component.name}",
            entry,
        )
        for component in COMPONENTS
        for kind, entry in listing_entries(component, {})
    ]
    files = {
        "__init__.py": "",
        "__main__.py": (
            "from ._runtime.main import main\n"
            "if __name__ == '__main__':\n"
            "    main(__package__)\n"
        ),
        "settings.py": (
            "from ._runtime import Settings\n"
            "SETTINGS = Settings(prefix='SHOP', base_url='http://shop.test')\n"
        ),
        "schemas.py": "SCHEMAS = {}\n",
        "operations/__init__.py": "",
        "operations/shop.py": own,
        "catalog.jsonl": "\n".join(lines) + "\n",
        "server.py": (
            f"{prelude}\n"
            "from ._runtime import Server\n"
            "from .settings import SETTINGS\n"
            "class Api:\n"
            "    def __getattr__(self, name):\n"
            "        import httpx\n"
            "        from .operations.shop import api\n"
            "        return getattr(httpx.MockTransport(api), name)\n"
            "server = Server(name='shop', title='The shop', version='1.2.3',\n"
            "    package=__package__, settings=SETTINGS, transport=Api())\n"
            f"{extensions}\n"
            "def __getattr__(name):\n"
            "    if name == 'app':\n"
            "        from ._runtime.transports.http import app\n"
            "        return app(server)\n"
            "    raise AttributeError(name)\n"
        ),
    }
    for name, text in files.items():
        (package / name).write_text(text)
    return package.name
