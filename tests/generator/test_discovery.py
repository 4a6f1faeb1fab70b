"""The address of a running API leads to its document."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from click.testing import Result

Run = Callable[..., Result]

PATHS = {"/items": {"get": {"operationId": "listItems"}}}
SPEC = {"openapi": "3.1.0", "info": {"title": "Live", "version": "1"}, "paths": PATHS}
PAGE = "<!doctype html><title>openapi</title>"


@contextmanager
def serving(answers: Mapping[str, object]) -> Iterator[str]:
    """The URL of a server that answers GET by path, and 404 elsewhere."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = answers.get(self.path.partition("?")[0])
            body = found if isinstance(found, str) else json.dumps(found)
            self.send_response(200 if found else 404)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("given", "answers"),
    [
        ("", {"/openapi.json": SPEC}),
        ("/", {"/": PAGE, "/openapi.json": SPEC}),
        ("/docs", {"/docs": PAGE, "/openapi.json": SPEC}),
        ("/v2/docs", {"/v2/docs": PAGE, "/v2/openapi.json": SPEC}),
        ("/v2", {"/v2/openapi.json": SPEC, "/openapi.json": PAGE}),
        ("", {"/": {"hello": "world"}, "/schema/openapi.json": SPEC}),
        ("/spec", {"/spec": SPEC, "/openapi.json": PAGE}),
    ],
)
def test_an_address_is_enough(
    mcpgen: Run, tmp_path: Path, given: str, answers: dict[str, object]
) -> None:
    with serving(answers) as url:
        result = mcpgen(url + given, "-o", "out", cwd=tmp_path)
    assert result.exit_code == 0, result.stderr
    assert f'base_url="{url}"' in (tmp_path / "out/live_mcp/settings.py").read_text()


@pytest.mark.parametrize(
    ("server", "base"),
    [
        ("/api/v1", "{url}/api/v1"),
        ("../v1", "{url}/docs/v1"),
        ("https://live.example", "https://live.example"),
    ],
)
def test_servers_are_relative_to_the_document(
    mcpgen: Run, tmp_path: Path, server: str, base: str
) -> None:
    spec = SPEC | {"servers": [{"url": server}]}
    with serving({"/docs/api/openapi.json": spec}) as url:
        mcpgen(f"{url}/docs", "-o", "out", cwd=tmp_path)
    settings = (tmp_path / "out" / "live_mcp" / "settings.py").read_text()
    assert f'base_url="{base.format(url=url)}"' in settings


def test_what_was_tried_is_said(mcpgen: Run, tmp_path: Path) -> None:
    with serving({"/docs": PAGE, "/openapi.json": [1]}) as url:
        address = f"{url.replace('//', '//me:secret@')}/docs?token=t0p"
        result = mcpgen(address, "-o", "out", cwd=tmp_path)
    assert result.exit_code == 2
    assert result.stderr.startswith(
        f"{url}/docs: error[not-found]: there is no OpenAPI document; tried: "
        "/docs (a page), /docs/openapi.json (404), "
    )
    assert "/openapi.json (no document), " in result.stderr
    assert "secret" not in result.stderr
    assert "t0p" not in result.stderr
