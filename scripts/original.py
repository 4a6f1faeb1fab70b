"""The document as it was: loaded, referenced and validated without any of mcpgen's code."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.validators import create, extend
from nodes import Node, load
from openapi_schema_validator import OAS30WriteValidator, OAS31Validator
from referencing import Registry, Resource
from referencing.exceptions import NoSuchResource, Unresolvable
from referencing.jsonschema import DRAFT202012
from swagger_reading import as_openapi


def _one_of(validator: Any, branches: Any, value: Any, schema: Any) -> Any:
    """`oneOf`, and `anyOf` where a discriminator tells the branches apart."""
    union = "anyOf" if "discriminator" in schema else "oneOf"
    return Draft202012Validator.VALIDATORS[union](validator, branches, value, schema)


def _alone(schema: Any) -> Iterable[tuple[str, Any]]:
    """The keywords that count: beside a reference none does (OpenAPI 3.0, 4.7.23)."""
    return [("$ref", schema["$ref"])] if "$ref" in schema else schema.items()


# A discriminator is a hint, and validates nothing by itself (OpenAPI 3.1, 4.8.25).
_UNIONS = {k: Draft202012Validator.VALIDATORS[k] for k in ("allOf", "anyOf")}
_V31: Any = extend(  # type: ignore[no-untyped-call]
    OAS31Validator, _UNIONS | {"oneOf": _one_of}
)
_V30: Any = create(
    meta_schema=OAS30WriteValidator.META_SCHEMA,
    validators=OAS30WriteValidator.VALIDATORS | _UNIONS | {"oneOf": _one_of},
    type_checker=OAS30WriteValidator.TYPE_CHECKER,
    format_checker=OAS30WriteValidator.FORMAT_CHECKER,
    id_of=OAS30WriteValidator.ID_OF,
    applicable_validators=_alone,
)


class Original:
    """A document; `operations` are its own, by method and path key."""

    def __init__(self, path: Path) -> None:
        uri = path.resolve().as_uri()
        root = Node(load(uri), uri)
        self.root = as_openapi(root) if root.get("swagger") else root

    @property
    def version(self) -> str:
        return str(self.root.get("openapi"))

    @cached_property
    def _registry(self) -> Registry[Any]:
        def retrieve(uri: str) -> Resource[Any]:
            try:
                return DRAFT202012.create_resource(load(uri))
            except OSError as problem:
                raise NoSuchResource(uri) from problem

        return Registry(retrieve=retrieve)  # type: ignore[call-arg]

    def objections(self, schema: Node, value: Any) -> list[str]:
        """Why a schema of the document refuses a value in a request."""
        kind = _V30 if self.version.startswith("3.0") else _V31
        validator = kind(
            schema.value,
            registry=self._registry,
            _resolver=self._registry.resolver(base_uri=schema.uri),
        )
        try:
            errors = list(validator.iter_errors(value))
        except (Unresolvable, RecursionError):
            return []  # the document's own fault: nobody can say what it allows
        return [error.message[:200] for error in errors[:3]]
