"""The protocol without a handshake: 2026-07-28, where each request says it all.

A request of this version carries the protocol version and the client's capabilities
in `params._meta`; over HTTP, headers repeat what routes it. A result says what kind of
result it is, which server it comes from, and, where it can be cached, for how long.

Pure: values in, values out; no I/O, no asyncio.
"""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from .errors import (
    HEADER_MISMATCH,
    INTERNAL_ERROR,
    METHOD_NOT_FOUND,
    UNSUPPORTED_PROTOCOL_VERSION,
    RequestError,
    invalid_params,
    shortened,
)
from .messages import Id, Request, dumps, notification

VERSION: Final = "2026-07-28"
VERSIONS: Final = (VERSION,)

LISTEN: Final = "subscriptions/listen"
VERSION_HEADER: Final = "mcp-protocol-version"

Headers = Mapping[str, Sequence[str]]
"""The values of each HTTP header, by its name in lower case."""

_META_VERSION: Final = "io.modelcontextprotocol/protocolVersion"
_META_CAPABILITIES: Final = "io.modelcontextprotocol/clientCapabilities"
_META_LOG_LEVEL: Final = "io.modelcontextprotocol/logLevel"
_META_SERVER_INFO: Final = "io.modelcontextprotocol/serverInfo"
_META_SUBSCRIPTION: Final = "io.modelcontextprotocol/subscriptionId"

_NAMED_BY: Final[Mapping[str, str]] = {
    "tools/call": "name",
    "prompts/get": "name",
    "resources/read": "uri",
    "tasks/get": "taskId",
    "tasks/update": "taskId",
    "tasks/cancel": "taskId",
}
"""The methods that Mcp-Name goes with, and the parameter that it repeats."""

TASKS: Final = "io.modelcontextprotocol/tasks"
SKILLS: Final = "io.modelcontextprotocol/skills"
"""The ids of the extensions."""
ASKING: Final = frozenset({"tools/call", "prompts/get", "resources/read"})
"""The methods whose result may be a question to the client."""

_FIVE_MINUTES: Final = 300_000
_CACHING: Final[Mapping[str, tuple[int, str]]] = {
    "server/discover": (_FIVE_MINUTES, "public"),
    "tools/list": (_FIVE_MINUTES, "public"),
    "prompts/list": (_FIVE_MINUTES, "public"),
    "resources/list": (_FIVE_MINUTES, "public"),
    "resources/templates/list": (_FIVE_MINUTES, "public"),
    "skills/list": (_FIVE_MINUTES, "public"),
    "skills/get": (_FIVE_MINUTES, "public"),
    "resources/read": (0, "private"),
}
"""`ttlMs` and `cacheScope` of a result; what the API answers may be one user's own."""


def is_stateless(params: Mapping[str, Any]) -> bool:
    """Whether a request claims to be of this era."""
    meta = params.get("_meta")
    return isinstance(meta, dict) and _META_VERSION in meta


def check(request: Request, headers: Headers | None = None) -> None:
    """Raise RequestError unless the request is complete and of a version served.

    `headers` are those of the HTTP request that brought it, None on other transports.
    """
    meta = request.params.get("_meta")
    meta = meta if isinstance(meta, dict) else {}
    version = meta.get(_META_VERSION)
    if not isinstance(version, str):
        raise invalid_params(f"Invalid params: _meta needs {_META_VERSION}, a string")
    if not isinstance(meta.get(_META_CAPABILITIES), dict):
        raise invalid_params(
            f"Invalid params: _meta needs {_META_CAPABILITIES}, an object"
        )
    if headers is not None:
        _check_header(headers, "MCP-Protocol-Version", version)
    if version not in VERSIONS:
        raise unsupported_version(version)
    if headers is not None:
        _check_header(headers, "Mcp-Method", request.method)
        name = _NAMED_BY.get(request.method)
        if name is not None and isinstance(request.params.get(name), str):
            _check_header(headers, "Mcp-Name", request.params[name])


def client(request: Request) -> tuple[Mapping[str, Any], Any]:
    """The capabilities and the log level that a request states, once it is checked."""
    meta = request.params["_meta"]
    return meta[_META_CAPABILITIES], meta.get(_META_LOG_LEVEL)


def request_meta(
    version: str,
    capabilities: Mapping[str, Any] | None = None,
    log_level: str | None = None,
) -> dict[str, Any]:
    """The metadata of a request from a client with these capabilities."""
    meta = {_META_VERSION: version, _META_CAPABILITIES: capabilities or {}}
    return meta if log_level is None else {**meta, _META_LOG_LEVEL: log_level}


