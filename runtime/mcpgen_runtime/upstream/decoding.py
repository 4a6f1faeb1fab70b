"""Content codings: the bytes of an answer, decoded piece by piece within a bound.

The rule: no piece is decoded further than the bound allows, so that a small body that
expands without end (a "gzip bomb") costs no more memory than the bound.

Pure: bytes in, bytes out.
"""

from __future__ import annotations

import zlib

ACCEPTED = "gzip, deflate"
"""The value of Accept-Encoding that this module can keep."""


class BodyTooLarge(Exception):
    """The decoded body is longer than the bound."""


class BodyUndecodable(Exception):
    """The body isn't what its Content-Encoding says; the message completes "it …"."""


class BodyReader:
    """Collects a body. `content_encoding` is the header's value, `limit` in bytes."""

    def __init__(self, content_encoding: str, limit: int) -> None:
        self._limit = limit
        self._pieces: list[bytes] = []
        self._length = 0
        self._decoder = _decoder(content_encoding)

    def feed(self, data: bytes) -> bytes:
        """Takes one piece as received, and gives it decoded.

        Raises BodyTooLarge or BodyUndecodable.
        """
        if self._decoder is not None:
            data = self._decoder.decode(data, self._limit + 1 - self._length)
        self._pieces.append(data[: self._limit - self._length])
        self._length += len(data)
        if self._length > self._limit:
            raise BodyTooLarge
        return data

    def received(self) -> bytes:
        """What is decoded so far."""
        return b"".join(self._pieces)

    def finish(self) -> bytes:
        """The whole decoded body; raises BodyUndecodable when it is cut short."""
        if self._decoder is not None:
            self._decoder.finish()
        return b"".join(self._pieces)


class _Zlib:
    def __init__(self, coding: str) -> None:
        self._coding = coding
        self._window = zlib.MAX_WBITS | (16 if coding == "gzip" else 0)
        self._object = zlib.decompressobj(self._window)
        self._started = False

    def decode(self, data: bytes, room: int) -> bytes:
        """At most `room` bytes; what is left then would go beyond the bound."""
        if data and not self._started:
            self._started = True
            if self._coding == "deflate" and data[0] & 0x0F != 8:
                # Raw deflate without zlib's header, as some servers send it.
                self._object = zlib.decompressobj(-zlib.MAX_WBITS)
        decoded = b""
        try:
            while data and len(decoded) < room:
                if self._object.eof:
                    self._object = zlib.decompressobj(self._window)
                decoded += self._object.decompress(data, room - len(decoded))
                data = self._object.unused_data or self._object.unconsumed_tail
        except zlib.error:
            raise BodyUndecodable(f"is not valid {self._coding}") from None
        return decoded

    def finish(self) -> None:
        if self._started and not self._object.eof:
            raise BodyUndecodable(f"ends in the middle of its {self._coding} data")


def _decoder(content_encoding: str) -> _Zlib | None:
    codings = [c.strip().lower() for c in content_encoding.split(",")]
    codings = [c.removeprefix("x-") for c in codings if c not in ("", "identity")]
    if not codings:
        return None
    if len(codings) > 1 or codings[0] not in ("gzip", "deflate"):
        raise BodyUndecodable(
            f"is compressed as {content_encoding[:40]!r}, which was not asked for"
        )
    return _Zlib(codings[0])
