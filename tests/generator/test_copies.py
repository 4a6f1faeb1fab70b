"""Documents from URLs are asked for conditionally: what is sent, kept, and used when."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from mcpgen import cache
from mcpgen.config import Config
from mcpgen.diagnostics import InputError, Report
from mcpgen.load import Documents, load
from mcpgen.load import network as network_module

ITEM = "get: {operationId: x, responses: {}}\n"
DATE = "Sat, 21 Nov 2026 10:00:00 GMT"


def document(title: str = "T", item: str = "{get: {responses: {}}}") -> str:
    return f"openapi: 3.1.0\ninfo: {{title: {title}, version: '1'}}\npaths: {{/x: {item}}}\n"


@dataclass
class Site:
    """A server on loopback. `pages` are its bodies by path, sent with `headers`; it
    answers 304 to who has what it would send."""

    url: str
    headers: dict[str, str] = field(default_factory=lambda: {"ETag": '"1"'})
    pages: dict[str, str] = field(default_factory=lambda: {"/api.yaml": document()})
    moved: dict[str, str] = field(default_factory=dict)
    asked: list[Mapping[str, str]] = field(default_factory=list)
    sent: list[int] = field(default_factory=list)

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        self.asked.append({name.lower(): one for name, one in handler.headers.items()})
        asked, body = (
            self.asked[-1],
            self.pages.get(handler.path.partition("?")[0], "").encode(),
        )
        known = [
            (condition, self.headers[validator])
            for condition, validator in (
                ("if-none-match", "ETag"),
                ("if-modified-since", "Last-Modified"),
            )
            if validator in self.headers
        ]
        if handler.path in self.moved:
            handler.send_response(302)
            handler.send_header("Location", self.moved[handler.path])
            handler.send_header("Set-Cookie", "visitor=7")
            body = b""
        elif known and all(asked.get(name) == value for name, value in known):
            handler.send_response(304)
            body = b""
        else:
            handler.send_response(200 if body else 404)
            for name, value in self.headers.items():
                handler.send_header(name, value)
        self.sent.append(len(body))
        handler.end_headers()
        handler.wfile.write(body)


@pytest.fixture
def site() -> Iterator[Site]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.answer(self)

        def log_message(self, format: str, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = Site(f"http://127.0.0.1:{server.server_port}")
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield found
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the entries, which isn't there yet."""
    monkeypatch.setenv(cache.FOLDER, str(tmp_path / "cache"))
    return tmp_path / "cache" / "entries"


def read(source: str, *, allow: bool = False) -> Documents:
    config = Config(allow_remote_refs=allow)
    return load(source, config, Report(), read_stdin=lambda: b"")


@pytest.mark.parametrize(
    ("headers", "condition"),
    [
        ({"ETag": '"1"'}, {"if-none-match": '"1"'}),
        ({"ETag": 'W/"1"'}, {"if-none-match": 'W/"1"'}),
        ({"Last-Modified": DATE}, {"if-modified-since": DATE}),
        (
            {"ETag": '"1"', "Last-Modified": DATE, "Cache-Control": "private"},
            {"if-none-match": '"1"', "if-modified-since": DATE},
        ),
    ],
)
def test_an_unchanged_document_is_not_sent_again(
    site: Site, headers: dict[str, str], condition: dict[str, str]
) -> None:
    site.headers = headers
    first, again = read(f"{site.url}/api.yaml"), read(f"{site.url}/api.yaml#/paths")
    assert first.root.text == again.root.text == document()
    assert not {"if-none-match", "if-modified-since"} & site.asked[0].keys()
    assert condition.items() <= site.asked[1].items()
    assert site.sent == [len(document()), 0]


def test_a_changed_document_takes_the_place_of_its_copy(site: Site) -> None:
    read(f"{site.url}/api.yaml")
    site.headers, site.pages["/api.yaml"] = {"ETag": '"2"'}, document("New")
    for _ in range(2):
        assert read(f"{site.url}/api.yaml").root.value["info"]["title"] == "New"
    assert [one.get("if-none-match") for one in site.asked] == [None, '"1"', '"2"']


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"ETag": '"1"', "Cache-Control": "max-age=60, No-Store"},
        {"ETag": '"1"', "Vary": "*"},
        {"ETag": '"é"'},
    ],
)
def test_what_must_not_be_kept_is_not(
    site: Site, headers: dict[str, str], kept: Path
) -> None:
    site.headers = headers
    read(f"{site.url}/api.yaml")
    assert not kept.exists()


