"""Where documents and the files that they refer to are read, and where they are not."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from click.testing import Result
from mcpgen.config import Config
from mcpgen.diagnostics import InputError, Report
from mcpgen.load import Documents, load
from mcpgen.load import network as network_module
from mcpgen.load.network import is_public

Run = Callable[..., Result]
HEAD = "openapi: 3.1.0\ninfo: {title: T, version: '1'}\n"
ITEM = "get: {operationId: x, responses: {}}\n"
OK = HEAD + "paths: {/x: {get: {responses: {}}}}\n"


def referring(reference: str) -> str:
    """A document with a path item behind a reference, and one of its own."""
    return f"{HEAD}paths:\n  /x: {{$ref: '{reference}'}}\n  /y: {{get: {{responses: {{}}}}}}\n"


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def documents(source: str, *, allow: bool = False) -> Documents:
    config = Config(allow_remote_refs=allow)
    return load(source, config, Report(), read_stdin=lambda: b"")


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({"openapi.yaml": OK, "a.yaml": OK, "deep/openapi.json": OK}, "openapi.yaml"),
        ({"swagger.json": OK, "readme.md": "#"}, "swagger.json"),
        ({"deep/er/api.yml": OK, "deep/part.yml": "type: object"}, "deep/er/api.yml"),
        ({"a.json": '{"openapi": "3.1.0", "paths": {}}', "b.json": "{"}, "a.json"),
        ({"a.yaml": OK, "b.yaml": OK}, "holds several documents: {}/a.yaml, {}/b.yaml"),
        ({"openapi.yaml": OK, "openapi.json": OK}, "holds several documents"),
        ({"a.yaml": "x: 1", ".hidden/openapi.yaml": OK}, "holds no OpenAPI document"),
    ],
)
@pytest.mark.parametrize("kind", ["folder", "zip"])
def test_a_folder_or_an_archive_has_one_document(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    files: dict[str, str],
    found: str,
    kind: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "api", files)
    source = "api"
    if kind == "zip":
        source = "api.zip"
        with zipfile.ZipFile(source, "w") as archive:
            for name in files:
                archive.write(f"api/{name}", name)
    if found.startswith("holds"):
        with pytest.raises(InputError) as refused:
            documents(source)
        assert found.replace("{}", source) in str(refused.value)
        return
    assert documents(source).root.source == f"{source}/{found}"


def test_files_of_an_archive_refer_to_each_other(tmp_path: Path, mcpgen: Run) -> None:
    with zipfile.ZipFile(tmp_path / "api.zip", "w") as archive:
        archive.writestr("v1/openapi.yaml", referring("../parts/x.yaml"))
        archive.writestr("parts/x.yaml", ITEM)
        archive.writestr("../../evil.yaml", ITEM)
    result = mcpgen("api.zip", "-o", "out", cwd=tmp_path)
    assert result.exit_code == 0, result.stderr
    assert "2 resources" in result.stderr
    assert not (tmp_path.parent / "evil.yaml").exists()


def test_an_archive_is_unpacked_within_bounds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("openapi.yaml", b" " * (65 * 1024 * 1024))
    with pytest.raises(InputError, match="is larger than"):
        documents(str(bomb))
    (tmp_path / "cut.zip").write_bytes(bomb.read_bytes()[:1000])
    with pytest.raises(InputError, match="can't be unpacked"):
        documents(str(tmp_path / "cut.zip"))


@pytest.mark.parametrize(
    ("reference", "why"),
    [
        ("../secret.yaml", "lies outside of the working directory"),
        ("/etc/passwd", "lies outside of the working directory"),
        ("parts/../../secret.yaml", "lies outside of the working directory"),
        ("link.yaml", "lies outside of the working directory"),
        ("linked/secret.yaml", "lies outside of the working directory"),
        ("file:///etc/passwd", "is neither a file nor an http(s) URL"),
        ("//example.com/x.yaml", "lies outside of the working directory"),
        ("parts", "is a folder"),
        ("pipe.yaml", "is a device or a pipe"),
        ("missing.yaml", "is not there: no such file"),
        ("a\\0b.yaml", "can't be read"),
        ("http://169.254.169.254/latest", "with --allow-remote-refs only"),
    ],
)
def test_what_a_document_can_not_reach(
    tmp_path: Path, mcpgen: Run, reference: str, why: str
) -> None:
    here = tmp_path / "here"
    write(tmp_path, {"secret.yaml": ITEM, "here/parts/x.yaml": ITEM})
    (here / "link.yaml").symlink_to("../secret.yaml")
    (here / "linked").symlink_to("..")
    os.mkfifo(here / "pipe.yaml")
    reference = reference.replace("\\0", "\0")
    spec = json.dumps(
        {
            "openapi": "3.1.0",
            "paths": {"/x": {"$ref": reference}, "/y": {"get": {"responses": {}}}},
        }
    )
    (here / "api.json").write_text(spec)
    result = mcpgen("api.json", "-o", "out", cwd=here)
    assert result.exit_code == 0, result.stderr
    assert "1 operation left out" in result.stderr
    assert why in result.stderr
    assert "root:" not in result.stderr


def test_files_are_read_below_the_working_directory_or_the_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"v1/api.yaml": referring("../parts/x.yaml"), "parts/x.yaml": ITEM})
    monkeypatch.chdir(tmp_path)
    assert list(documents("v1/api.yaml").others) == ["parts/x.yaml"]
    assert documents(str(tmp_path / "v1" / "api.yaml")).others == {}
    monkeypatch.setenv("HOME", str(tmp_path))
    assert documents("v1/api.yaml").others == {}
    assert len(documents(str(tmp_path)).others) == 1


def test_each_file_is_read_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cycle = "a: {$ref: '%s'}\nb: {$ref: './api.yaml#/paths'}\n"
    write(
        tmp_path,
        {
            "api.yaml": referring("x.yaml#/a"),
            "x.yaml": cycle % "./d/../y.yaml#/a",
            "y.yaml": cycle % "d/../x.yaml#/a",
        },
    )
    monkeypatch.chdir(tmp_path)
    assert list(documents("api.yaml").others) == ["x.yaml", "y.yaml"]


Answer = tuple[int, str, str]
"""Status, Content-Type (of a redirect: Location) and body."""


@contextmanager
def serving(answers: dict[str, Answer]) -> Iterator[tuple[str, list[str]]]:
    """A server on loopback: its URL, and the `Authorization` and path of each request."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(f"{self.headers.get('Authorization', '')}{self.path}")
            status, kind, body = answers.get(self.path, (404, "text/plain", ""))
            self.send_response(status)
            self.send_header("Location" if status == 302 else "Content-Type", kind)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()


