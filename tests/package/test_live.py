"""A FastAPI service with all the usual traps, served three ways, answers the same.

Over HTTP, in the process of its server, and with the server mounted in it.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from harness import APPS, HOST, MCPGEN, ROOT, environment, run, uvicorn
from raw_client import Client, HttpClient, StdioClient

CREDENTIALS = {
    "TRAPS_HTTP_BEARER_TOKEN": "ada's token",
    "TRAPS_API_KEY_HEADER_KEY": "teapot",
}
TREE = {"name": "a", "children": [{"name": "b", "children": [{"name": "c"}]}]}
CALLS: list[tuple[str, dict[str, Any], Any]] = [
    ("greeting", {}, {"greeting": "hello from the lifespan", "starts": 1}),
    ("users_me", {}, {"user": "ada", "tenant": "none"}),
    ("users_me", {"x-tenant": "blue"}, {"user": "ada", "tenant": "blue"}),
    ("vault", {}, "open"),
    ("form", {"name": "a+b é", "sizes": [1, 2]}, ["a+b é", [1, 2]]),
    (
        "upload",
        {"file": "data:text/plain;name=a.txt;base64,QUFB", "more": ["data:,BB"]},
        [["a.txt", 3], ["more", 2]],
    ),
    ("read_file", {"path": "a b/c.txt"}, "a b/c.txt"),
    ("count_the_nodes", TREE, 3),
    ("add_pet", {"pet": {"kind": "dog", "tricks": ["sit"]}}, "Dog"),
    ("add_item", {"outer": "shell"}, "shell"),
    ("add_inner_item", {"body": {"x": {"inner": 2}, "y": {"inner": 3}}}, 5),
    ("depth", {"levels": 3}, 3),
    ("stream", {"pieces": 2}, "piece 0\npiece 1\n"),
]
REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("add_pet", {"pet": {"kind": "bird"}}, "kind"),
    ("broken", {}, "HTTP 500 Internal Server Error"),
]
WAYS = ("http", "in process", "mounted")


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The folder of the package for each way."""
    folder = tmp_path_factory.mktemp("live")
    for name, options in (("http", ()), ("in process", ("--in-process",))):
        command = (MCPGEN, "traps:app", "-o", folder / name, "--preset", "tools")
        run(*command, *options, cwd=APPS)
    (folder / "http" / "host.py").write_text(HOST)
    return {"mounted": folder / "http"} | {n: folder / n for n in WAYS[:2]}


@contextmanager
def connected(way: str, package: Path, **variables: str) -> Iterator[Client]:
    paths = {"PYTHONPATH": f"{package}:{APPS}"}
    with ExitStack() as stack:
        if way == "mounted":
            url = stack.enter_context(uvicorn("host:app", **paths, **variables))
            client: Client = HttpClient(f"{url}/mcp")
        else:
            if way == "http":
                url = stack.enter_context(uvicorn("traps:app", PYTHONPATH=str(APPS)))
                variables |= {"TRAPS_BASE_URL": f"{url}/api/v1"}
            command = [sys.executable, "-m", "traps_mcp"]
            client = StdioClient(
                command, cwd=package, env=environment(**paths, **variables)
            )
        stack.enter_context(client)
        client.initialize()
        yield client


@pytest.fixture(scope="module", params=WAYS)
def client(
    request: pytest.FixtureRequest, packages: Mapping[str, Path]
) -> Iterator[Client]:
    way = request.param
    with connected(way, packages[way], **CREDENTIALS) as connected_client:
        yield connected_client


@pytest.mark.parametrize(("tool", "arguments", "expected"), CALLS)
def test_a_call_gives_the_same(
    client: Client, tool: str, arguments: dict[str, Any], expected: Any
) -> None:
    result = client.call(tool, arguments)
    assert not result.get("isError"), result
    (block,) = result["content"]
    text = block["text"]
    assert (text if tool == "stream" else json.loads(text)) == expected


@pytest.mark.parametrize(("tool", "arguments", "said"), REFUSED)
def test_a_failure_is_the_same(
    client: Client, tool: str, arguments: dict[str, Any], said: str
) -> None:
    result = client.call(tool, arguments)
    assert result["isError"]
    assert said in result["content"][0]["text"]
    assert "hunter2" not in json.dumps(result)


def test_the_example_of_the_documentation(tmp_path: Path) -> None:
    example = re.findall(
        r"^```python\n(.*?)^```",
        (ROOT / "docs" / "fastapi.md").read_text(),
        re.MULTILINE | re.DOTALL,
    )[0]
    bare = re.sub(r"^from shop_mcp.*\n|^mcp = .*\n", "", example, flags=re.MULTILINE)
    main = tmp_path / "main.py"
    main.write_text(bare)
    out = tmp_path / "out"
    command = (MCPGEN, "main:app", "-o", out, "--in-process", "--preset", "tools")
    run(*command, cwd=tmp_path)
    catalog = (out / "shop_mcp" / "catalog.jsonl").read_bytes()
    main.write_text(example)
    run(*command, cwd=tmp_path, PYTHONPATH=str(out))
    assert (out / "shop_mcp" / "catalog.jsonl").read_bytes() == catalog
    with (
        uvicorn("main:app", PYTHONPATH=f"{out}:{tmp_path}") as url,
        HttpClient(f"{url}/mcp") as client,
    ):
        client.initialize()
        assert client.call("health", {})["content"][0]["text"] == '"open"'


