"""Pipelines of CI systems: what their jobs run, as templates, and what people set up before."""
