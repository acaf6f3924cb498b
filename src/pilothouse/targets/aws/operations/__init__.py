"""Preflight, status, logs and teardown of a stack on AWS."""
