"""The tokens that were issued, shared by all calls.

The rule: a token is asked for once, by whoever needs it first; the others wait for that
answer. It is asked for again when it has run out, or when the API refuses it. With a
store, that holds for all processes that share it.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from itertools import chain

from ..store import Store
from . import oauth
from .auth import Environment, Grant, OAuth2
from .request import RequestParts

Send = Callable[[RequestParts], Awaitable[tuple[int, bytes]]]
"""Sends a request without credentials; gives status and body."""

_MARGIN_SECONDS = 30.0
_KEPT_SECONDS = 30 * 24 * 3600.0
"""Refresh tokens outlive what they are exchanged for."""


@dataclass(slots=True)
class _Entry:
    """What is known of one credential and scope; times are those of the monotonic clock."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    token: str | None = None
    good_until: float = 0.0
    refresh_token: str | None = None
    url: str | None = None
    secret_in_form: bool = False


class Tokens:
    """Issued tokens by credential and scope."""

    def __init__(
        self, environment: Environment, send: Send, store: Store | None = None
    ) -> None:
        self._environment = environment
        self._send = send
        self._store = store
        self._entries: dict[tuple[OAuth2, str], _Entry] = {}

    def values(self) -> list[str]:
        """The tokens in use, for keeping them out of texts.

        As with other secrets, those of fewer than eight characters are left out.
        """
        tokens = (entry.token for entry in self._entries.values())
        return [token for token in tokens if token is not None and len(token) >= 8]

    async def get(
        self,
        credential: OAuth2,
        grant: Grant,
        base_url: str,
        *,
        scopes: Iterable[str] = (),
        refused: str = "",
    ) -> str:
        """A token that is good, and isn't the one that the API refused.

        Raises CredentialError, and whatever `send` raises.
        """
        scope = credential.asked(grant, self._environment, scopes)
        entry = self._entries.setdefault((credential, scope), _Entry())
        async with entry.lock:
            good = time.monotonic() < entry.good_until and entry.token != refused
            if entry.token is None or not good:
                renew = partial(self._renew, entry, credential, grant, scope, base_url)
                if self._store is None:
                    await renew()
                else:
                    key = self._key(credential, scope, base_url)
                    await _shared(self._store, key, entry, refused, renew)
            assert entry.token is not None
            return entry.token

    def _key(self, credential: OAuth2, scope: str, base_url: str) -> str:
        """The same for processes that would be issued the same token, and for no others."""
        names = {*chain(*credential.ways), *credential.optional}
        given = [self._environment.get(name) for name in sorted(names)]
        asked = json.dumps([repr(credential), given, scope, base_url])
        return f"token:{hashlib.sha256(asked.encode()).hexdigest()}"

    async def _renew(
        self,
        entry: _Entry,
        credential: OAuth2,
        grant: Grant,
        scope: str,
        base_url: str,
    ) -> None:
        url = entry.url or oauth.token_url(credential, base_url)
        if url is None:
            request = oauth.discovery_request(credential, base_url)
            url = oauth.discovered(request.url, *await self._send(request))
        entry.url = url
        status, body = await self._ask(entry, credential, grant, scope, url)
        if status in (400, 401, 422) and not entry.secret_in_form:
            entry.secret_in_form = True
            again = await self._ask(entry, credential, grant, scope, url)
            if 200 <= again[0] < 300:
                status, body = again
            else:
                entry.secret_in_form = False
        token = oauth.issued(url, credential, status, body)
        seconds = 3600.0 if token.seconds is None else token.seconds
        margin = min(_MARGIN_SECONDS, seconds / 2)
        entry.token = token.value
        entry.good_until = time.monotonic() + seconds - margin
        entry.refresh_token = token.refresh_token or entry.refresh_token

    async def _ask(
        self, entry: _Entry, credential: OAuth2, grant: Grant, scope: str, url: str
    ) -> tuple[int, bytes]:
        request = oauth.token_request(
            url,
            credential,
            grant,
            self._environment,
            scope=scope,
            refresh_token=entry.refresh_token if grant == "refresh_token" else None,
            secret_in_form=entry.secret_in_form,
        )
        return await self._send(request)


async def _shared(
    store: Store,
    key: str,
    entry: _Entry,
    refused: str,
    renew: Callable[[], Awaitable[None]],
) -> None:
    """The token that another process was issued, or a new one, for all of them."""
    async with store.turn(key):
        found = json.loads(await store.get(key) or "{}")
        entry.refresh_token = found.get("refresh_token") or entry.refresh_token
        left = found.get("good_until", 0) - time.time()
        if left > 0 and found["token"] != refused:
            entry.token = found["token"]
            entry.good_until = time.monotonic() + left
            return
        await renew()
        left = entry.good_until - time.monotonic()
        value = {
            "token": entry.token,
            "refresh_token": entry.refresh_token,
            "good_until": time.time() + left,
        }
        await store.put(key, json.dumps(value), max(left, _KEPT_SECONDS))
