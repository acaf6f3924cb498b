"""How the jobs of a CI system reach a stack on AWS: by roles that trust the system's own tokens."""

from __future__ import annotations

from pathlib import Path

from pilothouse.targets.aws.settings.target import AwsPlan
from pilothouse.targets.interface import PipelineAccess

_TEMPLATES = Path(__file__).parents[1] / "assets" / "pipelines"


def access(plan: AwsPlan) -> PipelineAccess:
    """A job takes a role of the plan's account; no key is stored anywhere."""
    settings = plan.settings
    values = {"region": settings.region, "account": settings.account_id}
    return PipelineAccess(templates=_TEMPLATES, values=values)
