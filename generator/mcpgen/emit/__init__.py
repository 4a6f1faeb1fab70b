"""From the package to the tree of files that it becomes."""

from collections.abc import Callable

from ..schema import Package
from .format import formatted
from .tree import File, Owner, Tree, tree

__all__ = ["File", "Owner", "Tree", "emit"]


def emit(package: Package, progress: Callable[[str], None]) -> Tree:
    """All files of a package, formatted; the same bytes for the same package."""
    return formatted(tree(package), progress)
