"""Answers to Digest challenges (RFC 7616): a password that is never sent.

The rule: of the challenges that an API gives, the first that can be answered is; its
nonce signs the requests that follow, until the API gives another one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.request import parse_http_list

from .auth import Digest, Environment
from .request import RequestParts

if TYPE_CHECKING:
    import httpx

_BEGINS_A_CHALLENGE = re.compile(r"[\w!#$%&'*+.^`|~-]+(\s+[^\s=]|$)", re.ASCII)


class Digests:
    """What the API has asked for until now, by credential."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._challenged: dict[Digest, httpx.DigestAuth] = {}

    def sign(self, credential: Digest, request: RequestParts) -> RequestParts:
        """The request as it is before the first challenge, and signed after it."""
        known = self._challenged.get(credential)
        if known is None:
            return request
        return _signed(request, next(known.auth_flow(_bare(request))))

    def answer(
        self, credential: Digest, request: RequestParts, challenges: str
    ) -> RequestParts | None:
        """The request with an answer to one of the challenges of WWW-Authenticate.

        None where there is none that can be answered.
        """
        import httpx  # only an API that asks for digests pays for it

        for challenge in _split(challenges):
            auth = httpx.DigestAuth(*credential.pair(self._environment))
            flow = auth.auth_flow(_bare(request))
            refused = httpx.Response(
                401,
                headers={"WWW-Authenticate": challenge},
                request=next(flow),
            )
            try:
                answered = flow.send(refused)
            except (StopIteration, httpx.ProtocolError, KeyError, ValueError):
                continue  # another scheme, or a kind of digest that httpx doesn't know
            self._challenged[credential] = auth
            return _signed(request, answered)
        return None


def _bare(request: RequestParts) -> httpx.Request:
    import httpx

    return httpx.Request(request.method, request.url)


def _signed(request: RequestParts, answered: httpx.Request) -> RequestParts:
    return request.with_header("Authorization", answered.headers["Authorization"])


def _split(challenges: str) -> Iterator[str]:
    """The challenges of a header, which commas divide, as they do their parameters."""
    found: list[str] = []
    for item in parse_http_list(challenges):
        if _BEGINS_A_CHALLENGE.match(item) or not found:
            yield from found
            found = [item]
        else:
            found = [f"{found[0]}, {item}"]
    yield from found
