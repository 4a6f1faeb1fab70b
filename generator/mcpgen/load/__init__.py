"""From a source to documents: every text as it was, and the value that it holds."""

from .disk import Answers, are_same
from .documents import Document, Documents, Version
from .read import STDIN, load

__all__ = [
    "STDIN",
    "Answers",
    "Document",
    "Documents",
    "Version",
    "are_same",
    "load",
]
