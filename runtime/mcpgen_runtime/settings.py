"""What an operator sets: where the API is, with which credentials, within which limits.

Every setting is an environment variable `<PREFIX>_…`; a `.env` file in the working
directory fills in what the environment leaves out. Secrets are read when a request
needs them, and no value of this module holds one in its `repr`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from .upstream.auth import Credential


_NEVER_IN_A_URL: Final = frozenset('<>"{}|\\^`\x7f')


class SettingsError(ValueError):
    """A setting can't be used; the message names it, its value and what is allowed."""


class Settings(NamedTuple):
    """The settings of one package, with their defaults.

    `timeout` is in seconds and covers one call with all its redirects;
    `max_response_bytes` bounds the decoded body of one answer, `max_result_bytes` what
    of it is given to the model: 100 kB are some 25,000 tokens, and where common clients
    refuse or cut results themselves. `connect_timeout` is for one connection,
    `max_request_bytes` for the body of one request; no more than `max_concurrency`
    requests are on their way at once, and the others wait. `application` is the import
    path of the ASGI application that is called in this process, in place of the API.
    """

    prefix: str
    base_url: str | None = None
    application: str | None = None
    credentials: Mapping[str, Credential] = MappingProxyType({})
    timeout: float = 30.0
    max_response_bytes: int = 10 * 1024 * 1024
    max_result_bytes: int = 100_000
    max_request_bytes: int = 10 * 1024 * 1024
    connect_timeout: float = 10.0
    max_concurrency: int = 100
    max_redirects: int = 5

    def variable(self, setting: str) -> str:
        """The environment variable of a setting: `base_url` -> `PETSTORE_BASE_URL`."""
        return f"{self.prefix}_{setting.upper()}"

    def resolve(
        self, environment: Mapping[str, str], *, base_url: str | None = None
    ) -> ResolvedSettings:
        """These settings in an environment; `base_url`, the option, wins over it.

        Raises SettingsError for a value that can't be used.
        """
        variable = self.variable("base_url")
        source = variable if base_url is None else "--base-url"
        url = base_url
        if url is None:
            url = environment.get(variable, "").strip() or self.base_url
        return ResolvedSettings(
            base_url=None if url is None else _checked_url(url, source),
            base_url_variable=variable,
            credentials=self.credentials,
            environment=environment,
            timeout=self._positive(environment, "timeout"),
            max_response_bytes=self._count(environment, "max_response_bytes"),
            max_result_bytes=self._count(environment, "max_result_bytes"),
            max_result_bytes_variable=self.variable("max_result_bytes"),
            max_request_bytes=self._count(environment, "max_request_bytes"),
            connect_timeout=self._positive(environment, "connect_timeout"),
            max_concurrency=self._count(environment, "max_concurrency"),
            max_redirects=self._count(environment, "max_redirects", least=0),
            files=environment.get(self.variable("files"), "").strip() or None,
            files_variable=self.variable("files"),
            forward_headers=self._header_names(environment, "forward_headers"),
            is_moved=_is_elsewhere(url, self.base_url),
            servers_variable=self.variable("servers"),
            servers=self._servers(environment),
        )

    def _servers(self, environment: Mapping[str, str]) -> Mapping[str, str]:
        """`https://files.example=https://files.staging.example`, separated by commas."""
        variable = self.variable("servers")
        found: dict[str, str] = {}
        for pair in filter(
            None, map(str.strip, environment.get(variable, "").split(","))
        ):
            before, equals, now = pair.partition("=")
            if not equals:
                raise SettingsError(
                    f"{variable} has {pair!r}: give the URL of a server in the document "
                    "and where it is now, as https://old=https://new"
                )
            found[_checked_url(before, variable)] = _checked_url(now, variable)
        return dict(sorted(found.items(), key=lambda one: -len(one[0])))

    def _header_names(
        self, environment: Mapping[str, str], setting: str
    ) -> tuple[str, ...]:
        variable = self.variable(setting)
        text = environment.get(variable, "")
        if not text:
            return ()
        from .inbound import header_names

        try:
            return header_names(text)
        except ValueError as problem:
            raise SettingsError(
                f"{variable}: {problem}: give names of headers, separated by commas"
            ) from None

    def _count(
        self, environment: Mapping[str, str], setting: str, *, least: int = 1
    ) -> int:
        variable = self.variable(setting)
        text = environment.get(variable, "").strip()
        if not text:
            default: int = getattr(self, setting)
            return default
        if not re.fullmatch(r"[0-9]{1,15}", text) or int(text) < least:
            raise SettingsError(
                f"{variable} is {text!r}: give a whole number, {least} or more"
            )
        return int(text)

    def _positive(self, environment: Mapping[str, str], setting: str) -> float:
        variable = self.variable(setting)
        text = environment.get(variable, "").strip()
        if not text:
            default: float = getattr(self, setting)
            return default
        try:
            number = float(text)
        except ValueError:
            number = 0.0
        if not 0 < number < float("inf"):
            raise SettingsError(f"{variable} is {text!r}: give a number above 0")
        return number


