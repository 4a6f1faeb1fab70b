"""What differs between two packages for the agents that use them. Pure."""

from .changes import Change, changes
from .page import as_json, as_markdown, as_text
from .surface import Surface, of_files, of_package

__all__ = [
    "Change",
    "Surface",
    "as_json",
    "as_markdown",
    "as_text",
    "changes",
    "of_files",
    "of_package",
]