def test_references_of_a_url_are_read_at_its_origin() -> None:
    answers: dict[str, Answer] = {
        "/v1/api.yaml?t=1": (200, "text/yaml", referring("../parts/x.yaml")),
        "/parts/x.yaml": (200, "text/yaml", ITEM + "also: {$ref: /y.json}"),
        "/y.json": (200, "application/json", "{}"),
    }
    with serving(answers) as (url, asked):
        found = documents(f"{url.replace('//', '//me:pass@')}/v1/api.yaml?t=1")
        assert found.root.source == f"{url}/v1/api.yaml"
        assert list(found.others) == [f"{url}/parts/x.yaml", f"{url}/y.json"]
    user = "Basic bWU6cGFzcw=="
    assert asked == [f"{user}{path}" for path in answers]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((401, "text/plain", ""), "the server asks for a login (401)"),
        ((403, "text/html", ""), "the server asks for a login (403)"),
        ((302, "/login", ""), "is an HTML page, not a document, after a redirect to"),
        ((302, "/api.yaml", ""), "it redirects without end"),
        ((500, "text/plain", ""), "the server answered 500"),
        ((200, "application/json", "<html>"), "is an HTML or XML page"),
    ],
)
def test_an_answer_that_is_no_document_is_explained(answer: Answer, said: str) -> None:
    answers = {"/api.yaml": answer, "/login": (200, "text/html", "<html>")}
    with serving(answers) as (url, _), pytest.raises(InputError) as refused:
        documents(f"{url}/api.yaml")
    assert said in str(refused.value)


