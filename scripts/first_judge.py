"""The first judge: openapi-core reads a request by the document, as an API would.

It is shown the document with the path of the operation alone, so that finding the path
costs nothing, and with the server that the request went to. Formats stay text, so that
what it reads can be compared with what was given.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import httpx
from jsonschema.exceptions import best_match
from openapi_core import Config, OpenAPI
from openapi_core.testing import MockRequest
from werkzeug.datastructures import Headers, ImmutableMultiDict
from werkzeug.http import parse_cookie

_LOCATIONS = ("path", "query", "header", "cookie")


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a judge says of a request: its objections, or what it reads in it.

    `values` holds the parameters by location and name; `body` is None without one.
    """

    objections: tuple[str, ...] = ()
    values: Mapping[tuple[str, str], Any] = field(default_factory=dict)
    body: Any = None


class FirstJudge:
    """openapi-core for one operation: `path` is its key in the document."""

    def __init__(
        self,
        document: Mapping[str, Any],
        uri: str,
        path: str,
        base_url: str,
        formats: Iterable[str],
    ) -> None:
        self._path = path
        self._base_url = base_url
        item = dict(document["paths"][path])
        item.pop("servers", None)
        for method, operation in item.items():
            if isinstance(operation, Mapping) and "servers" in operation:
                item[method] = {k: v for k, v in operation.items() if k != "servers"}
        config = Config(extra_format_unmarshallers=dict.fromkeys(formats, _unchanged))
        config.spec_validator_cls = None  # type: ignore[assignment]
        shown = {**document, "paths": {path: item}, "servers": [{"url": base_url}]}
        shown.pop("webhooks", None)
        self._openapi = OpenAPI.from_dict(shown, base_uri=uri, config=config)

    def read(self, request: httpx.Request) -> Opinion:
        """What openapi-core makes of a request."""
        shown = self._shown(request)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                result = self._openapi.unmarshal_request(shown)
        except Exception as error:  # noqa: BLE001 - some documents break it
            return Opinion((f"fails with {type(error).__name__}: {error}"[:200],))
        if result.errors:
            return Opinion(tuple(map(_objection, result.errors)))
        values = {
            (location, name): value
            for location in _LOCATIONS
            for name, value in getattr(result.parameters, location).items()
        }
        return Opinion((), values, result.body)

    def _shown(self, request: httpx.Request) -> MockRequest:
        """The request as a web framework hands it over: decoded, path split."""
        parts = urlsplit(str(request.url))
        base = urlsplit(self._base_url)
        shown = MockRequest(
            host_url=f"{parts.scheme}://{parts.netloc}",
            method=request.method,
            path=parts.path,
            path_pattern=base.path.rstrip("/") + self._path,
            view_args=path_values(base.path.rstrip("/") + self._path, parts.path),
            headers=None,
            cookies={
                name: unquote(value)
                for name, value in parse_cookie(
                    request.headers.get("cookie", "")
                ).items()
            },
            data=request.content,
            content_type=request.headers.get("content-type", ""),
        )
        shown.parameters.query = ImmutableMultiDict(
            parse_qsl(parts.query, keep_blank_values=True)
        )
        shown.parameters.header = Headers(list(request.headers.multi_items()))
        shown.body = request.content or None  # type: ignore[assignment]
        return shown


def formats(node: Any) -> Iterator[str]:
    """All values of `format` in a document: openapi-core fails at one it doesn't know."""
    if isinstance(node, Mapping):
        if isinstance(node.get("format"), str):
            yield node["format"]
        for member in node.values():
            yield from formats(member)
    elif isinstance(node, list):
        for item in node:
            yield from formats(item)


def _unchanged(value: Any) -> Any:
    return value


def path_values(template: str, path: str) -> dict[str, str]:
    """The values in a path, decoded; none where it isn't one of the template's."""
    pieces = re.split(r"\{[.;/?&#+]?([^{}*]*)\*?\}", template.partition("?")[0])
    pattern = "".join(
        "(.+?)" if index % 2 else re.escape(piece) for index, piece in enumerate(pieces)
    )
    found = re.fullmatch(pattern, path) or re.fullmatch(pattern, unquote(path))
    if found is None:
        return {}
    return dict(zip(pieces[1::2], map(unquote, found.groups()), strict=True))


def _objection(error: BaseException) -> str:
    """What an error says, or the schema's most telling one behind it."""
    cause = error.__cause__
    refused = list(getattr(cause or error, "schema_errors", ()))
    if refused:
        worst = best_match(refused)
        told = f"{type(error).__name__}: {worst.validator}: {worst.message}"
    elif cause is not None:
        told = f"{type(error).__name__}: {_objection(cause)}"
    else:
        try:
            told = f"{type(error).__name__}: {error}"
        except AttributeError:  # the text of some errors fails
            told = type(error).__name__
    return " ".join(told.split())[:300]


__all__ = ["FirstJudge", "Opinion", "formats", "path_values"]
