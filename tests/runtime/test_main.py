"""The command line of a server: options, exit codes, and what a user is told."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from harness import environment
from mcpgen_runtime import Settings
from mcpgen_runtime.options import Options, read
from mcpgen_runtime.settings import SettingsError
from mcpgen_runtime.settings import environment as read_environment

from .shop import write_package

SETTINGS = Settings(prefix="SHOP")
DEFAULTS = Options(transport="stdio", host="127.0.0.1", port=8000, path="/mcp")
UNUSABLE = "which is not a URL of an API: give it as http://host/path"


def options(*arguments: str, **variables: str) -> Options:
    return read("shop", arguments, lambda: variables, SETTINGS)


def test_the_defaults() -> None:
    assert options() == DEFAULTS


@pytest.mark.parametrize(
    ("arguments", "variables", "expected"),
    [
        (["--port", "9"], {"SHOP_PORT": "7"}, {"port": 9}),
        ([], {"SHOP_PORT": "7"}, {"port": 7}),
        (["--transport=http"], {}, {"transport": "http"}),
        ([], {"SHOP_HOST": "::", "SHOP_PATH": "/x"}, {"host": "::", "path": "/x"}),
        ([], {"SHOP_PORT": ""}, {"port": 8000}),
        (["--base-url", "http://a"], {}, {"base_url": "http://a"}),
        (["--list", "--resources-as-tools"], {}, {"list": True}),
        (["--version"], {}, {"version": True}),
    ],
)
def test_arguments_come_before_the_environment(
    arguments: list[str], variables: dict[str, str], expected: dict[str, Any]
) -> None:
    found = options(*arguments, **variables)
    assert {name: getattr(found, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("arguments", "variables", "complaint"),
    [
        (["--port", "x"], {}, "--port is 'x': give a number from 0 to 65535"),
        (["--port", "65536"], {}, "--port is '65536'"),
        ([], {"SHOP_PORT": "-1"}, "SHOP_PORT is '-1'"),
        ([], {"SHOP_PORT": "²"}, "SHOP_PORT is '²'"),
        (["--transport", "sse"], {}, "--transport is 'sse': give stdio or http"),
        ([], {"SHOP_TRANSPORT": "x"}, "SHOP_TRANSPORT is 'x': give stdio or http"),
        (["--path", "mcp"], {}, "--path is 'mcp'"),
        (["--path", "/a b?x"], {}, "--path is '/a b?x': give a path that starts"),
        ([], {"SHOP_PATH": "/a#b"}, "SHOP_PATH is '/a#b'"),
        (["--port", ""], {}, "--port is ''"),
        (["--host", ""], {}, "--host is ''"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(
    arguments: list[str], variables: dict[str, str], complaint: str
) -> None:
    with pytest.raises(SettingsError) as raised:
        options(*arguments, **variables)
    assert complaint in str(raised.value)


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("http://[::1", UNUSABLE),
        ("http://h:99999/", UNUSABLE),
        ("http://h:0/", UNUSABLE),
        ("http://h:x/", UNUSABLE),
        ("http://x y/", UNUSABLE),
        ("http://h/{undefined}", UNUSABLE),
        ("http:///path", UNUSABLE),
        ("ftp://h/", UNUSABLE),
        ("http://h/#top", "without its #fragment"),
        ("http://h\n/", UNUSABLE),
    ],
)
def test_a_base_url_that_cannot_be_used_is_refused_by_its_source(
    url: str, complaint: str
) -> None:
    with pytest.raises(SettingsError) as raised:
        SETTINGS.resolve({"SHOP_BASE_URL": url})
    assert str(raised.value).startswith(f"SHOP_BASE_URL is {url!r}")
    assert complaint in str(raised.value)
    with pytest.raises(SettingsError) as raised:
        SETTINGS.resolve({"SHOP_BASE_URL": "http://h"}, base_url=url)
    assert str(raised.value).startswith(f"--base-url is {url!r}")


@pytest.mark.parametrize(
    "url",
    [
        "http://me:hush@h/",
        "https://hush@h",
        "http://hush@",
        "me:hush@h",
        "http://m:h/ush@h",
    ],
)
def test_a_password_in_a_base_url_is_refused_and_not_shown(url: str) -> None:
    with pytest.raises(SettingsError, match="has a user name or password") as raised:
        SETTINGS.resolve({"SHOP_BASE_URL": url})
    assert "ush" not in str(raised.value)


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("http://[::1]:80/v1/", "http://[::1]:80/v1"),
        ("https://h/a@b?k=v", "https://h/a@b?k=v"),
        (" http://bücher.test/ ", "http://bücher.test"),
        ("", None),
    ],
)
def test_base_urls(url: str, base: str | None) -> None:
    assert SETTINGS.resolve({"SHOP_BASE_URL": url}).base_url == base


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("main")
    write_package(folder, prelude="print('noise')")
    return folder


def run(folder: Path, *arguments: str, **variables: str) -> tuple[int, str, str]:
    """The exit code, the output and the complaints of one start."""
    done = subprocess.run(
        [sys.executable, "-m", "shop_server", *arguments],
        cwd=folder,
        env=environment(**variables),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout, done.stderr


def test_the_list(folder: Path) -> None:
    code, output, _ = run(folder, "--list")
    assert code == 0
    assert output.splitlines() == [
        "tool      add_item                    Adds an item to the shop.",
        "tool      wait                        POST /wait",
        "tool      answer                      Answers as it is asked to.",
        "resource  api://shop/items            GET /items",
        "template  api://shop/items{?limit}    GET /items",
        "template  api://shop/items/{item_id}  GET /items/{item_id}",
    ]


def test_the_list_with_resources_as_tools(folder: Path) -> None:
    _, output, _ = run(folder, "--list", "--resources-as-tools")
    assert "tool      get_item " in output
    _, output, _ = run(folder, "--list", SHOP_RESOURCES_AS_TOOLS="yes")
    assert "tool      get_item " in output


def test_a_list_that_nobody_reads_to_its_end(folder: Path) -> None:
    command = f"{sys.executable} -m shop_server --list | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("0\n", "noise\n")


def test_the_version(folder: Path) -> None:
    assert run(folder, "--version")[:2] == (0, "shop 1.2.3\n")


def test_help_names_the_options_and_the_exit_codes(folder: Path) -> None:
    code, output, complaints = run(folder, "--help")
    assert (code, complaints) == (0, "")
    for word in ("--transport", "--resources-as-tools", "SHOP_PORT", "exit codes"):
        assert word in output
    assert output.startswith("usage: python -m shop_server")


def test_wrong_usage(folder: Path) -> None:
    for arguments in (["--nope"], ["--port"], ["--port", "x"], ["extra"]):
        code, output, complaints = run(folder, *arguments)
        assert (code, output) == (2, "")
        assert complaints


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SHOP_BASE_URL", "nonsense"),
        ("SHOP_TIMEOUT", "soon"),
        ("SHOP_PAGE_SIZE", "0"),
        ("SHOP_TRANSPORT", "pigeon"),
    ],
)
def test_a_setting_that_cannot_be_used(folder: Path, variable: str, value: str) -> None:
    code, output, complaints = run(folder, **{variable: value})
    assert (code, output) == (2, "")
    assert complaints.splitlines()[-1].startswith(f"shop_server: {variable} is ")


def test_an_option_that_cannot_be_used(folder: Path) -> None:
    for url in ("", "http://[::1", "http://h:99999/"):
        code, output, complaints = run(folder, "--base-url", url)
        assert (code, output) == (2, "")
        assert complaints.splitlines()[-1].startswith("shop_server: --base-url is ")


def test_the_version_depends_on_no_setting(tmp_path: Path) -> None:
    write_package(tmp_path)
    (tmp_path / ".env").write_bytes(b"SHOP_KEY=\xff")
    code, output, _ = run(
        tmp_path, "--version", "--port=x", SHOP_PORT="x", SHOP_BASE_URL="x"
    )
    assert (code, output) == (0, "shop 1.2.3\n")


def test_a_dot_env_that_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_package(tmp_path)
    (tmp_path / ".env").write_bytes("SHOP_PORT=é".encode("latin-1"))
    for arguments in ([], ["--list"]):
        code, output, complaints = run(tmp_path, *arguments)
        assert (code, output) == (2, "")
        assert complaints == "shop_server: .env is not UTF-8 text: save it as UTF-8\n"

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("dotenv.dotenv_values", refuse)
    with pytest.raises(SettingsError, match="can't be read: Permission denied"):
        read_environment()


def test_a_dot_env_with_a_byte_order_mark(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("SHOP_PORT=7\n", encoding="utf-8-sig")
    assert read_environment()["SHOP_PORT"] == "7"


def test_a_port_that_is_taken(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, _, complaints = run(folder, "--transport=http", f"--port={port}")
    assert code == 1
    assert f"can't listen on 127.0.0.1:{port}: Address already in use" in complaints


def test_a_host_that_does_not_exist(folder: Path) -> None:
    code, _, complaints = run(folder, "--transport=http", "--host=192.0.2.77")
    assert code == 1
    assert "can't listen on 192.0.2.77:8000" in complaints


def test_a_closed_standard_input(folder: Path) -> None:
    command = f"exec {sys.executable} -m shop_server <&-"
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "standard input or output can't be used" in done.stderr
    assert "Traceback" not in done.stderr


def test_no_base_url_is_said_at_the_start(tmp_path: Path) -> None:
    write_package(tmp_path)
    settings = tmp_path / "shop_server" / "settings.py"
    settings.write_text(settings.read_text().replace("'http://shop.test'", "None"))
    code, _, complaints = run(tmp_path)
    assert code == 0
    assert complaints.startswith("shop_server: SHOP_BASE_URL is not set")
    assert run(tmp_path, "--base-url", "http://a.test")[2] == ""
    (tmp_path / ".env").write_text("SHOP_BASE_URL=http://a.test\n")
    assert run(tmp_path)[2] == ""


def test_extension_code_that_names_what_is_not_there(tmp_path: Path) -> None:
    package = write_package(tmp_path, extensions="server.remove('ad_item')")
    place = f"{tmp_path / package / 'server.py'}:11"
    for arguments in ([], ["--list"], ["--transport=http"]):
        code, output, complaints = run(tmp_path, *arguments)
        assert (code, output) == (2, "")
        assert complaints == (
            f"shop_server: {place}: nothing named 'ad_item' is served; "
            "did you mean 'add_item'?\n"
        )


def test_extension_code_that_cannot_be_loaded(tmp_path: Path) -> None:
    package = write_package(
        tmp_path, extensions="from . import extensions\nextensions.extend(server)"
    )
    file = tmp_path / package / "extensions.py"
    for code, complaint in (
        ("x = 1\ndef extend(server:\n", f"{file}:2: '(' was never closed"),
        ("x = 1\n", f"{file}:1: there is no extend: write def extend(server)"),
    ):
        file.write_text(code)
        for arguments in ([], ["--list"]):
            assert run(tmp_path, *arguments) == (2, "", f"shop_server: {complaint}\n")


def test_a_credential_that_cannot_be_sent_is_named_at_the_start(tmp_path: Path) -> None:
    package = write_package(tmp_path)
    (tmp_path / package / "settings.py").write_text(
        "from ._runtime import Settings\n"
        "from ._runtime.upstream.auth import Bearer\n"
        "SETTINGS = Settings(prefix='SHOP', base_url='http://shop.test',\n"
        "    credentials={'token': Bearer(variable='SHOP_TOKEN')})\n"
    )
    code, _, complaints = run(tmp_path, SHOP_TOKEN="hush\nhush")
    assert code == 0
    assert complaints.startswith("shop_server: the value of SHOP_TOKEN has a line")
    assert "hush" not in complaints
    assert run(tmp_path, SHOP_TOKEN="hush\n")[2] == ""


def test_the_list_of_long_names_and_markup(tmp_path: Path) -> None:
    uri = "notes://" + "x" * 90
    write_package(
        tmp_path,
        extensions=(
            f"server.resource({uri!r}, name='n', description='<p>Hi <b>you</b></p>')"
            "(lambda: '')\nserver.describe('add_item', description='1 < 2 > 0')"
        ),
    )
    lines = run(tmp_path, "--list")[1].splitlines()
    assert f"tool      {'add_item':60}  1 < 2 > 0" in lines
    assert f"resource  {uri}  Hi you" in lines


def test_the_list_commands_no_terminal(tmp_path: Path) -> None:
    about = "A \x1b]0;title\x07 \u202eword"
    write_package(
        tmp_path, extensions=f"server.describe('add_item', description={about!r})"
    )
    output = run(tmp_path, "--list")[1]
    assert "A  ]0;title   word" in output
    assert output.replace("\n", "").isprintable()


def test_messages_begin_with_the_name_of_the_command(folder: Path) -> None:
    code = "import sys; sys.argv = ['/bin/shop-mcp', '--port=x']; "
    code += "from shop_server._runtime.main import main; main('shop_server')"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr.startswith("shop-mcp: --port is 'x'")


def test_two_copies_of_the_runtime_in_one_process(folder: Path, tmp_path: Path) -> None:
    write_package(tmp_path)
    (tmp_path / "shop_server").rename(tmp_path / "other_server")
    code = """
