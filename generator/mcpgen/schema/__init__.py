"""From named operations to the package: their arguments, schemas and credentials."""

from .output import OUTPUT_BUDGET
from .package import Module, Package, ServedApi, is_absolute, package

__all__ = ["OUTPUT_BUDGET", "Module", "Package", "ServedApi", "is_absolute", "package"]
