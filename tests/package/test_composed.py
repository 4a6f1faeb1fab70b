"""Several APIs in one server: each is sent its own requests, credentials and limits."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from harness import HOST, MCPGEN, ROOT, environment, run
from mcpgen_runtime.client import Client, connect
from runtime.recording import Upstream, answer, upstream

CASE = ROOT / "fixtures" / "cases" / "composed"
INVOICE = {"user": {"account": "ada"}, "lines": [{"text": "Tea", "price": 2.5}]}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the package that mcpgen writes for the composed case."""
    folder = tmp_path_factory.mktemp("composed")
    for name in ("mcpgen.toml", "billing.yaml", "people.json"):
        shutil.copy(CASE / name, folder)
    run(MCPGEN, "-q", "-o", "out", cwd=folder)
    return folder / "out"


@dataclass(frozen=True, slots=True)
class Office:
    """A running server, and what it calls."""

    client: Client
    billing: Upstream
    people: Upstream


@asynccontextmanager
async def office(folder: Path, **variables: str) -> AsyncIterator[Office]:
    def script(request: bytes) -> bytes:
        return answer(json.dumps({"number": "B-7"}).encode())

    async with upstream(script) as billing, upstream(script) as people:
        env = {
            "BILLING_BASE_URL": f"{billing.url}/v2",
            "BILLING_KEY": "gold",
            "PEOPLE_BASE_URL": people.url,
            "PEOPLE_KEY": "silver",
        } | variables
        command = [sys.executable, "-m", "office_mcp"]
        async with connect(command, env=env, cwd=folder) as client:
            yield Office(client, billing, people)


async def test_each_api_is_sent_its_own(folder: Path) -> None:
    async with office(folder) as one:
        sent = await one.client.call_tool("billing_send_invoice", INVOICE)
        await one.client.call_tool("billing_customers", {})
        await one.client.call_tool("people_add_user", {"name": "Ada"})
        await one.client.read_resource("api://people/users")
    assert sent["structuredContent"] == {"number": "B-7"}
    assert one.billing.targets == ["/v2/invoices", "/v2/users"]
    assert one.billing.header("X-Key", 0) == "gold"
    assert one.people.targets == ["/users?key=silver", "/users?key=silver"]
    seen = b"".join(one.people.requests)
    assert b"gold" not in seen
    assert b"silver" not in b"".join(one.billing.requests)
    assert one.people.requests[0].endswith(b'{"name":"Ada"}')


async def test_each_api_has_its_own_limits(folder: Path) -> None:
    async with office(folder, BILLING_MAX_REQUEST_BYTES="20") as one:
        refused = await one.client.call_tool("billing_send_invoice", INVOICE)
        name = {"name": "A name of more than 20 bytes"}
        added = await one.client.call_tool("people_add_user", name)
    assert refused["isError"]
    assert "no more than 20" in refused["content"][0]["text"]
    assert not added.get("isError")
    assert one.billing.requests == []


async def test_a_credential_that_is_missing_is_named(folder: Path) -> None:
    async with office(folder, PEOPLE_KEY="") as one:
        refused = await one.client.call_tool("people_add_user", {"name": "Ada"})
        sent = await one.client.call_tool("billing_customers", {})
    assert "PEOPLE_KEY" in refused["content"][0]["text"]
    assert "BILLING_KEY" not in refused["content"][0]["text"]
    assert not sent.get("isError")


async def test_the_mock_of_each_api_answers(folder: Path) -> None:
    command = [sys.executable, "-m", "office_mcp", "--mock"]
    async with connect(command, cwd=folder) as client:
        (customers,) = (await client.call_tool("billing_customers", {}))["content"]
        (people,) = (await client.read_resource("api://people/users"))["contents"]
    assert set(json.loads(customers["text"])[0]) == {"account", "invoicedBy"}
    assert set(json.loads(people["text"])[0]) == {"name", "boss"}


async def test_resources_as_tools_are_of_their_api(folder: Path) -> None:
    async with office(folder, OFFICE_RESOURCES_AS_TOOLS="1") as one:
        await one.client.call_tool("people_list_users", {})
    assert one.people.targets == ["/users?key=silver"]


async def test_served_without_a_package(folder: Path) -> None:
    async with upstream(lambda request: answer(b"[]")) as people:
        env = {"PEOPLE_BASE_URL": people.url, "PEOPLE_KEY": "silver"}
        command = [str(MCPGEN), "serve"]
        async with connect(command, env=env, cwd=folder.parent) as client:
            names = [tool["name"] for tool in await client.list_tools()]
            await client.read_resource("api://people/users")
        mocked = [*command, "--mock"]
        async with connect(mocked, cwd=folder.parent) as client:
            result = await client.call_tool("billing_send_invoice", INVOICE)
    assert names == ["billing_customers", "billing_send_invoice", "people_add_user"]
    assert people.targets == ["/users?key=silver"]
    assert result["structuredContent"] == {"number": "B-1"}


def failed(*command: str | Path, cwd: Path) -> str:
    """What a command that is used wrongly says."""
    done = subprocess.run(
        command,
        cwd=cwd,
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    return done.stderr


def test_one_base_url_is_not_for_all(folder: Path) -> None:
    module = (sys.executable, "-m", "office_mcp")
    said = failed(*module, "--base-url", "http://localhost", cwd=folder)
    assert "for one API: set BILLING_BASE_URL, PEOPLE_BASE_URL" in said


def test_what_an_install_still_needs(folder: Path) -> None:
    module = (sys.executable, "-m", "office_mcp")
    said = run(*module, "install", "claude-code", cwd=folder)
    assert "Without a value yet: BILLING_KEY, PEOPLE_KEY." in said


def test_it_can_not_be_mounted_in_one_of_them(folder: Path) -> None:
    (folder / "host.py").write_text(
        "from starlette.applications import Starlette\n\napp = Starlette()\n"
        + HOST.replace("from traps import app\n", "").replace("traps_mcp", "office_mcp")
    )
    done = subprocess.run(
        [sys.executable, "-c", "import host"],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert "a server of several APIs can't be within one of them" in done.stderr


async def test_extension_code_names_the_api(folder: Path) -> None:
    own = folder / "office_mcp" / "extensions.py"
    original = own.read_text()
    try:
        own.write_text(
            "from ._runtime import Server, Tool\n\n\n"
            "def extend(server: Server) -> None:\n"
            '    more = {"method": "POST", "path": "/more"}\n'
            '    server.add(Tool(name="more", api="people", **more))\n'
        )
        async with office(folder) as one:
            await one.client.call_tool("more", {})
        assert one.people.targets == ["/more"]
        own.write_text(own.read_text().replace('"people"', '"peple"'))
        said = failed(sys.executable, "-m", "office_mcp", cwd=folder)
        assert "'more' is of no API: say api='billing' or api='people'" in said
    finally:
        own.write_text(original)
