"""The settings of a local stack."""
