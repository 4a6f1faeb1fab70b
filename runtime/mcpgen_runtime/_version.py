"""The version of mcpgen; it travels with the runtime into every emitted package."""

__version__ = "0.1.0"
