"""Settings against their JSON Schema, which is all that says what a setting may be.

What the schema has no words for, a finding takes from its descriptions.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

import jsonschema_rs

from ..diagnostics import Diagnostic, Location, Severity

SCHEMA: dict[str, Any] = json.loads(
    resources.files("mcpgen.settings").joinpath("mcpgen.schema.json").read_text("utf-8")
)
LIMITS = tuple(SCHEMA["properties"]["limits"]["properties"])
"""The settings of a package that have a default of the user's."""
OF_ONE_API = tuple(SCHEMA["$defs"]["api"]["properties"])
"""What is said of one document, and so of each API where there are several."""
_KIND = jsonschema_rs.ValidationErrorKind
_TYPES: Mapping[str, str] = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "object": "a group of settings",
    "string": "text in quotes",
}


def problems(
    value: object, at: Location, severity: Severity, *, of: str | None = None
) -> Iterator[Diagnostic]:
    """What is wrong with the settings of a file, or with one of its parts (`of`, the
    name of a definition: `operation`), each at its place below `at`."""
    try:
        errors = list(_validator(of).iter_errors(value))
    except ValueError:  # what jsonschema_rs says of values of some 255 levels
        yield problem("is nested too deeply", at, severity, None)
        return
    for found in errors:
        place = at.child(*found.instance_path)
        schema = _below(found.schema_path[:-1], of)
        kind = found.kind
        if isinstance(kind, _KIND.AdditionalProperties):
            for key in kind.unexpected:
                yield problem(
                    f"`{key}` is not a setting",
                    place.child(key),
                    severity,
                    nearest(key, schema["properties"])
                    or f"what stands here: {', '.join(schema['properties'])}",
                )
            continue
        name = _name(at, found.instance_path)
        about = schema.get("description")
        if isinstance(kind, _KIND.Enum):
            message = f"`{name}` must be one of {', '.join(schema['enum'])}"
            about = nearest(str(found.instance), schema["enum"]) or about
        elif isinstance(kind, _KIND.Type):
            message = f"`{name}` must be {_TYPES[schema['type']]}"
        elif isinstance(kind, _KIND.PropertyNames):
            place = place.child(str(kind.error.instance))
            message = f"`{kind.error.instance}` can't be a name here"
        elif isinstance(kind, _KIND.Required):
            message = f"`{kind.property}` is missing"
            about = schema["properties"][kind.property].get("description")
        else:
            message = f"`{name}` can't have this value: {found.message}"
        yield problem(message, place, severity, about)


def _name(at: Location, path: Sequence[str | int]) -> str:
    """What the value at a path below a place is called: `timeout`, `methods[0]`"""
    if path and isinstance(path[-1], int):
        return f"{at.child(*path[:-1]).name}[{path[-1]}]"
    return at.child(*path).name


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The hint that names what was meant, in any case, if something is near."""
    by_lower_case = {one.lower(): one for one in sorted(known)}
    near = difflib.get_close_matches(name.lower(), by_lower_case, n=1)
    return f"did you mean {by_lower_case[near[0]]}?" if near else None


def problem(
    message: str,
    at: Location,
    severity: Severity = "error",
    hint: str | None = None,
) -> Diagnostic:
    """A finding about a setting, which stands at `at`."""
    return Diagnostic(
        severity=severity, code="setting", message=message, location=at, hint=hint
    )


@cache
def _validator(of: str | None) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(_root(of), validate_formats=True)


def _root(of: str | None) -> dict[str, Any]:
    if of is None:
        return SCHEMA
    return {"$ref": f"#/$defs/{of}", "$defs": SCHEMA["$defs"]}


def _referenced(reference: str) -> dict[str, Any]:
    node: Any = SCHEMA
    for token in reference.removeprefix("#/").split("/"):
        node = node[token]
    schema: dict[str, Any] = node
    return schema


def _below(path: Iterable[str | int], of: str | None) -> dict[str, Any]:
    """The schema at a path of keywords, in which `$ref` is a step."""
    node: Any = _root(of)
    for token in path:
        node = node[token]
        if token == "$ref":
            node = _referenced(node)
    schema: dict[str, Any] = node
    return schema
