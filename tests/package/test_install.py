"""`install`: the configuration of a client gains this server, and loses nothing."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from harness import environment

FILES = {
    "claude-desktop": ".config/Claude/claude_desktop_config.json",
    "claude-code": "work/.mcp.json",
    "cursor": ".cursor/mcp.json",
    "vscode": ".config/Code/User/mcp.json",
}


class Home:
    """A user with a home of their own, who installs from the folder `work`."""

    def __init__(self, python: Path, folder: Path) -> None:
        self.python = python
        self.folder = folder
        (folder / "work").mkdir()

    def install(self, *arguments: str, module: bool = False) -> tuple[int, str, str]:
        """The exit code, and what was said on both streams."""
        script = [str(self.python.with_name("shop-mcp"))]
        command = [str(self.python), "-m", "shop_mcp"] if module else script
        variables = environment(HOME=str(self.folder), SHOP_TOKEN="sesame")
        variables.pop("XDG_CONFIG_HOME", None)
        done = subprocess.run(
            [*command, "install", *arguments],
            cwd=self.folder / "work",
            env=variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    def file(self, client: str) -> Path:
        return self.folder / FILES[client]

    def servers(self, client: str) -> Any:
        member = "servers" if client == "vscode" else "mcpServers"
        return json.loads(self.file(client).read_text())[member]


@pytest.fixture
def home(shop_python: Path, tmp_path: Path) -> Home:
    return Home(shop_python, tmp_path)


@pytest.mark.parametrize("client", FILES)
def test_a_client_that_has_no_file_yet(home: Home, client: str) -> None:
    code, said, complaints = home.install(client)
    assert (code, complaints) == (0, "")
    assert str(home.file(client)) in said
    assert "SHOP_TOKEN" in said
    entry = home.servers(client)["shop"]
    assert Path(entry["command"]).samefile(home.python.with_name("shop-mcp"))
    assert "env" not in entry
    assert "sesame" not in home.file(client).read_text()


def test_what_is_there_stays(home: Home) -> None:
    file = home.file("cursor")
    file.parent.mkdir()
    before = {
        "theme": "dark — mode",
        "mcpServers": {
            "other": {"command": "other", "env": {"A": "1"}},
            "shop": {"command": "old", "env": {"B": "2"}, "disabled": True},
        },
    }
    file.write_text(json.dumps(before))
    file.chmod(0o640)
    assert home.install("cursor", "--env", "SHOP_TOKEN=a=b")[0] == 0
    after = json.loads(file.read_text())
    shop = after["mcpServers"].pop("shop")
    del before["mcpServers"]["shop"]  # type: ignore[attr-defined]
    assert after == before
    assert shop["disabled"] is True
    assert shop["env"] == {"B": "2", "SHOP_TOKEN": "a=b"}
    assert file.stat().st_mode & 0o777 == 0o640
    assert "old" in file.with_name("mcp.json.backup").read_text()


def test_a_file_that_is_linked_stays_linked(home: Home) -> None:
    file = home.file("cursor")
    file.parent.mkdir()
    (home.folder / "dotfile").write_text("{}")
    file.symlink_to(home.folder / "dotfile")
    assert home.install("cursor")[0] == 0
    assert file.is_symlink()
    assert "shop" in home.servers("cursor")


@pytest.mark.parametrize(
    "text",
    [
        '{"mcpServers": {}} // mine',
        "[]",
        '{"mcpServers": []}',
        '{"mcpServers": {"shop": 1}}',
    ],
)
def test_a_file_that_is_not_understood_is_left_alone(home: Home, text: str) -> None:
    file = home.file("cursor")
    file.parent.mkdir()
    file.write_text(text)
    code, said, complaints = home.install("cursor", "--env", "SHOP_TOKEN=sesame")
    assert (code, said) == (1, "")
    assert "was left alone" in complaints
    assert "sesame" not in complaints
    assert file.read_text() == text
    assert [path.name for path in file.parent.iterdir()] == ["mcp.json"]


def test_print_writes_nothing(home: Home) -> None:
    code, said, _ = home.install("vscode", "--print", "--env", "A=1", module=True)
    assert code == 0
    assert json.loads(said) == {
        "servers": {
            "shop": {
                "type": "stdio",
                "command": str(home.python),
                "args": ["-m", "shop_mcp"],
                "env": {"A": "1"},
            }
        }
    }
    assert not home.file("vscode").exists()


@pytest.mark.parametrize("pair", ["sesame", "=sesame", "my secret=sesame"])
def test_a_wrong_variable_is_not_repeated(home: Home, pair: str) -> None:
    code, _, complaints = home.install("cursor", "--env", pair)
    assert code == 1
    assert "NAME=VALUE" in complaints
    assert "sesame" not in complaints
    assert not home.file("cursor").exists()
