"""Requests of several rounds: the questions of a handler, and the answers so far.

The protocol without a handshake has no requests to the client. A handler that needs
an answer is given up, its questions are the result, and the client sends the request
again with its answers and the state: the answers of the rounds before, and the names of
the calls that were made, which are not made again. The state is signed, and it is good
for this request only, for a short time (2026-07-28, MRTR).
"""

from __future__ import annotations

import asyncio
import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Awaitable, Callable, Container, Mapping
from hashlib import sha256
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Final

from .errors import RequestError, ToolError, Unanswered, invalid_params
from .made import Made
from .messages import Request

if TYPE_CHECKING:
    from .content import Result

_LIFETIME: Final = 900.0
"""Seconds until a state is no longer taken."""
_OF_THE_ROUND: Final = frozenset({"_meta", "inputResponses", "requestState"})
"""The parameters that differ from round to round."""


class Rounds:
    """`answers` are those of all rounds so far, by the name of the question, `calls` the
    names of the calls that were made; `id` is what `made` knows their results by."""

    def __init__(
        self,
        answers: Mapping[str, Any],
        made: Made,
        id: str | None = None,
        calls: Container[str] = (),
    ) -> None:
        self._answers = answers
        self._asked: dict[str, Any] = {}
        self._made = made
        self._id = id or token_hex(16)
        self._calls = calls
        self._called: dict[str, bool] = {}
        self._results = dict(made.of(self._id))
        self.questions: dict[str, Any] = {}
        """What is not answered yet: the requests to the client, by name."""

    @property
    def used(self) -> Mapping[str, Any]:
        """The answers to what the handler asked, without those that nobody needs."""
        return {key: self._answers[key] for key in self._asked if key in self._answers}

    async def once(
        self,
        name: str,
        arguments: Mapping[str, Any],
        call: Callable[[], Awaitable[Result]],
        *,
        safe: bool,
    ) -> Result:
        """The result of a call that no round makes again.

        Raises ToolError where that isn't known here, and the call isn't `safe`.
        """
        label = name_of(None, "call", {name: arguments}, self._called)
        self._called[label] = safe
        if label not in self._results:
            if label in self._calls and not safe:
                raise ToolError(
                    f"{name} was called before the question, and its result is not known "
                    "to this process of the server: it is not called again."
                )
            self._results[label] = await call()
        return self._results[label]

    def keep(self) -> Mapping[str, Any]:
        """Keep what was done for the rounds to come; gives what a state says of it."""
        if not self._results:
            return {}
        self._made.keep(self._id, self._results)
        unsafe = [label for label in self._results if not self._called.get(label)]
        return {"id": self._id, "calls": unsafe}

    async def answer(
        self, key: str | None, method: str, params: Mapping[str, Any]
    ) -> Any:
        """The answer to a question, Unanswered when the client hasn't given it."""
        name = name_of(key, method, params, self._asked)
        question = self._asked[name] = {"method": method, "params": params}
        if name in self._answers:
            return self._answers[name]
        self.questions[name] = question
        await asyncio.sleep(0)  # what is asked at the same time goes out together
        raise Unanswered


def name_of(
    key: str | None, method: str, params: Mapping[str, Any], asked: Container[str]
) -> str:
    """The name of a question, numbered when it was asked before."""
    name = numbered = key or _digest([method, params])[:16]
    times = 1
    while numbered in asked:
        times += 1
        numbered = f"{name}-{times}"
    return numbered


def read(secret: bytes, request: Request, now: float, made: Made) -> Rounds:
    """The rounds that a request continues, or begins; `now` is in seconds.

    Raises RequestError when its answers or its state are not what they must be.
    """
    given = request.params.get("inputResponses", {})
    if not isinstance(given, dict):
        raise invalid_params("Invalid params: inputResponses must be an object")
    state = request.params.get("requestState")
    earlier = {} if state is None else _opened(secret, request, state, now)
    answers = {**earlier.get("answers", {}), **given}
    return Rounds(answers, made, earlier.get("id"), earlier.get("calls", ()))


def seal(secret: bytes, request: Request, rounds: Rounds, now: float) -> str:
    """The state to send along with the questions."""
    content = {
        "until": int(now + _LIFETIME),
        "request": _fingerprint(request),
        "answers": rounds.used,
        **rounds.keep(),
    }
    payload = json.dumps(content).encode()
    return f"v1.{_encoded(payload)}.{_encoded(_signature(secret, payload))}"


def _opened(
    secret: bytes, request: Request, state: Any, now: float
) -> Mapping[str, Any]:
    parts = state.split(".") if isinstance(state, str) and state.isascii() else ()
    if len(parts) != 3 or parts[0] != "v1":
        raise _refused()
    payload = _decoded(parts[1])
    signature = _encoded(_signature(secret, payload))
    if not hmac.compare_digest(signature, parts[2]):
        raise _refused()
    content = json.loads(payload)
    if content["request"] != _fingerprint(request):
        raise invalid_params("Invalid params: requestState is of another request")
    if content["until"] < now:
        raise invalid_params("Invalid params: requestState has expired")
    opened: Mapping[str, Any] = content
    return opened


def _refused() -> RequestError:
    return invalid_params("Invalid params: requestState is not of this server")


def _fingerprint(request: Request) -> str:
    params = {k: v for k, v in request.params.items() if k not in _OF_THE_ROUND}
    return _digest([request.method, params])


def _digest(value: Any) -> str:
    return sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def _signature(secret: bytes, payload: bytes) -> bytes:
    return hmac.digest(secret, payload, "sha256")


def _encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def _decoded(text: str) -> bytes:
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        raise _refused() from None
