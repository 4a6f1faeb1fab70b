"""Operations of an API that answers in this process, from which a server forwards."""

from __future__ import annotations

import httpx
from mcpgen_runtime import Field, Path, Query, Resource, Tool

OPERATIONS = (
    Tool(
        name="add_item",
        method="POST",
        path="/items",
        title="Add an item",
        description="Adds an item.",
        arguments=(
            Field("name", {"type": "string"}, required=True),
            Field("anything", {}),
        ),
        body="application/json",
    ),
    Tool(
        name="failing",
        method="POST",
        path="/failing",
        description="Answers with an error of the API.",
        arguments=(),
    ),
    Tool(
        name="numbers",
        method="GET",
        path="/numbers",
        description="Gives an array.",
        arguments=(),
    ),
    Tool(
        name="not_json",
        method="GET",
        path="/not-json",
        description="Gives what Python takes for JSON.",
        arguments=(),
    ),
    Resource(
        name="list_items",
        method="GET",
        path="/items",
        uri="api://served/items{?limit}",
        arguments=(Query("limit", {"type": "integer"}),),
        mime_type="application/json",
    ),
    Resource(
        name="get_item",
        method="GET",
        path="/items/{item_id}",
        uri="api://served/items/{item_id}",
        arguments=(Path("item_id", {"type": "integer"}),),
        mime_type="application/json",
    ),
)


async def api(request: httpx.Request) -> httpx.Response:
    path = request.url.path
    if path == "/failing":
        return httpx.Response(500, json={"detail": "out of order"})
    if path == "/numbers":
        return httpx.Response(200, json=[1, 2, 3])
    if path == "/not-json":
        headers = {"content-type": "application/json"}
        return httpx.Response(200, content=b'{"x": NaN}', headers=headers)
    if path in ("/items/404", "/items/500"):
        return httpx.Response(int(path[-3:]), json={"detail": "no such luck"})
    if path.startswith("/items/"):
        return httpx.Response(200, json={"id": int(path[7:])})
    return httpx.Response(200, json={"items": []})
