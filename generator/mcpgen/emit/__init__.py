"""From the package to the tree of files that it becomes."""

from .tree import File, Owner, Tree, emit, instructions

__all__ = ["File", "Owner", "Tree", "emit", "instructions"]
