"""An operation's parameters and body as the arguments that a client gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mcpgen_runtime.components import (
    Argument,
    Cookie,
    Header,
    Path,
    Query,
    QueryString,
)

from ..name import argument_names
from ..operations import MediaType, Operation, Parameter
from .bodies import BODY, chosen, encoding, field, open_members, whole_body
from .description import described
from .examples import exemplified
from .json_schema import Translator, untitled

_KINDS: Mapping[str, Callable[..., Argument]] = {
    "path": Path,
    "query": Query,
    "header": Header,
    "cookie": Cookie,
}


def arguments(
    operation: Operation, translator: Translator, *, in_uri: bool
) -> tuple[tuple[Argument, ...], MediaType | None]:
    """The arguments of an operation, and the media type of its body.

    `in_uri`: the operation is read as a resource, so names are variables of a URI.
    """
    parameters = operation.parameters
    body = None if in_uri else operation.body
    media_type = chosen(body, translator)
    members = open_members(body, media_type, translator)
    wires: list[tuple[str, str]] = [
        (parameter.location, parameter.name) for parameter in parameters
    ]
    if members is not None:
        wires += [(BODY, name) for name in members]
    elif media_type is not None:
        wires.append((BODY, BODY))
    said = operation.override.arguments
    pinned = {
        wire: name
        for wire in wires
        if wire[1] in said and (name := said[wire[1]].name) is not None
    }
    names = argument_names(wires, in_uri=in_uri, pinned=pinned)
    found = [
        _parameter(parameter, names[parameter.location, parameter.name], translator)
        for parameter in parameters
    ]
    if members is not None and media_type is not None:
        found += [
            field(names[BODY, wire], wire, member, media_type, translator)
            for wire, member in members.items()
        ]
    elif body is not None and media_type is not None:
        found.append(whole_body(names[BODY, BODY], body, media_type, translator))
    found.sort(key=lambda argument: not argument.required)
    return tuple(found), media_type


def _parameter(parameter: Parameter, name: str, translator: Translator) -> Argument:
    schema = described(
        untitled(translator.translate(parameter.schema, parameter.at), parameter.name),
        parameter.description,
    )
    schema = exemplified(schema, parameter.examples)
    if parameter.deprecated:
        schema["deprecated"] = True
    wire = None if name == parameter.name else parameter.name
    common: dict[str, Any] = {
        "wire": wire,
        "required": parameter.required,
        "content": parameter.content,
    }
    if parameter.location == "querystring":
        written = {
            name: encoding(parameter.encoding, name) for name in parameter.encoding
        }
        kept = {name: one for name, one in written.items() if one}
        return QueryString(name, schema, encoding=kept or None, **common)
    if parameter.location in ("path", "query"):
        common["allow_reserved"] = parameter.allow_reserved
    kind = _KINDS[parameter.location]
    style, explode = parameter.style, parameter.explode
    return kind(name, schema, style=style, explode=explode, **common)
