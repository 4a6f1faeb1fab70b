"""Real MCP clients against a generated server and a real API, over both transports.

Each client is installed into an environment of its own under .cache/clients, once; its
driver in drivers/ does what a script says and gives back what the client saw.
"""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from harness import CREDENTIALS, ROOT, ShopApi, environment, new_environment
from raw_client import http_server

pytestmark = pytest.mark.clients

CLIENTS = {
    "sdk1": "mcp>=1.30,<2",
    "sdk2": "mcp>=2.3,<3",
    "fastmcp4": "fastmcp>=4.1,<5",
}
ORDER = {
    "lines": [{"productId": 1, "quantity": 2}],
    "note": None,
    "notify": True,
    "coupon": ["A", "B&C=ü"],
}
STEPS = [
    {"do": "call_tool", "with": ["place_order", ORDER]},
    {"do": "call_tool", "with": ["place_order", {"lines": []}]},
    {"do": "call_tool", "with": ["update_product", {"productId": 99, "price": 3}]},
    {"do": "call_tool", "with": ["get_sales", {"X-Year": 2026}]},
    {"do": "read_resource", "with": ["api://shop/health"]},
    {"do": "read_resource", "with": ["api://shop/products/1?currency=EUR"]},
    {"do": "read_resource", "with": ["api://shop/products/1/image"]},
]


def client_python(name: str) -> Path:
    """The Python of the environment of a client, made when it isn't there yet."""
    requirement = CLIENTS[name]
    version = "{}.{}".format(*sys.version_info)
    folder = ROOT / ".cache" / "clients" / f"{name}-{version}"
    stamp = folder / "requirement.txt"
    if not stamp.exists() or stamp.read_text() != requirement:
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        new_environment(folder, requirement)
        stamp.write_text(requirement)
    return folder / "bin" / "python"


@pytest.fixture(params=["stdio", "http"])
def server(
    request: pytest.FixtureRequest, shop_python: Path, api: ShopApi, tmp_path: Path
) -> Iterator[dict[str, Any]]:
    """How a client reaches the server: what to start, or the URL of a running one."""
    command = shop_python.with_name("shop-mcp")
    variables = environment(SHOP_BASE_URL=api.url, **CREDENTIALS)
    if request.param == "stdio":
        yield {"command": str(command), "args": [], "env": variables}
    else:
        with http_server([command], cwd=tmp_path, env=variables) as url:
            yield {"url": url}


@pytest.mark.parametrize(
    ("client", "mode", "protocol"),
    [
        ("sdk1", "legacy", "2025-11-25"),
        ("sdk2", "legacy", "2025-11-25"),
        ("sdk2", "auto", "2026-07-28"),
        ("fastmcp4", "auto", "2026-07-28"),
    ],
)
def test_client(
    client: str, mode: str, protocol: str, server: dict[str, Any], api: ShopApi
) -> None:
    driver = Path(__file__).parent / "drivers" / f"{client}.py"
    done = subprocess.run(
        [client_python(client), driver],
        input=json.dumps({"server": server, "mode": mode, "steps": STEPS}),
        env=environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)

    assert (seen["protocol"], seen["server"]) == (protocol, "shop")
    assert [tool["name"] for tool in seen["tools"]] == [
        "cancel_order",
        "create_product",
        "delete_product",
        "get_sales",
        "place_order",
        "search_products",
        "set_product_image",
        "update_product",
    ]
    assert [resource["uri"] for resource in seen["resources"]] == [
        "api://shop/categories",
        "api://shop/health",
        "api://shop/orders",
        "api://shop/products",
    ]
    assert [template["uriTemplate"] for template in seen["templates"]] == [
        "api://shop/orders/{order_id}",
        "api://shop/orders{?status}",
        "api://shop/products/{productId}/image",
        "api://shop/products/{productId}{?currency}",
        "api://shop/products{?category,tag,ids,maxPrice,in_stock,limit}",
    ]
    check_results(*seen["results"])
    check_requests(*api.received())


def check_results(
    placed: Any,
    invalid: Any,
    missing: Any,
    sales: Any,
    health: Any,
    product: Any,
    image: Any,
) -> None:
    order = json.loads(placed["content"][0]["text"])
    assert not placed.get("isError")
    assert (order["total"], order["note"]) == (49.0, None)

    assert invalid["isError"]
    assert "lines" in invalid["content"][0]["text"]
    assert missing["isError"]
    assert "there is no product 99" in missing["content"][0]["text"]

    assert sales["content"][0]["text"] == "month,euros\n2026-01,49.0\n"
    assert health["contents"][0]["text"] == "The shop is open."
    assert json.loads(product["contents"][0]["text"])["name"] == "Teapot"
    assert image["contents"][0]["mimeType"] == "image/png"
    assert base64.b64decode(image["contents"][0]["blob"]).startswith(b"\x89PNG")


def check_requests(*requests: dict[str, Any]) -> None:
    """Exactly these were sent: the call with invalid arguments wasn't."""
    assert [f"{request['method']} {request['target']}" for request in requests] == [
        "POST /v1/orders?notify=true&coupon=A&coupon=B%26C%3D%C3%BC",
        "PATCH /v1/products/99",
        "GET /v1/sales",
        "GET /v1/health",
        "GET /v1/products/1?currency=EUR",
        "GET /v1/products/1/image",
    ]
    place, update, sales, health, *_ = requests
    assert json.loads(place["body"]) == {"lines": ORDER["lines"], "note": None}
    assert place["headers"]["content-type"] == "application/json"
    assert place["headers"]["authorization"] == "Bearer sesame"
    assert json.loads(update["body"]) == {"price": 3}
    assert update["headers"]["x-api-key"] == "teapot"
    assert "authorization" not in update["headers"]
    assert sales["headers"]["x-year"] == "2026"
    basic = base64.b64encode(b"ada:lovelace").decode()
    assert sales["headers"]["authorization"] == f"Basic {basic}"
    assert not {"authorization", "x-api-key"} & health["headers"].keys()
