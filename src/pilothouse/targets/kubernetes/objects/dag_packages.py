"""The archive with what the team's DAGs import: its key in the bucket of data."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from pilothouse.packages.bundle import FOLDER
from pilothouse.services.airflow import requirements
from pilothouse.services.airflow.settings import TRIGGERER
from pilothouse.targets.kubernetes.objects.images import pinned_images
from pilothouse.targets.kubernetes.settings.component_table import DAG_READERS

if TYPE_CHECKING:
    from pilothouse.targets.kubernetes.settings.target import KubernetesPlan

DIGEST_LENGTH = 12
USERS = (*DAG_READERS, TRIGGERER)
"""The components whose pods unpack it."""


def key(plan: KubernetesPlan) -> str:
    """The archive's key; another lock or another image has another. "" where nothing is added."""
    added = requirements.additions(plan.project, plan.platform)
    if not added:
        return ""
    image = pinned_images(plan)["airflow"]
    digest = hashlib.sha256(f"{image}\0{added}".encode()).hexdigest()[:DIGEST_LENGTH]
    return f"{FOLDER}/airflow-{digest}.tar.gz"
