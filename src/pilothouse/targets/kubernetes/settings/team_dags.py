"""The project's folder of DAGs on Kubernetes: from the stack's own bucket, or refused."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pilothouse.config import team_dags
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
    """Raise a refusal of a folder that is named and that pods cannot get from the store."""
    if platform.orchestration.dags and store:
        raise refusal(
            key="objectStore",
            found=f"an external store, with {team_dags.KEY} in platform.yaml: {NO_KEYS}",
            remedy="remove that line there, and name a git repository with the DAGs as "
            "`dags.gitSync`, or a folder of the image as `dags.imageFolder`",
        )
