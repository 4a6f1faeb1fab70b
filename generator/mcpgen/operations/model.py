"""What a document says of its operations, every default applied.

Schemas stay as they are in the document (`Raw`), each with the place it stands at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from ..config import Override
from ..diagnostics import Location
from ..spec import Spec

Raw: TypeAlias = Mapping[str, Any]
ParameterLocation: TypeAlias = Literal[
    "path", "query", "querystring", "header", "cookie"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A parameter (OpenAPI 3.2, 4.12); `content` is its media type where it has one,
    with an `encoding` for the members of a form that is the whole query. `examples` are
    the values that it gives beside its schema.

    `at` is the place of `schema`.
    """

    name: str
    location: ParameterLocation
    required: bool
    schema: Any
    style: str
    explode: bool
    allow_reserved: bool
    content: str | None
    encoding: Mapping[str, Encoding]
    examples: tuple[Any, ...]
    description: str | None
    deprecated: bool
    at: Location


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """How a member of a form is written (4.8.15); None where the document says nothing.

    `headers` holds the values, as JSON, of those headers of a part that can have one
    only; `open_headers` are the others.
    """

    content_type: str | None
    style: str | None
    explode: bool | None
    allow_reserved: bool
    headers: Mapping[str, Any]
    open_headers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaType:
    """One form of a body; `schema` is None where there is none, and stands at
    `at` + `/schema`. `examples` are the values that it gives, `example` first."""

    type: str
    schema: Any
    encoding: Mapping[str, Encoding]
    examples: tuple[Any, ...]
    at: Location


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestBody:
    required: bool
    content: tuple[MediaType, ...]
    description: str | None
    at: Location


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """`status` is a code, a range such as `2XX`, or `default`; `headers` are names."""

    status: str
    description: str | None
    headers: tuple[str, ...]
    content: tuple[MediaType, ...]
    at: Location


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityScheme:
    """A security scheme (4.8.27); the members that its type has are set.

    `token_urls` holds the token URL of each OAuth 2 flow that has one.
    """

    id: str
    type: str
    name: str | None
    location: str | None
    scheme: str | None
    token_urls: Mapping[str, str]
    discovery_url: str | None
    at: Location


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server; `url` has its variables filled with their defaults."""

    url: str
    description: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation; `method` is in lower case, `path` the key as written.

    `tags` has its own and then those above them. `security` lists alternatives of
    scheme ids, all schemes of one being needed together; `scopes` are those asked for
    with a scheme. `servers` is empty where the document's own apply. `extensions`
    holds the members that start with `x-`, `override` what the user decided.
    """

    method: str
    path: str
    id: str | None
    summary: str | None
    description: str | None
    tags: tuple[str, ...]
    deprecated: bool
    parameters: tuple[Parameter, ...]
    body: RequestBody | None
    responses: tuple[Response, ...]
    security: tuple[tuple[str, ...], ...]
    scopes: Mapping[str, tuple[str, ...]]
    servers: tuple[Server, ...]
    extensions: Mapping[str, Any]
    at: Location
    override: Override = field(default_factory=Override)

    @property
    def subject(self) -> str:
        """How findings call it: `GET /pets`."""
        return f"{self.method.upper()} {self.path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """A document's operations, ordered by path then method, and what they share;
    `logo` is the URL of a picture."""

    title: str
    version: str
    description: str | None
    logo: str | None
    servers: tuple[Server, ...]
    security_schemes: Mapping[str, SecurityScheme]
    operations: tuple[Operation, ...]
    spec: Spec
