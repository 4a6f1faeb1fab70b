"""`python -m mcpgen` is `mcpgen`."""

from .cli import main

main(prog_name="mcpgen")