def routing_headers(method: str, params: Mapping[str, Any]) -> dict[str, str]:
    """The headers that a client repeats a request in."""
    headers = {"MCP-Protocol-Version": VERSION, "Mcp-Method": method}
    name = params.get(_NAMED_BY.get(method, ""))
    if isinstance(name, str):
        headers["Mcp-Name"] = encoded(name)
    return headers


def unsupported_version(requested: str, others: Iterable[str] = ()) -> RequestError:
    """The refusal of a version; `others` are supported where it was asked for, too."""
    supported = [*VERSIONS, *others]
    return RequestError(
        UNSUPPORTED_PROTOCOL_VERSION,
        f"Unsupported protocol version: supported are {', '.join(supported)}",
        {"supported": supported, "requested": shortened(requested)},
    )


def header(headers: Headers, name: str) -> str | None:
    """The value of a header, None without it; RequestError when it is repeated."""
    values = headers.get(name.lower(), ())
    if len(values) > 1:
        raise RequestError(HEADER_MISMATCH, f"Header mismatch: {name} is repeated")
    return values[0].strip(" \t") if values else None


def http_status(error: RequestError) -> int:
    """The HTTP status of an error of this era."""
    return {METHOD_NOT_FOUND: 404, INTERNAL_ERROR: 200}.get(error.code, 400)


def discover_result(capabilities: Mapping[str, Any], instructions: str | None) -> bytes:
    result: dict[str, Any] = {
        "supportedVersions": VERSIONS,
        "capabilities": capabilities,
    }
    if instructions:
        result["instructions"] = instructions
    return dumps(result)


def complete(method: str, result: bytes, server_info: Any) -> bytes:
    """A result with what this era adds to it; `result` is the text of an object."""
    added: dict[str, Any] = {"resultType": "complete"}
    if caching := _CACHING.get(method):
        added["ttlMs"], added["cacheScope"] = caching
    added["_meta"] = {_META_SERVER_INFO: server_info}
    members = result[1:-1]
    return b"%b%b%b}" % (dumps(added)[:-1], b"," if members else b"", members)


def input_required(questions: Mapping[str, Any], state: str, server_info: Any) -> bytes:
    """The result that asks the client, which calls again with answers and state."""
    result = {
        "resultType": "input_required",
        "inputRequests": questions,
        "requestState": state,
        "_meta": {_META_SERVER_INFO: server_info},
    }
    return dumps(result)


def task_created(fields: Mapping[str, Any], server_info: Any) -> bytes:
    """The result of a call that goes on as a task."""
    meta = {_META_SERVER_INFO: server_info}
    return dumps({"resultType": "task", **fields, "_meta": meta})


def acknowledged(subscription: Id, honoured: Mapping[str, Any]) -> bytes:
    """The first message of a subscription: of what was asked for, what is honoured."""
    return notification(
        "notifications/subscriptions/acknowledged",
        {"notifications": honoured, "_meta": subscription_meta(subscription)},
    )


def subscription_meta(subscription: Id) -> dict[str, Any]:
    """What every notification of a subscription carries."""
    return {_META_SUBSCRIPTION: subscription}


def subscription_ended(subscription: Id, server_info: Any) -> bytes:
    """The result of a subscription that the server ends."""
    meta = {_META_SUBSCRIPTION: subscription, _META_SERVER_INFO: server_info}
    return dumps({"resultType": "complete", "_meta": meta})


def cancelled(request_id: Id) -> bytes:
    return notification("notifications/cancelled", {"requestId": request_id})


def _check_header(headers: Headers, name: str, expected: str) -> None:
    value = header(headers, name)
    if value is None:
        raise RequestError(
            HEADER_MISMATCH, f"Header mismatch: the {name} header is missing"
        )
    if name == "Mcp-Name":
        value = decoded(name, value)
    if value != expected:
        raise RequestError(
            HEADER_MISMATCH,
            f"Header mismatch: {name} header value {shortened(value)!r} "
            f"does not match body value {shortened(expected)!r}",
        )


def encoded(text: str) -> str:
    """A header value that stands for a text: itself, or `=?base64?…?=`."""
    plain = text.isascii() and text.isprintable() and text == text.strip(" ")
    if plain and not text.startswith("=?base64?"):
        return text
    return f"=?base64?{b64encode(text.encode()).decode()}?="


def decoded(name: str, value: str) -> str:
    """The text behind `=?base64?…?=`; any other value stands for itself."""
    if not (value.startswith("=?base64?") and value.endswith("?=")):
        return value
    try:
        encoded = value.removeprefix("=?base64?").removesuffix("?=")
        return b64decode(encoded, validate=True).decode()
    except (binascii.Error, ValueError):
        raise RequestError(
            HEADER_MISMATCH, f"Header mismatch: {name} is not base64 of UTF-8"
        ) from None
