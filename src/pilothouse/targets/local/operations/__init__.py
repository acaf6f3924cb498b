"""Preflight, status, logs and teardown of a local stack."""
