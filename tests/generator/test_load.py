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
from mcpgen.config import Config
from mcpgen.diagnostics import InputError, Report, render
from mcpgen.load import Document, load


def loaded(source: str) -> Document:
    return load(source, Config(), Report(), read_stdin=lambda: b"").root


def stdin(content: bytes) -> Document:
    return load("-", Config(), Report(), read_stdin=lambda: content).root


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
        ("-.inf", "-.inf"),
        (".nan", ".nan"),
        ("1e999", "1e999"),
        ("!!str 5", "5"),
        ('!!int "5"', 5),
        ("!Ref x", "x"),
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
    value = yaml_value(
        "  a: &a {x: 1, z: 1}\n  b: {<<: *a, y: 2, z: 2}\n  c: *a\n"
        "  d: {<<: [*a, {x: 3, w: 3}]}\n  e: {'<<': *a}\n"
    )
    assert value["b"] == {"x": 1, "y": 2, "z": 2}
    assert value["d"] == {"x": 1, "z": 1, "w": 3}
    assert value["e"] == {"<<": value["a"]}
    assert value["c"] is value["a"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_json_in_any_unicode(encoding: str) -> None:
    document = stdin('{"openapi": "3.1.0", "x": "é"}'.encode(encoding))
    assert (document.format, document.value["x"]) == ("json", "é")


def test_json_is_not_read_as_yaml() -> None:
    text = '{"openapi": "3.1.0",\t"a": "\\ud83d\\ude00", "b": "1\\/2"}'
    assert stdin(text.encode()).value["b"] == "1/2"


def test_numbers_that_json_has_no_form_for_stay_text() -> None:
    text = b'{"openapi": "3.1.0", "a": [NaN, -Infinity, 1e999, 1.5]}'
    assert stdin(text).value["a"] == ["NaN", "-Infinity", "1e999", 1.5]


def test_halves_of_characters_are_replaced() -> None:
    text = b'{"openapi": "3.1.0", "\\ud800": ["a\\udfff", "\\ud83d\\ude00", 1]}'
    assert stdin(text).value["\ufffd"] == ["a\ufffd", "\U0001f600", 1]


def test_keys_that_are_repeated_are_told() -> None:
    document = stdin(b"openapi: 3.1.0\npaths:\n  /a: {get: 1, get: 2}\n")
    assert document.value["paths"] == {"/a": {"get": 2}}
    assert document.repeated == ("/paths/~1a/get",)


@pytest.mark.parametrize(
    ("after", "place"),
    [
        ("", None),
        ("---\n", None),
        ("...\n---\n# nothing\n---\n", None),
        ("---\nopenapi: 3.0.0\n", "<stdin>:3:1"),
        ("...\n---\n---\n  [1]\n", "<stdin>:5:3"),
        ("---\n*a\n", "<stdin>:3:1"),
        ("---\na: b: c\n", "<stdin>:3:1"),
        ("...\n}\n", "<stdin>:3:1"),
    ],
)
def test_a_second_document_in_a_file_is_told(after: str, place: str | None) -> None:
    report = Report()
    text = f"openapi: 3.1.0\n{after}".encode()
    found = load("-", Config(), report, read_stdin=lambda: text)
    assert found.root.value == {"openapi": "3.1.0"}
    told = [render(one, found.texts).splitlines() for one in report.diagnostics]
    said = "another document begins here, and only the first of the file is read"
    fix = "keep one document in a file: move the others into files of their own"
    head = f"{place}: warning[several-documents]: {said}"
    assert [(one[0], one[-1]) for one in told] == (
        [(head, f"  help: {fix}")] if place else []
    )


def test_flow_style_yaml_is_still_yaml() -> None:
    assert stdin(b"{openapi: 3.1.0, x: no}").value["x"] == "no"


@pytest.mark.parametrize(
    ("content", "report"),
    [
        (b"", "<stdin>: error[empty]: the document is empty"),
        (b" \n", "<stdin>: error[empty]: the document is empty"),
        (
            b'{"openapi": "3.1.0",\n "a" 5}',
            (
                "<stdin>:2:6: error[syntax]: the document is not JSON: "
                "Expecting ':' delimiter"
            ),
        ),
        (
            b"openapi: 3.1.0\na: b: c\n",
            (
                "<stdin>:2:5: error[syntax]: the document is not YAML: "
                "mapping values are not allowed in this context"
            ),
        ),
        (
            b"openapi: 3.1.0\na: &a [*a]\n",
            (
                "<stdin>:2:8: error[syntax]: the document is not YAML: "
                "the alias `*a` stands inside of what it names"
            ),
        ),
        (
            b"openapi: 3.1.0\na: *b\n",
            (
                "<stdin>:2:4: error[syntax]: the document is not YAML: "
                "the alias `*b` names nothing"
            ),
        ),
        (
            b"openapi: 3.1.0\n[a]: b\n",
            (
                "<stdin>:2:1: error[syntax]: the document is not YAML: "
                "a key must be text"
            ),
        ),
        (
            b"openapi: 3.1.0\n<<: 5\n",
            (
                "<stdin>:3:1: error[syntax]: the document is not YAML: "
                "only a mapping can be merged (`<<`)"
            ),
        ),
        (
            b"openapi: 3.1.0\na: \x07\n",
            (
                "<stdin>:2:4: error[syntax]: the document is not YAML: "
                "control characters are not allowed"
            ),
        ),
        (
            b'{"openapi": "3.1.0", "a": ' + b"9" * 5000 + b"}",
            "<stdin>: error[syntax]: the document holds a number of too many digits",
        ),
        (
            b"just words",
            (
                "<stdin>: error[not-openapi]: the document holds a single value, "
                "not an OpenAPI document"
            ),
        ),
        (
            b"name: x",
            (
                "<stdin>:1:1: error[not-openapi]: the document is not an OpenAPI "
                "document: it has no `openapi` member"
            ),
        ),
        (
            b"<html><title>Sign in</title></html>",
            "<stdin>: error[html]: the document is an HTML or XML page, not a document",
        ),
        (
            b'{"swagger": "1.2"}',
            (
                "<stdin>:1:2: error[version]: the document is Swagger 1.2, which is not "
                "understood; Swagger 2.0 and OpenAPI 3.0, 3.1 and 3.2 are"
            ),
        ),
        (
            b"\x89PNG\r\n\x1a\n\x00\x00",
            (
                "<stdin>: error[binary]: the document is not text "
                "(byte 0 is not UTF-8)"
            ),
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


def test_merge_keys_that_copy_too_much_are_refused() -> None:
    keys = "\n".join(
        f"  k{n}: &k{n} {{<<: *k{n - 1}, m{n}: 0}}" for n in range(1, 2000)
    )
    with pytest.raises(InputError, match="copy too much"):
        stdin(f"openapi: 3.1.0\nx:\n  k0: &k0 {{}}\n{keys}\n".encode())


def test_yaml_nested_without_end_is_refused() -> None:
    with pytest.raises(InputError, match="nested more than 1000 levels deep"):
        stdin(b"openapi: 3.1.0\na: " + b"[" * 100_000)


def test_json_nested_without_end_is_refused() -> None:
    with pytest.raises(InputError, match="nested too deeply"):
        stdin(b'{"openapi": "3.1.0", "a": ' + b"[" * 100_000)


@pytest.mark.parametrize(
    ("name", "message"),
    [("missing.json", "no such file"), (".", "holds no OpenAPI document")],
)
def test_paths_that_hold_no_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=message):
        loaded(name)


@contextmanager
def serving(answers: dict[str, tuple[int, str, bytes]]) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, kind, body = answers[self.path]
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *_: Any) -> None:
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
        document = loaded(f"{url}/spec")
        assert (document.source, document.value["x"]) == (f"{url}/spec", 1)
        with pytest.raises(InputError, match="is an HTML page"):
            loaded(f"{url}/login")
        with pytest.raises(InputError, match="the server answered 404"):
            loaded(f"{url}/gone")
    with pytest.raises(InputError, match="can't be fetched"):
        loaded(f"{url}/spec")


def test_what_a_url_keeps_secret_is_never_shown() -> None:
    spec = b"openapi: 3.1.0"
    with serving({"/spec?token=t0p": (200, "text/yaml", spec)}) as url:
        host = url.removeprefix("http://")
        address = f"http://me:secret@{host}/spec?token=t0p"
        assert loaded(address).source == f"{url}/spec"
    with pytest.raises(InputError) as refused:
        loaded(address)
    assert render(refused.value.diagnostic, {}) == (
        f"{url}/spec: error[unreadable]: the document can't be fetched (ConnectError)"
    )