@pytest.mark.parametrize(
    ("app", "uri", "expected"),
    [
        ("plain:app", "api://library/books/2", {"title": "Walden", "pages": 100}),
        ("other:app", "api://words/letters?word=tea", {"letters": 3}),
    ],
)
def test_resources_of_any_application(
    tmp_path: Path, app: str, uri: str, expected: Any
) -> None:
    run(MCPGEN, app, "-o", tmp_path / "out", "--in-process", cwd=APPS)
    (main,) = tmp_path.glob("out/*/__main__.py")
    variables = environment(PYTHONPATH=f"{tmp_path / 'out'}:{APPS}")
    command = [sys.executable, "-m", main.parent.name]
    with StdioClient(command, cwd=tmp_path, env=variables) as client:
        client.initialize()
        (content,) = client.read(uri)["contents"]
    assert json.loads(content["text"]) == expected


def test_the_tests_of_a_package_need_no_application(
    packages: Mapping[str, Path],
) -> None:
    command = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests")
    run(*command, cwd=packages["in process"])


def said_of(client: StdioClient) -> list[str]:
    """What the application printed, without what its server may have."""
    return [line for line in client.stderr().splitlines() if line.startswith("traps")]


def test_in_process_the_lifespan_runs_once_and_ends(
    packages: Mapping[str, Path],
) -> None:
    with connected("in process", packages["in process"]) as client:
        for _ in range(2):
            client.call("greeting", {})
    assert isinstance(client, StdioClient)
    assert said_of(client) == ["traps is imported", "traps starts", "traps stops"]
    assert client.process.returncode == 0


def test_its_listing_needs_no_application(
    packages: Mapping[str, Path], tmp_path: Path
) -> None:
    paths = {"PYTHONPATH": str(packages["in process"])}
    command = (sys.executable, "-m", "traps_mcp", "--list")
    assert "count_the_nodes" in run(*command, cwd=tmp_path, **paths)


@pytest.fixture
def broken(
    packages: Mapping[str, Path], tmp_path: Path
) -> tuple[list[str], Mapping[str, str]]:
    """The command and the environment of a server whose application is broken."""
    (tmp_path / "traps.py").write_text("raise ValueError('no such database')")
    paths = f"{packages['in process']}:{tmp_path}"
    return [sys.executable, "-m", "traps_mcp"], environment(PYTHONPATH=paths)


TOLD = (
    "ERROR traps_mcp._runtime.application: traps:app can't be started: the import of "
)


def test_a_broken_application_is_told_and_the_listing_still_there(
    broken: tuple[list[str], Mapping[str, str]], tmp_path: Path
) -> None:
    command, variables = broken
    with StdioClient(command, cwd=tmp_path, env=variables) as client:
        client.initialize()
        assert client.list_all("tools/list", "tools")
        result = client.call("greeting", {})
    assert "could not be started" in result["content"][0]["text"]
    assert client.stderr().startswith(
        f"{TOLD}traps fails: ValueError: no such database (traps.py:1); "
    )
    assert "Traceback" not in client.stderr()


def test_over_http_a_broken_application_ends_the_start(
    broken: tuple[list[str], Mapping[str, str]], tmp_path: Path
) -> None:
    command, variables = broken
    done = subprocess.run(
        [*command, "--transport", "http", "--port", "0"],
        cwd=tmp_path,
        env=variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert f"{TOLD}traps fails: ValueError: no such database" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture(scope="module")
def mounted(packages: Mapping[str, Path]) -> Iterator[str]:
    """The base URL of the service with its server in it: callers bring their tokens,
    and two workers share the requests."""
    variables = {
        "PYTHONPATH": f"{packages['mounted']}:{APPS}",
        "TRAPS_FORWARD_HEADERS": "Authorization, X-Tenant",
        "WEB_CONCURRENCY": "2",
    }
    with uvicorn("host:app", **variables) as url:
        yield url


@pytest.mark.parametrize("path", ["/mcp", "/mcp/"])
def test_a_caller_is_who_the_application_says(mounted: str, path: str) -> None:
    for name in ("ada", "bob") * 3:
        with HttpClient(mounted + path) as client:
            client.headers |= {
                "Authorization": f"Bearer {name}'s token",
                "X-Tenant": name,
                "X-Key": "teapot",
            }
            result = client.call("users_me", {"x-tenant": "of the model"})
            told = json.loads(result["content"][0]["text"])
            assert told == {"user": name, "tenant": name}
            refused = client.call("vault", {})
            assert "TRAPS_API_KEY_HEADER_KEY" in refused["content"][0]["text"]


def test_a_caller_without_a_token_is_nobody(mounted: str) -> None:
    with HttpClient(f"{mounted}/mcp") as client:
        client.initialize()
        result = client.call("users_me", {})
        assert "TRAPS_HTTP_BEARER_TOKEN" in result["content"][0]["text"]
        client.headers["Authorization"] = "Bearer eve's token"
        result = client.call("users_me", {})
    assert result["isError"]
    assert "HTTP 401" in result["content"][0]["text"]
    assert "eve's token" not in json.dumps(result)


def test_the_application_does_not_list_its_server(mounted: str) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{mounted}/openapi.json") as answer:
        assert not [path for path in json.load(answer)["paths"] if "mcp" in path]


def test_only_headers_that_belong_to_nobody_else_are_forwarded(
    packages: Mapping[str, Path], tmp_path: Path
) -> None:
    for name in ("Host", "content-length", "Connection", "Mcp-Session-Id", "a b"):
        done = subprocess.run(
            [sys.executable, "-m", "traps_mcp"],
            cwd=tmp_path,
            env=environment(
                PYTHONPATH=str(packages["http"]), TRAPS_FORWARD_HEADERS=f"x-user,{name}"
            ),
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        assert done.returncode == 2
        assert f"TRAPS_FORWARD_HEADERS: {name.lower()!r}" in done.stderr
