"""One request and its answer, whatever happens on the way.

The rule: an exchange ends within its deadline and its memory bound, with an answer or
with a `Failed` that says what went wrong and holds no secret. It knows nothing of
redirects, retries and credentials.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Iterable, Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from ..components import IDEMPOTENT_METHODS, SAFE_METHODS
from ..settings import ResolvedSettings
from . import decoding
from .auth import CredentialError
from .head import PORTS, Place
from .request import RequestParts
from .streams import Records, Told, is_stream, whole_records
from .transport import (
    ApplicationFailed,
    ConnectFailed,
    ConnectionBroken,
    Dropped,
    Incoming,
    ProxyFailed,
    TimedOut,
    Transport,
    TransportError,
    Unanswered,
    Unsendable,
)

_LOG = logging.getLogger(__name__)
_MAY_BE_DONE = (
    "The API may have done what was asked all the same: look before you ask again."
)


class Failed(Exception):
    """No answer; the message is for the model and the operator."""


class Answer(NamedTuple):
    """`headers` has lower-case names; `interrupted` says why a stream was left, and
    `redirected` that a write led to what is read here."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str
    interrupted: str | None = None
    redirected: str | None = None


class Exchange:
    """Sends requests to the API of one package, so many at a time and no more."""

    def __init__(self, settings: ResolvedSettings, transport: Transport) -> None:
        self._settings = settings
        self._transport = transport
        self._slots = asyncio.Semaphore(settings.max_concurrency)

    async def send(
        self, request: RequestParts, deadline: float, told: Told | None = None
    ) -> Answer:
        """The answer to one request; `deadline` is in the loop's time.

        `told` hears of the records of a stream while it goes on.

        Raises Failed, and TimeoutError from outside.
        """
        try:
            async with self._slots:
                try:
                    return await self._send(request, deadline, told)
                except Unanswered as error:
                    # Another connection may do (RFC 9110, 9.2.2). What came over a new
                    # one may have been carried out, and so isn't written twice.
                    dropped = isinstance(error, Dropped)
                    again = IDEMPOTENT_METHODS if dropped else SAFE_METHODS
                    if request.method not in again:
                        raise
                    return await self._send(request, deadline, told)
        except (TimeoutError, CredentialError, Failed):
            raise
        except decoding.BodyTooLarge:
            limit = self._settings.max_response_bytes
            raise Failed(
                f"{where(request)} answered with more than {limit:,} bytes, which is "
                "this server's limit. Ask for less, for example a smaller page."
            ) from None
        except decoding.BodyUndecodable as error:
            raise Failed(f"The answer of {where(request)} {error}.") from None
        except Exception as error:  # noqa: BLE001 - a transport may raise anything
            # The text of a transport's error may hold the URL with its credentials.
            _LOG.warning("%s failed: %s", where(request), type(error).__name__)
            raise Failed(_explained(request, error)) from None

    async def _send(
        self, request: RequestParts, deadline: float, told: Told | None
    ) -> Answer:
        settings = self._settings
        accepted = ("Accept-Encoding", decoding.ACCEPTED)
        answer = await self._transport.send(
            RequestParts(
                request.method,
                request.url,
                (*request.headers, accepted),
                request.content,
            ),
            min(settings.connect_timeout, settings.timeout),
        )
        url = request.url.partition("?")[0]
        try:
            received = _fields(answer.headers)
            if 200 <= answer.status < 300 and is_stream(
                received.get("content-type", "")
            ):
                body, interrupted = await self._collect(
                    answer, received, deadline, told
                )
                return Answer(answer.status, received, body, url, interrupted)
            reader = decoding.BodyReader(
                received.get("content-encoding", ""), settings.max_response_bytes
            )
            async for piece in answer:
                reader.feed(piece)
            return Answer(answer.status, received, reader.finish(), url)
        finally:
            await answer.aclose()

    async def _collect(
        self,
        stream: Incoming,
        headers: Mapping[str, str],
        deadline: float,
        told: Told | None,
    ) -> tuple[bytes, str | None]:
        """A stream to its end, or its beginning and why that is all of it."""
        settings = self._settings
        limit = min(settings.max_response_bytes, settings.max_result_bytes)
        kind = headers.get("content-type", "")
        reader = decoding.BodyReader(headers.get("content-encoding", ""), limit)
        records = Records(kind, told) if told is not None else None
        try:
            async with asyncio.timeout_at(deadline - settings.timeout / 20):
                async for piece in stream:
                    decoded = reader.feed(piece)
                    if records is not None:
                        records.feed(decoded)
            return reader.finish(), None
        except decoding.BodyTooLarge:
            reason = f"went on after {limit:,} bytes, which is this server's limit"
        except TimeoutError:
            reason = (
                f"went on after {settings.timeout:g} s, which is all that a call has"
            )
        except (TransportError, decoding.BodyUndecodable):
            reason = "broke"
        finally:
            if records is not None:
                records.close()
        body = whole_records(reader.received(), kind)
        return body, f"The stream {reason}; this is what came until then."


def _fields(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Header fields by their lower-case names; repeated ones are one list."""
    fields: dict[str, str] = {}
    for key, octets in raw:
        name, value = key.decode("latin-1").lower(), octets.decode("latin-1")
        fields[name] = f"{fields[name]}, {value}" if name in fields else value
    return fields


def origin(url: str) -> str:
    """Scheme, host and port of a URL; raises ValueError when it has none."""
    parts = urlsplit(url)
    default = PORTS.get(parts.scheme)
    if default is None or not parts.hostname:
        raise ValueError("not a URL of an API")
    place = Place(parts.scheme, parts.hostname, parts.port or default)
    return f"{place.scheme}://{place.authority}"


def where(request: RequestParts) -> str:
    """How messages call a request: its method and URL, without the query."""
    parts = urlsplit(request.url)
    return f"{request.method} {origin(request.url)}{parts.path}"


def _explained(request: RequestParts, error: Exception) -> str:
    target = origin(request.url)
    if _is_caused_by(error, ssl.SSLError):
        return (
            f"No secure connection to {target}: its certificate or its TLS settings "
            "are not accepted. SSL_CERT_FILE can name a file of trusted certificates."
        )
    if isinstance(error, ConnectFailed):
        return f"Cannot connect to {target}. The API may be down, or its address wrong."
    if isinstance(error, ProxyFailed):
        return f"The proxy did not connect to {target}."
    if isinstance(error, TimedOut):
        return f"{where(request)} did not answer in time."
    if isinstance(error, Unsendable):
        return f"{where(request)} can't be sent: a header isn't valid HTTP."
    if isinstance(error, ConnectionBroken):
        told = f"The connection to {target} broke before the answer was complete."
        return told if request.method in SAFE_METHODS else f"{told} {_MAY_BE_DONE}"
    if isinstance(error, ApplicationFailed):
        told = (
            f"The application behind this server failed in the middle of its answer to "
            f"{request.method} {urlsplit(request.url).path}; this server's log says why."
        )
        return told if request.method in SAFE_METHODS else f"{told} {_MAY_BE_DONE}"
    return f"{where(request)} failed in this server; its log says more."


def _is_caused_by(error: BaseException | None, kind: type[Exception]) -> bool:
    while error is not None and not isinstance(error, kind):
        error = error.__cause__ or error.__context__
    return error is not None
