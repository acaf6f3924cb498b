"""How the jobs of a CI system reach a stack on this machine: each job has its own."""

from __future__ import annotations

from pilothouse.targets.interface import PipelineAccess
from pilothouse.targets.local.settings.target import LocalPlan


def access(_plan: LocalPlan) -> PipelineAccess:
    """A job makes the stack on its own machine, and deletes it there."""
    return PipelineAccess(templates=None)
