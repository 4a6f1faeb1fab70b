"""Skills: what a folder becomes, who may read what of it, and what is refused."""

from __future__ import annotations

import base64
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from mcpgen_runtime import Server, skills
from mcpgen_runtime.catalog import Catalog
from mcpgen_runtime.client import Client, connect
from mcpgen_runtime.errors import CompositionError, RequestError

from .shop import SETTINGS, shop_server

MODERN = "2026-07-28"
SKILLS = "io.modelcontextprotocol/skills"
ROOT = "skill://take-stock"
MANIFEST = """\
---
name: take-stock
description: Counts what is on the shelf.
license: Apache-2.0
metadata:
  version: 1.0
  since: 2026-07-28
  draft: no
  ready: true
  notes: ~
---

# Take stock

Begin with [the list](lists/shelf 1.md).
"""
FRONTMATTER = {
    "name": "take-stock",
    "description": "Counts what is on the shelf.",
    "license": "Apache-2.0",
    "metadata": {
        "version": 1.0,
        "since": "2026-07-28",
        "draft": "no",
        "ready": True,
        "notes": None,
    },
}
PNG = b"\x89PNG\r\n\x1a\n\xff"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "take-stock"
    write(folder / "SKILL.md", MANIFEST)
    write(folder / "lists" / "shelf 1.md", "- tea\n")
    write(folder / "lists" / "old" / "shelf.csv", "tea,1\n")
    write(folder / "scripts" / "count.py", "print(1)\n")
    write(folder / "scripts" / "__pycache__" / "count.pyc", "left out")
    write(folder / ".DS_Store", "left out")
    (folder / "shelf.png").write_bytes(PNG)
    return folder


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())


def serving(folder: Path) -> Server:
    server = shop_server()
    server.skill(folder)
    return server


async def refused(client: Client, method: str, **params: Any) -> RequestError:
    with pytest.raises(RequestError) as raised:
        await client.request(method, params)
    return raised.value


@pytest.mark.requirement("skills-1", "skills-2")
async def test_the_entry_of_a_skill(folder: Path) -> None:
    async with connect(serving(folder), MODERN) as client:
        discovered = await client.request("server/discover")
        listed = await client.request("skills/list")
        got = await client.request("skills/get", {"uri": f"{ROOT}/SKILL.md"})
    extensions = discovered["capabilities"]["extensions"]
    assert extensions == {SKILLS: {"directoryRead": True}}
    (entry,) = listed["skills"]
    assert entry["uri"] == f"{ROOT}/SKILL.md"
    assert entry["frontmatter"] == FRONTMATTER
    files = {
        "SKILL.md": MANIFEST.encode(),
        "shelf.png": PNG,
        "lists/shelf%201.md": b"- tea\n",
        "lists/old/shelf.csv": b"tea,1\n",
        "scripts/count.py": b"print(1)\n",
    }
    assert entry["resources"] == [
        {
            "uri": f"{ROOT}/{path}",
            "digest": f"sha256:{sha256(data).hexdigest()}",
            "size": len(data),
        }
        for path, data in files.items()
    ]
    assert got["skill"] == entry
    for result in (listed, got):
        assert (result["ttlMs"], result["cacheScope"]) == (300_000, "public")
    assert "nextCursor" not in listed


@pytest.mark.parametrize("version", ["2024-11-05", "2025-11-25", MODERN])
@pytest.mark.requirement("skills-3")
async def test_its_files_are_resources_in_every_version(
    folder: Path, version: str
) -> None:
    async with connect(serving(folder), version) as client:
        listed = {r["uri"]: r for r in await client.list_resources()}
        manifest = listed[f"{ROOT}/SKILL.md"]
        assert manifest["name"] == "take-stock"
        assert manifest["description"] == FRONTMATTER["description"]
        assert manifest["mimeType"] == "text/markdown"
        templates = [t["uriTemplate"] for t in await client.list_resource_templates()]
        assert f"{ROOT}/{{+path}}" in templates
        read = await client.read_resource(f"{ROOT}/SKILL.md")
        assert read["contents"][0]["text"] == MANIFEST
        assert read["contents"][0]["mimeType"] == "text/markdown"
        for path in ("lists/shelf%201.md", "lists/shelf 1.md"):
            (file,) = (await client.read_resource(f"{ROOT}/{path}"))["contents"]
            assert (file["text"], file["mimeType"]) == ("- tea\n", "text/markdown")
        (image,) = (await client.read_resource(f"{ROOT}/shelf.png"))["contents"]
        assert base64.b64decode(image["blob"]) == PNG
        assert image["mimeType"] == "image/png"


