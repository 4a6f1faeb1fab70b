"""The picture of an API: `x-logo` in its `info`, the extension that ReDoc made common.

What is taken goes to every client, which may show it: an image on the web or in a
`data:` URL, and of a bounded size.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

from ..diagnostics import Location, Report
from ..references import is_uri

_LONGEST_URL = 2_000
_LONGEST_IMAGE = 16_000
"""Characters of a `data:` URL."""
_IMAGE = re.compile(r"data:image/(png|jpeg|svg\+xml|webp|gif)[;,]", re.IGNORECASE)
_PRINTABLE = re.compile(r"[!-~]+")


def logo(info: Mapping[str, Any], at: Location, report: Report) -> str | None:
    """The URL of the picture; a warning where there is one that can't be used."""
    if "x-logo" not in info:
        return None
    said = info["x-logo"]
    url = said.get("url") if isinstance(said, Mapping) else said
    if isinstance(url, str) and is_uri(at.source):
        url = urljoin(at.source, url)
    if isinstance(url, str) and _is_usable(url):
        return url
    report.warning(
        "logo",
        "the logo can't be used",
        at=at.child("x-logo"),
        hint="give the http or https URL of an image, or a small one as a data: URL",
    )
    return None


def _is_usable(url: str) -> bool:
    if _PRINTABLE.fullmatch(url) is None:
        return False
    if _IMAGE.match(url):
        return len(url) <= _LONGEST_IMAGE
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    known = parts.scheme in ("http", "https") and parts.hostname and not parts.username
    return bool(known) and len(url) <= _LONGEST_URL
