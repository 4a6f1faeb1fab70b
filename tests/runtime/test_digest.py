"""Challenges of HTTP Digest, answered as RFC 7616 has it, and judged by its formula."""

from __future__ import annotations

import hashlib

import pytest
from mcpgen_runtime.components import Body, Tool
from mcpgen_runtime.settings import Settings
from mcpgen_runtime.upstream.auth import Digest
from mcpgen_runtime.upstream.client import Upstream
from werkzeug.datastructures import Authorization

from .recording import answer, upstream

TOOL = Tool(
    name="t",
    method="POST",
    path="/x?a=b c",
    arguments=(Body("body", {}),),
    body="application/json",
    security=(("c",),),
)
DIGEST = Digest(username="SHOP_USERNAME", password="SHOP_PASSWORD")
HASHES = {"MD5": "md5", "SHA-256": "sha256", "SHA-512-256": "sha512_256"}


class Guarded:
    """An API that gives challenges, a new nonce for each, and takes one password."""

    def __init__(self, challenge: str) -> None:
        self.challenge = challenge
        self.given = 0
        self.counts: list[str | None] = []

    def __call__(self, request: bytes) -> bytes:
        head = request.partition(b"\r\n\r\n")[0].decode()
        line = next((x for x in head.split("\r\n") if x.startswith("Auth")), "")
        shown = Authorization.from_header(line.partition(": ")[2])
        target = head.split(" ")[1]
        body = request.partition(b"\r\n\r\n")[2]
        if shown is not None and self.is_right(shown, target, body):
            self.counts.append(shown.parameters.get("nc"))
            return answer(b"{}")
        self.given += 1
        challenge = self.challenge.replace("NONCE", f"n{self.given}")
        return answer(status=401, WWW_Authenticate=challenge)

    def is_right(self, shown: Authorization, target: str, body: bytes) -> bool:
        """By the formulas of RFC 7616, 3.4."""
        by = shown.parameters
        algorithm, is_session, _ = (by.get("algorithm") or "MD5").partition("-sess")

        def digest(*parts: object) -> str:
            data = ":".join(map(str, parts)).encode()
            return hashlib.new(HASHES[algorithm], data).hexdigest()

        user = digest("ada", by["realm"]) if by.get("userhash") else "ada"
        secret = digest("ada", by["realm"], "right")
        if is_session:
            secret = digest(secret, by["nonce"], by["cnonce"])
        asked = ["POST", target]
        if by.get("qop") == "auth-int":
            asked.append(hashlib.new(HASHES[algorithm], body).hexdigest())
        between = [by["nc"], by["cnonce"], by["qop"]] if "qop" in by else []
        expected = digest(secret, f"n{self.given}", *between, digest(*asked))
        return (by["username"], by["uri"], by["response"]) == (user, target, expected)


async def run(api: Guarded, password: str, calls: int) -> list[tuple[bool, int]]:
    """For each call whether it failed, and how many requests there were until then."""
    async with upstream(api) as recorded:
        settings = Settings(
            prefix="SHOP", base_url=recorded.url, credentials={"c": DIGEST}
        )
        client = Upstream(
            settings.resolve({"SHOP_USERNAME": "ada", "SHOP_PASSWORD": password})
        )
        found = []
        for _ in range(calls):
            result = await client.call(TOOL, {"body": [1]})
            found.append((result.is_error, len(recorded.requests)))
            assert recorded.body == b"[1]"
        await client.aclose()
        return found


QOP = 'realm="a, b", nonce="NONCE", qop="auth,auth-int"'


@pytest.mark.parametrize(
    "challenge",
    [
        f"Digest {QOP}, algorithm=MD5",
        f"Digest {QOP}, algorithm=SHA-256, opaque=o",
        f'Negotiate, Basic realm="x, y", Digest {QOP}, algorithm=MD5',
        f"Digest {QOP}, algorithm=HAWK, Digest {QOP}, algorithm=MD5",
        f"Digest {QOP}, algorithm=SHA-512-256",
        f"Digest {QOP}, algorithm=MD5-sess",
        f'Digest {QOP}, algorithm=SHA-256, userhash=true, opaque=""',
        'Digest nonce="NONCE",realm="",qop="auth-int"',
    ],
)
async def test_a_challenge_signs_the_requests_that_follow(challenge: str) -> None:
    api = Guarded(challenge)
    assert await run(api, "right", 3) == [(False, 2), (False, 3), (False, 4)]
    assert api.counts == ["00000001", "00000002", "00000003"]


async def test_an_api_that_knows_no_qop() -> None:
    api = Guarded('digest realm="r", nonce="NONCE"')
    assert await run(api, "right", 2) == [(False, 2), (False, 3)]
    assert api.counts == [None, None]


@pytest.mark.parametrize(
    ("user", "shown"),
    [
        ('a"d\\a', 'username="a\\"d\\\\a"'),
        ("Jäsøn Doe", "username*=UTF-8''J%C3%A4s%C3%B8n%20Doe"),
    ],
)
async def test_names_that_need_quoting(user: str, shown: str) -> None:
    challenge = 'Digest realm="say \\"hi, you\\"", nonce="n", qop=auth'
    script = lambda _: answer(status=401, WWW_Authenticate=challenge)
    async with upstream(script) as recorded:
        settings = Settings(
            prefix="SHOP", base_url=recorded.url, credentials={"c": DIGEST}
        )
        client = Upstream(
            settings.resolve({"SHOP_USERNAME": user, "SHOP_PASSWORD": "p"})
        )
        await client.call(TOOL, {"body": [1]})
        await client.aclose()
    sent = recorded.header("Authorization") or ""
    assert sent.startswith(f'Digest {shown}, realm="say \\"hi, you\\"", nonce="n"')


async def test_a_wrong_password_is_tried_once_a_challenge() -> None:
    api = Guarded(f"Digest {QOP}, algorithm=MD5")
    assert await run(api, "wrong", 1) == [(True, 2)]


@pytest.mark.parametrize(
    "challenge", ["Basic realm=x", "Digest", f"Digest {QOP}, algorithm=HAWK", "", ",,="]
)
async def test_what_cannot_be_answered_is_left(challenge: str) -> None:
    assert await run(Guarded(challenge), "right", 2) == [(True, 1), (True, 2)]
