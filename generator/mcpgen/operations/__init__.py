"""From a document to its operations: what is well formed typed, the rest reported."""

from .model import (
    Api,
    Encoding,
    MediaType,
    Operation,
    Parameter,
    RequestBody,
    Response,
    SecurityScheme,
    Server,
)
from .read import operations

__all__ = [
    "Api",
    "Encoding",
    "MediaType",
    "Operation",
    "Parameter",
    "RequestBody",
    "Response",
    "SecurityScheme",
    "Server",
    "operations",
]
