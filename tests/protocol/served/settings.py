"""The settings of the server under test."""

from mcpgen_runtime import Settings

SETTINGS = Settings(prefix="SERVED", base_url="http://api.test")
