"""Real MCP clients against a generated server and a real API, over every transport.

A client is installed by environments.py; its driver in drivers/ takes the steps of
story.py and gives back what it saw. The server is the shop's, with the extension code
of fixtures/clients for what an API has nothing of: a prompt, a question, progress.
"""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from harness import CREDENTIALS, ROOT, ShopApi, environment
from raw_client import http_server

from . import environments, story
from .environments import CLIENTS, MODERN, Client

pytestmark = pytest.mark.clients

PATHS = {"http": "/mcp", "sse": "/sse"}

Seen: TypeAlias = Mapping[str, Any]


@pytest.fixture(scope="session")
def installed() -> None:
    environments.install_all()


@pytest.fixture(scope="session")
def extended(shop_package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a copy of the shop's package that has the extension code."""
    folder = tmp_path_factory.mktemp("extended")
    package = shutil.copytree(shop_package, folder / shop_package.name)
    shutil.copy(ROOT / "fixtures" / "clients" / "extensions.py", package)
    return folder


@pytest.fixture
def server(
    transport: str, shop_python: Path, extended: Path, api: ShopApi, tmp_path: Path
) -> Iterator[dict[str, Any]]:
    """How a client reaches the server: what to start, or the URL of a running one."""
    command = shop_python.with_name("shop-mcp")
    settings = {
        "PYTHONPATH": str(extended),
        "SHOP_BASE_URL": api.url,
        "SHOP_SSE": "true",
        **CREDENTIALS,
    }
    if transport == "stdio":
        yield {"command": str(command), "args": [], "env": settings}
    else:
        variables = environment(**settings)
        with http_server([command], cwd=tmp_path, env=variables) as url:
            yield {"url": url.removesuffix("/mcp") + PATHS[transport]}


@pytest.mark.parametrize(
    ("client", "transport"),
    [
        pytest.param(client, each, id=f"{client.name}-{client.protocol}-{each}")
        for client in CLIENTS
        for each in client.transports
    ],
)
@pytest.mark.usefixtures("installed")
def test_client(
    client: Client, transport: str, server: Any, api: ShopApi, tmp_path: Path
) -> None:
    left_out = "completion/complete" if "completions" in client.lacks else None
    steps = {name: step for name, step in story.STEPS.items() if step[0] != left_out}
    script = {
        "server": server,
        "transport": transport,
        "mode": client.mode,
        "steps": list(steps.values()),
        "answer": None if "questions" in client.lacks else story.ANSWER,
    }
    done = subprocess.run(
        client.command,
        input=json.dumps(script),
        cwd=tmp_path,
        env=environments.variables() | {"HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    driven = json.loads(done.stdout)
    seen = dict(zip(steps, driven["results"], strict=True))

    assert (driven["protocol"], driven["server"]) == (client.protocol, "shop")
    check_listings(seen)
    check_answers_of_the_api(seen)
    check_answers_of_the_extension(seen, client.lacks)
    check_what_was_told(driven["told"], client)
    check_requests(api.received())


def check_listings(seen: Seen) -> None:
    assert [tool["name"] for tool in seen["tools"]["tools"]] == [
        "cancel_order",
        "create_product",
        "delete_product",
        "get_sales",
        "place_order",
        "search_products",
        "set_product_image",
        "update_product",
        "wrap_gift",
        "count_stock",
    ]
    assert [entry["uri"] for entry in seen["resources"]["resources"]] == [
        "api://shop/categories",
        "api://shop/health",
        "api://shop/orders",
        "api://shop/products",
    ]
    templates = seen["templates"]["resourceTemplates"]
    assert [entry["uriTemplate"] for entry in templates] == [
        "api://shop/orders/{order_id}",
        "api://shop/orders{?status}",
        "api://shop/products/{productId}/image",
        "api://shop/products/{productId}{?currency}",
        "api://shop/products{?category,tag,ids,maxPrice,in_stock,limit}",
    ]
    (plan,) = seen["prompts"]["prompts"]
    assert plan["name"] == "plan"
    assert [(each["name"], each["required"]) for each in plan["arguments"]] == [
        ("city", True),
        ("style", False),
    ]


def check_answers_of_the_api(seen: Seen) -> None:
    order = json.loads(_text(seen["placed"]))
    assert not seen["placed"].get("isError")
    assert (order["total"], order["note"]) == (49.0, None)

    assert seen["invalid"]["isError"]
    assert "lines" in _text(seen["invalid"])
    assert seen["missing"]["isError"]
    assert "there is no product 99" in _text(seen["missing"])
    assert "there is no product 99" in seen["nothing"]["error"]

    assert _text(seen["sales"]) == "month,euros\n2026-01,49.0\n"
    (health,) = seen["health"]["contents"]
    assert health["text"] == "The shop is open."
    (product,) = seen["product"]["contents"]
    assert json.loads(product["text"])["name"] == "Teapot"
    (image,) = seen["image"]["contents"]
    assert image["mimeType"] == "image/png"
    assert base64.b64decode(image["blob"]).startswith(b"\x89PNG")


def check_answers_of_the_extension(seen: Seen, lacks: frozenset[str]) -> None:
    assert [message["content"]["text"] for message in seen["plan"]["messages"]] == [
        "Plan a brief shopping tour through Bergen.",
        "Where do you start?",
    ]
    assert _text(seen["counted"]) == "All is there."
    if "completions" not in lacks:
        assert seen["cities"]["completion"]["values"] == ["Bergen", "Berlin"]
        assert seen["statuses"]["completion"]["values"] == ["paid", "open"]
    if "questions" in lacks:
        assert "elicitation" in seen["wrapped"]["error"]
    else:
        assert _text(seen["wrapped"]) == "Product 1 has a green ribbon."


def check_what_was_told(told: list[list[Any]], client: Client) -> None:
    """What comes before an answer is seen before it, once in each round of a call."""
    log, asked = ["log", "info", "counting"], ["asked", "Which ribbon?"]
    halves = [["progress", 1, 2, "half of it"], ["progress", 2, 2, None]]
    measuring = ["progress", 1, 2, "measuring"]
    expected: list[list[Any]] = [log, *halves, measuring]
    if "questions" not in client.lacks:
        expected += [asked, measuring] if client.protocol == MODERN else [asked]
    if "notifications" in client.lacks:
        expected = []
    if "last-progress" in client.lacks:
        sure = [] if client.protocol == MODERN else [measuring]
        told = [each for each in told if each[0] != "progress" or each in sure]
        expected = [each for each in expected if each[0] != "progress" or each in sure]
    assert told == expected


def check_requests(requests: list[dict[str, Any]]) -> None:
    """Exactly these were sent: the call with invalid arguments wasn't."""
    assert [f"{request['method']} {request['target']}" for request in requests] == [
        "POST /v1/orders?notify=true&coupon=A&coupon=B%26C%3D%C3%BC",
        "PATCH /v1/products/99",
        "GET /v1/sales",
        "GET /v1/health",
        "GET /v1/products/1?currency=EUR",
        "GET /v1/products/1/image",
        "GET /v1/products/99",
    ]
    place, update, sales, health, *_ = requests
    assert json.loads(place["body"]) == {"lines": story.ORDER["lines"], "note": None}
    assert place["headers"]["content-type"] == "application/json"
    assert place["headers"]["authorization"] == "Bearer sesame"
    assert json.loads(update["body"]) == {"price": 3}
    assert update["headers"]["x-api-key"] == "teapot"
    assert "authorization" not in update["headers"]
    assert sales["headers"]["x-year"] == "2026"
    basic = base64.b64encode(b"ada:lovelace").decode()
    assert sales["headers"]["authorization"] == f"Basic {basic}"
    assert not {"authorization", "x-api-key"} & health["headers"].keys()


def _text(result: Seen) -> str:
    (block,) = result["content"]
    text: str = block["text"]
    return text
