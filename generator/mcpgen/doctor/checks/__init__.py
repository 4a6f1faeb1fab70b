"""All checks; their weights add up to a hundred."""

from .answers import CHECKS as ANSWERS
from .check import Check
from .descriptions import CHECKS as DESCRIPTIONS
from .names import CHECKS as NAMES
from .serving import CHECKS as SERVING
from .size import CHECKS as SIZE

CHECKS: tuple[Check, ...] = (*SERVING, *DESCRIPTIONS, *NAMES, *SIZE, *ANSWERS)

__all__ = ["CHECKS", "Check"]