class ResolvedSettings(NamedTuple):
    """Settings with the environment applied; `environment` holds the secrets.

    `files` is the folder that file arguments may name files of, `forward_headers` are
    the headers of a client's request that go on to the API, in lower case. `is_moved`
    says that the API isn't where its document has it, `servers` where other servers of
    it are, the longest URL first.
    """

    base_url: str | None
    base_url_variable: str
    credentials: Mapping[str, Credential]
    environment: Mapping[str, str]
    timeout: float
    max_response_bytes: int
    max_result_bytes: int
    max_result_bytes_variable: str
    max_request_bytes: int
    connect_timeout: float
    max_concurrency: int
    max_redirects: int
    files: str | None
    files_variable: str
    servers_variable: str
    forward_headers: tuple[str, ...] = ()
    is_moved: bool = False
    servers: Mapping[str, str] = MappingProxyType({})

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self.base_url!r})"


def environment() -> dict[str, str]:
    """The variables of `.env` in the working directory, under those of the process.

    Raises SettingsError for a `.env` that can't be read.
    """
    variables: dict[str, str] = {}
    if os.path.isfile(".env"):
        from dotenv import dotenv_values

        try:
            found = dotenv_values(".env", interpolate=False, encoding="utf-8-sig")
        except UnicodeDecodeError:
            raise SettingsError(".env is not UTF-8 text: save it as UTF-8") from None
        except OSError as error:
            raise SettingsError(f".env can't be read: {error.strerror}") from None
        variables = {name: value for name, value in found.items() if value is not None}
    return variables | dict(os.environ)


def _is_elsewhere(url: str | None, known: str | None) -> bool:
    """Whether a URL has another origin than the one that is known."""
    if url is None or known is None:
        return False
    return urlsplit(url)[:2] != urlsplit(known)[:2]


def _checked_url(url: str, source: str) -> str:
    """A base URL without its last slash; a message never shows a password in it."""
    if not url:
        raise SettingsError(f"{source} is empty: give the URL of the API")
    usable = _is_url(url)
    if "@" in (urlsplit(url).netloc if usable else url):
        raise SettingsError(
            f"{source} has a user name or password in its URL: give the URL without "
            "it; credentials have variables of their own"
        )
    if not usable:
        raise SettingsError(
            f"{source} is {url!r}, which is not a URL of an API: "
            "give it as http://host/path or https://host/path"
        )
    if "#" in url:
        raise SettingsError(f"{source} is {url!r}: give it without its #fragment")
    return url.rstrip("/")


def _is_url(url: str) -> bool:
    try:
        parts = urlsplit(url)
        has_port = parts.port != 0
    except ValueError:
        return False
    is_http = parts.scheme in ("http", "https") and bool(parts.hostname)
    is_plain = all(
        c > " " and not c.isspace() and c not in _NEVER_IN_A_URL for c in url
    )
    return is_http and has_port and is_plain
