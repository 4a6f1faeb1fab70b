"""Where a running API serves its document, when its address is all that is known.

A user gives the URL of the API, or of the page that documents it. Where that is no
document itself, it is asked for at the places where frameworks put theirs, below that
URL and beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

import httpx

from .diagnostics import Diagnostic, InputError, Location

USUAL = (
    "openapi.json",
    "openapi.yaml",
    "api/openapi.json",
    "schema/openapi.json",
    "v3/api-docs",
    "swagger.json",
)
_TIMEOUT = 30.0
_ENOUGH = 64 * 1024
"""Bytes by which a document can be told from a page."""


def located(url: str) -> str:
    """The URL of the document: `url` itself where it names a file or can't be reached.

    Raises InputError, which says what was tried.
    """
    if "." in urlsplit(url).path.rpartition("/")[2]:
        return url
    tried: list[str] = []
    try:
        with httpx.Client(timeout=_TIMEOUT, follow_redirects=True) as client:
            for candidate in (url, *dict.fromkeys(_candidates(url))):
                problem = _problem(client, candidate)
                if problem is None:
                    return candidate
                tried.append(f"{urlsplit(candidate).path or '/'} ({problem})")
    except (httpx.HTTPError, httpx.InvalidURL, OSError):
        return url
    shown = _shown(url)
    raise InputError(
        Diagnostic(
            severity="error",
            code="not-found",
            message=f"there is no OpenAPI document; tried: {', '.join(tried)}",
            location=Location(shown),
            hint="give the URL of the JSON or YAML itself; a document behind a login "
            "must be saved to a file first",
        )
    )


def _candidates(url: str) -> Iterator[str]:
    plain = urlsplit(url)._replace(query="", fragment="").geturl()
    for base in (plain.rstrip("/") + "/", plain):
        for name in USUAL:
            yield urljoin(base, name)


def _problem(client: httpx.Client, url: str) -> str | None:
    """Why what is at a URL is no document; None where it may be one."""
    with client.stream("GET", url) as answer:
        if not answer.is_success:
            return str(answer.status_code)
        content = b""
        for piece in answer.iter_bytes():
            content += piece
            if len(content) >= _ENOUGH:
                break
    if content.lstrip()[:1] == b"<":
        return "a page"
    if b"openapi" not in content and b"swagger" not in content:
        return "no document"
    return None


def _shown(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(
        netloc=parts.netloc.rpartition("@")[2], query="", fragment=""
    ).geturl()
