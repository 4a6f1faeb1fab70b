"""JSON-RPC as plain values: every text is a message or an error that can be sent."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mcpgen_runtime.errors import RequestError
from mcpgen_runtime.messages import (
    DEPTH,
    Invalid,
    Notification,
    Request,
    Response,
    as_line,
    dumps,
    error_response,
    parse,
    response,
)


def invalid(data: bytes) -> dict[str, Any]:
    message = parse(data)
    assert isinstance(message, Invalid)
    answer: dict[str, Any] = json.loads(error_response(message.id, message.error))
    return answer


@pytest.mark.parametrize("request_id", [1, 0, -1, "1", "", "é", 2**70])
def test_a_request_keeps_its_id(request_id: int | str) -> None:
    message = {"jsonrpc": "2.0", "id": request_id, "method": "m", "params": {"a": 1}}
    parsed = parse(dumps(message))
    assert parsed == Request(id=request_id, method="m", params={"a": 1})
    assert isinstance(parsed, Request)
    assert json.loads(response(parsed.id, b"{}"))["id"] == request_id


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"jsonrpc":"2.0","id":1,"method":"m"}', Request(id=1, method="m", params={})),
        (
            '{"jsonrpc":"2.0","id":1,"method":"m","params":null}',
            Request(id=1, method="m", params={}),
        ),
        ('{"jsonrpc":"2.0","method":"m"}', Notification(method="m", params={})),
        (
            '{"jsonrpc":"2.0","method":"m","params":[1]}',
            Notification(method="m", params={}),
        ),
        ('{"jsonrpc":"2.0","id":1,"result":{}}', Response(id=1, result={})),
        ('\ufeff{"jsonrpc":"2.0","method":"m"}', Notification(method="m", params={})),
    ],
)
def test_what_a_message_is(text: str, expected: object) -> None:
    assert parse(text.encode()) == expected


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ({"code": -1, "message": "no"}, -1),
        ({"code": "x"}, -32603),
        ({}, -32603),
        (7, -32603),
        (None, -32603),
    ],
)
def test_an_error_of_the_client(error: Any, code: int) -> None:
    message = parse(dumps({"jsonrpc": "2.0", "id": None, "error": error}))
    assert isinstance(message, Response)
    assert message.id is None
    assert message.error is not None
    assert message.error.code == code


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"nonsense",
        b'{"jsonrpc":"2.0","id":1,"method":"m"}}',
        b'{"id":NaN}',
        b"\xff\xfe{}",
        b'{"id":' + b"9" * 10_000 + b"}",
    ],
)
def test_what_is_not_json(data: bytes) -> None:
    answer = invalid(data)
    assert answer["error"]["code"] == -32700
    assert "id" not in answer


@pytest.mark.parametrize(
    "value",
    [
        1,
        "text",
        None,
        [],
        {},
        {"jsonrpc": "2.0"},
        {"jsonrpc": "2.0", "id": None, "method": "m"},
        {"jsonrpc": "2.0", "id": 1.5, "method": "m"},
        {"jsonrpc": "2.0", "id": True, "method": "m"},
        {"jsonrpc": "2.0", "id": [1], "method": "m"},
        {"jsonrpc": "2.0", "method": 7},
    ],
)
def test_what_is_json_but_no_message(value: Any) -> None:
    answer = invalid(dumps(value))
    assert answer["error"]["code"] == -32600
    assert "id" not in answer


@pytest.mark.parametrize(
    "broken", [{"jsonrpc": "1.0"}, {"method": None}, {"params": [1]}]
)
def test_an_invalid_request_is_answered_with_its_id(broken: dict[str, Any]) -> None:
    message = {"jsonrpc": "2.0", "id": "seven", "method": "m"} | broken
    answer = invalid(dumps(message))
    assert (answer["id"], answer["error"]["code"]) == ("seven", -32600)


def test_a_batch_is_its_messages() -> None:
    batch = parse(b'[{"jsonrpc":"2.0","method":"m"},7]')
    assert isinstance(batch, list)
    assert [type(message) for message in batch] == [Notification, Invalid]


def test_lone_surrogates_survive() -> None:
    text = r'{"jsonrpc":"2.0","id":"\ud800","method":"m"}'
    message = parse(text.encode())
    assert isinstance(message, Request)
    assert json.loads(response(message.id, b"{}"))["id"] == "\ud800"


def test_an_error_carries_its_data() -> None:
    error = RequestError(-32602, "no", {"uri": "x"})
    assert json.loads(error_response("1", error)) == {
        "jsonrpc": "2.0",
        "id": "1",
        "error": {"code": -32602, "message": "no", "data": {"uri": "x"}},
    }


@given(st.binary())
def test_no_bytes_are_too_much(data: bytes) -> None:
    parse(data)


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_one_message_is_one_line(value: Any) -> None:
    assert b"\n" not in dumps(value)


@pytest.mark.parametrize("number", ["nan", "inf", "-inf"])
def test_what_json_cannot_write_is_refused(number: str) -> None:
    with pytest.raises(ValueError, match="JSON"):
        dumps({"number": float(number)})


@given(
    st.dictionaries(
        st.sampled_from(["jsonrpc", "id", "method", "params", "result", "error"]),
        st.none() | st.booleans() | st.integers() | st.just("2.0") | st.just({}),
    )
)
def test_whatever_has_an_id_can_be_answered_with_it(value: dict[str, Any]) -> None:
    message = parse(dumps(value))
    readable = isinstance(value.get("id"), int | str) and value["id"] not in (
        True,
        False,
    )
    if isinstance(message, Invalid) and readable:
        assert message.id == value["id"]


def nested(message: str, depth: int) -> bytes:
    """A message of so many levels, its own two included."""
    return (message % ("[" * (depth - 2) + "]" * (depth - 2))).encode()


@pytest.mark.parametrize("depth", [DEPTH, DEPTH + 1, 600])
def test_what_is_nested_too_deep(depth: int) -> None:
    fine = depth == DEPTH
    start = '{"jsonrpc":"2.0","id":"1",'
    request = parse(nested(start + '"method":"m","params":{"a":%s}}', depth))
    assert isinstance(request, Request if fine else Invalid)
    assert request.id == "1"
    answer = parse(nested(start + '"result":{"a":%s}}', depth))
    assert isinstance(answer, Response)
    assert (answer.error is None) == fine
    told = parse(nested('{"jsonrpc":"2.0","method":"m","params":{"a":%s}}', depth))
    assert isinstance(told, Notification)


def test_a_deep_message_of_a_batch_is_refused_alone() -> None:
    deep = nested('{"jsonrpc":"2.0","id":2,"method":"m","params":{"a":%s}}', 200)
    batch = parse(b'[{"jsonrpc":"2.0","id":1,"method":"m"},%b]' % deep)
    assert isinstance(batch, list)
    assert [type(message) for message in batch] == [Request, Invalid]


@pytest.mark.parametrize("data", [object(), float("nan"), {1: {2}}])
def test_an_error_is_sent_without_data_that_is_no_json(data: Any) -> None:
    answer = json.loads(error_response(1, RequestError(-32603, "broken", data)))
    assert answer["error"] == {"code": -32603, "message": "broken"}


@pytest.mark.parametrize(
    "text", ["plain", "é", "a\u2028b", "\x85\u2029", 'a\\"\u2028"', "\ud800\u2028"]
)
def test_a_line_stays_one_line(text: str) -> None:
    message = as_line(dumps({"text": text}))
    assert len(message.decode().splitlines()) == 1
    assert json.loads(message) == {"text": text}
