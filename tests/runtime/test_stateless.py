"""The version without a handshake: what a request must say, and what a result adds."""

from __future__ import annotations

import json
from typing import Any

import pytest
from mcpgen_runtime import stateless
from mcpgen_runtime.errors import RequestError
from mcpgen_runtime.messages import Request

META = stateless.request_meta("2026-07-28")
VERSION_KEY, CAPABILITIES_KEY = META


def request(method: str = "tools/list", meta: Any = META, **params: Any) -> Request:
    return Request(id=1, method=method, params={**params, "_meta": meta})


def headers(**values: str) -> dict[str, list[str]]:
    named = {
        "mcp-protocol-version": "2026-07-28",
        "mcp-method": "tools/call",
        "mcp-name": "t",
    } | {name.replace("_", "-"): value for name, value in values.items()}
    return {name: [value] for name, value in named.items() if value != "absent"}


def refusal(request: Request, headers: stateless.Headers | None = None) -> RequestError:
    with pytest.raises(RequestError) as raised:
        stateless.check(request, headers)
    return raised.value


@pytest.mark.parametrize(
    ("meta", "missing"),
    [
        (None, VERSION_KEY),
        ("text", VERSION_KEY),
        ({}, VERSION_KEY),
        ({VERSION_KEY: 1, CAPABILITIES_KEY: {}}, VERSION_KEY),
        ({VERSION_KEY: "2026-07-28"}, CAPABILITIES_KEY),
        ({VERSION_KEY: "2026-07-28", CAPABILITIES_KEY: []}, CAPABILITIES_KEY),
    ],
)
def test_metadata_is_required(meta: Any, missing: str) -> None:
    error = refusal(request(meta=meta))
    assert error.code == -32602
    assert missing in error.message


def test_the_client_may_stay_unnamed() -> None:
    stateless.check(request())


def test_an_unsupported_version_names_the_supported() -> None:
    error = refusal(request(meta=META | {VERSION_KEY: "v999.0.0"}))
    assert error.code == -32022
    assert error.data == {"supported": ["2026-07-28"], "requested": "v999.0.0"}


CALL = request("tools/call", name="t")


@pytest.mark.parametrize(
    "changed",
    [
        {"mcp_protocol_version": "absent"},
        {"mcp_protocol_version": "2025-11-25"},
        {"mcp_method": "absent"},
        {"mcp_method": "Tools/Call"},
        {"mcp_name": "absent"},
        {"mcp_name": "T"},
        {"mcp_name": "=?base64?dA?="},
        {"mcp_name": "=?base64?dA==\n?="},
        {"mcp_name": "=?base64?/w==?="},
        {"mcp_name": "=?BASE64?dA==?="},
    ],
)
def test_headers_repeat_the_body(changed: dict[str, str]) -> None:
    assert refusal(CALL, headers(**changed)).code == -32020


def test_only_what_has_a_name_repeats_it() -> None:
    unnamed = headers(mcp_method="tools/list", mcp_name="absent")
    stateless.check(request(**{"": "t", "name": "t"}), unnamed)
    stateless.check(request("tools/call"), headers(mcp_name="absent"))


@pytest.mark.parametrize("name", ["t", " t\t", "=?base64?dA==?="])
def test_headers_that_agree(name: str) -> None:
    stateless.check(CALL, headers(mcp_name=name))


def test_a_name_outside_of_ascii_travels_as_base64() -> None:
    uri = request("resources/read", uri="a:é")
    agreeing = headers(mcp_method="resources/read", mcp_name="=?base64?YTrDqQ==?=")
    stateless.check(uri, agreeing)


def test_a_repeated_header_is_refused() -> None:
    repeated = headers() | {"mcp-method": ["tools/call", "tools/call"]}
    assert refusal(CALL, repeated).code == -32020


def test_missing_metadata_comes_before_headers_and_those_before_the_version() -> None:
    unsupported = META | {VERSION_KEY: "1900-01-01"}
    assert refusal(request(meta={}), {}).code == -32602
    assert refusal(request(meta=unsupported), headers()).code == -32020


@pytest.mark.parametrize(
    ("code", "status"),
    [(-32601, 404), (-32602, 400), (-32020, 400), (-32022, 400), (-32603, 200)],
)
def test_the_status_of_an_error(code: int, status: int) -> None:
    assert stateless.http_status(RequestError(code, "no")) == status


@pytest.mark.parametrize(
    ("method", "caching"),
    [
        ("tools/list", {"ttlMs": 300_000, "cacheScope": "public"}),
        ("server/discover", {"ttlMs": 300_000, "cacheScope": "public"}),
        ("resources/read", {"ttlMs": 0, "cacheScope": "private"}),
        ("tools/call", {}),
    ],
)
@pytest.mark.parametrize("result", [{}, {"tools": []}])
def test_a_result_says_what_it_is(
    method: str, caching: dict[str, Any], result: dict[str, Any]
) -> None:
    complete = stateless.complete(method, json.dumps(result).encode(), {"name": "s"})
    assert json.loads(complete) == result | caching | {
        "resultType": "complete",
        "_meta": {"io.modelcontextprotocol/serverInfo": {"name": "s"}},
    }


def test_a_subscription_honours_nothing_and_says_so() -> None:
    message = json.loads(stateless.acknowledged("L", {}))
    assert message["params"] == {
        "notifications": {},
        "_meta": {"io.modelcontextprotocol/subscriptionId": "L"},
    }


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("tools/list", {}),
        ("tools/call", {"name": "t"}),
        ("resources/read", {"uri": "api://shop/\u00e6/=?base64?"}),
        ("prompts/get", {"name": "=?base64?eA==?="}),
        ("tasks/get", {"taskId": " padded "}),
    ],
)
def test_what_a_client_of_ours_repeats(method: str, params: dict[str, Any]) -> None:
    sent = stateless.routing_headers(method, params)
    named = {name.lower(): [value] for name, value in sent.items()}
    stateless.check(request(method, **params), named)
