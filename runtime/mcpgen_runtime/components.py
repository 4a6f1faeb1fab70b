"""What a server serves: tools and resources, one value for each operation of the API.

A component names its arguments, and each argument says in one place how the client
sees it (name and schema) and how the API receives it (location, wire name, style).
The listing entry is derived from the same arguments as the request, so what is
advertised and what is sent cannot disagree.

Pure: values in, values out; no I/O, no asyncio.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

Schema: TypeAlias = Mapping[str, Any]
"""A JSON Schema 2020-12 object; `{"$ref": "#/$defs/Pet"}` names a shared schema."""

Shape: TypeAlias = "str | list[Shape] | Mapping[str, Shape]"
"""What a JSON value looks like: words for a scalar, `["integer"]` for a list of them,
and the members of an object, `{"id": "integer", "tags": ["string"]}`."""

Kind: TypeAlias = Literal["tool", "resource", "template", "prompt"]
KEYS: Final[Mapping[Kind, str]] = {
    "tool": "name",
    "resource": "uri",
    "template": "uriTemplate",
    "prompt": "name",
}
"""The member of a listing entry that a client names it by."""

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "QUERY"})
IDEMPOTENT_METHODS: Final = SAFE_METHODS | {"PUT", "DELETE"}
"""Methods that only read, and those that may be sent again (RFC 9110, 9.2)."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """How one member of a form or multipart body is written (OpenAPI 3.1, 4.8.15).

    With `style` set, the member is written as a query parameter of that style would
    be; otherwise `content_type` decides, and its default follows from the value:
    text for a scalar, one member for each item of an array, JSON for an object. It may
    name several types, separated by commas: the first one that fits is taken. `headers`
    go with each part of a multipart body.
    """

    style: str | None = None
    explode: bool = True
    allow_reserved: bool = False
    content_type: str | None = None
    headers: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Xml:
    """How a value is written as XML (OpenAPI 3.1, 4.8.26).

    `members` holds those members of an object that aren't elements of their own name;
    `items` is for the items of an array, `wrapped` puts them into one element.
    """

    name: str | None = None
    attribute: bool = False
    wrapped: bool = False
    prefix: str | None = None
    namespace: str | None = None
    members: Mapping[str, Xml] | None = None
    items: Xml | None = None


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a component.

    `name` is what the client sends and obeys `^[A-Za-z0-9_.-]{1,64}$`; `wire` is the
    name in the request where it differs. `default` is sent where the client gives
    nothing; with `hidden` no client sees the argument or gives it, so the default is
    always sent.
    """

    name: str
    schema: Schema
    wire: str | None = None
    required: bool = False
    default: Any = field(default=None, kw_only=True)
    hidden: bool = field(default=False, kw_only=True)

    @property
    def wire_name(self) -> str:
        return self.name if self.wire is None else self.wire


Delimited: TypeAlias = Literal["spaceDelimited", "pipeDelimited", "tabDelimited"]
"""Styles of arrays; `tabDelimited` is the `tsv` of Swagger 2.0."""


@dataclass(frozen=True, slots=True)
class Path(Argument):
    """A path parameter (OpenAPI 3.1, 4.8.12.2); delimited as Swagger 2.0 has it."""

    required: bool = True
    style: Literal["simple", "label", "matrix"] | Delimited = "simple"
    explode: bool = False
    allow_reserved: bool = False
    content: str | None = None


@dataclass(frozen=True, slots=True)
class Query(Argument):
    """A query parameter; with `content` set, the value travels as that media type."""

    style: Literal["form", "deepObject"] | Delimited = "form"
    explode: bool = True
    allow_reserved: bool = False
    content: str | None = None


@dataclass(frozen=True, slots=True)
class QueryString(Argument):
    """The whole query as one value of a media type (OpenAPI 3.2, 4.12.1)."""

    content: str = "application/x-www-form-urlencoded"
    encoding: Mapping[str, Encoding] | None = None


@dataclass(frozen=True, slots=True)
class Header(Argument):
    """A request header (OpenAPI 3.1, 4.8.12.2); delimited as Swagger 2.0 has it."""

    style: Literal["simple"] | Delimited = "simple"
    explode: bool = False
    content: str | None = None


@dataclass(frozen=True, slots=True)
class Cookie(Argument):
    """A cookie; in the style `cookie` nothing of it is encoded (OpenAPI 3.2, 4.12.3)."""

    style: Literal["form", "cookie"] = "form"
    explode: bool = True
    content: str | None = None


@dataclass(frozen=True, slots=True)
class Field(Argument):
    """A member of the object that is the request body.

    `binary`: the argument is base64 text or a `data:` URL (or an array of them), and
    the API receives its bytes.
    """

    encoding: Encoding | None = None
    binary: bool = False