def test_what_was_asked_for_as_somebody_is_not_kept(site: Site, kept: Path) -> None:
    site.moved = {"/moved.yaml": "/api.yaml"}
    read(f"{site.url.replace('//', '//me:pass@')}/api.yaml")
    read(f"{site.url}/moved.yaml")
    assert "authorization" in site.asked[0]
    assert "cookie" in site.asked[2]
    assert not kept.exists()


def test_the_copy_is_that_of_the_url_that_answered(site: Site) -> None:
    site.moved = {"/old.yaml": f"{site.url.replace('127.0.0.1', 'localhost')}/api.yaml"}
    for name in ("old", "old", "api"):
        assert read(f"{site.url}/{name}.yaml").root.text == document()
    assert [one.get("if-none-match") for one in site.asked] == [
        *(None, None),  # moved, sent
        *(None, '"1"'),  # moved, not sent again
        None,
    ]


def test_no_copy_is_used_unless_the_server_says_so(site: Site) -> None:
    read(f"{site.url}/api.yaml")
    del site.pages["/api.yaml"]
    site.headers = {}
    with pytest.raises(InputError, match="the server answered 404"):
        read(f"{site.url}/api.yaml")
    gone = site.url.rpartition(":")[0] + ":9"
    with pytest.raises(InputError, match="can't be fetched"):
        read(f"{gone}/api.yaml")


def test_a_304_that_nobody_asked_for_is_no_document(site: Site) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(304)
        handler.end_headers()

    site.answer = answer  # type: ignore[method-assign]
    with pytest.raises(InputError, match="the server answered 304"):
        read(f"{site.url}/api.yaml")


def test_references_profit_the_same_way(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network_module, "is_public", lambda _: True)
    monkeypatch.chdir(tmp_path)
    site.pages = {"/x.yaml": ITEM}
    Path("api.yaml").write_text(document(item=f"{{$ref: '{site.url}/x.yaml'}}"))
    for _ in range(2):
        assert read("api.yaml", allow=True).others[f"{site.url}/x.yaml"].text == ITEM
    assert site.sent == [len(ITEM), 0]
    with pytest.raises(InputError):  # no document by itself
        read(f"{site.url}/x.yaml")
    assert site.sent == [len(ITEM), 0, len(ITEM)], "what a document fetched is its own"


def _cut(entry: Path) -> None:
    entry.write_bytes(entry.read_bytes()[:-1])


def _changed(entry: Path) -> None:
    entry.write_bytes(entry.read_bytes().replace(b"title: T", b"title: X"))


def _emptied(entry: Path) -> None:
    entry.write_bytes(b"")


def _folder_of_that_name(entry: Path) -> None:
    entry.unlink()
    entry.mkdir()


@pytest.mark.parametrize("harm", [_cut, _changed, _emptied, _folder_of_that_name])
def test_a_broken_entry_is_none(
    site: Site, kept: Path, harm: Callable[[Path], None]
) -> None:
    read(f"{site.url}/api.yaml")
    (entry,) = kept.iterdir()
    harm(entry)
    assert read(f"{site.url}/api.yaml").root.text == document()
    assert "if-none-match" not in site.asked[1]


def test_without_a_cache_all_goes_on_as_without(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(cache.FOLDER, os.devnull)
    for _ in range(2):
        assert read(f"{site.url}/api.yaml").root.text == document()
    assert site.sent == [len(document())] * 2


def test_only_the_user_can_read_what_is_kept(site: Site, kept: Path) -> None:
    before = os.umask(0)
    try:
        read(f"{site.url}/api.yaml?token=secret")
    finally:
        os.umask(before)
    (entry,) = kept.iterdir()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o700
    assert stat.S_IMODE(entry.stat().st_mode) == 0o600
    assert "secret" not in entry.name
    assert b"secret" not in entry.read_bytes()


def test_the_cache_is_bounded_and_keeps_to_its_own_files(
    kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "_MOST_ENTRIES", 3)
    for number in range(4):
        cache.keep(str(number), b"x")
        (entry,) = (one for one in kept.iterdir() if one.stat().st_mtime > 1e9)
        os.utime(entry, (number, number))
    assert [cache.recall(str(number)) for number in range(4)] == [None, *[b"x"] * 3]
    (kept / "notes.txt").write_text("mine")
    monkeypatch.setattr(cache, "_MOST_BYTES", 100)
    cache.keep("large", b"x" * 60)
    assert [cache.recall(one) for one in ("1", "2", "3")] == [None] * 3
    assert cache.recall("large") == b"x" * 60
    assert (kept / "notes.txt").exists()
