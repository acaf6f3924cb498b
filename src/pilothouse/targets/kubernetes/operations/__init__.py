"""Preflight, status, logs and teardown of a stack in a cluster."""
