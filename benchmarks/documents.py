"""The documents that are measured: the same shape at any size.

Each operation has a path, a query and a header argument, a description as people write
them, and an answer with a schema; ten operations make a tag.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def document(operations: int) -> dict[str, Any]:
    """An OpenAPI 3.0 document with `get_item_0` to `get_item_<operations - 1>`."""
    return {
        "openapi": "3.0.3",
        "info": {"title": "Bench", "version": "1"},
        "servers": [{"url": "http://127.0.0.1:9/v1"}],
        "paths": {
            f"/items{n}/{{id}}": {"get": _operation(n)} for n in range(operations)
        },
        "components": {
            "schemas": {
                "Item": {
                    "type": "object",
                    "required": ["id", "name"],
                    "properties": {
                        "id": {"type": "integer"},
                        "name": {"type": "string"},
                        "records": {"type": "array", "items": {"type": "object"}},
                    },
                }
            }
        },
    }


def write(operations: int, folder: Path) -> Path:
    """The document as a file."""
    path = folder / f"bench{operations}.json"
    path.write_text(json.dumps(document(operations)))
    return path


def _operation(number: int) -> dict[str, Any]:
    item = {"$ref": "#/components/schemas/Item"}
    return {
        "operationId": f"get_item_{number}",
        "tags": [f"group{number // 10}"],
        "summary": f"Read an item of collection {number}",
        "description": "Gives the item as it is stored, with its name and its text. "
        "Items that were removed are not found.",
        "parameters": [
            {
                "name": "id",
                "in": "path",
                "required": True,
                "description": "Which item",
                "schema": {"type": "integer", "minimum": 1},
            },
            {
                "name": "limit",
                "in": "query",
                "description": "How much of its text, in kB",
                "schema": {"type": "integer", "minimum": 1, "maximum": 1000},
            },
            {
                "name": "X-Region",
                "in": "header",
                "schema": {"type": "string", "enum": ["eu", "us"]},
            },
        ],
        "responses": {
            "200": {
                "description": "The item",
                "content": {"application/json": {"schema": item}},
            }
        },
    }
