"""Swagger 2.0 as OpenAPI 3.0: the document, where the two have different shapes."""

from .convert import swagger

__all__ = ["swagger"]
