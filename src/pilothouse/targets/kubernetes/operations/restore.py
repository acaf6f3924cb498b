"""Lists backups and restores one, with everything stopped that writes to the databases."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pilothouse.services.airflow.settings import SETUP_JOB
from pilothouse.targets.interface import Backup
from pilothouse.targets.kubernetes.clients import jobs
from pilothouse.targets.kubernetes.clients.kinds import DEPLOYMENT, JOB
from pilothouse.targets.kubernetes.operations import stopping
from pilothouse.targets.kubernetes.settings.component_table import MLFLOW_JOB, RESTORE_JOB

if TYPE_CHECKING:
    from pilothouse.targets.kubernetes.clients.cluster import Cluster

LISTED_WITHIN, RESTORED_WITHIN = 180.0, 3600.0  # seconds


def list_backups(cluster: Cluster, namespace: str) -> list[Backup]:
    """Every complete backup in the bucket, oldest first, listed by a Job in the cluster."""
    log = jobs.run(cluster, namespace, RESTORE_JOB, _list_only, seconds=LISTED_WITHIN)
    return [Backup(**document) for document in json.loads(log.splitlines()[-1])]


def restore(cluster: Cluster, namespace: str, backup: str) -> None:
    """Stop what writes, restore, and delete the set-up jobs so that the next `up` runs them again.

    They migrate the restored tables and users to this stack's images and secrets.
    """
    stopping.stop(cluster, namespace, [DEPLOYMENT], unless="so nothing was restored")

    def set_backup(spec: dict[str, Any]) -> None:
        (fetch,) = spec["initContainers"]
        others = [variable for variable in fetch["env"] if variable["name"] != "BACKUP"]
        fetch["env"] = [*others, {"name": "BACKUP", "value": backup}]

    jobs.run(cluster, namespace, RESTORE_JOB, set_backup, seconds=RESTORED_WITHIN)
    for job in (SETUP_JOB, MLFLOW_JOB):
        cluster.delete(JOB, job, namespace, propagation="Foreground")


def _list_only(spec: dict[str, Any]) -> None:
    """Run only the container with the keys of the bucket, with the command `list`."""
    (fetch,) = spec.pop("initContainers")
    spec["containers"] = [{**fetch, "command": [*fetch["command"][:-1], "list"]}]
