"""Every version of OpenAPI in the form of one: schemas in JSON Schema 2020-12."""

from .walk import upgrade

__all__ = ["upgrade"]
