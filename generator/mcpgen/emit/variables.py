"""What whoever installs a server has to give it: variables, and what belongs into them."""

from __future__ import annotations

from dataclasses import dataclass

from mcpgen_runtime.settings import Settings
from mcpgen_runtime.upstream.auth import ApiKey, variables_of

from ..schema import Package

_MEANINGS = {
    "variable": "the token that is sent as Authorization: Bearer",
    "username": "user name",
    "password": "password",
    "token": "an access token; without it, one is asked for with what follows",
    "client_id": "client id",
    "client_secret": "client secret",
    "refresh_token": "refresh token",
    "scope": "the scopes to ask for, if not the usual ones",
    "certificate": "path of the client certificate, a PEM file",
    "key": "path of its key, where that is a file of its own",
}
"""What a variable holds, by its role in a credential."""
_OPEN = frozenset({"username", "client_id", "scope", "certificate", "key"})
"""The roles whose variables hold no secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    name: str
    meaning: str
    secret: bool = False
    required: bool = False


def variables(package: Package) -> tuple[Variable, ...]:
    """Where an API is, where nothing else says it, and the variables of credentials.

    Credentials are not required, since an API often takes one of several.
    """
    found: dict[str, Variable] = {}
    for settings in package.upstreams:
        found |= _of_api(settings)
    return tuple(found.values())


def _of_api(settings: Settings) -> dict[str, Variable]:
    found: dict[str, Variable] = {}
    if settings.base_url is None and settings.application is None:
        name = settings.variable("base_url")
        found[name] = Variable(name=name, meaning="where the API is", required=True)
    for scheme, credential in sorted(settings.credentials.items()):
        for role, meaning in _MEANINGS.items():
            held = getattr(credential, role, None)
            if held not in variables_of(credential):
                continue
            if role == "variable" and isinstance(credential, ApiKey):
                place = f"{credential.location} {credential.name}"
                meaning = f"the key that is sent as {place}"
            found[held] = Variable(
                name=held, meaning=f"{scheme}: {meaning}", secret=role not in _OPEN
            )
    return found
