"""The secrets of the team's workload in the cluster."""

from pydantic import Field

from pilothouse.config.section import Section
from pilothouse.targets.kubernetes.settings.base import Name


class WorkloadSettings(Section):
    """What the team's workload has in the cluster."""

    secret: Name | None = Field(
        default=None,
        description="The Secret of the namespace with the values of `workload.secrets`, each as "
        "the key of its name.",
    )
