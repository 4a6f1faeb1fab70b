"""Asking for a token: the requests to an authorization server, and its answers.

The rule: a grant is asked for as RFC 6749 has it, with the client's secret in the header
first and in the form where the server wants it there. No error repeats what the server
said beyond its error code, which the RFC defines.

Pure: values in, values out.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus, urlencode, urljoin, urlsplit

from .auth import CredentialError, Environment, Grant, OAuth2
from .request import RequestParts

_ERROR_CODE = re.compile(r"[a-z_]{1,40}")
_FORM = ("Content-Type", "application/x-www-form-urlencoded")
_JSON = ("Accept", "application/json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """An issued token; `seconds` is how long it is good for, as far as that is said."""

    value: str = field(repr=False)
    seconds: float | None = None
    refresh_token: str | None = field(default=None, repr=False)


def token_url(credential: OAuth2, base_url: str) -> str | None:
    """Where tokens are issued, as far as the document says it.

    Raises CredentialError when that is no URL.
    """
    if credential.token_url is None:
        return None
    return _absolute(credential.token_url, base_url)


def discovery_request(credential: OAuth2, base_url: str) -> RequestParts:
    """The request for the document that names the token endpoint."""
    url = _absolute(credential.discovery_url or "", base_url)
    return RequestParts("GET", url, (_JSON,))


def discovered(url: str, status: int, body: bytes) -> str:
    """The token endpoint of a discovery document at `url`; raises CredentialError."""
    endpoint = _object(body).get("token_endpoint") if status == 200 else None
    found = urlsplit(endpoint) if isinstance(endpoint, str) else None
    downgraded = found and found.scheme == "http" and url.startswith("https:")
    if not found or found.scheme not in ("http", "https") or downgraded:
        raise CredentialError(
            f"{_site(url)} names no usable token endpoint in its OpenID Connect "
            "document. The API was not called."
        )
    return str(endpoint)


def token_request(
    url: str,
    credential: OAuth2,
    grant: Grant,
    environment: Environment,
    *,
    scope: str = "",
    refresh_token: str | None = None,
    secret_in_form: bool = False,
) -> RequestParts:
    """The request for a token (RFC 6749, 4.3.2, 4.4.2 and 6).

    `scope` is left out where it is empty. `refresh_token` takes the place of the
    variable's, once another was issued.
    """

    def value(variable: str | None) -> str:
        return environment.get(variable, "").strip() if variable else ""

    form = {"grant_type": grant, "scope": scope}
    if grant == "refresh_token":
        form["refresh_token"] = refresh_token or value(credential.refresh_token)
    elif grant == "password":
        form["username"] = value(credential.username)
        form["password"] = value(credential.password)
    headers: list[tuple[str, str]] = [_FORM, _JSON]
    client, secret = value(credential.client_id), value(credential.client_secret)
    if secret_in_form or not secret:
        form |= {"client_id": client, "client_secret": secret}
    else:
        pair = f"{quote_plus(client)}:{quote_plus(secret)}".encode()
        headers.append(("Authorization", f"Basic {base64.b64encode(pair).decode()}"))
    content = urlencode({name: text for name, text in form.items() if text})
    return RequestParts("POST", url, tuple(headers), content.encode())


def issued(url: str, credential: OAuth2, status: int, body: bytes) -> Token:
    """The token of an answer (RFC 6749, 5.1); raises CredentialError."""
    answer = _object(body)
    value = answer.get("access_token")
    if not 200 <= status < 300 or not isinstance(value, str) or not value.isascii():
        code = answer.get("error")
        named = isinstance(code, str) and _ERROR_CODE.fullmatch(code)
        reason = f"{status}, {code}" if named else str(status)
        names = ", ".join(name for way in credential.ways[1:] for name in way)
        raise CredentialError(
            f"{_site(url)} issued no token ({reason}). What it was asked with comes "
            f"from {names}, and its scope from {credential.scope} where that is set. The "
            "API was not called."
        )
    seconds, refresh_token = answer.get("expires_in"), answer.get("refresh_token")
    return Token(
        value=value,
        seconds=_seconds(seconds),
        refresh_token=refresh_token if isinstance(refresh_token, str) else None,
    )


def _absolute(url: str, base_url: str) -> str:
    absolute = urljoin(f"{base_url.partition('?')[0]}/", url)
    parts = urlsplit(absolute)
    known = parts.scheme in ("http", "https") and bool(parts.hostname)
    if not known or "{" in absolute:
        raise CredentialError(
            f"The API's description says that tokens come from {url!r}, which is no "
            "URL. Nothing was sent."
        )
    return absolute


def _seconds(value: Any) -> float | None:
    try:
        return max(float(value), 0.0)
    except (TypeError, ValueError):
        return None


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _site(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2]