@pytest.mark.parametrize(
    "path",
    [
        "../take-stock/SKILL.md",
        "lists/../../outside",
        "..%2F..%2Foutside",
        "%2Fetc%2Fpasswd",
        "/etc/passwd",
        ".DS_Store",
        "scripts/__pycache__/count.pyc",
        "lists",
        "nothing.md",
        "lists/shelf%201.md%00",
    ],
)
@pytest.mark.requirement("skills-3")
async def test_nothing_else_is_read(folder: Path, path: str) -> None:
    write(folder.parent / "outside", "secret")
    async with connect(serving(folder), MODERN) as client:
        uri = f"{ROOT}/{path}"
        error = await refused(client, "resources/read", uri=uri)
    assert (error.code, error.data) == (-32602, {"uri": uri})


@pytest.mark.requirement("skills-6")
async def test_folders_are_read(folder: Path) -> None:
    async with connect(serving(folder), MODERN) as client:

        async def names(uri: str) -> list[tuple[str, str]]:
            result = await client.request("resources/directory/read", {"uri": uri})
            assert result["resultType"] == "complete"
            return [(r["name"], r["mimeType"]) for r in result["resources"]]

        assert await names(ROOT) == [
            ("take-stock", "text/markdown"),
            ("shelf.png", "image/png"),
            ("lists", "inode/directory"),
            ("scripts", "inode/directory"),
        ]
        assert await names(f"{ROOT}/lists") == [
            ("shelf 1.md", "text/markdown"),
            ("old", "inode/directory"),
        ]
        for uri in (f"{ROOT}/SKILL.md", f"{ROOT}/list", "skill://other", "x:y", 7):
            error = await refused(client, "resources/directory/read", uri=uri)
            assert error.code == -32602


@pytest.mark.requirement("skills-2")
async def test_pages(folder: Path) -> None:
    server = serving(folder)
    other = folder.parent / "other"
    write(other / "SKILL.md", "---\nname: other\ndescription: Another.\n---\n")
    server.skill(other)
    server.__dict__["environment"] = {"SHOP_PAGE_SIZE": "1"}
    async with connect(server, MODERN) as client:
        first = await client.request("skills/list")
        cursor = first["nextCursor"]
        second = await client.request("skills/list", {"cursor": cursor})
        assert [s["uri"] for s in second["skills"]] == ["skill://other/SKILL.md"]
        assert "nextCursor" not in second
        assert (await refused(client, "skills/list", cursor="x")).code == -32602
        asked = {"uri": ROOT}
        page = await client.request("resources/directory/read", asked)
        assert len(page["resources"]) == 1
        asked["cursor"] = page["nextCursor"]
        assert await client.request("resources/directory/read", asked) != page


@pytest.mark.requirement("skills-5")
async def test_what_is_no_skill(folder: Path) -> None:
    async with connect(serving(folder), MODERN) as client:
        for uri in ("skill://unknown/SKILL.md", f"{ROOT}/lists/shelf%201.md", 7, None):
            assert (await refused(client, "skills/get", uri=uri)).code == -32602


METHODS = ["skills/list", "skills/get", "resources/directory/read"]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.requirement("skills-1")
async def test_without_skills_there_is_no_extension(folder: Path, method: str) -> None:
    async with connect(shop_server(), MODERN) as client:
        assert (await refused(client, method, uri=ROOT)).code == -32601
        discovered = await client.request("server/discover")
        assert "extensions" not in discovered["capabilities"]
    async with connect(serving(folder), "2025-11-25") as client:
        assert (await refused(client, method, uri=ROOT)).code == -32601


async def test_a_skill_that_was_removed_is_not_listed(folder: Path) -> None:
    server = serving(folder)
    server.remove("take-stock")
    async with connect(server, MODERN) as client:
        assert (await client.request("skills/list"))["skills"] == []
        for method in ("skills/get", "resources/read"):
            error = await refused(client, method, uri=f"{ROOT}/SKILL.md")
            assert error.code == -32602