@dataclass(frozen=True, slots=True)
class Body(Argument):
    """The whole request body as one argument.

    `encoding` is for the members of a form or multipart object; `binary` as for
    `Field`, for the whole body; `binary_fields` names the members that are files, and
    with `plain_fields` so are all others but those. `xml` is the root element of a body
    that is XML.
    """

    encoding: Mapping[str, Encoding] | None = None
    binary: bool = False
    binary_fields: tuple[str, ...] = ()
    plain_fields: tuple[str, ...] | None = None
    xml: Xml | None = None

    def has_file(self, member: str) -> bool:
        """Whether a member of the body is a file."""
        if member in self.binary_fields or self.plain_fields is None:
            return member in self.binary_fields
        return member not in self.plain_fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """One operation of the API, as this server offers it.

    `path` holds the wire names of the path parameters in braces and may carry a fixed
    query (`/pets?action=list`). `body` is the media type of the request body;
    `body_required` says that one is sent even when no member is given. `tells` names
    headers of the answer that are told beside its body. `security`
    lists alternatives of credential ids: `(("key",), ("user", "token"))` is key OR
    (user AND token), an empty alternative means none is needed. `scopes` are what a
    token is asked for with, by the id of its credential. `server` is the base URL where
    it isn't the server's own, relative to that where both have one origin. `api` names
    the API, where there are several.
    """

    name: str
    method: str
    path: str
    title: str | None = None
    description: str = ""
    arguments: tuple[Argument, ...] = ()
    body: str | None = None
    body_required: bool = False
    accept: str = "application/json"
    tells: tuple[str, ...] = ()
    security: tuple[tuple[str, ...], ...] = ()
    scopes: Mapping[str, tuple[str, ...]] | None = None
    server: str | None = None
    api: str | None = None

    @property
    def shown(self) -> tuple[Argument, ...]:
        """The arguments that clients see and give."""
        return tuple(one for one in self.arguments if not one.hidden)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool(Component):
    """An operation that clients call.

    `annotations` overrides what the method says; `output` is the shape of the answer,
    where that is a JSON object.
    """

    annotations: Mapping[str, bool] | None = None
    output: Mapping[str, Shape] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource(Component):
    """An operation that clients read.

    `uri` is an RFC 6570 template whose variables are argument names. Without
    variables it is listed as a resource, with path variables as a template, and with
    none but optional query variables (`{?limit}`) as both.
    """

    uri: str
    mime_type: str | None = None


def is_safe(component: object) -> bool:
    """Whether a component only reads (RFC 9110, 9.2.1), so that it may be used again."""
    return isinstance(component, Component) and component.method in SAFE_METHODS


def input_schema(component: Component, schemas: Mapping[str, Schema]) -> dict[str, Any]:
    """The schema of a component's arguments: an object schema, self-contained.

    Only the shared schemas that the arguments reach, directly or through each other,
    are in its `$defs`. Raises KeyError when one is missing from `schemas`.
    """
    properties = {argument.name: argument.schema for argument in component.shown}
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    required = [argument.name for argument in component.shown if argument.required]
    if required:
        schema["required"] = required
    schema["additionalProperties"] = False
    definitions = _reachable(properties.values(), schemas)
    if definitions:
        schema["$defs"] = definitions
    return schema


def with_defaults(
    component: Component, arguments: Mapping[str, Any]
) -> Mapping[str, Any]:
    """The arguments of a call, and the defaults of those that were left out."""
    defaults = {
        argument.name: argument.default
        for argument in component.arguments
        if argument.default is not None
    }
    return defaults | dict(arguments) if defaults else arguments


def output_schema(output: Mapping[str, Shape]) -> dict[str, Any]:
    """The schema of an answer: it tells of the members, and asks for an object only.

    Clients refuse a result that doesn't conform to the schema that was advertised
    (2026-07-28, server/tools), and no answer of an API is to be lost for that.
    """
    return {"type": "object"} | _outlined(output)


def _outlined(shape: Shape) -> dict[str, Any]:
    if isinstance(shape, str):
        return {"description": shape}
    if isinstance(shape, list):
        return {"items": _outlined(shape[0])}
    return {"properties": {name: _outlined(one) for name, one in shape.items()}}


def kinds(component: Component) -> tuple[Kind, ...]:
    """The listings that a component stands in."""
    if isinstance(component, Tool):
        return ("tool",)
    if not isinstance(component, Resource):
        raise TypeError(f"{component.name!r} is neither a Tool nor a Resource")
    _, _, expressions = component.uri.partition("{")
    if not expressions:
        return ("resource",)
    in_query = expressions[0] in "?&"
    if not in_query or any(argument.required for argument in component.arguments):
        return ("template",)
    return ("resource", "template")


def listing_entries(
    component: Component, schemas: Mapping[str, Schema]
) -> tuple[tuple[Kind, dict[str, Any]], ...]:
    """The entries that list a component, each with the listing that it belongs to."""
    return tuple((kind, _entry(component, kind, schemas)) for kind in kinds(component))


def _entry(
    component: Component, kind: Kind, schemas: Mapping[str, Schema]
) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": component.name}
    if component.title:
        entry["title"] = component.title
    entry["description"] = component.description or (
        f"{component.method} {component.path}"
    )
    if isinstance(component, Resource):
        if component.mime_type:
            entry["mimeType"] = component.mime_type
        if kind == "resource":
            return {"uri": component.uri.partition("{")[0]} | entry
        return {"uriTemplate": component.uri} | entry
    entry["inputSchema"] = input_schema(component, schemas)
    entry["annotations"] = {
        "readOnlyHint": is_safe(component),
        "destructiveHint": component.method == "DELETE",
        "idempotentHint": component.method in IDEMPOTENT_METHODS,
        "openWorldHint": True,
    }
    if isinstance(component, Tool):
        entry["annotations"] |= component.annotations or {}
        if component.output is not None:
            entry["outputSchema"] = output_schema(component.output)
    return entry


def _reachable(
    roots: Iterable[Any], schemas: Mapping[str, Schema]
) -> dict[str, Schema]:
    found: dict[str, Schema] = {}
    waiting: list[Any] = list(roots)
    while waiting:
        node = waiting.pop()
        if isinstance(node, Mapping):
            reference = node.get("$ref")
            if isinstance(reference, str) and reference.startswith("#/$defs/"):
                name = reference.removeprefix("#/$defs/")
                if name not in found:
                    found[name] = schemas[name]
                    waiting.append(schemas[name])
            waiting.extend(node.values())
        elif isinstance(node, list | tuple):
            waiting.extend(node)
    return dict(sorted(found.items()))