def test_other_hosts_are_asked_only_if_allowed_and_public(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with serving({"/x.yaml": (200, "text/yaml", ITEM)}) as (url, asked):
        reference = f"{url.replace('127.0.0.1', 'localhost')}/x.yaml"
        (tmp_path / "api.yaml").write_text(referring(reference))
        (why,) = documents("api.yaml").unreadable.values()
        assert "--allow-remote-refs" in why
        (why,) = documents("api.yaml", allow=True).unreadable.values()
        assert "private address" in why
        assert asked == []
        monkeypatch.setattr(network_module, "is_public", lambda _: True)
        assert list(documents("api.yaml", allow=True).others) == [reference]
        assert asked == ["/x.yaml"]


def test_a_redirect_is_judged_like_a_reference() -> None:
    with serving({"/x.yaml": (200, "text/yaml", ITEM)}) as (other, asked):
        answers = {
            "/api.yaml": (200, "text/yaml", referring("x.yaml")),
            "/x.yaml": (302, f"{other}/x.yaml", ""),
        }
        with serving(answers) as (url, _):
            for allow in (False, True):
                found = documents(f"{url}/api.yaml", allow=allow)
                assert list(found.unreadable) == [f"{url}/x.yaml"]
    assert asked == []


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:4700::6810:85e5", True),
        ("127.0.0.1", False),
        ("10.0.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("fd00:ec2::254", False),
        ("fe80::1", False),
        ("::ffff:127.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
    ],
)
def test_addresses_of_the_open_internet(address: str, public: bool) -> None:
    assert is_public(address) is public


UNION = """\
openapi: 3.1.0
info: {title: T, version: "1"}
servers: [{url: https://t.example}]
paths:
  /pets:
    post:
      operationId: add
      requestBody:
        content:
          application/json:
            schema: {type: object, properties: {pet: {$ref: "pets/pet.yaml#/Pet"}}}
      responses:
        201:
          description: added
          links:
            more: {operationRef: "other.yaml#/paths/~1pets/get"}
"""
PETS = """\
Pet:
  oneOf: [{$ref: cat.yaml}, {$ref: "#/Dog"}]
  discriminator:
    propertyName: kind
    mapping: {tabby: cat.yaml, hound: "#/Dog", cow: cow.yaml}
Dog: {type: object, properties: {kind: {type: string}}}
"""


def test_a_discriminator_maps_to_other_files_and_links_lead_nowhere(
    tmp_path: Path, mcpgen: Run
) -> None:
    cat = "type: object\nproperties: {kind: {type: string}}\n"
    files = {"api.yaml": UNION, "pets/pet.yaml": PETS, "pets/cat.yaml": cat}
    write(tmp_path, files)
    result = mcpgen("api.yaml", "-o", "out", cwd=tmp_path)
    assert result.exit_code == 0
    message = "the discriminator maps `cow` to `cow.yaml`, which leads nowhere"
    assert result.stderr.splitlines()[:3] == [
        f"pets/pet.yaml:5:48: warning[unresolved-reference]: {message}",
        '     5 |     mapping: {tabby: cat.yaml, hound: "#/Dog", cow: cow.yaml}',
        "       |                                                ^~~",
    ]
    (catalog,) = (tmp_path / "out").glob("*/catalog.jsonl")
    schema = json.loads(catalog.read_text())["entry"]["inputSchema"]
    assert [
        (branch["$ref"], branch["properties"])
        for branch in schema["$defs"]["Pet"]["oneOf"]
    ] == [
        ("#/$defs/cat", {"kind": {"const": "tabby"}}),
        ("#/$defs/Dog", {"kind": {"const": "hound"}}),
    ]
