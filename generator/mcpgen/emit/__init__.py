"""From the package to the tree of files that it becomes."""

from .tree import File, Known, Owner, Tree, emit, instructions

__all__ = ["File", "Known", "Owner", "Tree", "emit", "instructions"]
