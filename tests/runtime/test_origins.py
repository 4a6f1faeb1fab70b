"""Pages of other origins: none may use the server, but those that were allowed."""

from __future__ import annotations

import json

import httpx
import pytest
from mcpgen_runtime.settings import SettingsError
from mcpgen_runtime.transports.http import App

from .shop import shop_server

INSPECTOR = "http://localhost:6274"
PREFLIGHT = {
    "origin": INSPECTOR,
    "access-control-request-method": "POST",
    "access-control-request-headers": "content-type,mcp-param-region",
}
PING = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "ping"}).encode()


async def ask(method: str, path: str = "/mcp", **headers: str) -> httpx.Response:
    """The response of a new application."""
    transport = httpx.ASGITransport(App(shop_server()))
    sent = {"content-type": "application/json"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    async with httpx.AsyncClient(
        transport=transport, base_url="http://127.0.0.1"
    ) as http:
        return await http.request(method, path, content=PING, headers=sent)


def cors(response: httpx.Response) -> dict[str, str]:
    return {
        name: value
        for name, value in response.headers.items()
        if name.startswith("access-control-") or name == "vary"
    }


async def test_without_the_setting_no_page_is_told_anything() -> None:
    assert (await ask("OPTIONS", **PREFLIGHT)).status_code == 405
    response = await ask("POST", origin=INSPECTOR)
    assert (response.status_code, cors(response)) == (200, {})


@pytest.mark.parametrize("allowed", [f"https://a.example, {INSPECTOR.upper()}", "*"])
async def test_an_allowed_page(monkeypatch: pytest.MonkeyPatch, allowed: str) -> None:
    monkeypatch.setenv("SHOP_ALLOWED_ORIGINS", allowed)
    asked = await ask("OPTIONS", **PREFLIGHT)
    assert (asked.status_code, asked.content) == (204, b"")
    assert cors(asked) == {
        "vary": "origin",
        "access-control-allow-origin": INSPECTOR,
        "access-control-allow-methods": "GET, POST, DELETE",
        "access-control-allow-headers": "content-type,mcp-param-region",
        "access-control-expose-headers": "mcp-session-id, www-authenticate",
        "access-control-max-age": "7200",
    }
    for path, status in (("/mcp", 200), ("/mcp/", 200), ("/else", 404)):
        response = await ask("POST", path, origin=INSPECTOR)
        assert response.status_code == status
        assert response.headers["access-control-allow-origin"] == INSPECTOR
        exposed = response.headers["access-control-expose-headers"]
        assert "mcp-session-id" in exposed


async def test_an_allowed_origin_may_be_far_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    far = "https://a.example:8443"
    assert (await ask("POST", origin=far)).status_code == 403
    monkeypatch.setenv("SHOP_ALLOWED_ORIGINS", far)
    assert (await ask("POST", origin=far)).status_code == 200


async def test_any_other_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_ALLOWED_ORIGINS", INSPECTOR)
    evil = PREFLIGHT | {"origin": "https://evil.com"}
    refused = await ask("OPTIONS", **evil)
    assert (refused.status_code, cors(refused)) == (403, {"vary": "origin"})
    other_port = await ask("POST", origin="http://localhost:1")
    assert cors(other_port) == {"vary": "origin"}
    without = await ask("POST")
    assert (without.status_code, cors(without)) == (200, {"vary": "origin"})
    assert (await ask("OPTIONS")).status_code == 405


@pytest.mark.parametrize(
    "wrong",
    ["localhost", "http://a/", "http://a/b", "http://[a", "https://", "http://a:b"],
)
def test_what_is_no_origin(monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    monkeypatch.setenv("SHOP_ALLOWED_ORIGINS", f"{INSPECTOR}, {wrong}")
    with pytest.raises(SettingsError, match="SHOP_ALLOWED_ORIGINS names"):
        App(shop_server())
