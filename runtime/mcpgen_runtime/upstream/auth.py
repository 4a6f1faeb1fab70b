"""Credentials: which environment variables hold them, and where a request shows them.

The rule: a credential is a value that names variables and never holds a secret. The
secret is read from the environment when a request is signed, and no error, log or
`repr` shows it.

Pure: the environment is a mapping that the caller gives.
"""

from __future__ import annotations

import base64
from collections.abc import Container, Iterable, Mapping
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from .request import RequestParts

Environment: TypeAlias = Mapping[str, str]
Security: TypeAlias = tuple[tuple[str, ...], ...]
Grant: TypeAlias = Literal["refresh_token", "password", "client_credentials"]
Ways: TypeAlias = tuple[tuple[str, ...], ...]
"""Alternatives of environment variables, those of one being needed together."""
SHORTEST_SECRET = 8
"""Characters; a shorter secret would be found in texts by chance."""


class Certificate(NamedTuple):
    """Paths of PEM files, and the variable that the first one comes from."""

    path: str
    key: str | None
    variable: str


class CredentialError(Exception):
    """A call can't be signed; the message names the environment variables."""


class MissingCredentials(CredentialError):
    """None of the alternatives is fully configured."""


class ApiKey(NamedTuple):
    """An API key in a header, the query or a cookie (OpenAPI 3.1, 4.8.27)."""

    variable: str
    location: Literal["header", "query", "cookie"]
    name: str

    @property
    def ways(self) -> Ways:
        return ((self.variable,),)

    @property
    def header(self) -> str | None:
        return self.name.lower() if self.location == "header" else None

    def sign(self, request: RequestParts, environment: Environment) -> RequestParts:
        """The request with the key; raises CredentialError."""
        if self.location == "header":
            return request.with_header(self.name, _token(environment, self.variable))
        key = _secret(environment, self.variable)
        if self.location == "cookie":
            return request.with_cookie(self.name, key)
        return request.with_query(self.name, key)


class Bearer(NamedTuple):
    """A token in the header Authorization (RFC 6750)."""

    variable: str

    @property
    def header(self) -> str | None:
        return "authorization"

    @property
    def ways(self) -> Ways:
        return ((self.variable,),)

    def sign(self, request: RequestParts, environment: Environment) -> RequestParts:
        """The request with the token; raises CredentialError."""
        return _with_bearer(request, _token(environment, self.variable))


class Basic(NamedTuple):
    """A user name and a password in the header Authorization (RFC 7617).

    Both are names of variables. The password may be unset, which means empty: many
    APIs take a key as the user name and nothing else.
    """

    username: str
    password: str

    @property
    def header(self) -> str | None:
        return "authorization"

    @property
    def ways(self) -> Ways:
        return ((self.username, self.password),)

    def sign(self, request: RequestParts, environment: Environment) -> RequestParts:
        """The request with both; raises CredentialError."""
        username = _secret(environment, self.username)
        password = _secret(environment, self.password)
        token = base64.b64encode(f"{username}:{password}".encode()).decode("ascii")
        return request.with_header("Authorization", f"Basic {token}")


class Digest(NamedTuple):
    """A user name and a password that answer the API's challenges (RFC 7616).

    Both are names of variables.
    """

    username: str
    password: str

    @property
    def header(self) -> str | None:
        return "authorization"

    @property
    def ways(self) -> Ways:
        return ((self.username, self.password),)

    def pair(self, environment: Environment) -> tuple[str, str]:
        """User name and password; raises CredentialError."""
        return _secret(environment, self.username), _secret(environment, self.password)

    def sign(self, request: RequestParts, environment: Environment) -> RequestParts:
        """The request as it is, until there is a challenge; raises CredentialError."""
        self.pair(environment)
        return request


class OAuth2(NamedTuple):
    """A token that an authorization server issues (RFC 6749), or that is simply given.

    `token`, `client_id`, `client_secret`, `username`, `password`, `refresh_token` and
    `scope` are names of variables; a token that is given needs none of the others. What
    `scope` holds takes the place of the scopes that the API's description asks for.
    `grants` are those that the API takes; the one whose variables are set is used.
    `token_url` may be relative to the base URL of the API; where it is None,
    `discovery_url` is the OpenID Connect document that names it.
    """

    token: str
    grants: tuple[Grant, ...]
    client_id: str
    client_secret: str
    scope: str
    username: str | None = None
    password: str | None = None
    refresh_token: str | None = None
    token_url: str | None = None
    discovery_url: str | None = None

    @property
    def header(self) -> str | None:
        return "authorization"

    @property
    def ways(self) -> Ways:
        return ((self.token,), *(self.needs(grant) for grant in self.grants))

    @property
    def optional(self) -> tuple[str, ...]:
        return (self.client_id, self.client_secret, self.scope)

    def needs(self, grant: Grant) -> tuple[str, ...]:
        """The variables without which a grant can't be asked for."""
        names = {
            "refresh_token": (self.refresh_token,),
            "password": (self.username, self.password),
            "client_credentials": (self.client_id, self.client_secret),
        }[grant]
        return tuple(name for name in names if name is not None)

    def grant(self, environment: Environment) -> Grant | None:
        """The first grant whose variables are set; None where a token is given."""
        if _is_set(environment, self.token):
            return None
        for grant in self.grants:
            if all(_is_set(environment, name) for name in self.needs(grant)):
                return grant
        return None

    def asked(
        self, grant: Grant, environment: Environment, scopes: Iterable[str]
    ) -> str:
        """The scope to ask for, with those of the operation.

        A refresh without any gives what was granted before (RFC 6749, 6).
        """
        configured = environment.get(self.scope, "").strip()
        return configured or ("" if grant == "refresh_token" else " ".join(scopes))

    def sign(self, request: RequestParts, environment: Environment) -> RequestParts:
        """The request with the token that is given; raises CredentialError."""
        return _with_bearer(request, _token(environment, self.token))


