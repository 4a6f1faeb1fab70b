"""Which Host and Origin are taken, as plain values."""

from __future__ import annotations

import pytest
from mcpgen_runtime.transports.hosts import Hosts

LOOPBACK = "127.0.0.1"
OUTSIDE = "192.0.2.1"


def refused(
    host: str,
    origin: str | None = None,
    *,
    allowed: str = "",
    address: str | None = LOOPBACK,
) -> str | None:
    hosts = Hosts(allowed, "SHOP_ALLOWED_HOSTS")
    return hosts.problem(local_address=address, host=host, origin=origin)


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST:8000", "127.0.0.1", "127.0.0.1:80", "[::1]", "[::1]:9"],
)
@pytest.mark.parametrize("address", [LOOPBACK, "127.1.2.3", "::1", "::ffff:127.0.0.1"])
def test_the_names_of_this_machine(host: str, address: str) -> None:
    assert refused(host, address=address) is None


@pytest.mark.parametrize(
    "host", ["evil.com", "evil.com:8000", "localhost.evil.com", "127.0.0.1.evil", ""]
)
def test_other_names_over_loopback(host: str) -> None:
    problem = refused(host)
    assert problem
    assert "SHOP_ALLOWED_HOSTS" in problem


def test_any_name_from_outside_unless_some_are_set() -> None:
    assert refused("api.example.com", address=OUTSIDE) is None
    assert refused("api.example.com", address=None) is None
    assert refused("api.example.com", address=OUTSIDE, allowed="other.example.com")


@pytest.mark.parametrize(
    "allowed", ["api.example.com", "x, API.example.com:8000 ,", "*", "a,*"]
)
@pytest.mark.parametrize("address", [LOOPBACK, OUTSIDE])
def test_names_that_are_allowed(allowed: str, address: str) -> None:
    problem = refused(
        "api.example.com:443",
        "https://api.example.com",
        allowed=allowed,
        address=address,
    )
    assert problem is None


@pytest.mark.parametrize(
    "origin", ["http://localhost:3000", "https://127.0.0.1", "http://[::1]:5"]
)
def test_origins_of_this_machine(origin: str) -> None:
    assert refused("localhost", origin) is None


@pytest.mark.parametrize(
    "origin",
    ["https://evil.com", "http://localhost.evil.com", "null", "", "http://[bad"],
)
@pytest.mark.parametrize("address", [LOOPBACK, OUTSIDE])
def test_other_origins(origin: str, address: str) -> None:
    assert refused("localhost:8000", origin, address=address)


def test_an_origin_may_be_where_the_request_is_sent_to() -> None:
    host, origin = "api.example.com:8000", "http://api.example.com:8000"
    assert refused(host, origin, address=OUTSIDE) is None
