"""The client of the API: it sends one call and always comes back with a result.

The rule: whatever the API or the network does, a call ends within its deadline and its
memory bound, as a `Result`. Credentials go to the API's own origin and nowhere else,
and no message holds one.

What carries the requests is a `Transport`: the engine by default, chosen in one place,
`network`; any transport of httpx fits, too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import urljoin

from .. import content
from ..components import IDEMPOTENT_METHODS, Component, Cookie, Query
from ..content import Result
from ..errors import ArgumentsError
from ..inbound import inbound
from ..settings import ResolvedSettings
from ..store import Store
from . import auth, response, servers
from .digest import Digests
from .engine import Engine
from .exchange import Answer, Exchange, Failed, origin, where
from .files import with_files
from .request import ArgumentError, RequestParts, build
from .streams import Told
from .tokens import Tokens
from .transport import Transport

_MAX_RETRIES = 2
_LONGEST_TOLD = 500
"""Characters of a record that is told while its stream goes on."""


class Upstream:
    """Calls the API of one package. `transport` replaces the default engine; what
    `store` holds is shared with other processes."""

    def __init__(
        self,
        settings: ResolvedSettings,
        transport: Transport | None = None,
        store: Store | None = None,
    ) -> None:
        self._settings = settings
        self._transport = transport or network(settings)
        self._exchange = Exchange(settings, self._transport)
        self._tokens = Tokens(settings.environment, self._ask_for_token, store)
        self._digests = Digests(settings.environment)
        self._sound: set[str] = set()
        self._credentials = [
            (Query if one.location == "query" else Cookie, one.name)
            for one in settings.credentials.values()
            if isinstance(one, auth.ApiKey) and one.location != "header"
        ]
        self._secrets = auth.secrets(settings.credentials, settings.environment)

    async def call(
        self,
        component: Component,
        arguments: Mapping[str, Any],
        told: Told | None = None,
    ) -> Result:
        """The outcome of one operation; failures of any kind are error results.

        `told` hears of the records of a stream while it goes on. Raises ArgumentsError
        for arguments that no request can carry.
        """
        settings = self._settings
        try:
            base_url = servers.base_url(component, settings)
        except servers.NoServer as problem:
            return content.error(str(problem))
        try:
            if base_url not in self._sound:
                origin(base_url)
                self._sound.add(base_url)
        except ValueError:
            known = component.server or base_url
            known = f"{known!r} is no URL of an API" if known else "none is set"
            return content.error(
                f"This server doesn't know where its API is: {known}. Set "
                f"{settings.base_url_variable} to it, as in https://host/path."
            )
        try:
            came = inbound.get()
            forwarded = settings.forward_headers if came else ()
            brought = dict(came.passed_on(forwarded) if came else ())
            credentials = auth.choose(
                component.security,
                settings.credentials,
                settings.environment,
                brought,
                forwarded,
            )
            if component.body is not None:
                arguments = await with_files(
                    component,
                    arguments,
                    settings.files,
                    settings.files_variable,
                    settings.max_request_bytes,
                )
            request = build(component, arguments, base_url, self._credentials)
            for name, value in brought.items():
                request = request.with_header(name, value)
            deadline = asyncio.get_running_loop().time() + settings.timeout
            call = _Call(
                settings,
                self._exchange,
                self._tokens,
                self._digests,
                base_url,
                credentials,
                _scopes(component, settings),
                deadline,
                None if told is None else partial(self._tell, told, brought.values()),
            )
            call.check(request)
        except ArgumentError as error:
            raise ArgumentsError(str(error)) from None
        except auth.CredentialError as error:
            return content.error(str(error))
        try:
            async with asyncio.timeout_at(deadline):
                answer = await call.run(request)
        except (Failed, auth.CredentialError) as failure:
            result = content.error(str(failure))
        except TimeoutError:
            seconds = f"{settings.timeout:g} s"
            result = content.error(f"{where(request)} did not answer within {seconds}.")
        else:
            sources = settings.credentials if answer.status in (401, 403) else {}
            result = response.read(
                answer.status,
                answer.headers,
                answer.body,
                uri=answer.url,
                tells=component.tells,
                variables=auth.variables(component.security, sources),
                remarks=filter(None, (answer.redirected, answer.interrupted)),
            )
        return self._without_secrets(result, brought.values())

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._transport.aclose()

    async def _ask_for_token(self, request: RequestParts) -> tuple[int, bytes]:
        deadline = asyncio.get_running_loop().time() + self._settings.timeout
        answer = await self._exchange.send(request, deadline)
        return answer.status, answer.body

    def _without_secrets(self, result: Result, brought: Iterable[str]) -> Result:
        """Texts that we wrote or shortened never repeat a credential."""
        first = 0 if result.is_error else 1
        if not result.content[first:]:
            return result
        blocks = list(result.content)
        for index, block in enumerate(blocks[first:], first):
            text = block.get("text", "")
            masked = self._masked(text, brought)
            if masked != text:
                blocks[index] = content.text_block(masked)
        return replace(result, content=tuple(blocks))

    def _tell(
        self, told: Told, brought: Iterable[str], number: int, latest: str
    ) -> None:
        told(number, self._masked(latest, brought)[:_LONGEST_TOLD])

    def _masked(self, text: str, brought: Iterable[str]) -> str:
        tokens = (value.rpartition(" ")[2] for value in brought)
        own = [token for token in tokens if len(token) >= auth.SHORTEST_SECRET]
        for secret in (*self._secrets, *self._tokens.values(), *own):
            text = text.replace(secret, "***")
        return text


def network(settings: ResolvedSettings) -> Transport:
    """The default engine, with the client certificate of the settings."""
    certificate = auth.certificate(settings.credentials, settings.environment)
    return Engine(certificate)


class _Call(NamedTuple):
    """One call on its way: redirects and retries, with credentials for each request.

    `deadline` is in the loop's time.
    """

    settings: ResolvedSettings
    exchange: Exchange
    tokens: Tokens
    digests: Digests
    base_url: str
    credentials: tuple[auth.Credential, ...]
    scopes: Mapping[auth.Credential, tuple[str, ...]]
    deadline: float
    told: Told | None

    def check(self, request: RequestParts) -> None:
        """Raises for what can be known before anything is sent.

        ArgumentError for a request that is too large, CredentialError for a credential
        that can't be used.
        """
        size = len(request.content or b"")
        limit = self.settings.max_request_bytes
        if size > limit:
            raise ArgumentError(
                f"The request would have {size:,} bytes, and this server sends no more "
                f"than {limit:,}. Send less, or in several calls. Nothing was sent."
            )
        environment = self.settings.environment
        for credential in self.credentials:
            if not isinstance(credential, auth.OAuth2) or not credential.grant(
                environment
            ):
                credential.sign(request, environment)

    async def run(self, request: RequestParts) -> Answer:
        """The final answer; raises Failed."""
        most = self.settings.max_redirects
        told: str | None = None
        for _ in range(most + 1):
            answer = await self._patiently(request)
            following = self._redirected(request, answer)
            if following is None:
                return answer._replace(redirected=told)
            if answer.status in (301, 302) and following.method != request.method:
                told = (
                    f"{where(request)} answered with a redirect ({answer.status}), and "
                    f"this is the answer of {where(following)}. Look there whether "
                    "what was asked has been done."
                )
            request = following
        raise Failed(f"{where(request)} redirects more than {most} times.")

    def _redirected(self, request: RequestParts, answer: Answer) -> RequestParts | None:
        location = answer.headers.get("location", "")
        if answer.status not in (301, 302, 303, 307, 308) or not location:
            return None
        try:
            url = urljoin(request.url, location)
            target = origin(url)
        except ValueError:
            raise Failed(f"{where(request)} redirects to an invalid URL.") from None
        if target != origin(request.url):
            raise Failed(
                f"{where(request)} redirects to another origin, {target}, and that "
                "is not followed. If the API has moved, set "
                f"{self.settings.base_url_variable} to its new URL."
            )
        method = request.method
        # 303 means "see there" (RFC 9110, 15.4.4). A POST that is redirected by 301 or
        # 302 may be sent again or become a GET (15.4.2, 15.4.3): as a GET, which
        # browsers, curl and most libraries make of it, it can't write twice. That it
        # became one is told, since the answer could pass for that of the write.
        is_post = method == "POST" and answer.status in (301, 302)
        if is_post or (answer.status == 303 and method != "HEAD"):
            method = "GET"
        if method == request.method:
            return request._replace(url=url)
        headers = tuple(
            h for h in request.headers if not h[0].lower().startswith("content-")
        )
        return RequestParts(method, url, headers)

    async def _patiently(self, request: RequestParts) -> Answer:
        """The answer; while the API is busy (429, 503), asked again as it wishes."""
        loop = asyncio.get_running_loop()
        repeatable = request.method in IDEMPOTENT_METHODS
        for attempt in range(_MAX_RETRIES):
            answer = await self._authorized(request)
            if answer.status not in (429, 503) or not repeatable:
                return answer
            delay = retry_delay(answer.headers.get("retry-after"), attempt)
            if loop.time() + delay >= self.deadline:
                return answer
            await asyncio.sleep(delay)
        return await self._authorized(request)

    async def _authorized(self, request: RequestParts) -> Answer:
        """The answer to a signed request.

        A token that is refused is renewed once, and a challenge is answered once.
        """
        signers = await self._signers({})
        signed = self._signed(request, signers)
        answer = await self.exchange.send(signed, self.deadline, self.told)
        if answer.status != 401:
            return answer
        issued = {
            signer.credential: signer.value
            for signer in signers
            if isinstance(signer, auth.IssuedToken)
        }
        if issued:
            again = self._signed(request, await self._signers(issued))
            return await self.exchange.send(again, self.deadline, self.told)
        challenges = answer.headers.get("www-authenticate", "")
        for signer in signers:
            if isinstance(signer, auth.Digest) and (
                answered := self.digests.answer(signer, signed, challenges)
            ):
                return await self.exchange.send(answered, self.deadline, self.told)
        return answer

    async def _signers(
        self, refused: Mapping[auth.OAuth2, str]
    ) -> list[auth.Credential | auth.IssuedToken]:
        """The credentials, with tokens issued where they are needed."""
        signers: list[auth.Credential | auth.IssuedToken] = []
        for credential in self.credentials:
            grant = (
                credential.grant(self.settings.environment)
                if isinstance(credential, auth.OAuth2)
                else None
            )
            if not isinstance(credential, auth.OAuth2) or grant is None:
                signers.append(credential)
                continue
            token = await self.tokens.get(
                credential,
                grant,
                self.base_url,
                scopes=self.scopes.get(credential, ()),
                refused=refused.get(credential, ""),
            )
            signers.append(auth.IssuedToken(credential=credential, value=token))
        return signers

    def _signed(
        self,
        request: RequestParts,
        signers: Iterable[auth.Credential | auth.IssuedToken],
    ) -> RequestParts:
        for signer in signers:
            request = signer.sign(request, self.settings.environment)
            if isinstance(signer, auth.Digest):
                request = self.digests.sign(signer, request)
        return request


def _scopes(
    component: Component, settings: ResolvedSettings
) -> Mapping[auth.Credential, tuple[str, ...]]:
    asked = (component.scopes or {}).items()
    known = settings.credentials
    return {known[id]: scopes for id, scopes in asked if id in known}


def retry_delay(retry_after: str | None, attempt: int) -> float:
    """Seconds to wait before asking again: what the API says, or 0.5, 1, 2…"""
    fallback = 0.5 * 2.0**attempt
    if retry_after is None:
        return fallback
    if retry_after.strip().isdecimal():
        return float(retry_after)
    from datetime import UTC, datetime
    from email.utils import parsedate_to_datetime

    try:
        at = parsedate_to_datetime(retry_after)
    except ValueError:
        return fallback
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0.0, (at - datetime.now(UTC)).total_seconds())
