"""Prompts of `mcpgen.toml`, from the file to the wire."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from harness import ROOT, environment, run
from raw_client import ErrorReply, StdioClient

CASE = ROOT / "fixtures" / "cases" / "curated"
REF = {"type": "ref/prompt", "name": "chase_order"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the package that mcpgen writes for the curated case."""
    folder = tmp_path_factory.mktemp("curated")
    for name in ("spec.yaml", "mcpgen.toml", "rules.py"):
        shutil.copy(CASE / name, folder)
    run(Path(sys.executable).with_name("mcpgen"), "-q", cwd=folder)
    return folder / "out"


@pytest.fixture
def client(folder: Path) -> Iterator[StdioClient]:
    command = [sys.executable, "-m", "orders_mcp"]
    with StdioClient(command, cwd=folder, env=environment()) as client:
        client.initialize()
        yield client


def test_they_are_listed_and_filled(client: StdioClient) -> None:
    (listed,) = client.list_all("prompts/list", "prompts")
    needed = [one["name"] for one in listed["arguments"] if one["required"]]
    assert (listed["title"], needed) == ("Chase an order", ["order", "city"])
    given = {"order": "{city} \\1 {{tone}} %s", "city": "Åre"}
    asked = {"name": "chase_order", "arguments": given}
    first, second = client.request("prompts/get", asked)["messages"]
    assert (first["role"], second["role"]) == ("user", "assistant")
    assert first["content"]["text"].splitlines() == [
        "Read the order {city} \\1 {{tone}} %s and say in one sentence why it is late.",
        "Then write a letter to the customer in Åre, in a tone like this: .",
        'The letter begins with {name}, which is filled in later: {"name": "…"}.',
    ]
    assert (
        second["content"]["text"]
        == "Here is what I found about {city} \\1 {{tone}} %s:"
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"order": "7"}, "city"),
        ({"order": "7", "city": "x", "tone": "loud"}, "tone"),
        ({"order": "7", "city": "x", "cty": "x"}, "cty"),
    ],
)
def test_what_does_not_fit_is_refused(
    arguments: dict[str, str], said: str, client: StdioClient
) -> None:
    asked = {"name": "chase_order", "arguments": arguments}
    with pytest.raises(ErrorReply, match=f"-32602: .*{said}"):
        client.request("prompts/get", asked)


@pytest.mark.parametrize(
    ("argument", "typed", "values"),
    [
        ("city", "", ["Bergen", "Lisbon"]),
        ("city", "li", ["Lisbon"]),
        ("tone", "", ["kind", "firm"]),
        ("order", "7", []),
    ],
)
def test_their_arguments_are_completed(
    argument: str, typed: str, values: list[str], client: StdioClient
) -> None:
    params: dict[str, Any] = {
        "ref": REF,
        "argument": {"name": argument, "value": typed},
    }
    assert (
        client.request("completion/complete", params)["completion"]["values"] == values
    )


def test_extensions_change_them_as_they_do_all_else(folder: Path) -> None:
    extensions = folder / "orders_mcp" / "extensions.py"
    plain = extensions.read_text()
    extensions.write_text(
        plain
        + '    server.rename("chase_order", "chase")\n'
        + '    server.describe("chase", title="Chase it")\n'
    )
    command = [sys.executable, "-m", "orders_mcp"]
    try:
        with StdioClient(command, cwd=folder, env=environment()) as client:
            client.initialize()
            (listed,) = client.list_all("prompts/list", "prompts")
            asked = {"name": "chase", "arguments": {"order": "7", "city": "x"}}
            assert client.request("prompts/get", asked)["messages"]
    finally:
        extensions.write_text(plain)
    assert (listed["name"], listed["title"]) == ("chase", "Chase it")
