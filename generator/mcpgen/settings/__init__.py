"""What a user writes down once: the file of settings, and `x-mcp` in a document."""

from .read import FILE, SHARED, has_settings, place_of, settings
from .templates import templates
from .validate import LIMITS, SCHEMA, nearest, problems
from .values import override

__all__ = [
    "FILE",
    "LIMITS",
    "SCHEMA",
    "SHARED",
    "has_settings",
    "nearest",
    "override",
    "place_of",
    "problems",
    "settings",
    "templates",
]
