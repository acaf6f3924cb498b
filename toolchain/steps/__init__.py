"""The steps of the set-up: uv, the Python environment, the pulumi CLI. Standard library only."""
