"""How the jobs of a CI system reach a stack on a cluster: by a kubeconfig."""

from __future__ import annotations

from pathlib import Path

from pilothouse.targets.interface import PipelineAccess
from pilothouse.targets.kubernetes.settings.target import KubernetesPlan

_TEMPLATES = Path(__file__).parents[1] / "assets" / "pipelines"


def access(_plan: KubernetesPlan) -> PipelineAccess:
    """A job gets a kubeconfig, which the system stores."""
    return PipelineAccess(templates=_TEMPLATES)
