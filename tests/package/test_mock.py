"""`--mock`: the whole server, without credentials and without its API."""

from __future__ import annotations

import json
from pathlib import Path

from harness import CREDENTIALS, environment
from raw_client import StdioClient

ORDER = "123e4567-e89b-42d3-a456-426614174000"


def test_tools_and_resources_answer_with_examples(
    shop_python: Path, tmp_path: Path
) -> None:
    command = [str(shop_python.with_name("shop-mcp")), "--mock"]
    with StdioClient(command, cwd=tmp_path, env=environment()) as client:
        client.initialize()
        result = client.call(
            "create_product", {"name": "Tea", "price": 2.5, "category": "books"}
        )
        wrong = client.call("create_product", {"name": "Tea"})
        (read,) = client.read("api://shop/orders")["contents"]
        said = client.stderr()
    assert json.loads(result["content"][0]["text"])["id"] == 1
    assert wrong["isError"]
    assert json.loads(read["text"])[0]["status"] == "open"
    assert "examples" in said


def test_no_secret_is_used(shop_python: Path, tmp_path: Path) -> None:
    variables = environment(SHOP_BASE_URL="http://127.0.0.1:1", **CREDENTIALS)
    command = [str(shop_python.with_name("shop-mcp")), "--mock"]
    with StdioClient(command, cwd=tmp_path, env=variables) as client:
        client.initialize()
        assert not client.call("cancel_order", {"order_id": ORDER}).get("isError")
