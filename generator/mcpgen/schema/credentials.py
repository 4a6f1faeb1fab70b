"""Which environment variables hold the credentials of an API.

A variable is named after its security scheme, so that it stays the same when the
document gains another one. A scheme that can't be served is reported, and the
alternatives that need it are left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from mcpgen_runtime.upstream.auth import (
    ApiKey,
    Basic,
    Bearer,
    Credential,
    Digest,
    Grant,
    MutualTls,
    OAuth2,
)

from ..diagnostics import Report
from ..name import words
from ..operations import Api, SecurityScheme

_NOISE = frozenset({"auth", "authentication", "authorization", "scheme", "security"})

_FLOWS = ("clientCredentials", "password", "authorizationCode", "deviceAuthorization")
_GRANTS: tuple[tuple[str, Grant], ...] = (
    ("authorizationCode", "refresh_token"),
    ("deviceAuthorization", "refresh_token"),
    ("password", "refresh_token"),
    ("password", "password"),
    ("clientCredentials", "client_credentials"),
)
_LOCATIONS: Mapping[str, Literal["header", "query", "cookie"]] = {
    "header": "header",
    "query": "query",
    "cookie": "cookie",
}


def credentials(api: Api, prefix: str, report: Report) -> Mapping[str, Credential]:
    """The credentials of an API by the id of their security scheme."""
    found: dict[str, Credential] = {}
    taken: set[str] = set()
    used = {
        id
        for operation in api.operations
        for alternative in operation.security
        for id in alternative
    }
    for scheme in sorted(api.security_schemes.values(), key=lambda scheme: scheme.id):
        if scheme.id not in used:
            _report_unused(scheme, bool(used), report)
            continue
        variable = _unique(f"{prefix}_{_stem(scheme, prefix)}", taken)
        credential = _credential(scheme, variable)
        if credential is None:
            report.warning(
                "security-scheme",
                f"security scheme `{scheme.id}` ({scheme.type} {scheme.scheme or ''}".rstrip()
                + ") can't be served; operations that need it are called without it",
                at=scheme.at,
                hint="give the credential in extensions.py, or another scheme "
                "in the document",
            )
        else:
            found[scheme.id] = credential
            taken.add(variable)
    return found


def _report_unused(scheme: SecurityScheme, others: bool, report: Report) -> None:
    tell = report.note if others else report.warning
    tell(
        "security-scheme",
        f"no operation requires the security scheme `{scheme.id}`, so its credential "
        "is never sent",
        at=scheme.at,
        hint="if the API wants it, say so: `security` of the document or an operation",
    )


def _credential(scheme: SecurityScheme, variable: str) -> Credential | None:
    kind = (scheme.scheme or "").lower()
    location = _LOCATIONS.get(scheme.location or "")
    if scheme.type == "apiKey" and scheme.name and location:
        return ApiKey(variable=variable, location=location, name=scheme.name)
    if scheme.type == "http" and kind == "basic":
        return Basic(username=f"{variable}_USERNAME", password=f"{variable}_PASSWORD")
    if scheme.type == "http" and kind == "digest":
        return Digest(username=f"{variable}_USERNAME", password=f"{variable}_PASSWORD")
    if scheme.type == "mutualTLS":
        return MutualTls(certificate=variable, key=f"{variable}_KEY")
    if scheme.token_urls or (scheme.type == "openIdConnect" and scheme.discovery_url):
        return _oauth2(scheme, variable)
    if scheme.type in ("oauth2", "openIdConnect") or kind == "bearer":
        return Bearer(variable=variable)
    return None


def _oauth2(scheme: SecurityScheme, variable: str) -> OAuth2:
    """The grants that need nobody to log in: a person's own token is refreshed."""
    named = scheme.token_urls or _FLOWS
    found: list[Grant] = [grant for flow, grant in _GRANTS if flow in named]
    grants = tuple(dict.fromkeys(found))
    stem = variable.removesuffix("_TOKEN")
    urls = [url for flow in _FLOWS if (url := scheme.token_urls.get(flow))]
    personal = "password" in grants
    return OAuth2(
        token=variable,
        grants=grants,
        client_id=f"{stem}_CLIENT_ID",
        client_secret=f"{stem}_CLIENT_SECRET",
        username=f"{stem}_USERNAME" if personal else None,
        password=f"{stem}_PASSWORD" if personal else None,
        refresh_token=f"{stem}_REFRESH_TOKEN" if "refresh_token" in grants else None,
        scope=f"{stem}_SCOPE",
        token_url=next(iter(urls or scheme.token_urls.values()), None),
        discovery_url=None if scheme.token_urls else scheme.discovery_url,
    )


def _stem(scheme: SecurityScheme, prefix: str) -> str:
    """`api_key` -> `API_KEY`, `bearerAuth` -> `BEARER_TOKEN`, `basicAuth` -> `BASIC`."""
    found = [word for word in words(scheme.id) if word not in _NOISE]
    own = prefix.lower().split("_")
    if found[: len(own)] == own:
        found = found[len(own) :]
    if scheme.type == "mutualTLS":
        if not found or found[-1] not in ("cert", "certificate"):
            found.append("certificate")
    elif scheme.type == "apiKey":
        if not found or found[-1] not in ("key", "token", "secret"):
            found.append("key")
    elif (kind := (scheme.scheme or "").lower()) in ("basic", "digest"):
        found = found or [kind]
    elif not found or found[-1] != "token":
        found.append("token")
    return re.sub(r"[^A-Z0-9_]", "_", "_".join(found).upper())


def _unique(variable: str, taken: set[str]) -> str:
    unique, number = variable, 1
    while unique in taken:
        number += 1
        unique = f"{variable}_{number}"
    return unique
