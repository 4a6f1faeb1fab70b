"""The mock API: which answer a request gets, and what a server does without an API."""

from __future__ import annotations

import httpx
import pytest
from mcpgen_runtime.mock import BASE_URL, MockApi, Mocked, stand_ins
from mcpgen_runtime.settings import Settings
from mcpgen_runtime.upstream.auth import ApiKey, Basic


def mocked(name: str, method: str, url: str) -> Mocked:
    return Mocked(name, {}, method, url, 200, "application/json", name)


API = MockApi(
    (
        mocked("list", "GET", "/pets"),
        mocked("one", "GET", "/pets/{id}"),
        mocked("mine", "GET", "/pets/mine"),
        mocked("toys", "GET", "/pets/{id}/toys"),
        mocked("add", "POST", "/pets"),
        mocked("search", "POST", "/pets?action=search"),
        mocked("spaced", "GET", "/a b/{x}"),
        mocked("elsewhere", "GET", "https://other.example/v2/pets"),
    )
)


@pytest.mark.parametrize(
    ("method", "url", "name"),
    [
        ("GET", f"{BASE_URL}/pets?limit=1", "list"),
        ("GET", f"{BASE_URL}/pets/5", "one"),
        ("GET", f"{BASE_URL}/pets/a%2Fb", "one"),
        ("GET", f"{BASE_URL}/pets/mine", "mine"),
        ("GET", f"{BASE_URL}/pets/5/toys", "toys"),
        ("POST", f"{BASE_URL}/pets", "add"),
        ("POST", f"{BASE_URL}/pets?action=search&q=1", "search"),
        ("GET", f"{BASE_URL}/a%20b/c", "spaced"),
        ("GET", "https://other.example/v2/pets", "elsewhere"),
    ],
)
async def test_the_operation_that_fits_best_answers(
    method: str, url: str, name: str
) -> None:
    response = await API.handle_async_request(httpx.Request(method, url))
    assert (response.status_code, response.json()) == (200, name)


async def test_what_no_operation_fits_is_not_found() -> None:
    request = httpx.Request("DELETE", f"{BASE_URL}/pets")
    assert (await API.handle_async_request(request)).status_code == 404


async def test_answers_are_as_the_document_has_them() -> None:
    bodies = {"text/plain": "open", "application/json": "open", "text/csv": "a,b"}
    for media_type, body in bodies.items():
        one = Mocked("a", {}, "GET", "/a", 203, media_type, body)
        request = httpx.Request("GET", f"{BASE_URL}/a")
        response = await MockApi([one]).handle_async_request(request)
        assert response.headers["content-type"] == media_type
        assert response.status_code == 203
        assert response.text == ('"open"' if "json" in media_type else body)


def test_every_credential_has_a_stand_in() -> None:
    settings = Settings(
        prefix="SHOP",
        credentials={
            "key": ApiKey(variable="SHOP_KEY", location="query", name="key"),
            "user": Basic(username="SHOP_USER", password="SHOP_PASSWORD"),
        },
    )
    assert set(stand_ins(settings)) == {"SHOP_KEY", "SHOP_USER", "SHOP_PASSWORD"}
