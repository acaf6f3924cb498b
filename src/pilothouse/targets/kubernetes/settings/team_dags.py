"""The project's DAGs, and what they import, on Kubernetes: from the stack's own bucket."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pilothouse.config import airflow_requirements, team_dags
from pilothouse.config.validation import refusal

if TYPE_CHECKING:
    from pilothouse.config.platform_spec import Platform
    from pilothouse.plan import Plan
    from pilothouse.targets.kubernetes.settings.dags import DagSettings
    from pilothouse.targets.kubernetes.settings.store import ObjectStore

PREFIX = "dags"
"""Where the bucket of data has them. Airflow's bundle knows prefixes of one word alone."""
NO_KEYS = (
    "an Airflow connection has its keys in it, and those of an external object store are known to "
    "pods alone"
)


def find_folder(plan: Plan) -> Path | None:
    """The folder whose files Airflow gets by the bucket; None where it gets none.

    The project's `dags` does not count where the stack file says where DAGs are.
    """
    settings = plan.settings
    if settings.object_store:
        return None
    return team_dags.find(plan.project, plan.platform, default=not has_source(settings.dags))


def has_source(dags: DagSettings) -> bool:
    """Whether the stack file says where DAGs are."""
    return bool(dags.git_sync or dags.image_folder)


def check(platform: Platform, store: ObjectStore | None) -> None:
    """Raise a refusal of what the platform names and pods cannot get from the store."""
    instead = {
        team_dags.KEY: "a git repository with the DAGs as `dags.gitSync`, or a folder of the image "
        "as `dags.imageFolder`",
        airflow_requirements.KEY: "an image with the packages as `images.airflow`",
    }
    asked = {
        team_dags.KEY: platform.orchestration.dags,
        airflow_requirements.KEY: platform.orchestration.requirements,
    }
    for key, named in asked.items():
        if named and store:
            raise refusal(
                key="objectStore",
                found=f"an external store, with {key} in platform.yaml: {NO_KEYS}",
                remedy=f"remove that line there, and name {instead[key]}",
            )
