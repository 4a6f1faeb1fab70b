"""`python -m served`, as a generated package starts."""

from mcpgen_runtime.main import main

if __name__ == "__main__":
    main(__package__ or "served")
