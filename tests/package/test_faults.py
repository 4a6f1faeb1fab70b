"""Bad days of a generated server: each ends in a sentence, and the server goes on."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from harness import CREDENTIALS, SPECS, ShopApi, environment, generate
from raw_client import ErrorReply, StdioClient

ORDER = {"lines": [{"productId": 1}]}
NOBODY = "http://127.0.0.1:9"  # the discard port, where nothing listens

PRINTS = """
import os
import subprocess
import sys

print("when imported")

async def loudly(call, next):
    print("when called")
    os.write(1, b"to the file descriptor\\n")
    sys.stdout.write("without an end of line")
    subprocess.run(["echo", "from a child"], check=True)
    return await next(call)

def extend(server):
    print("when extended")
    server.remove("delete_product")
    server.add_middleware(loudly)
"""


@pytest.fixture
def start(
    shop_python: Path, shop_package: Path, tmp_path: Path
) -> Callable[..., StdioClient]:
    """Starts the shop's server with these variables, and perhaps with extensions."""

    def start(extensions: str | None = None, **variables: str) -> StdioClient:
        if extensions is not None:
            copy = tmp_path / shop_package.name
            shutil.copytree(shop_package, copy)
            (copy / "extensions.py").write_text(extensions)
        client = StdioClient(
            [shop_python, "-m", shop_package.name],
            cwd=tmp_path,
            env=environment(**variables),
        )
        client.initialize()
        return client

    return start


def failure(result: Mapping[str, Any]) -> str:
    """The text of a result that says that it is an error."""
    assert result["isError"]
    (content,) = result["content"]
    text: str = content["text"]
    return text


def test_the_api_is_down(start: Callable[..., StdioClient]) -> None:
    with start(SHOP_BASE_URL=NOBODY, **CREDENTIALS) as client:
        text = failure(client.call("place_order", ORDER))
        assert "127.0.0.1:9" in text
        assert not set(CREDENTIALS.values()) & set(text.split())
        assert client.request("ping") == {}


def test_no_credentials(start: Callable[..., StdioClient], api: ShopApi) -> None:
    with start(SHOP_BASE_URL=api.url) as client:
        assert "SHOP_TOKEN" in failure(client.call("place_order", ORDER))
    assert api.received() == []


def test_wrong_credentials(start: Callable[..., StdioClient], api: ShopApi) -> None:
    with start(SHOP_BASE_URL=api.url, SHOP_TOKEN="tahini") as client:
        text = failure(client.call("place_order", ORDER))
    assert "401" in text
    assert "tahini" not in text


def test_wrong_arguments(start: Callable[..., StdioClient], api: ShopApi) -> None:
    with start(SHOP_BASE_URL=api.url, **CREDENTIALS) as client:
        text = failure(client.call("place_order", ORDER | {"cupon": ["A"]}))
        assert "cupon" in text
        assert "coupon" in text
    assert api.received() == []


def test_unknown_names(start: Callable[..., StdioClient]) -> None:
    with start() as client:
        with pytest.raises(ErrorReply, match=r"-32602.*place_ordre"):
            client.call("place_ordre", ORDER)
        with pytest.raises(ErrorReply, match="-32002") as unknown:
            client.read("api://shop/nowhere")
        assert unknown.value.error["data"] == {"uri": "api://shop/nowhere"}
        with pytest.raises(ErrorReply, match="-32601"):
            client.request("tools/lst")


def test_extensions_that_print(start: Callable[..., StdioClient], api: ShopApi) -> None:
    """The client raises at the first byte that isn't a message."""
    with start(PRINTS, SHOP_BASE_URL=api.url, **CREDENTIALS) as client:
        tools = client.list_all("tools/list", "tools")
        assert "delete_product" not in [tool["name"] for tool in tools]
        assert not client.call("place_order", ORDER).get("isError")
        assert client.request("ping") == {}
    said = client.stderr()
    for moment in ("imported", "extended", "called"):
        assert f"when {moment}" in said
    assert "to the file descriptor" in said
    assert "from a child" in said


def test_a_setting_that_cannot_be_used(
    shop_python: Path, shop_package: Path, tmp_path: Path
) -> None:
    done = subprocess.run(
        [shop_python, "-m", shop_package.name],
        cwd=tmp_path,
        env=environment(SHOP_TIMEOUT="soon"),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "SHOP_TIMEOUT" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_no_base_url(shop_python: Path, tmp_path: Path) -> None:
    package = generate(SPECS / "minimal.yaml", tmp_path / "out", "--preset", "tools")
    command = [str(shop_python), "-m", package.name]
    with StdioClient(command, cwd=package.parent, env=environment()) as client:
        client.initialize()
        (tool,) = client.list_all("tools/list", "tools")
        assert "MINIMAL_BASE_URL" in failure(client.call(tool["name"], {}))
