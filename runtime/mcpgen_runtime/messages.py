"""JSON-RPC 2.0: bytes to messages, and answers to bytes.

Parsing never raises. What isn't a message becomes an `Invalid`, which carries the
error to answer with and the id of the request where it can be read. A notification has
no answer, so whatever is wrong with its parameters, it is one. Results arrive as
JSON text and are spliced into the response, so that nothing is encoded twice.

Pure: bytes in, values out; no I/O, no asyncio.
"""

from __future__ import annotations

import json
from codecs import BOM_UTF8
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final, NamedTuple, NoReturn, TypeAlias, TypeGuard

from .errors import (
    INTERNAL_ERROR,
    INVALID_REQUEST,
    PARSE_ERROR,
    RequestError,
    shortened,
)

Id: TypeAlias = int | str
"""The id of a request; `1` and `"1"` are different ids."""


class Request(NamedTuple):
    id: Id
    method: str
    params: Mapping[str, Any]


class Notification(NamedTuple):
    method: str
    params: Mapping[str, Any]


class Response(NamedTuple):
    """A client's answer to a request of the server: its result, or its error."""

    id: Id | None
    result: Any = None
    error: RequestError | None = None


class Invalid(NamedTuple):
    """What can't be understood; `id` is None when it can't be read."""

    error: RequestError
    id: Id | None = None


Message: TypeAlias = Request | Notification | Response | Invalid


DEPTH: Final = 128
"""Levels of arrays and objects in one message. What serves it goes down them by calls of
functions, of which Python has about a thousand."""

_LINE_ENDS: Final = tuple(
    (end.encode(), rb"\u%04x" % ord(end)) for end in "\x85\u2028\u2029"
)
"""In JSON they stand in strings only, where they may be escaped."""
_TOO_DEEP: Final = f"nested more than {DEPTH} levels deep"

_encode: Final = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), allow_nan=False
).encode


def parse(data: bytes) -> Message | list[Message]:
    """The message in `data`, or the messages of a batch.

    A byte order mark is tolerated, lone surrogates too; an empty batch is invalid.
    """
    try:
        value = _decode(data.removeprefix(BOM_UTF8).decode())
    except RecursionError:
        return _invalid(None, _TOO_DEEP)
    except ValueError:
        return Invalid(
            error=RequestError(PARSE_ERROR, "Parse error: not JSON in UTF-8")
        )
    nested = data.count(b"[") + data.count(b"{") > DEPTH
    if isinstance(value, list) and value:
        return [_message(item, nested) for item in value]
    return _message(value, nested)


def dumps(value: Any) -> bytes:
    """Compact JSON on one line, in UTF-8; lone surrogates stay escaped.

    Raises ValueError or TypeError for what JSON can't write, such as NaN.
    """
    return _encode(value).encode("utf-8", "backslashreplace")


def response(request_id: Id, result: bytes) -> bytes:
    """The response to a request; `result` is the JSON text of an object."""
    text = dumps(request_id) if isinstance(request_id, str) else b"%d" % request_id
    return b'{"jsonrpc":"2.0","id":%b,"result":%b}' % (text, result)


def error_response(request_id: Id | None, error: RequestError) -> bytes:
    """An error response; without an id when that of the request can't be read."""
    message: dict[str, Any] = {"jsonrpc": "2.0"}
    if request_id is not None:
        message["id"] = request_id
    message["error"] = error_member(error)
    return dumps(message)


def error_member(error: RequestError) -> dict[str, Any]:
    """The error as a member of a response, without data that JSON can't write."""
    member: dict[str, Any] = {"code": error.code, "message": error.message}
    if error.data is not None:
        with suppress(TypeError, ValueError, RecursionError):
            dumps(error.data)
            member["data"] = error.data
    return member


def request(request_id: Id, method: str, params: Mapping[str, Any]) -> bytes:
    """A request to the client."""
    message = {"jsonrpc": "2.0", "id": request_id, "method": method, "params": params}
    return dumps(message)


def notification(method: str, params: Mapping[str, Any] | bytes) -> bytes:
    """A notification; `params` may be the JSON text of an object."""
    text = params if isinstance(params, bytes) else dumps(params)
    return b'{"jsonrpc":"2.0","method":%b,"params":%b}' % (dumps(method), text)


def batch(answers: list[bytes]) -> bytes:
    """The answer to a batch, from the answers to its requests."""
    return b"[%b]" % b",".join(answers)


def as_line(message: bytes) -> bytes:
    """The same JSON, without what some clients take for the end of a line."""
    if not message.isascii():
        for raw, escaped in _LINE_ENDS:
            message = message.replace(raw, escaped)
    return message


def _message(value: Any, nested: bool) -> Message:
    """A message; its levels are counted where it is `nested`, as it may be too deep."""
    if not isinstance(value, dict):
        return _invalid(None, "a message is a JSON object")
    request_id = value.get("id")
    if not is_id(request_id):
        if "id" in value and "error" not in value:
            return _invalid(None, "id must be a string or an integer")
        request_id = None
    if value.get("jsonrpc") != "2.0":
        return _invalid(request_id, 'jsonrpc must be "2.0"')
    method = value.get("method")
    too_deep = nested and _is_too_deep(value)
    if method is None and ("result" in value or "error" in value):
        if too_deep:
            value = {"error": {"message": _TOO_DEEP}}
        return _response(request_id, value)
    if not isinstance(method, str):
        return _invalid(request_id, "method must be a string")
    params = value.get("params")
    if request_id is not None and too_deep:
        return _invalid(request_id, _TOO_DEEP)
    if request_id is None:
        known = params if isinstance(params, dict) else {}
        return Notification(method=method, params=known)
    if params is None:
        params = {}
    elif not isinstance(params, dict):
        return _invalid(request_id, "params must be an object")
    return Request(id=request_id, method=method, params=params)


def _is_too_deep(value: Any) -> bool:
    level = [value]
    for _ in range(DEPTH):
        level = [
            child
            for node in level
            for child in (node.values() if isinstance(node, dict) else node)
            if isinstance(child, dict | list)
        ]
        if not level:
            return False
    return True


def _response(request_id: Id | None, value: Mapping[str, Any]) -> Response:
    if "error" not in value:
        return Response(id=request_id, result=value["result"])
    error = value["error"] if isinstance(value["error"], dict) else {}
    code, message = error.get("code"), error.get("message")
    told = RequestError(
        code if isinstance(code, int) else INTERNAL_ERROR,
        f"The client answered: {shortened(str(message))}",
        error.get("data"),
    )
    return Response(id=request_id, error=told)


def is_id(value: Any) -> TypeGuard[Id]:
    """Whether a JSON value can be the id of a request."""
    return isinstance(value, int | str) and not isinstance(value, bool)


def _invalid(request_id: Id | None, sentence: str) -> Invalid:
    return Invalid(
        id=request_id,
        error=RequestError(INVALID_REQUEST, f"Invalid request: {sentence}"),
    )


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


_decode: Final = json.JSONDecoder(parse_constant=_refuse).decode
