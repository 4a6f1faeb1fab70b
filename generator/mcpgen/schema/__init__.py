"""From named operations to the package: their arguments, schemas and credentials."""

from .package import Module, Package, is_absolute, package

__all__ = ["Module", "Package", "is_absolute", "package"]
