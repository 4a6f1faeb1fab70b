"""From named operations to the package: their arguments, schemas and credentials."""

from .package import Module, Package, package

__all__ = ["Module", "Package", "package"]
