"""Messages that are slightly, or wholly, wrong."""

from __future__ import annotations

import json
import random

from load_server import META, call, request

_NASTY = (
    *(b"{", b"}", b"[", b"]", b'"', b",", b":", b"\\", b"\\ud800", b"\xff", b"\x00"),
    *(b"null", b"-1", b"1e999", b"[" * 500, b"{" * 500, b"9" * 400, b"\xf0\x9f"),
)


def seeds() -> list[bytes]:
    """Messages to begin with: each is fine as it is."""
    messages = [
        request("ping", 1),
        request("tools/list", "a"),
        request("tools/list", 3, _meta=META),
        call("echo", 4, text="hello"),
        request("resources/read", 5, uri="api://shop/products/1"),
        request("completion/complete", 6, ref={"type": "ref/prompt", "name": "x"}),
        request("logging/setLevel", 7, level="debug"),
        request("server/discover", 8, _meta=META),
        {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {}},
        {"jsonrpc": "2.0", "id": 9, "result": {}},
        [request("ping", 10), request("ping", 11)],
    ]
    return [json.dumps(message).encode() for message in messages]


def mutated(choose: random.Random, data: bytes) -> bytes:
    """The bytes with a few of them changed, lost, doubled, or put in."""
    found = bytearray(data)
    for _ in range(choose.randint(1, 4)):
        place = choose.randrange(len(found) + 1)
        length = choose.randint(1, 8)
        match choose.randrange(5):
            case 0:
                found[place : place + length] = choose.randbytes(length)
            case 1:
                del found[place : place + length]
            case 2:
                found[place:place] = found[place : place + length]
            case 3:
                found[place:place] = choose.choice(_NASTY)
            case _:
                del found[place:]
    return bytes(found)
