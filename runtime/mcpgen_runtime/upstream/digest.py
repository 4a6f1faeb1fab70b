"""Answers to Digest challenges (RFC 7616): a password that is never sent.

The rule: of the challenges that an API gives, the first that can be answered is; its
nonce signs the requests that follow, until the API gives another one.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from .auth import Digest, Environment
from .head import located
from .request import RequestParts

_ITEM = re.compile(
    r"""([\w!#$%&'*+.^`|~-]+)(?:\s*=\s*("(?:[^"\\]|\\.)*"|[^\s,"]+))?""", re.ASCII
)
"""A scheme, or the name and the value of a parameter."""
_HASHES = {"MD5": "md5", "SHA-256": "sha256", "SHA-512-256": "sha512_256"}
_SESSION = "-SESS"


@dataclass(slots=True, kw_only=True)
class _Challenge:
    """A challenge that can be answered, and how many requests were signed with it.

    `qop` is `auth`, `auth-int`, or None where the API knows neither (RFC 2069).
    """

    realm: str
    nonce: str
    algorithm: str | None
    qop: str | None
    opaque: str | None
    hides_user: bool
    signed: int = 0

    def sign(self, request: RequestParts, user: str, password: str) -> RequestParts:
        """The request with the answer (3.4)."""
        self.signed += 1
        _, uri = located(request.url)
        count, own_nonce = f"{self.signed:08x}", os.urandom(16).hex()
        identity = self._hash(f"{user}:{self.realm}:{password}")
        if (self.algorithm or "").upper().endswith(_SESSION):
            identity = self._hash(f"{identity}:{self.nonce}:{own_nonce}")
        asked = f"{request.method}:{uri}"
        if self.qop == "auth-int":
            asked += f":{self._hash(request.content or b'')}"
        between = f"{count}:{own_nonce}:{self.qop}:" if self.qop else ""
        secret = f"{identity}:{self.nonce}:{between}{self._hash(asked)}"
        fields = [
            self._username(user),
            f"realm={_quoted(self.realm)}",
            f"nonce={_quoted(self.nonce)}",
            f"uri={_quoted(uri)}",
            f'response="{self._hash(secret)}"',
        ]
        if self.algorithm is not None:
            fields.append(f"algorithm={self.algorithm}")
        if self.opaque is not None:
            fields.append(f"opaque={_quoted(self.opaque)}")
        if self.qop is not None:
            fields += [f"qop={self.qop}", f"nc={count}", f'cnonce="{own_nonce}"']
        if self.hides_user:
            fields.append("userhash=true")
        return request.with_header("Authorization", f"Digest {', '.join(fields)}")

    def _username(self, user: str) -> str:
        """The name, or what stands for it (3.4.4)."""
        if self.hides_user:
            return f'username="{self._hash(f"{user}:{self.realm}")}"'
        if user.isascii():
            return f"username={_quoted(user)}"
        return f"username*=UTF-8''{quote(user, safe='')}"

    def _hash(self, value: str | bytes) -> str:
        data = value.encode() if isinstance(value, str) else value
        name = _HASHES[_hash_name(self.algorithm)]
        return hashlib.new(name, data, usedforsecurity=False).hexdigest()


class Digests:
    """What the API has asked for until now, by credential."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._challenged: dict[Digest, _Challenge] = {}

    def sign(self, credential: Digest, request: RequestParts) -> RequestParts:
        """The request as it is before the first challenge, and signed after it."""
        known = self._challenged.get(credential)
        if known is None:
            return request
        return known.sign(request, *credential.pair(self._environment))

    def answer(
        self, credential: Digest, request: RequestParts, challenges: str
    ) -> RequestParts | None:
        """The request with an answer to one of the challenges of WWW-Authenticate.

        None where there is none that can be answered.
        """
        for scheme, given in _split(challenges):
            challenge = _read(scheme, given)
            if challenge is not None:
                self._challenged[credential] = challenge
                return self.sign(credential, request)
        return None


def _read(scheme: str, given: Mapping[str, str]) -> _Challenge | None:
    """A challenge (3.3); None for another scheme, or a kind that isn't known."""
    offered = [name.strip().lower() for name in given.get("qop", "").split(",")]
    qop = next((name for name in ("auth", "auth-int") if name in offered), None)
    algorithm = given.get("algorithm")
    if (
        scheme.lower() != "digest"
        or not {"realm", "nonce"} <= given.keys()
        or (qop is None and any(offered))
        or _HASHES.get(_hash_name(algorithm)) not in hashlib.algorithms_available
    ):
        return None
    return _Challenge(
        realm=given["realm"],
        nonce=given["nonce"],
        algorithm=algorithm,
        qop=qop,
        opaque=given.get("opaque"),
        hides_user=given.get("userhash", "").lower() == "true",
    )


def _hash_name(algorithm: str | None) -> str:
    return (algorithm or "MD5").upper().removesuffix(_SESSION)


def _quoted(text: str) -> str:
    escaped = re.sub(r'(["\\\\])', r"\\\1", text)
    return f'"{escaped}"'


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1]) if text[:1] == '"' else text


def _split(challenges: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Scheme and parameters of each challenge (RFC 9110, 11.6.1): commas divide both."""
    scheme: str | None = None
    given: dict[str, str] = {}
    for name, value in _ITEM.findall(challenges):
        if value:
            given[name.lower()] = _unquoted(value)
            continue
        if scheme is not None:
            yield scheme, given
        scheme, given = name, {}
    if scheme is not None:
        yield scheme, given
