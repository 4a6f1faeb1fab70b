"""The example of docs/extensions.md as the extensions of a generated package."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from harness import CREDENTIALS, ROOT, ShopApi, environment, run
from raw_client import ErrorReply, StdioClient

(EXAMPLE,) = re.findall(
    r"^```python\n(.*?)^```",
    (ROOT / "docs" / "extensions.md").read_text(),
    re.MULTILINE | re.DOTALL,
)

TEMPLATES = "resourceTemplates"


@pytest.fixture
def package(shop_package: Path, tmp_path: Path) -> Path:
    """A copy of the shop's package with the example in it."""
    copy = tmp_path / shop_package.name
    shutil.copytree(shop_package, copy)
    (copy / "extensions.py").write_text(EXAMPLE)
    return copy


def test_type_checkers_know_it_all(package: Path, tmp_path: Path) -> None:
    """Both run as strictly as they can, and know that functions keep their types."""
    checked = package / "extensions.py"
    checked.write_text(
        EXAMPLE
        + "    reveal_type(price([], 'NOK'))\n"
        + "    price('many')  # type: ignore[arg-type]\n"
        + "    _ = calls.place_order(server, line=[])  # type: ignore[call-arg]\n"
    )
    (tmp_path / "pyrightconfig.json").write_text('{"enableTypeIgnoreComments": true}')
    said = run(sys.executable, "-m", "mypy", "--strict", checked, cwd=tmp_path)
    assert 'Revealed type is "str"' in said.replace("builtins.", "")
    python = ("--pythonpath", sys.executable)
    said = run(sys.executable, "-m", "pyright", *python, checked, cwd=tmp_path)
    assert 'Type of "price([], \'NOK\')" is "str"' in said


def test_the_story_over_stdio(
    package: Path, shop_python: Path, api: ShopApi, tmp_path: Path
) -> None:
    command: list[str | Path] = [shop_python, "-m", package.name]
    variables = environment(SHOP_BASE_URL=api.url, **CREDENTIALS)
    with StdioClient(command, cwd=tmp_path, env=variables) as client:
        client.initialize()
        tools = {tool["name"]: tool for tool in client.list_all("tools/list", "tools")}
        assert {"price", "order_one", "write_note", "add_product"} < tools.keys()
        assert not {"delete_product", "create_product", "place_order"} & tools.keys()
        assert tools["add_product"]["description"] == "Puts a product on the shelf."
        assert list(tools["order_one"]["inputSchema"]["properties"]) == ["product"]

        priced = client.call("price", {"lines": [{"product": 1, "quantity": 3}]})
        assert priced["content"] == [{"type": "text", "text": "3.00 EUR"}]
        for lines in ([], [{"product": 1, "quantity": 0}]):
            assert client.call("price", {"lines": lines})["isError"] is True

        ordered = client.call("order_one", {"product": 1})
        assert ordered["isError"] is False, ordered
        assert [request["target"] for request in api.received()] == ["/v1/orders"]

        refused = client.call("cancel_order", {"order_id": "1", "reason": "sleepy"})
        assert refused["isError"] is True
        assert api.received() == []

        noted = client.call("write_note", {"day": "2026-07-28", "text": "Buy tea."})
        assert [block["type"] for block in noted["content"]] == ["text", "resource"]
        (read,) = client.read("notes://2026-07-28")["contents"]
        assert (read["mimeType"], read["text"]) == ("text/markdown", "Buy tea.")
        with pytest.raises(ErrorReply, match="Resource not found"):
            client.read("notes://2026-07-29")

        (prompt,) = client.list_all("prompts/list", "prompts")
        assert prompt["name"] == "plan"
        plan = {"name": "plan", "arguments": {"city": "Bergen"}}
        first, second = client.request("prompts/get", plan)["messages"]
        assert "brief shopping tour through Bergen" in first["content"]["text"]
        assert second["role"] == "assistant"
        typed = {
            "ref": {"type": "ref/prompt", "name": "plan"},
            "argument": {"name": "city", "value": "Ber"},
        }
        completion = client.request("completion/complete", typed)["completion"]
        assert completion["values"] == ["Bergen", "Berlin"]

        (template,) = (
            template["uriTemplate"]
            for template in client.list_all("resources/templates/list", TEMPLATES)
            if template["name"] == "get_product"
        )
        typed = {
            "ref": {"type": "ref/resource", "uri": template},
            "argument": {"name": "productId", "value": "1"},
        }
        completion = client.request("completion/complete", typed)["completion"]
        assert "1" in completion["values"]


def test_a_name_that_is_gone_stops_the_start(
    package: Path, shop_python: Path, tmp_path: Path
) -> None:
    extensions = package / "extensions.py"
    text = EXAMPLE.replace('remove("delete_product")', 'remove("delete_produkt")')
    extensions.write_text(text)
    line = text[: text.index("delete_produkt")].count("\n") + 1
    done = subprocess.run(
        [shop_python, "-m", package.name],
        cwd=tmp_path,
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"shop_mcp: {extensions}:{line}: nothing named 'delete_produkt' is served; "
        "did you mean 'delete_product'?\n"
    )
