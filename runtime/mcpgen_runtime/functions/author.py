"""What an author writes, checked: decorated functions become components.

Each function raises CompositionError with a sentence that says what to do; the place is
added by whoever was asked (composition.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from ..components import Schema
from ..errors import CompositionError, nearest
from .function import FunctionResource, FunctionTool, Icons, Prompt
from .listed import checked_annotations, checked_icons, checked_size
from .output import read_output
from .signature import Signature, read_signature

_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_URI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s{}]*")
_EXPRESSION: Final = re.compile(r"\{([^{}]*)\}")
_KNOWN_EXPRESSION: Final = re.compile(r"[+?&]?[A-Za-z_]\w*(,[A-Za-z_]\w*)*")


def tool(
    function: Callable[..., Any],
    *,
    name: str | None,
    title: str | None,
    description: str | None,
    annotations: Mapping[str, Any] | None,
    icons: Icons,
    input_schema: Schema | None,
) -> FunctionTool:
    signature = read_signature(function, input_schema)
    name = _name(function, name)
    return FunctionTool(
        name=name,
        title=title,
        description=_description(description, signature, name),
        annotations=checked_annotations("tool", annotations),
        icons=checked_icons(icons),
        signature=signature,
        output=read_output(signature.returns),
    )


def resource(
    function: Callable[..., Any],
    *,
    uri: str,
    name: str | None,
    title: str | None,
    description: str | None,
    mime_type: str | None,
    annotations: Mapping[str, Any] | None,
    icons: Icons,
    size: int | None,
) -> FunctionResource:
    signature = read_signature(function)
    _check_variables(uri, signature)
    name = _name(function, name)
    return FunctionResource(
        uri=uri,
        name=name,
        title=title,
        description=_description(description, signature, name),
        mime_type=mime_type,
        annotations=checked_annotations("resource", annotations),
        icons=checked_icons(icons),
        size=checked_size("template" if "{" in uri else "resource", size),
        signature=signature,
    )


def prompt(
    function: Callable[..., Any],
    *,
    name: str | None,
    title: str | None,
    description: str | None,
    icons: Icons,
) -> Prompt:
    signature = read_signature(function)
    name = _name(function, name)
    return Prompt(
        name=name,
        title=title,
        description=_description(description, signature, name),
        icons=checked_icons(icons),
        signature=signature,
    )


def check_name(name: str) -> str:
    """The name, where model APIs allow it."""
    if not _NAME.fullmatch(name):
        raise CompositionError(
            f"the name {name!r} is not allowed: take 1 to 64 letters, digits, _ or - "
            "of ASCII"
        )
    return name


def _name(function: Callable[..., Any], given: str | None) -> str:
    name = given or getattr(function, "__name__", None)
    if name is None or name == "<lambda>":
        raise CompositionError("it has no name: give one, as in name='add_note'")
    return check_name(name)


def _description(given: str | None, signature: Signature, name: str) -> str:
    return given or signature.description or name.replace("_", " ").capitalize()


def _check_variables(uri: str, signature: Signature) -> None:
    if not _URI.fullmatch(_EXPRESSION.sub("", uri)):
        raise CompositionError(
            f"{uri!r} is not a URI: start it with a scheme, as in notes://today"
        )
    variables = []
    for expression in _EXPRESSION.findall(uri):
        if not _KNOWN_EXPRESSION.fullmatch(expression):
            raise CompositionError(
                f"{{{expression}}} in {uri!r} is not supported: "
                "use {name}, {+path} or {?first,second}"
            )
        variables += expression.lstrip("+?&").split(",")
    parameters = list(signature.schema["properties"])
    for variable in variables:
        if variable not in parameters:
            raise CompositionError(
                f"{uri!r} has the variable {variable!r}, for which there is no "
                f"parameter{nearest(variable, parameters)}"
            )
    for parameter in parameters:
        if parameter not in variables:
            raise CompositionError(
                f"the parameter {parameter!r} is not in {uri!r}: put {{{parameter}}} "
                f"into its path or {{?{parameter}}} at its end, or remove the parameter"
            )