async def test_files_for_clients_that_only_call_tools(folder: Path) -> None:
    server = serving(folder)
    server.configure(resources_as_tools=True)
    async with connect(server) as client:
        tools = {tool["name"]: tool for tool in await client.list_tools()}
        path = tools["take-stock-files"]["inputSchema"]["properties"]["path"]
        assert "scripts/count.py" in path["examples"]
        called = await client.call_tool(
            "take-stock-files", {"path": path["examples"][1]}
        )
    assert called["content"][0]["resource"]["text"] == "- tea\n"


async def test_the_paths_are_completed(folder: Path) -> None:
    async with connect(serving(folder)) as client:
        params = {
            "ref": {"type": "ref/resource", "uri": f"{ROOT}/{{+path}}"},
            "argument": {"name": "path", "value": "scripts"},
        }
        completed = await client.request("completion/complete", params)
    assert completed["completion"]["values"] == ["scripts/count.py"]


def test_a_folder_is_one_of_the_package(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "stocked"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "skills").mkdir()
    folder.rename(package / "skills" / folder.name)
    monkeypatch.syspath_prepend(tmp_path)
    server = Server(
        name="s", version="1", settings=SETTINGS, package="stocked", catalog=Catalog()
    )
    server.skill("skills/take-stock")
    (listed,) = server.entries("resource")
    assert b"skill://take-stock/SKILL.md" in listed


async def test_what_was_read_stays_what_it_was(folder: Path) -> None:
    server = serving(folder)
    write(folder / "SKILL.md", "changed")
    async with connect(server, MODERN) as client:
        read = await client.read_resource(f"{ROOT}/SKILL.md")
    assert read["contents"][0]["text"] == MANIFEST


def front(text: str) -> Callable[[Path], None]:
    return lambda folder: write(folder / "SKILL.md", f"---\n{text}\n---\n")


def link(path: str, target: str) -> Callable[[Path], None]:
    return lambda folder: (folder / path).symlink_to(target)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda f: (f / "SKILL.md").unlink(), "it has no SKILL.md"),
        (
            lambda f: write(f / "SKILL.md", "# Take stock"),
            "begin with frontmatter",
        ),
        (lambda f: (f / "SKILL.md").write_bytes(b"---\n\xff"), "must be text in UTF-8"),
        (front("name: [take"), "its frontmatter can't be read"),
        (front("- take-stock"), "must have `name: …`"),
        (front("1: take-stock"), "must have `name: …`"),
        (front("name: !!python/name:os.system x"), "its frontmatter can't be read"),
        (front("description: It counts."), "the name None is not allowed"),
        (front("name: Take Stock\ndescription: x"), "'Take Stock' is not allowed"),
        (front("name: take--stock\ndescription: x"), "single hyphens"),
        (front("name: count\ndescription: x"), "is in the folder 'take-stock'"),
        (front("name: take-stock"), "needs a description"),
        (front("name: take-stock\ndescription: ''"), "needs a description"),
        (front(f"name: take-stock\ndescription: {'x' * 1025}"), "over 1024 characters"),
        (link("out.md", "../outside"), "out.md is no file of this folder"),
        (link("up", ".."), "up is no file of this folder"),
        (link("gone.md", "nowhere"), "gone.md is no file of this folder"),
        (lambda f: write(f / "a\nb.md", ""), "rename it"),
    ],
)
@pytest.mark.requirement("skills-4")
def test_what_is_refused_at_the_start(
    folder: Path, change: Callable[[Path], None], sentence: str
) -> None:
    write(folder.parent / "outside", "secret")
    change(folder)
    with pytest.raises(CompositionError) as raised:
        serving(folder)
    assert sentence in str(raised.value)
    assert str(raised.value).startswith(__file__)


def test_a_link_within_the_folder_is_fine(folder: Path) -> None:
    link("first.md", "lists/shelf 1.md")(folder)
    serving(folder)


@pytest.mark.parametrize("limit", ["_MOST_FILES", "_MOST_BYTES"])
@pytest.mark.requirement("skills-4")
def test_its_size_is_bounded(
    folder: Path, limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(skills, limit, 4)
    with pytest.raises(CompositionError, match="a skill has at most"):
        serving(folder)


def test_two_of_the_same_name(folder: Path) -> None:
    server = serving(folder)
    with pytest.raises(CompositionError, match="served already"):
        server.skill(folder)


def test_without_pyyaml(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(CompositionError, match=r"pyyaml>=.* pyproject\.toml"):
        serving(folder)