class IssuedToken(NamedTuple):
    """A token that was issued for an `OAuth2` credential."""

    credential: OAuth2
    value: str

    def __repr__(self) -> str:
        return type(self).__name__

    def sign(self, request: RequestParts, environment: Environment) -> RequestParts:
        return _with_bearer(request, self.value)


class MutualTls(NamedTuple):
    """A client certificate: variables with the paths of PEM files.

    The key may stand in the certificate's file; then `key` is left unset.
    """

    certificate: str
    key: str

    @property
    def header(self) -> str | None:
        return None

    @property
    def ways(self) -> Ways:
        return ((self.certificate, self.key),)

    def sign(self, request: RequestParts, environment: Environment) -> RequestParts:
        """The request as it is: the connection shows the certificate."""
        return request


Credential: TypeAlias = ApiKey | Bearer | Basic | Digest | OAuth2 | MutualTls


def choose(
    security: Security,
    credentials: Mapping[str, Credential],
    environment: Environment,
    brought: Container[str | None] = (),
    forwarded: Container[str | None] = (),
) -> tuple[Credential, ...]:
    """The credentials of the first alternative that is fully configured.

    `brought` are the headers, in lower case, that the caller's own request brings: a
    credential that one of them holds needs nothing more, and an alternative with such a
    credential comes first, so that no caller acts with rights of others; `forwarded` are
    those that it could have brought. An empty alternative stands for "none needed" and
    counts when no other is configured. Raises MissingCredentials.
    """

    def comes_later(way: tuple[str, ...]) -> bool:
        return not any(
            i in credentials and credentials[i].header in brought for i in way
        )

    for alternative in sorted(security, key=comes_later):
        chosen = tuple(credentials[i] for i in alternative if i in credentials)
        left = tuple(c for c in chosen if c.header not in brought)
        if (
            alternative
            and len(chosen) == len(alternative)
            and all(_is_configured(c, environment) for c in left)
        ):
            return left
    if not security or () in security:
        return ()
    raise MissingCredentials(_missing(security, credentials, forwarded))


def variables(
    security: Security, credentials: Mapping[str, Credential]
) -> tuple[str, ...]:
    """The environment variables that an operation's credentials come from."""
    known = [credentials[i] for way in security for i in way if i in credentials]
    return tuple(dict.fromkeys(name for c in known for way in c.ways for name in way))


def variables_of(credential: Credential) -> tuple[str, ...]:
    """All environment variables of a credential."""
    optional = credential.optional if isinstance(credential, OAuth2) else ()
    needed = (name for way in credential.ways for name in way)
    return tuple(dict.fromkeys((*needed, *optional)))


def secrets(
    credentials: Mapping[str, Credential], environment: Environment
) -> tuple[str, ...]:
    """The configured values of all credentials, for keeping them out of texts.

    Values of fewer characters than SHORTEST_SECRET are left out.
    """
    names = (name for c in credentials.values() for name in variables_of(c))
    values = {environment.get(name, "").strip() for name in names}
    return tuple(
        sorted((v for v in values if len(v) >= SHORTEST_SECRET), key=len, reverse=True)
    )


def certificate(
    credentials: Mapping[str, Credential], environment: Environment
) -> Certificate | None:
    """The client certificate that is configured."""
    for credential in credentials.values():
        if isinstance(credential, MutualTls) and _is_configured(
            credential, environment
        ):
            path = environment[credential.certificate].strip()
            key = environment.get(credential.key, "").strip() or None
            return Certificate(path, key, credential.certificate)
    return None


def _is_configured(credential: Credential, environment: Environment) -> bool:
    if isinstance(credential, OAuth2):
        return (
            _is_set(environment, credential.token)
            or credential.grant(environment) is not None
        )
    return _is_set(environment, credential.ways[0][0])


def _is_set(environment: Environment, variable: str) -> bool:
    return bool(environment.get(variable, "").strip())


def _missing(
    security: Security,
    credentials: Mapping[str, Credential],
    forwarded: Container[str | None],
) -> str:
    ways = [
        " and ".join(_told(credentials[i], len(way) > 1) for i in way)
        for way in security
        if all(i in credentials for i in way)
    ]
    if not ways:
        names = ", ".join(dict.fromkeys(i for way in security for i in way))
        return (
            "This operation needs credentials of a kind that this server "
            f"doesn't support: {names}. Nothing was sent."
        )
    known = (credentials[i] for way in security for i in way if i in credentials)
    headers = dict.fromkeys(c.header for c in known if c.header in forwarded)
    return (
        "This operation needs credentials, and none are configured. Set "
        f"{' or '.join(ways)} in the environment of the server"
        + "".join(f", or send the header {name} to it" for name in headers if name)
        + ". Nothing was sent."
    )


def _told(credential: Credential, is_one_of_several: bool) -> str:
    ways = ", or ".join(" and ".join(names) for names in credential.ways)
    return f"({ways})" if is_one_of_several and len(credential.ways) > 1 else ways


def _with_bearer(request: RequestParts, token: str) -> RequestParts:
    if token[:7].lower() == "bearer ":
        token = token[7:].strip()
    return request.with_header("Authorization", f"Bearer {token}")


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
