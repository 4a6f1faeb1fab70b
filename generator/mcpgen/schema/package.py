"""The package to be emitted, as values: all that a template may see.

Components are the runtime's own values. What they list is derived by the runtime's
own function, so the emitted catalog is what the emitted code would compute.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from mcpgen_runtime.components import (
    Component,
    Field,
    Resource,
    Schema,
    Tool,
)
from mcpgen_runtime.prompts import PromptTemplate
from mcpgen_runtime.settings import Settings
from mcpgen_runtime.upstream.auth import OAuth2

from ..config import Config
from ..diagnostics import Report
from ..name import Named, plain_slug, slug
from ..operations import Api, MediaType, Operation, RequestBody, Response
from ..route import is_uri_query
from .arguments import arguments
from .credentials import credentials
from .description import description, opening, title
from .headers import told_headers
from .json_schema import Translator
from .media_types import is_json
from .mock import Mock, mock
from .output import output
from .overrides import overridden
from .prose import printable
from .reshaped import reshaped
from .uris import URI_LITERALS, chosen_uri, derived_uri, uris_apart

_URL = f"{URI_LITERALS}#[]%"


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """The operations of one tag, or those without a tag of one part of the paths."""

    name: str
    title: str
    components: tuple[Component, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedApi:
    """One of several APIs of a package; what is of it begins with its `name`."""

    name: str
    title: str
    settings: Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A server package: `slug` is `pet-store`, `package` `pet_store_mcp`.

    `schemas` holds the shared schemas by name, `settings` the variables and where the
    API is, `mocks` the answers of a mock API; `logo` is the URL of a picture;
    `instructions` and `prompts`, which are in the order of their names, are the user's,
    where they gave some. `apis` are those that it is composed of, each with settings of
    its own (compose.py); it is empty where there is one.
    """

    slug: str
    title: str
    version: str
    description: str
    logo: str | None
    instructions: str | None
    settings: Settings
    modules: tuple[Module, ...]
    schemas: Mapping[str, Schema]
    mocks: tuple[Mock, ...]
    prompts: tuple[PromptTemplate, ...]
    apis: tuple[ServedApi, ...] = ()

    @property
    def package(self) -> str:
        return f"{self.slug.replace('-', '_')}_mcp"

    @property
    def distribution(self) -> str:
        return f"{self.slug}-mcp"

    def has_servers(self, settings: Settings) -> bool:
        """Whether operations of an API are elsewhere than at its base URL."""
        name = next((one.name for one in self.apis if one.settings is settings), None)
        return any(
            one.api == name and not (one.server or "/").startswith("/")
            for module in self.modules
            for one in module.components
        )

    @property
    def upstreams(self) -> tuple[Settings, ...]:
        """The settings of each API."""
        return tuple(one.settings for one in self.apis) or (self.settings,)


def package(
    named: Sequence[Named], api: Api, config: Config, report: Report
) -> Package:
    """The package for the named operations of an API."""
    server = plain_slug(config.name) if config.name else slug(api.title)
    prefix = server.replace("-", "_").upper()
    named = uris_apart(named, server, report)
    translator = Translator(api.spec, report)
    settings = Settings(
        prefix=prefix,
        base_url=_base_url(api, config, prefix, report),
        application=config.application,
        credentials=credentials(api, prefix, report),
        **config.limits,
    )
    made = [
        _component(one, server, settings, translator, config, report) for one in named
    ]
    schemas = translator.definitions()
    if config.plugin is not None:
        made = [
            reshaped(component, one.route.operation, schemas, config.plugin, report)
            for one, component in zip(named, made, strict=True)
        ]
    components: dict[str, list[Component]] = {}
    tags: dict[str, str | None] = {}
    served: list[tuple[Operation, Component]] = []
    for one, component in zip(named, made, strict=True):
        served.append((one.route.operation, component))
        components.setdefault(one.module, []).append(component)
        tags.setdefault(one.module, next(iter(one.route.operation.tags), None))
    name = config.server.title or printable(api.title)
    return Package(
        slug=server,
        title=name,
        version=config.server.version or api.version,
        description=opening(api.description or ""),
        logo=api.logo,
        instructions=config.server.instructions,
        settings=settings,
        modules=tuple(
            Module(
                name=module,
                title=_module_title(name, module, tags[module]),
                components=tuple(found),
            )
            for module, found in sorted(components.items())
        ),
        schemas=schemas,
        mocks=tuple(
            mock(operation, component, schemas, api.spec)
            for operation, component in sorted(served, key=lambda one: one[1].name)
        ),
        prompts=tuple(sorted(config.prompts, key=lambda one: one.name)),
    )


def _module_title(api: str, module: str, tag: str | None) -> str:
    if tag:
        return f"Operations of {api} tagged `{printable(tag)}`."
    if module == "default":
        return f"Operations of {api}."
    return f"Operations of {api}: {module.replace('_', ' ')}."


def is_absolute(url: str) -> bool:
    """Whether a URL says by itself where an API is."""
    try:
        parts = urlsplit(url)
        host = parts.hostname if parts.port != 0 else None
    except ValueError:
        return False
    if re.search(r"[\s{}<>\"\\^`|]", parts.netloc + (host or " ")):
        return False
    return parts.scheme in ("http", "https") and "{" not in url


