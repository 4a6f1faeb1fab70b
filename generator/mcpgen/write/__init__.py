"""The tree onto the disk: only what changed, and only what is mcpgen's to change."""

from .manifest import MANIFEST, known
from .ownership import Changes
from .stale import stale, unified_diff
from .swap import STAGING
from .unchanged import identity, unchanged
from .write import write

__all__ = [
    "MANIFEST",
    "STAGING",
    "Changes",
    "identity",
    "known",
    "stale",
    "unchanged",
    "unified_diff",
    "write",
]