import asyncio, json, sys
sys.path[:0] = sys.argv[1:]
import shop_server.server, other_server.server
async def main():
    for package in (shop_server, other_server):
        memory = __import__(f"{package.__name__}._runtime.client",
                            fromlist=["connect"])
        async with memory.connect(package.server.server) as client:
            result = await client.call_tool("add_item", {"name": package.__name__})
            print(json.dumps(result["structuredContent"]["name"]))
asyncio.run(main())
"""
    done = subprocess.run(
        [sys.executable, "-c", code, folder, tmp_path],
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    names = [json.loads(line) for line in done.stdout.splitlines()[1:]]
    assert names == ["shop_server", "other_server"]


def test_what_functions_serve_is_listed(tmp_path: Path) -> None:
    added = (
        "@server.prompt\n"
        "def plan(city: str) -> str:\n"
        "    '''Plans a tour.'''\n"
        "    return city\n"
        "@server.resource('notes://{day}')\n"
        "def note(day: str) -> str:\n"
        "    return day\n"
    )
    write_package(tmp_path, extensions=added)
    code, output, _ = run(tmp_path, "--list")
    assert code == 0
    rows = [line.split(maxsplit=2) for line in output.splitlines()]
    assert ["prompt", "plan", "Plans a tour."] in rows
    assert ["template", "notes://{day}", "Note"] in rows
