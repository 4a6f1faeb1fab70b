"""The client of the API: it sends one call and always comes back with a result.

The rule: whatever the API or the network does, a call ends within its deadline and its
memory bound, as a `Result`. Credentials go to the API's own origin and nowhere else,
and no message holds one.

httpx is the interface: any `httpx.AsyncBaseTransport` carries the requests, called
directly, so that nothing keeps cookies or follows redirects behind our back. The engine
that serves by default is chosen in one place, `default_transport`.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

from .. import content
from ..components import Component
from ..content import Result
from ..errors import ArgumentsError
from ..settings import ResolvedSettings
from . import auth, decoding, response
from .engine import default_transport
from .request import ArgumentError, RequestParts, build

__all__ = ["Upstream", "default_transport"]

_LOG = logging.getLogger(__name__)
_IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "QUERY"})
_CONNECT_SECONDS = 10.0
_MAX_REDIRECTS = 5
_MAX_RETRIES = 2


class Upstream:
    """Calls the API of one package. `transport` replaces the default engine."""

    def __init__(
        self,
        settings: ResolvedSettings,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._settings = settings
        self._transport = transport or default_transport()
        self._secrets = auth.secrets(settings.credentials, settings.environment)

    async def call(self, component: Component, arguments: Mapping[str, Any]) -> Result:
        """The outcome of one operation; failures of any kind are error results.

        Raises ArgumentsError for arguments that no request can carry.
        """
        settings = self._settings
        base_url = component.server or settings.base_url or ""
        try:
            origin(base_url)
        except ValueError:
            known = f"{base_url!r} is no URL of an API" if base_url else "none is set"
            return content.error(
                f"This server doesn't know where its API is: {known}. Set "
                f"{settings.base_url_variable} to it, as in https://host/path."
            )
        try:
            credentials = auth.choose(
                component.security, settings.credentials, settings.environment
            )
            request = build(component, arguments, base_url)
            deadline = asyncio.get_running_loop().time() + settings.timeout
            call = _Call(settings, self._transport, credentials, deadline)
            call.sign(request)
        except ArgumentError as error:
            raise ArgumentsError(str(error)) from None
        except auth.CredentialError as error:
            return content.error(str(error))
        try:
            async with asyncio.timeout_at(deadline):
                answer = await call.run(request)
        except _Failed as failure:
            result = content.error(str(failure))
        except TimeoutError:
            seconds = f"{settings.timeout:g} s"
            result = content.error(
                f"{_where(request)} did not answer within {seconds}."
            )
        else:
            result = response.read(
                answer.status,
                answer.headers,
                answer.body,
                uri=answer.url,
                variables=auth.variables(component.security, settings.credentials),
                interrupted=answer.interrupted,
            )
        return self._without_secrets(result)

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._transport.aclose()

    def _without_secrets(self, result: Result) -> Result:
        """Texts that we wrote or shortened never repeat a credential."""
        first = 0 if result.is_error else 1
        blocks = list(result.content)
        for index, block in enumerate(blocks[first:], first):
            for secret in self._secrets:
                if secret in block.get("text", ""):
                    block = content.text_block(block["text"].replace(secret, "***"))
            blocks[index] = block
        return replace(result, content=tuple(blocks))


class _Failed(Exception):
    """No answer; the message is for the model and the operator."""


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str
    interrupted: str | None = None


@dataclass(frozen=True, slots=True)
class _Call:
    """One call on its way: redirects and retries, with credentials for each request.

    `deadline` is in the loop's time.
    """

    settings: ResolvedSettings
    transport: httpx.AsyncBaseTransport
    credentials: tuple[auth.Credential, ...]
    deadline: float

    def sign(self, request: RequestParts) -> RequestParts:
        for credential in self.credentials:
            request = credential.sign(request, self.settings.environment)
        return request

    async def run(self, request: RequestParts) -> _Answer:
        """The final answer; raises _Failed."""
        for _ in range(_MAX_REDIRECTS + 1):
            answer = await self._patiently(request)
            following = self._redirected(request, answer)
            if following is None:
                return answer
            request = following
        raise _Failed(f"{_where(request)} redirects more than {_MAX_REDIRECTS} times.")

    def _redirected(
        self, request: RequestParts, answer: _Answer
    ) -> RequestParts | None:
        location = answer.headers.get("location", "")
        if answer.status not in (301, 302, 303, 307, 308) or not location:
            return None
        try:
            url = urljoin(request.url, location)
            target = origin(url)
        except ValueError:
            raise _Failed(f"{_where(request)} redirects to an invalid URL.") from None
        if target != origin(request.url):
            raise _Failed(
                f"{_where(request)} redirects to another origin, {target}, and that "
                "is not followed. If the API has moved, set "
                f"{self.settings.base_url_variable} to its new URL."
            )
        method = request.method
        # Only 303 means "see there" (RFC 9110, 15.4.4): a write stays the write it is.
        if answer.status == 303 and method != "HEAD":
            method = "GET"
        if method == request.method:
            return replace(request, url=url)
        headers = tuple(
            h for h in request.headers if not h[0].lower().startswith("content-")
        )
        return RequestParts(method, url, headers)

    async def _patiently(self, request: RequestParts) -> _Answer:
        """The answer; while the API is busy (429, 503), asked again as it wishes."""
        loop = asyncio.get_running_loop()
        repeatable = request.method in _IDEMPOTENT
        for attempt in range(_MAX_RETRIES):
            answer = await self._exchange(request)
            if answer.status not in (429, 503) or not repeatable:
                return answer
            delay = retry_delay(answer.headers.get("retry-after"), attempt)
            if loop.time() + delay >= self.deadline:
                return answer
            await asyncio.sleep(delay)
        return await self._exchange(request)

    async def _exchange(self, request: RequestParts) -> _Answer:
        """One request and its whole answer; raises _Failed."""
        signed = self.sign(request)
        try:
            try:
                return await self._send(signed)
            except (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError):
                # The server may have closed a kept-alive connection just then.
                if request.method not in _IDEMPOTENT:
                    raise
                return await self._send(signed)
        except TimeoutError:
            raise
        except decoding.BodyTooLarge:
            limit = self.settings.max_response_bytes
            raise _Failed(
                f"{_where(request)} answered with more than {limit:,} bytes, which is "
                "this server's limit. Ask for less, for example a smaller page."
            ) from None
        except decoding.BodyUndecodable as error:
            raise _Failed(f"The answer of {_where(request)} {error}.") from None
        except Exception as error:  # noqa: BLE001 - a transport may raise anything
            # The text of a transport's error may hold the URL with its credentials.
            _LOG.warning("%s failed: %s", _where(request), type(error).__name__)
            raise _Failed(_explained(request, error)) from None

    async def _send(self, request: RequestParts) -> _Answer:
        timeout = self.settings.timeout
        limits = {"connect": min(_CONNECT_SECONDS, timeout)}
        limits |= dict.fromkeys(("read", "write", "pool"), timeout)
        headers = [
            (name.encode("latin-1"), value.encode("latin-1"))
            for name, value in request.headers
        ]
        headers.append((b"Accept-Encoding", decoding.ACCEPTED.encode("ascii")))
        answer = await self.transport.handle_async_request(
            httpx.Request(
                request.method,
                request.url,
                headers=headers,
                content=request.content,
                extensions={"timeout": limits},
            )
        )
        url = request.url.partition("?")[0]
        try:
            assert isinstance(answer.stream, httpx.AsyncByteStream)
            received = dict(answer.headers)
            if answer.is_success and response.is_stream(
                received.get("content-type", "")
            ):
                body, interrupted = await self._collect(answer.stream, received)
                return _Answer(answer.status_code, received, body, url, interrupted)
            reader = decoding.BodyReader(
                received.get("content-encoding", ""), self.settings.max_response_bytes
            )
            async for piece in answer.stream:
                reader.feed(piece)
            return _Answer(answer.status_code, received, reader.finish(), url)
        finally:
            await answer.aclose()

    async def _collect(
        self, stream: httpx.AsyncByteStream, headers: Mapping[str, str]
    ) -> tuple[bytes, str | None]:
        """A stream to its end, or its beginning and why that is all of it."""
        settings = self.settings
        limit = min(settings.max_response_bytes, settings.max_result_bytes)
        reader = decoding.BodyReader(headers.get("content-encoding", ""), limit)
        try:
            async with asyncio.timeout_at(self.deadline - settings.timeout / 20):
                async for piece in stream:
                    reader.feed(piece)
            return reader.finish(), None
        except decoding.BodyTooLarge:
            reason = f"went on after {limit:,} bytes, which is this server's limit"
        except TimeoutError:
            reason = (
                f"went on after {settings.timeout:g} s, which is all that a call has"
            )
        except (httpx.HTTPError, decoding.BodyUndecodable):
            reason = "broke"
        body = response.whole_records(
            reader.received(), headers.get("content-type", "")
        )
        return body, f"The stream {reason}; this is what came until then."


def origin(url: str) -> str:
    """Scheme, host and port of a URL; raises ValueError when it has none."""
    parts = urlsplit(url)
    default = {"http": 80, "https": 443}.get(parts.scheme)
    if default is None or not parts.hostname:
        raise ValueError("not a URL of an API")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    port = parts.port or default
    return f"{parts.scheme}://{host}" + ("" if port == default else f":{port}")


def retry_delay(retry_after: str | None, attempt: int) -> float:
    """Seconds to wait before asking again: what the API says, or 0.5, 1, 2…"""
    fallback = 0.5 * 2.0**attempt
    if retry_after is None:
        return fallback
    if retry_after.strip().isdecimal():
        return float(retry_after)
    try:
        at = parsedate_to_datetime(retry_after)
    except ValueError:
        return fallback
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0.0, (at - datetime.now(UTC)).total_seconds())


def _where(request: RequestParts) -> str:
    parts = urlsplit(request.url)
    return f"{request.method} {origin(request.url)}{parts.path}"


def _explained(request: RequestParts, error: Exception) -> str:
    target = origin(request.url)
    if _is_caused_by(error, ssl.SSLError):
        return (
            f"No secure connection to {target}: its certificate or its TLS settings "
            "are not accepted. SSL_CERT_FILE can name a file of trusted certificates."
        )
    if isinstance(error, httpx.ConnectTimeout | httpx.ConnectError):
        return f"Cannot connect to {target}. The API may be down, or its address wrong."
    if isinstance(error, httpx.ProxyError):
        return f"The proxy did not connect to {target}."
    if isinstance(error, httpx.TimeoutException):
        return f"{_where(request)} did not answer in time."
    if isinstance(error, httpx.LocalProtocolError):
        return f"{_where(request)} can't be sent: a header isn't valid HTTP."
    if isinstance(error, httpx.NetworkError | httpx.ProtocolError):
        return f"The connection to {target} broke before the answer was complete."
    return f"{_where(request)} failed in this server; its log says more."


def _is_caused_by(error: BaseException | None, kind: type[Exception]) -> bool:
    while error is not None and not isinstance(error, kind):
        error = error.__cause__ or error.__context__
    return error is not None
