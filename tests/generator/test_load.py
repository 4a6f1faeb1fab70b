"""Reading documents: JSON as JSON, YAML as YAML 1.2, and every failure with a reason."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from mcpgen.diagnostics import InputError, render
from mcpgen.load import Document, load


def stdin(content: bytes) -> Document:
    return load("-", read_stdin=lambda: content)


def yaml_value(text: str) -> Any:
    return stdin(f"openapi: 3.1.0\nvalue:\n{text}".encode()).value["value"]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("no", "no"),
        ("on", "on"),
        ("Yes", "Yes"),
        ("true", True),
        ("False", False),
        ("2024-01-01", "2024-01-01"),
        ("12:30:45", "12:30:45"),
        ("010", 10),
        ("0o10", 8),
        ("0x1F", 31),
        ("1_000", "1_000"),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        ("-.inf", float("-inf")),
        ("~", None),
        ("null", None),
        ("'5'", "5"),
        ("=", "="),
    ],
)
def test_yaml_is_read_by_the_core_schema_of_1_2(written: str, read: Any) -> None:
    value = yaml_value(f"  key: {written}\n")["key"]
    assert value == read
    assert type(value) is type(read)


def test_yaml_keys_are_text_as_written() -> None:
    assert yaml_value("  200: a\n  0x10: b\n  no: c\n  1.0: d\n  2024-01-01: e\n") == {
        "200": "a",
        "0x10": "b",
        "no": "c",
        "1.0": "d",
        "2024-01-01": "e",
    }


def test_yaml_merges_and_shares() -> None:
    value = yaml_value("  a: &a {x: 1}\n  b: {<<: *a, y: 2}\n  c: *a\n")
    assert value["b"] == {"x": 1, "y": 2}
    assert value["c"] is value["a"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_json_in_any_unicode(encoding: str) -> None:
    document = stdin('{"openapi": "3.1.0", "x": "é"}'.encode(encoding))
    assert (document.format, document.value["x"]) == ("json", "é")


def test_json_is_not_read_as_yaml() -> None:
    text = '{"openapi": "3.1.0",\t"a": "\\ud83d\\ude00", "b": "1\\/2"}'
    assert stdin(text.encode()).value["b"] == "1/2"


def test_flow_style_yaml_is_still_yaml() -> None:
    assert stdin(b"{openapi: 3.1.0, x: no}").value["x"] == "no"


@pytest.mark.parametrize(
    ("content", "report"),
    [
        (b"", "<stdin>: error[empty]: the document is empty"),
        (b" \n", "<stdin>: error[empty]: the document is empty"),
        (
            b'{"openapi": "3.1.0",\n "a" 5}',
            "<stdin>:2:6: error[syntax]: the document is not JSON: "
            "Expecting ':' delimiter",
        ),
        (
            b"openapi: 3.1.0\na: b: c\n",
            "<stdin>:2:5: error[syntax]: the document is not YAML: "
            "mapping values are not allowed in this context",
        ),
        (
            b"openapi: 3.1.0\na: &a [*a]\n",
            "<stdin>: error[alias]: the document has a YAML alias that contains itself",
        ),
        (
            b"just words",
            "<stdin>: error[not-openapi]: the document holds a single value, "
            "not an OpenAPI document",
        ),
        (
            b"name: x",
            "<stdin>: error[not-openapi]: the document is not an OpenAPI document: "
            "it has no `openapi` member",
        ),
        (
            b"<html><title>Sign in</title></html>",
            "<stdin>: error[html]: the document is an HTML or XML page, not a document",
        ),
        (
            b'{"swagger": "2.0"}',
            "<stdin>:1:2: error[version]: the document is Swagger 2.0, "
            "which is not understood yet",
        ),
        (
            b"openapi: 3.2.0",
            "<stdin>:1:1: error[version]: the document is OpenAPI 3.2.0, "
            "which is not understood yet; 3.0 and 3.1 are",
        ),
        (
            b"\x89PNG\r\n\x1a\n\x00\x00",
            "<stdin>: error[binary]: the document is not text " "(byte 0 is not UTF-8)",
        ),
    ],
)
def test_what_cannot_be_used_is_said(content: bytes, report: str) -> None:
    with pytest.raises(InputError) as refused:
        stdin(content)
    printed = render(refused.value.diagnostic, refused.value.documents)
    assert printed.splitlines()[0] == report


def test_a_yaml_bomb_is_refused_at_once() -> None:
    levels = "\n".join(f"a{n + 1}: &a{n + 1} [{f'*a{n}, ' * 9}]" for n in range(9))
    with pytest.raises(InputError, match="YAML aliases"):
        stdin(f"openapi: 3.1.0\na0: &a0 [x]\n{levels}\n".encode())


def test_json_nested_without_end_is_refused() -> None:
    with pytest.raises(InputError, match="nested too deeply"):
        stdin(b'{"openapi": "3.1.0", "a": ' + b"[" * 100_000)


@pytest.mark.parametrize(
    ("name", "message"),
    [("missing.json", "no such file"), (".", "is a folder")],
)
def test_paths_that_hold_no_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=message):
        load(name, read_stdin=lambda: b"")


@contextmanager
def serving(answers: dict[str, tuple[int, str, bytes]]) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, kind, body = answers[self.path]
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def test_a_url_is_a_source() -> None:
    spec = json.dumps({"openapi": "3.1.0", "x": 1}).encode()
    with serving(
        {
            "/spec": (200, "application/json", spec),
            "/login": (200, "text/html; charset=utf-8", b"<html>"),
            "/gone": (404, "text/plain", b""),
        }
    ) as url:
        document = load(f"{url}/spec", read_stdin=lambda: b"")
        assert (document.source, document.value["x"]) == (f"{url}/spec", 1)
        with pytest.raises(InputError, match="is an HTML page"):
            load(f"{url}/login", read_stdin=lambda: b"")
        with pytest.raises(InputError, match="the server answered 404"):
            load(f"{url}/gone", read_stdin=lambda: b"")
    with pytest.raises(InputError, match="can't be fetched"):
        load(f"{url}/spec", read_stdin=lambda: b"")
