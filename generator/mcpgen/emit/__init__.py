"""From the package to the tree of files that it becomes."""

from .templates import File, Owner, Tree
from .tree import Known, emit, instructions

__all__ = ["File", "Known", "Owner", "Tree", "emit", "instructions"]
