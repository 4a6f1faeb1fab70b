"""From a source to documents: every text as it was, and the value that it holds."""

from .documents import Document, Documents, Version
from .read import STDIN, load

__all__ = ["STDIN", "Document", "Documents", "Version", "load"]
