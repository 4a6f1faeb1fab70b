"""Pages: together they are the listing, and only their own cursors lead on."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mcpgen_runtime.errors import RequestError
from mcpgen_runtime.pagination import page

KEYS = ["a", "b", "c"]


@given(st.lists(st.text(), unique=True), st.integers(1, 10))
@pytest.mark.requirement("pages-1")
def test_all_pages_are_the_listing(keys: list[str], size: int) -> None:
    seen: list[str] = []
    cursor = None
    while True:
        entries, cursor = page(keys, keys, cursor, size)
        assert len(entries) <= size
        seen += entries
        if cursor is None:
            break
    assert seen == keys


def test_without_a_size_one_page_is_all() -> None:
    assert page(KEYS, KEYS, None, None) == (KEYS, None)


@pytest.mark.parametrize("cursor", ["", "x", "1", "2-00000000", 1, {}, "-1", "0"])
@pytest.mark.parametrize("size", [None, 2])
def test_a_cursor_of_a_clients_own_making(cursor: Any, size: int | None) -> None:
    with pytest.raises(RequestError) as raised:
        page(KEYS, KEYS, cursor, size)
    assert raised.value.code == -32602


@pytest.mark.requirement("pages-2")
def test_a_cursor_of_a_listing_that_changed() -> None:
    _, cursor = page(KEYS, KEYS, None, 1)
    with pytest.raises(RequestError):
        page(["a", "b", "d"], ["a", "b", "d"], cursor, 1)
