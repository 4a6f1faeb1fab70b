"""Which credentials a call takes, and what each one does to a request."""

from __future__ import annotations

from typing import Any

import pytest
from mcpgen_runtime.upstream.auth import (
    ApiKey,
    Basic,
    Bearer,
    Credential,
    CredentialError,
    MissingCredentials,
    Security,
    choose,
    secrets,
    variables,
)
from mcpgen_runtime.upstream.request import RequestParts

KEY = ApiKey(variable="S_KEY", location="header", name="X-Key")
TOKEN = Bearer(variable="S_TOKEN")
USER = Basic(username="S_USERNAME", password="S_PASSWORD")
ALL: dict[str, Credential] = {"key": KEY, "token": TOKEN, "user": USER}
REQUEST = RequestParts("GET", "https://a.test/x?a=1#f", (("x-key", "from argument"),))


@pytest.mark.parametrize(
    ("security", "configured", "chosen"),
    [
        ((), ["S_KEY"], ()),
        ((("key",),), ["S_KEY"], (KEY,)),
        ((("key",), ("token",)), ["S_TOKEN"], (TOKEN,)),
        ((("key",), ("token",)), ["S_TOKEN", "S_KEY"], (KEY,)),
        ((("key", "token"), ("user",)), ["S_KEY", "S_USERNAME"], (USER,)),
        ((("key", "token"),), ["S_KEY", "S_TOKEN"], (KEY, TOKEN)),
        (((), ("key",)), [], ()),
        (((), ("key",)), ["S_KEY"], (KEY,)),
        ((("unknown",), ("key",)), ["S_KEY"], (KEY,)),
        ((("user",),), ["S_USERNAME"], (USER,)),
    ],
)
def test_choice(security: Security, configured: list[str], chosen: Any) -> None:
    assert choose(security, ALL, dict.fromkeys(configured, "v")) == chosen


@pytest.mark.parametrize(
    ("security", "brought", "chosen"),
    [
        ((("token",),), "authorization", ()),
        ((("key",), ("token",)), "authorization", ()),
        ((("key", "token"),), "authorization", (KEY,)),
        ((("key", "token"),), "x-key", (TOKEN,)),
        ((("key",), ("user",)), "x-other", (KEY,)),
        (((), ("user",)), "authorization", ()),
    ],
)
def test_what_a_caller_brings_comes_before_what_is_configured(
    security: Security, brought: str, chosen: Any
) -> None:
    environment = {"S_KEY": "v", "S_TOKEN": "v", "S_USERNAME": "v"}
    assert choose(security, ALL, environment, {brought}) == chosen


@pytest.mark.parametrize(
    ("security", "configured", "told"),
    [
        ((("key",),), [], "Set S_KEY in"),
        ((("key",), ("token",)), [], "Set S_KEY or S_TOKEN in"),
        ((("key", "token"),), ["S_KEY"], "Set S_KEY and S_TOKEN in"),
        ((("unknown",),), [], "doesn't support: unknown"),
        ((("user",),), ["S_PASSWORD"], "Set S_USERNAME and S_PASSWORD in"),
    ],
)
def test_what_is_missing(security: Security, configured: list[str], told: str) -> None:
    with pytest.raises(MissingCredentials, match="Nothing was sent") as caught:
        choose(security, ALL, dict.fromkeys(configured, "v"))
    assert told in str(caught.value)


def test_a_header_that_callers_may_bring_is_told() -> None:
    forwarded = ("x-key", "x-other")
    with pytest.raises(MissingCredentials) as caught:
        choose((("key",), ("token",)), ALL, {}, {}, forwarded)
    told = "S_KEY or S_TOKEN in the environment of the server, or send the header x-key"
    assert told in str(caught.value)


@pytest.mark.parametrize("value", ["", " ", "\n"])
def test_a_blank_value_is_not_configured(value: str) -> None:
    with pytest.raises(MissingCredentials):
        choose((("key",),), ALL, {"S_KEY": value})


@pytest.mark.parametrize(
    ("credential", "value", "url", "headers"),
    [
        (KEY, "v\n", REQUEST.url, {"X-Key": "v"}),
        (TOKEN, "v", REQUEST.url, {"Authorization": "Bearer v"}),
        (TOKEN, "bearer v", REQUEST.url, {"Authorization": "Bearer v"}),
        (
            ApiKey(variable="S_KEY", location="query", name="api key"),
            "a+b&c",
            "https://a.test/x?a=1&api%20key=a%2Bb%26c#f",
            {},
        ),
        (
            ApiKey(variable="S_KEY", location="query", name="a"),
            "v",
            "https://a.test/x?a=v#f",
            {},
        ),
        (
            ApiKey(variable="S_KEY", location="cookie", name="sid"),
            "a==;é",
            REQUEST.url,
            {"Cookie": "sid=a==%3B%C3%A9"},
        ),
    ],
)
def test_signing(
    credential: Any, value: str, url: str, headers: dict[str, str]
) -> None:
    signed = credential.sign(REQUEST, {credential.variable: value})
    assert signed.url == url
    assert headers.items() <= dict(signed.headers).items()
    if credential == KEY:
        assert "from argument" not in dict(signed.headers).values()


def test_basic() -> None:
    signed = USER.sign(REQUEST, {"S_USERNAME": "ü", "S_PASSWORD": "p:w"})
    assert dict(signed.headers)["Authorization"] == "Basic w7w6cDp3"
    signed = USER.sign(REQUEST, {"S_USERNAME": "key"})
    assert dict(signed.headers)["Authorization"] == "Basic a2V5Og=="


def test_a_cookie_credential_stands_beside_cookies_and_replaces_its_own_name() -> None:
    request = REQUEST.with_header("Cookie", "a=1; sid=forged; b=2")
    credential = ApiKey(variable="S_KEY", location="cookie", name="sid")
    signed = credential.sign(request, {"S_KEY": "real"})
    assert dict(signed.headers)["Cookie"] == "a=1; b=2; sid=real"


@pytest.mark.parametrize("value", ["s3c\r\nX: y", "s3c\0", "s3c\x7f", "s3cé"])
@pytest.mark.parametrize("credential", [KEY, TOKEN])
def test_values_that_cannot_be_sent_are_refused_unseen(
    credential: Any, value: str
) -> None:
    with pytest.raises(CredentialError) as caught:
        credential.sign(REQUEST, {credential.variable: value})
    assert credential.variable in str(caught.value)
    assert "s3c" not in str(caught.value)


def test_variables_and_secrets() -> None:
    assert variables((("key", "user"), ("key",), ("unknown",)), ALL) == (
        "S_KEY",
        "S_USERNAME",
        "S_PASSWORD",
    )
    environment = {"S_KEY": "longest value", "S_TOKEN": "12345678", "S_USERNAME": "me"}
    assert secrets(ALL, environment) == ("longest value", "12345678")
