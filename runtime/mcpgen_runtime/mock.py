"""The API, as its document shows it: for a first try, and for tests.

Answers are those of the package's `mock.jsonl`, a line for each operation. They are
given by a transport, so that all but the network is as ever. Credentials are
stand-ins: no secret of the environment is used, and nothing leaves the process.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

from .errors import CompositionError
from .settings import Settings
from .upstream.request import RequestParts

BASE_URL: Final = "http://mock"
"""Where the API seems to be; operations with a server of their own keep it."""

_PLACEHOLDER: Final = re.compile(r"\{[^{}]*\}")


class Mocked(NamedTuple):
    """An operation: arguments to call it with (None where none are known), its answer.

    `api` names its API, where there are several.
    """

    name: str
    arguments: Mapping[str, Any] | None
    method: str
    url: str
    status: int
    type: str | None
    body: Any
    api: str | None = None


def operations(package: str) -> tuple[Mocked, ...]:
    """What the mock of a package knows; raises CompositionError without one."""
    path = Path(import_module(package).__path__[0]) / "mock.jsonl"
    try:
        lines = path.read_text("utf-8").splitlines()
    except OSError as error:
        raise CompositionError(
            f"{path} can't be read ({error.strerror}): generate the package again"
        ) from None
    return tuple(Mocked(**json.loads(line)) for line in lines)


def apis(package: str | None, names: Iterable[str | None]) -> dict[str | None, MockApi]:
    """The mock of each API of a package, by its name."""
    known = operations(package) if package else ()
    return {name: MockApi(one for one in known if one.api == name) for name in names}


def stand_ins(settings: Iterable[Settings]) -> dict[str, str]:
    """A value for each variable of each credential."""
    return {
        variable: "mock"
        for one in settings
        for credential in one.credentials.values()
        for way in credential.ways
        for variable in way
    }


@dataclass(frozen=True, slots=True)
class MockAnswer:
    """A whole answer; see Incoming."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes = b""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self.body

    async def aclose(self) -> None:
        """There is nothing to close."""


class MockApi:
    """A transport that answers each request as the operation that fits it best."""

    def __init__(self, known: Iterable[Mocked]) -> None:
        self._known = [(_Route(one.method, one.url), one) for one in known]

    async def send(self, request: RequestParts, connect_timeout: float) -> MockAnswer:
        """See Transport."""
        fits = [
            (route.literal, one) for route, one in self._known if route.fits(request)
        ]
        if not fits:
            return _json(404, {"error": "The mock has no such operation"})
        _, one = max(fits, key=lambda fit: fit[0])
        if one.type is None:
            return MockAnswer(one.status)
        if isinstance(one.body, str) and "json" not in one.type:
            return _text(one.status, one.body, one.type)
        return _json(one.status, one.body, one.type)

    async def aclose(self) -> None:
        """There is nothing to close."""


def _text(status: int, text: str, media_type: str) -> MockAnswer:
    headers = ((b"Content-Type", media_type.encode("latin-1", "replace")),)
    return MockAnswer(status, headers, text.encode())


def _json(status: int, value: Any, media_type: str = "application/json") -> MockAnswer:
    return _text(status, json.dumps(value, ensure_ascii=False), media_type)


class _Route:
    """The requests of one operation; `literal` counts what of its URL is fixed."""

    def __init__(self, method: str, url: str) -> None:
        parts = urlsplit(url if "://" in url else BASE_URL + url)
        self._method = method
        self._host = parts.netloc
        self._query = set(parse_qsl(parts.query, keep_blank_values=True))
        pieces = [unquote(piece) for piece in _PLACEHOLDER.split(parts.path)]
        self._path = re.compile(".*".join(map(re.escape, pieces)), re.DOTALL)
        self.literal = sum(map(len, pieces)) + len(parts.query)

    def fits(self, request: RequestParts) -> bool:
        url = urlsplit(request.url)
        return (
            request.method == self._method
            and url.netloc == self._host
            and self._path.fullmatch(unquote(url.path)) is not None
            and self._query <= set(parse_qsl(url.query, keep_blank_values=True))
        )
