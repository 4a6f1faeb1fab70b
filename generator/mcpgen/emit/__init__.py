"""From the package to the tree of files that it becomes."""

from .tree import File, Known, Owner, Tree, emit

__all__ = ["File", "Known", "Owner", "Tree", "emit"]
