"""What one request may use of the connection that it came on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """`version` is the protocol version that the request is served in.

    `notify` sends an encoded notification ahead of the response, on the same stream;
    it never blocks. `closing` is set when the transport is about to end: a request
    that waits for something else ends then.
    """

    version: str
    notify: Callable[[bytes], None]
    closing: asyncio.Event
