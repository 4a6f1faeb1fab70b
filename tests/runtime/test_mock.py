"""The mock API: which answer a request gets, and what a server does without an API."""

from __future__ import annotations

import json

import pytest
from mcpgen_runtime.mock import BASE_URL, MockApi, Mocked, stand_ins
from mcpgen_runtime.settings import Settings
from mcpgen_runtime.upstream.auth import ApiKey, Basic
from mcpgen_runtime.upstream.request import RequestParts


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
    answer = await API.send(RequestParts(method, url), 1)
    assert (answer.status, json.loads(answer.body)) == (200, name)


async def test_what_no_operation_fits_is_not_found() -> None:
    assert (await API.send(RequestParts("DELETE", f"{BASE_URL}/pets"), 1)).status == 404


async def test_answers_are_as_the_document_has_them() -> None:
    bodies = {"text/plain": "open", "application/json": "open", "text/csv": "a,b"}
    for media_type, body in bodies.items():
        one = Mocked("a", {}, "GET", "/a", 203, media_type, body)
        answer = await MockApi([one]).send(RequestParts("GET", f"{BASE_URL}/a"), 1)
        assert answer.headers == ((b"Content-Type", media_type.encode()),)
        assert answer.status == 203
        assert answer.body.decode() == ('"open"' if "json" in media_type else body)


def test_every_credential_has_a_stand_in() -> None:
    settings = Settings(
        prefix="SHOP",
        credentials={
            "key": ApiKey(variable="SHOP_KEY", location="query", name="key"),
            "user": Basic(username="SHOP_USER", password="SHOP_PASSWORD"),
        },
    )
    assert set(stand_ins([settings])) == {"SHOP_KEY", "SHOP_USER", "SHOP_PASSWORD"}
