"""The emitted package, installed alone: it needs no mcpgen, from any directory."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from harness import CREDENTIALS, ShopApi, environment, run
from raw_client import HttpClient, StdioClient, http_server

SEARCH = {
    "sort": ["-price"],
    "limit": 5,
    "body": {"field": "category", "equals": "kitchen"},
}


@pytest.fixture
def command(shop_python: Path) -> Path:
    """The console script of the package."""
    return shop_python.with_name("shop-mcp")


@pytest.fixture
def variables(api: ShopApi) -> dict[str, str]:
    return environment(SHOP_BASE_URL=api.url, **CREDENTIALS)


def test_nothing_of_mcpgen_is_there(shop_python: Path, tmp_path: Path) -> None:
    code = (
        "import importlib.util, json\n"
        "names = 'mcpgen mcpgen_runtime mcpgen_templates black click jinja2 yaml'\n"
        "found = [n for n in names.split() if importlib.util.find_spec(n)]\n"
        "print(json.dumps(found))"
    )
    # uvicorn brings click; the rest would be ours.
    assert set(json.loads(run(shop_python, "-c", code, cwd=tmp_path))) <= {"click"}


def test_over_stdio(
    command: Path, variables: dict[str, str], api: ShopApi, tmp_path: Path
) -> None:
    with StdioClient([command], cwd=tmp_path, env=variables) as client:
        assert client.initialize()["serverInfo"]["name"] == "shop"
        names = [tool["name"] for tool in client.list_all("tools/list", "tools")]
        result = client.call("search_products", SEARCH)
    assert "search_products" in names
    assert json.loads(result["content"][0]["text"])["total"] == 1
    assert [request["target"] for request in api.received()] == [
        "/v1/products/search?sort=-price&limit=5"
    ]
    assert client.process.returncode == 0


def test_over_http(
    command: Path, variables: dict[str, str], api: ShopApi, tmp_path: Path
) -> None:
    with (
        http_server([command], cwd=tmp_path, env=variables) as url,
        HttpClient(url) as client,
    ):
        client.initialize()
        (content,) = client.read("api://shop/health")["contents"]
    assert content["text"] == "The shop is open."
    assert [request["target"] for request in api.received()] == ["/v1/health"]


def test_settings_from_a_file_in_the_working_directory(
    command: Path, api: ShopApi, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text(f"SHOP_BASE_URL={api.url}\nSHOP_TOKEN=sesame\n")
    with StdioClient([command], cwd=tmp_path, env=environment()) as client:
        client.initialize()
        (content,) = client.read("api://shop/orders")["contents"]
    assert json.loads(content["text"])[0]["status"] == "open"


def test_what_it_says_of_itself(command: Path, tmp_path: Path) -> None:
    assert "1.4.0" in run(command, "--version", cwd=tmp_path)
    listed = run(command, "--list", cwd=tmp_path)
    assert "search_products" in listed
    assert "api://shop/health" in listed


def test_its_own_tests_pass(shop_package: Path) -> None:
    pytest_command = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    run(*pytest_command, "tests", cwd=shop_package.parent)
