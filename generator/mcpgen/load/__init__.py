"""From a source to documents: every text as it was, and the value that it holds."""

from .documents import Document, Documents, Version
from .read import load

__all__ = ["Document", "Documents", "Version", "load"]