def _component(
    named: Named,
    server: str,
    settings: Settings,
    translator: Translator,
    config: Config,
    report: Report,
) -> Component:
    operation = named.route.operation
    said = operation.override
    in_uri = named.route.kind == "resource"
    found, body = arguments(operation, translator, in_uri=in_uri)
    if operation.body is not None and body is not None:
        _report_choice(operation, operation.body, body, report)
    opened = any(isinstance(argument, Field) for argument in found)
    found = overridden(found, operation, translator, report)
    shown = [one for one in found if not one.hidden]
    accept = _accept(operation.responses)
    common: dict[str, Any] = {
        "name": named.name,
        "method": operation.method.upper(),
        "path": operation.path,
        "title": said.title or title(operation),
        "description": (
            said.description or description(named, shown if in_uri else ())
        ),
        "arguments": found,
        "accept": accept,
        "tells": told_headers(operation),
        "security": (security := _security(operation, settings)),
        "scopes": _scopes(operation, security, settings) or None,
        "server": _own_server(operation, settings),
    }
    if in_uri:
        carried = {
            parameter.name
            for parameter in operation.parameters
            if is_uri_query(parameter, translator.spec)
        }
        if said.annotations:
            _report_idle(operation, "annotations", "a resource", report)
        return Resource(
            uri=chosen_uri(
                derived_uri(server, operation.path, found, carried),
                shown,
                operation,
                report,
            ),
            mime_type=None if "," in accept or "*" in accept else accept,
            **common,
        )
    required = operation.body is not None and operation.body.required
    tells_output = config.output_schemas and said.output_schema is not False
    if said.uri is not None:
        _report_idle(operation, "uri", "a tool", report)
    return Tool(
        body=body.type if body else None,
        body_required=required and opened,
        annotations=said.annotations or None,
        output=output(operation, translator.spec) if tells_output else None,
        **common,
    )


def _report_choice(
    operation: Operation, body: RequestBody, chosen: MediaType, report: Report
) -> None:
    """That a body could be given in another form, which takes other values."""
    others = [one.type for one in body.content if one.schema != chosen.schema]
    if others:
        report.note(
            "body",
            f"the body is sent as {chosen.type}; it could be {', '.join(others)}",
            at=body.at,
            subject=operation.subject,
            hint=f'choose with `body = "{others[0]}"` for the operation, in mcpgen.toml '
            "or `x-mcp`",
        )


def _report_idle(operation: Operation, setting: str, kind: str, report: Report) -> None:
    report.warning(
        "setting",
        f"is {kind}, which has no {setting}",
        at=operation.override.at,
        subject=operation.subject,
    )


def _accept(responses: Sequence[Response]) -> str:
    """JSON alone where a success may be JSON, else all declared media types."""
    declared = [
        media_type.type
        for response in responses
        if response.status.startswith("2") or response.status == "default"
        for media_type in response.content
    ]
    types = list(dict.fromkeys(type for type in declared if type.isascii()))
    return ", ".join([type for type in types if is_json(type)] or types) or "*/*"


def _security(operation: Operation, settings: Settings) -> tuple[tuple[str, ...], ...]:
    """The alternatives that can be served; calls go without where none of them can."""
    served = tuple(
        alternative
        for alternative in operation.security
        if all(scheme in settings.credentials for scheme in alternative)
    )
    return served or (((),) if operation.security else ())


def _scopes(
    operation: Operation, security: tuple[tuple[str, ...], ...], settings: Settings
) -> dict[str, tuple[str, ...]]:
    """The scopes of those credentials that a token is issued for.

    A token that is refreshed has the scopes that its owner agreed to.
    """
    issued = {
        id
        for id, credential in settings.credentials.items()
        if isinstance(credential, OAuth2) and set(credential.grants) - {"refresh_token"}
    }
    asked = dict.fromkeys(id for way in security for id in way if id in issued)
    return {id: found for id in asked if (found := operation.scopes.get(id))}


def _own_server(operation: Operation, settings: Settings) -> str | None:
    """The server of an operation, without the origin where that is the API's own, so
    that it moves with the base URL that an operator sets."""
    if not operation.servers:
        return None
    base = settings.base_url or ""
    url = quote(urljoin(f"{base}/", operation.servers[0].url).rstrip("/"), _URL)
    if url == base:
        return None
    own, shared = urlsplit(url), urlsplit(base)
    if own[:2] != shared[:2]:
        return url
    return own._replace(scheme="", netloc="").geturl() or "/"


def _base_url(api: Api, config: Config, prefix: str, report: Report) -> str | None:
    known = [server.url for server in api.servers]
    absolute = next(filter(is_absolute, known), None)
    url = config.base_url or absolute or next(iter(known), "")
    if is_absolute(url):
        return quote(_without_user(url, report), _URL).rstrip("/")
    if config.application is not None:
        return None
    report.warning(
        "no-base-url",
        "the document doesn't say where the API is"
        + (f": its server is {url!r}" if url.strip("/") else ""),
        hint=f"give --base-url, or set {prefix}_BASE_URL where the server runs",
    )
    return None


def _without_user(url: str, report: Report) -> str:
    parts = urlsplit(url)
    if "@" not in parts.netloc:
        return url
    report.warning(
        "server",
        "the server URL holds a user name or a password; they are left out",
        hint="credentials belong in a security scheme of the document",
    )
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
