"""The errors of the runtime, and the error codes of JSON-RPC and MCP.

    McpError
    ├── RequestError       one request can't be served: the client receives it
    ├── ArgumentsError     the arguments of a call are wrong: the client corrects them
    ├── ToolError          raised by extension code: the client receives its message
    │   └── NotFoundError  there is no such thing: a resource is not found
    └── CompositionError   the server is put together wrongly: its author reads it

All but the last are sent to the client as they stand, so their messages hold neither
exception text nor secrets.

Pure: values only; no I/O, no asyncio.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

# JSON-RPC 2.0, section 5.1
PARSE_ERROR: Final = -32700
INVALID_REQUEST: Final = -32600
METHOD_NOT_FOUND: Final = -32601
INVALID_PARAMS: Final = -32602
INTERNAL_ERROR: Final = -32603
# MCP up to 2025-11-25
RESOURCE_NOT_FOUND: Final = -32002
# MCP from 2026-07-28
HEADER_MISMATCH: Final = -32020
MISSING_CLIENT_CAPABILITY: Final = -32021
UNSUPPORTED_PROTOCOL_VERSION: Final = -32022


class McpError(Exception):
    """Anything that this runtime raises on purpose."""


class RequestError(McpError):
    """The error member of a JSON-RPC response."""

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data


class ArgumentsError(McpError):
    """The arguments of a call don't fit; one line for each of them."""


class ToolError(McpError):
    """Extension code can't do what was asked, or won't; the message says why."""

    status: int | None = None


class NotFoundError(ToolError):
    """What a function was asked for is not there."""

    status = 404


class Unanswered(BaseException):
    """A handler can't go on until the client has answered a question.

    It isn't an Exception: a handler that catches those still ends with it.
    """


class CompositionError(McpError):
    """A call of `server.add`, `server.remove` … that can't be carried out."""


def method_not_found(method: str) -> RequestError:
    return RequestError(METHOD_NOT_FOUND, f"Method not found: {shortened(method)}")


def invalid_params(sentence: str, data: Any = None) -> RequestError:
    return RequestError(INVALID_PARAMS, sentence, data)


def shortened(text: str, limit: int = 200) -> str:
    """Text that came from outside, cut to what an error message can carry."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint that ends a sentence about an unknown name; empty when none is near."""
    from difflib import get_close_matches

    matches = get_close_matches(name, list(known), n=1)
    return f"; did you mean {matches[0]!r}?" if matches else ""
