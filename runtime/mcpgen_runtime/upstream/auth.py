"""Credentials: which environment variables hold them, and where a request shows them.

The rule: a credential is a value that names variables and never holds a secret. The
secret is read from the environment when a request is signed, and no error, log or
`repr` shows it.

Pure: the environment is a mapping that the caller gives.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from .request import RequestParts

Environment: TypeAlias = Mapping[str, str]
Security: TypeAlias = tuple[tuple[str, ...], ...]


class CredentialError(Exception):
    """A call can't be signed; the message names the environment variables."""


class MissingCredentials(CredentialError):
    """None of the alternatives is fully configured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """An API key in a header, the query or a cookie (OpenAPI 3.1, 4.8.27)."""

    variable: str
    location: Literal["header", "query", "cookie"]
    name: str

    @property
    def variables(self) -> tuple[str, ...]:
        return (self.variable,)

    def sign(self, request: RequestParts, environment: Environment) -> RequestParts:
        """The request with the key; raises CredentialError."""
        if self.location == "header":
            return request.with_header(self.name, _token(environment, self.variable))
        key = _secret(environment, self.variable)
        if self.location == "cookie":
            return request.with_cookie(self.name, key)
        return request.with_query(self.name, key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearer:
    """A token in the header Authorization (RFC 6750)."""

    variable: str

    @property
    def variables(self) -> tuple[str, ...]:
        return (self.variable,)

    def sign(self, request: RequestParts, environment: Environment) -> RequestParts:
        """The request with the token; raises CredentialError."""
        token = _token(environment, self.variable)
        if token[:7].lower() == "bearer ":
            token = token[7:].strip()
        return request.with_header("Authorization", f"Bearer {token}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Basic:
    """A user name and a password in the header Authorization (RFC 7617).

    Both are names of variables. The password may be unset, which means empty: many
    APIs take a key as the user name and nothing else.
    """

    username: str
    password: str

    @property
    def variables(self) -> tuple[str, ...]:
        return (self.username, self.password)

    def sign(self, request: RequestParts, environment: Environment) -> RequestParts:
        """The request with both; raises CredentialError."""
        username = _secret(environment, self.username)
        password = _secret(environment, self.password)
        token = base64.b64encode(f"{username}:{password}".encode()).decode("ascii")
        return request.with_header("Authorization", f"Basic {token}")


Credential: TypeAlias = ApiKey | Bearer | Basic


def choose(
    security: Security, credentials: Mapping[str, Credential], environment: Environment
) -> tuple[Credential, ...]:
    """The credentials of the first alternative that is fully configured.

    An empty alternative stands for "none needed" and counts when no other is
    configured. Raises MissingCredentials.
    """
    for alternative in security:
        chosen = tuple(credentials[i] for i in alternative if i in credentials)
        if (
            alternative
            and len(chosen) == len(alternative)
            and all(_is_configured(c, environment) for c in chosen)
        ):
            return chosen
    if not security or () in security:
        return ()
    raise MissingCredentials(_missing(security, credentials))


def variables(
    security: Security, credentials: Mapping[str, Credential]
) -> tuple[str, ...]:
    """The environment variables that an operation's credentials come from."""
    known = [credentials[i] for way in security for i in way if i in credentials]
    return tuple(dict.fromkeys(name for c in known for name in c.variables))


def secrets(
    credentials: Mapping[str, Credential], environment: Environment
) -> tuple[str, ...]:
    """The configured values of all credentials, for keeping them out of texts.

    Values of fewer than eight characters are left out: they'd be found by chance.
    """
    names = (name for c in credentials.values() for name in c.variables)
    values = {environment.get(name, "").strip() for name in names}
    return tuple(sorted((v for v in values if len(v) >= 8), key=len, reverse=True))


def _is_configured(credential: Credential, environment: Environment) -> bool:
    return bool(environment.get(credential.variables[0], "").strip())


def _missing(security: Security, credentials: Mapping[str, Credential]) -> str:
    ways = [
        " and ".join(name for i in way for name in credentials[i].variables)
        for way in security
        if all(i in credentials for i in way)
    ]
    if not ways:
        names = ", ".join(dict.fromkeys(i for way in security for i in way))
        return (
            "This operation needs credentials of a kind that this server "
            f"doesn't support: {names}. Nothing was sent."
        )
    return (
        "This operation needs credentials, and none are configured. Set "
        f"{' or '.join(ways)} in the environment of the server. Nothing was sent."
    )


def _secret(environment: Environment, variable: str) -> str:
    value = environment.get(variable, "").strip()
    if not value.isprintable():
        raise _unusable(variable)
    return value


def _token(environment: Environment, variable: str) -> str:
    value = _secret(environment, variable)
    if not value.isascii():
        raise _unusable(variable)
    return value


def _unusable(variable: str) -> CredentialError:
    return CredentialError(
        f"The value of {variable} has a line break or another character that "
        "can't be sent; set it again. Nothing was sent."
    )
